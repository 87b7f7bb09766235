/* SPDX-License-Identifier: MIT */
/*
 * each-fault [-e N] [-r FILE]... [-lv] FAULT COMMAND [ARGUMENT...]: runs a command once as it is,
 * then again and again with the first, second, third, … call going wrong, until there is no
 * such call any more. FAULT is one of tests/lab/fault.c. Says of which calls the outcome is
 * one that must not be; 1 if there are any.
 *
 * With a call that goes wrong a command may end as it does without, printing the same. Or it
 * says what went wrong, and ends as it does without or with a status of failures. It may
 * never crash, hang, keep silent, or end with 0 where it does not without.
 *
 *   -e N       every N-th call only (1)
 *   -r FILE    is removed before each run: what the run before left
 *   -l         what is printed on stdout may differ, and need not name the error itself
 *   -v         prints each outcome
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 1 << 20, REMOVED_MAX = 8, HANG_SECONDS = 20, WORST = 20, ID_LEN = 36 };

/* What a run came to. */
struct outcome {
	int status; /* as waitpid(2) has it */
	char *out, *err;
};

/* All that the runs have in common. */
struct task {
	const char *fault;
	const char *
		reason; /* what those say that tell of it; NULL: there is nothing to tell */
	char **command;
	long every;
	const char *removed[REMOVED_MAX];
	size_t nremoved;
	char hit[64]; /* the file that tells that the call was reached */
	int out, err; /* where the command prints to */
	bool loose, verbose;
};

/* Ends the program, which cannot do its work. */
static _Noreturn void die(const char *what)
{
	perror(what);
	exit(71);
}

/* Puts zeros in the place of each id of a decision, which is another one each time. */
static void same_ids(char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (char *at = text; *at; at++) {
		size_t i = 0;

		while (i < ID_LEN &&
		       (form[i] == 'x' ? strchr("0123456789abcdef", at[i]) != NULL &&
						 at[i] != '\0'
				       : at[i] == form[i]))
			i++;
		if (i == ID_LEN)
			memset(at, '0', ID_LEN);
	}
}

/* All that was written to @fd, which is empty then. */
static char *take_text(int fd)
{
	char *text = calloc(1, SAID_MAX);

	if (!text || pread(fd, text, SAID_MAX - 1, 0) < 0 || ftruncate(fd, 0) < 0)
		die("reading what was said");
	same_ids(text);
	return text;
}

/* Has tests/lab/fault.so loaded into what this process becomes. */
static void preload(const struct task *t, long n)
{
	const char *build = getenv("LAB_BUILD"), *asan = getenv("ASAN_OPTIONS");
	char path[PATH_MAX], options[256], fault[64];

	(void)snprintf(path, sizeof(path), "%s/tests/lab/fault.so",
		       build ? build : "build");
	(void)snprintf(options, sizeof(options), "verify_asan_link_order=0:%s",
		       asan ? asan : "");
	(void)snprintf(fault, sizeof(fault), "%s %ld", t->fault, n);
	if (setenv("LD_PRELOAD", path, 1) < 0 || setenv("ASAN_OPTIONS", options, 1) < 0 ||
	    setenv("LAB_FAULT", fault, 1) < 0 || setenv("LAB_FAULT_HIT", t->hit, 1) < 0)
		die("setenv");
}

/* Becomes the command, with its @n-th call going wrong; with 0, none. */
static _Noreturn void become(const struct task *t, long n)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (n)
		preload(t, n);
	(void)lseek(t->out, 0, SEEK_SET);
	(void)lseek(t->err, 0, SEEK_SET);
	if (dup2(null, 0) < 0 || dup2(t->out, 1) < 0 || dup2(t->err, 2) < 0)
		die("dup2");
	(void)alarm(HANG_SECONDS);
	(void)execvp(t->command[0], t->command);
	die(t->command[0]);
}

/* Runs the command, with its @n-th call going wrong. */
static struct outcome run(const struct task *t, long n)
{
	struct outcome o = { 0 };
	pid_t pid;

	for (size_t i = 0; i < t->nremoved; i++)
		(void)unlink(t->removed[i]);
	(void)unlink(t->hit);
	pid = fork();
	if (pid == 0)
		become(t, n);
	if (pid < 0 || waitpid(pid, &o.status, 0) != pid)
		die("fork");
	o.out = take_text(t->out);
	o.err = take_text(t->err);
	return o;
}

/* Releases @o. */
static void outcome_done(struct outcome *o)
{
	free(o->out);
	free(o->err);
}

/* Whether @o says what went wrong; of a fault that is none by itself nothing needs to be. */
static bool explains(const struct task *t, const struct outcome *o)
{
	if (t->loose && (*o->err || strstr(o->out, "pve-safe")))
		return true;
	return t->reason && (strstr(o->out, t->reason) || strstr(o->err, t->reason));
}

/* Whether @status is one that our programs end with when something failed or was refused. */
static bool is_failure(int status)
{
	return status == 1 || status == 2 || status == 71 || status == 77 || status == 78;
}

/* What is wrong with @o, where @usual is the outcome without faults; NULL: nothing. */
static const char *wrong(const struct task *t, const struct outcome *o,
			 const struct outcome *usual)
{
	int status = WEXITSTATUS(o->status);

	if (!WIFEXITED(o->status))
		return WTERMSIG(o->status) == SIGALRM ? "hangs" : "crashes";
	if (o->status == usual->status && (t->loose || strcmp(o->out, usual->out) == 0))
		return *usual->err && !*o->err ? "keeps silent" : NULL;
	if (status == 0 && o->status != usual->status)
		return "says that all is well";
	if (status != 0 && !is_failure(status))
		return "ends with a status that means something else";
	return explains(t, o) ? NULL : "does not say why";
}

/* The lines of @text from the first on that is another one in @usual. */
static const char *from_difference(const char *text, const char *usual)
{
	const char *line = text;

	for (size_t i = 0; text[i] && text[i] == usual[i]; i++)
		if (text[i] == '\n')
			line = text + i + 1;
	return line;
}

/* Prints an outcome, where it is another one. */
static void show(const struct task *t, long n, const struct outcome *o,
		 const struct outcome *usual, const char *what)
{
	int status = WIFEXITED(o->status) ? WEXITSTATUS(o->status) : -WTERMSIG(o->status);

	printf("%s %ld: %s (%d): %.200s | %.200s\n", t->fault, n, what, status,
	       from_difference(o->out, usual->out), from_difference(o->err, usual->err));
}

/* Runs the command with each call in turn; how many outcomes were wrong. */
static long run_all(const struct task *t, const struct outcome *usual, long *ret_runs)
{
	long bad = 0;

	for (long n = 1; bad < WORST; n += t->every) {
		struct outcome o = run(t, n);
		const char *why = wrong(t, &o, usual);

		if (why || t->verbose)
			show(t, n, &o, usual, why ? why : "well");
		bad += why != NULL;
		outcome_done(&o);
		if (access(t->hit, F_OK) < 0)
			break;
		++*ret_runs;
	}
	return bad;
}

/* What a program says of @fault: the text of the error. */
static const char *reason_of(const char *fault)
{
	static const int errors[] = { EACCES, EINTR,  EIO,   EMFILE, ENOENT,
				      ENOMEM, ENOSPC, EROFS, ESTALE };

	if (strcmp(fault, "memory") == 0)
		return "memory";
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(fault, strerrorname_np(errors[i])) == 0)
			return strerror(errors[i]);
	return NULL;
}

/* Reads the options into @t; false if they are not understood. */
static bool read_options(int argc, char **argv, struct task *t)
{
	for (int c; (c = getopt(argc, argv, "+e:lr:v")) != -1;) {
		switch (c) {
		case 'e':
			t->every = strtol(optarg, NULL, 10);
			break;
		case 'r':
			if (t->nremoved == REMOVED_MAX)
				return false;
			t->removed[t->nremoved++] = optarg;
			break;
		case 'l':
			t->loose = true;
			break;
		case 'v':
			t->verbose = true;
			break;
		default:
			return false;
		}
	}
	if (argc - optind < 2 || t->every < 1)
		return false;
	t->fault = argv[optind];
	t->reason = reason_of(t->fault);
	t->command = argv + optind + 1;
	return true;
}

int main(int argc, char **argv)
{
	struct task t = { .every = 1 };
	struct outcome usual;
	long bad, runs = 0;

	if (!read_options(argc, argv, &t)) {
		(void)fputs(
			"usage: each-fault [-e N] [-r FILE]... [-lv] FAULT COMMAND...\n",
			stderr);
		return 64;
	}
	(void)snprintf(t.hit, sizeof(t.hit), "/tmp/each-fault.%ld", (long)getpid());
	t.out = memfd_create("out", MFD_CLOEXEC);
	t.err = memfd_create("err", MFD_CLOEXEC);
	usual = run(&t, 0);
	bad = run_all(&t, &usual, &runs);
	if (!runs)
		printf("%s: no call was reached\n", t.fault);
	(void)unlink(t.hit);
	outcome_done(&usual);
	(void)fprintf(stderr, "%ld runs\n", runs);
	return bad || !runs;
}
