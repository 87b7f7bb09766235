/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/env.c: each in a process of its own, for it changes the process. */
#include "rows.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"

static const char *const hook_keeps[] = { "PVE_MIGRATED_FROM", NULL };

static struct row {
	const char *name, *variable; /* as in the caller's environment */
	const char *want;            /* value afterwards; NULL: not there */
} table[] = {
	{ "TERM stays", "TERM=xterm-256color", "xterm-256color" },
	{ "NO_COLOR stays, even empty", "NO_COLOR=", "" },
	{ "LANG stays", "LANG=de_DE.UTF-8", "de_DE.UTF-8" },
	{ "each LC_ stays", "LC_MESSAGES=C", "C" },
	{ "what the program asks for stays", "PVE_MIGRATED_FROM=pve2", "pve2" },
	{ "a name that only begins so goes", "PVE_MIGRATED_FROM_X=1", NULL },
	{ "LD_PRELOAD goes", "LD_PRELOAD=/nonexistent/x.so", NULL },
	{ "PERL5LIB goes", "PERL5LIB=/home/x", NULL },
	{ "HOME goes", "HOME=/home/x", NULL },
	{ "TZ goes, it may name a file", "TZ=:/home/x", NULL },
	{ "LOCPATH goes", "LOCPATH=/home/x", NULL },
	{ "PATH is ours", "PATH=/home/x", ENV_PATH },
	{ "a locale that names a file goes", "LC_ALL=../../home/x", NULL },
	{ "a terminal that names a file goes", "TERM=/home/x", NULL },
	{ "a control byte goes", "LANG=C\n", NULL },
	{ "bytes beyond ASCII go", "LANG=\xc3\xa9", NULL },
	{ "a variable without '=' goes", "TERM", NULL },
};

/* Whether the environment is left with @name = @want, called in the child. */
static bool is_left(const char *name, const char *want)
{
	struct err e = { 0 };
	const char *have;

	if (env_clean(hook_keeps, &e) < 0)
		return false;
	have = getenv(name);
	return want ? have && strcmp(have, want) == 0 : !have;
}

/* Exit status of the child @pid. */
static int status_of(pid_t pid)
{
	int status = -1;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void cleans(void **state)
{
	const struct row *t = *state;
	char variable[64], *none[2] = { variable, NULL };
	pid_t pid;

	(void)snprintf(variable, sizeof(variable), "%s", t->variable);
	pid = fork();
	if (pid == 0) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(variable, "="),
			       variable);
		environ = none;
		_exit(is_left(name, t->want) ? 0 : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

static void first_of_two_wins(void **state)
{
	char one[] = "TERM=one", two[] = "TERM=two", *both[] = { one, two, NULL };
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		environ = both;
		_exit(is_left("TERM", "one") ? 0 : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

static void long_value_goes(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		char text[5 + 256 + 1] = "TERM=", *one[] = { text, NULL };

		memset(text + 5, 'x', 256);
		environ = one;
		_exit(is_left("TERM", NULL) ? 0 : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

static void no_environment_is_fine(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct err e = { 0 };

		environ = NULL;
		_exit(env_clean(NULL, &e) == 0 && strcmp(getenv("PATH"), ENV_PATH) == 0 &&
				      environ[0] && !environ[1]
			      ? 0
			      : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

/* Whether @fd is /dev/null. */
static bool is_null_device(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static void closed_ones_are_opened(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct err e = { 0 };

		(void)close(0);
		(void)close(2);
		_exit(env_clean(NULL, &e) == 0 && is_null_device(0) &&
				      is_null_device(2) && !is_null_device(1)
			      ? 0
			      : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

static void others_end_at_exec(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct err e = { 0 };
		int flags[3];

		(void)dup2(1, 3);
		(void)dup2(1, 77);
		if (env_clean(NULL, &e) < 0)
			_exit(1);
		flags[0] = fcntl(1, F_GETFD);
		flags[1] = fcntl(3, F_GETFD);
		flags[2] = fcntl(77, F_GETFD);
		_exit(flags[0] == 0 && flags[1] == FD_CLOEXEC && flags[2] == FD_CLOEXEC
			      ? 0
			      : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

static void umask_stays(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct err e = { 0 };

		(void)umask(0053);
		_exit(env_clean(NULL, &e) == 0 && umask(0) == 0053 ? 0 : 1);
	}
	assert_int_equal(status_of(pid), 0);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, cleans);
	ROWS_ADD_ONE(&rows, "of two with one name the first counts", first_of_two_wins);
	ROWS_ADD_ONE(&rows, "a value of more than 255 bytes goes", long_value_goes);
	ROWS_ADD_ONE(&rows, "no environment at all is fine", no_environment_is_fine);
	ROWS_ADD_ONE(&rows, "closed 0 and 2 become /dev/null", closed_ones_are_opened);
	ROWS_ADD_ONE(&rows, "other descriptors end at exec", others_end_at_exec);
	ROWS_ADD_ONE(&rows, "the umask stays as found", umask_stays);
	return rows_run(&rows, "env");
}
