/* SPDX-License-Identifier: MIT */
/*
 * measure ROUNDS NAME=COMMAND… - runs the commands in turns and prints for each the median
 * of the processor time and of the elapsed time, the peak memory, and the ratio of its
 * processor time to that of the first. Ratios of one run are what may be compared; the
 * figures themselves are this machine's.
 *
 * A command is split at blanks; it must exit with the same status each time.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 32, MAX_WORDS = 64, MAX_ROUNDS = 100000 };

struct command {
	const char *name;
	char *words[MAX_WORDS];
	uint32_t *cpu_us, *wall_us;
	long peak_kib;
	int status; /* of the first run */
};

/* Ends the program with a message. */
static void die(const char *what)
{
	(void)fprintf(stderr, "measure: %s\n", what);
	exit(2);
}

/* Splits @text at blanks into @c. */
static void split(char *text, struct command *c)
{
	size_t n = 0;

	for (char *w = strtok(text, " "); w; w = strtok(NULL, " ")) {
		if (n == MAX_WORDS - 1)
			die("too many words");
		c->words[n++] = w;
	}
	if (!n)
		die("an empty command");
}

/* Microseconds of @t. */
static uint32_t micros(const struct timeval *t)
{
	return (uint32_t)(t->tv_sec * 1000000 + t->tv_usec);
}

/* Runs @c once, as round @round. */
static void run(struct command *c, size_t round, const posix_spawn_file_actions_t *io)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
					     "LC_ALL=C", NULL };
	struct timespec before, after;
	struct rusage used;
	pid_t pid;
	int status;

	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	if (posix_spawn(&pid, c->words[0], io, NULL, c->words, environment) != 0)
		die(c->words[0]);
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			die("wait");
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	if (!round)
		c->status = status;
	if (status != c->status)
		die("a command ended otherwise than before");
	c->cpu_us[round] = micros(&used.ru_utime) + micros(&used.ru_stime);
	c->wall_us[round] = (uint32_t)((after.tv_sec - before.tv_sec) * 1000000 +
				       (after.tv_nsec - before.tv_nsec) / 1000);
	if (used.ru_maxrss > c->peak_kib)
		c->peak_kib = used.ru_maxrss;
}

/* Orders numbers. */
static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Median of the @n numbers at @v, which it sorts. */
static uint32_t median(uint32_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_number);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	static struct command commands[MAX_COMMANDS];
	posix_spawn_file_actions_t io;
	size_t rounds = argc > 2 ? strtoul(argv[1], NULL, 10) : 0, n = 0;
	double first = 0;

	if (!rounds || rounds > MAX_ROUNDS || argc - 2 > MAX_COMMANDS)
		die("usage: measure ROUNDS NAME=COMMAND...");
	(void)posix_spawn_file_actions_init(&io);
	for (int fd = 0; fd < 3; fd++)
		(void)posix_spawn_file_actions_addopen(&io, fd, "/dev/null", O_RDWR, 0);
	for (; n < (size_t)argc - 2; n++) {
		char *equal = strchr(argv[n + 2], '=');

		if (!equal)
			die("a command has the form NAME=COMMAND");
		*equal = '\0';
		commands[n].name = argv[n + 2];
		split(equal + 1, &commands[n]);
		commands[n].cpu_us = calloc(rounds, sizeof(uint32_t));
		commands[n].wall_us = calloc(rounds, sizeof(uint32_t));
		if (!commands[n].cpu_us || !commands[n].wall_us)
			die("out of memory");
	}
	for (size_t r = 0; r < rounds; r++)
		for (size_t i = 0; i < n; i++)
			run(&commands[i], r, &io);
	(void)printf("%-34s %8s %8s %9s %6s %6s\n", "", "cpu us", "wall us", "peak KiB",
		     "ratio", "exit");
	for (size_t i = 0; i < n; i++) {
		uint32_t cpu = median(commands[i].cpu_us, rounds);

		if (!i)
			first = cpu ? cpu : 1;
		(void)printf("%-34s %8u %8u %9ld %6.2f %6d\n", commands[i].name, cpu,
			     median(commands[i].wall_us, rounds), commands[i].peak_kib,
			     cpu / first, WEXITSTATUS(commands[i].status));
		free(commands[i].cpu_us);
		free(commands[i].wall_us);
	}
	(void)posix_spawn_file_actions_destroy(&io);
	return 0;
}
