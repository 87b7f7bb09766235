/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/exec.c, with /bin/sh as the tool that is run. */
#include "rows.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/exec.h"

static struct row {
	const char *name, *script;
	int status;
} table[] = {
	{ "success", "exit 0", 0 },
	{ "its own status", "exit 7", 7 },
	{ "a status of 255", "exit 255", 255 },
	{ "a status that looks like ours", "exit 77", 77 },
	{ "ended by a signal", "kill -TERM $$", 128 + SIGTERM },
	{ "killed", "kill -KILL $$", 128 + SIGKILL },
	{ "a signal mask as it was",
	  "exec grep -q '^SigBlk:[^1-9a-f]*$' /proc/self/status", 0 },
	{ "stopped and continued",
	  "(sleep 0.2; kill -CONT $$; kill -CONT $PPID) & kill -STOP $$; exit 3", 3 },
	{ "a signal to us is passed on",
	  "trap 'exit 5' USR1; kill -USR1 $PPID; while :; do sleep 0.05; done", 5 },
	{ "a hang-up of us is passed on",
	  "trap 'exit 6' HUP; kill -HUP $PPID; while :; do sleep 0.05; done", 6 },
};

static void has_status(void **state)
{
	const struct row *t = *state;
	const char *argv[] = { "/bin/sh", "-c", t->script, NULL };
	struct err e = { 0 };
	int status = -1;

	assert_int_equal(exec_child("/bin/sh", argv, &status, &e), 0);
	assert_int_equal(status, t->status);
}

static void ignored_sigchld(void **state)
{
	const char *argv[] = { "/bin/sh", "-c", "exit 4", NULL };
	struct err e = { 0 };
	int status = -1;

	(void)state;
	(void)signal(SIGCHLD, SIG_IGN);
	assert_int_equal(exec_child("/bin/sh", argv, &status, &e), 0);
	assert_int_equal(status, 4);
}

static void missing_tool(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(exec_check("/nonexistent/pct", &e), EXIT_NO_TOOL);
	assert_string_equal(e.msg, "/nonexistent/pct: No such file or directory");
	assert_int_equal(exec_check("/etc/passwd", &e), EXIT_NO_TOOL);
	assert_string_equal(e.msg, "/etc/passwd: Permission denied");
	assert_int_equal(exec_check("/etc", &e), EXIT_NO_TOOL);
	assert_int_equal(exec_check("/bin/sh", &e), 0);
}

static void replaces(void **state)
{
	const char *argv[] = { "sh", "-c", "exit 9", NULL };
	pid_t pid = fork();
	struct err e;
	int status;

	(void)state;
	if (pid == 0) {
		(void)exec_replace("/bin/sh", argv, &e);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 9);
	assert_int_equal(exec_replace("/nonexistent/pct", argv, &e), -1);
	assert_string_equal(e.msg, "/nonexistent/pct: No such file or directory");
}

int main(void)
{
	static struct rows rows;
	sigset_t none;

	/* Whoever runs us may have blocked some. */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	ROWS_ADD(&rows, table, has_status);
	ROWS_ADD_ONE(&rows, "a caller that ignores SIGCHLD", ignored_sigchld);
	ROWS_ADD_ONE(&rows, "a tool that is missing or cannot be run", missing_tool);
	ROWS_ADD_ONE(&rows, "the program in our place", replaces);
	return rows_run(&rows, "exec");
}
