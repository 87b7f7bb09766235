/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/ended.c. */
#include "rows.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ended.h"
#include "base/err.h"

static struct row {
	const char *name;
	int status; /* that it exits with; below 0: the signal that it sends itself */
	const char *text;
	int as_status;
} table[] = {
	{ "an exit status", 3, "failed with exit status 3", 3 },
	{ "the highest one", 255, "failed with exit status 255", 255 },
	{ "killed for want of memory", -SIGKILL, "was killed by signal 9 (SIGKILL)",
	  137 },
	{ "a crash, with or without a core file", -SIGABRT,
	  "was killed by signal 6 (SIGABRT)", 134 },
	{ "a signal that only has a number", -40,
	  "was killed by signal 40 (Real-time signal 6)", 168 },
};

/* The status, as waitpid(2) has it, of a child that ends as @how says. */
static int status_of(int how)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (how < 0) {
			(void)signal(-how, SIG_DFL);
			(void)raise(-how);
		}
		_exit(how);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void says(void **state)
{
	const struct row *t = *state;
	int status = status_of(t->status);
	char text[ENDED_MAX];

	assert_string_equal(ended_text(status, text), t->text);
	assert_int_equal(ended_status(status), t->as_status);
}

static void unknown(void **state)
{
	char text[ENDED_MAX];

	(void)state;
	assert_string_equal(ended_text(-1, text), "ended, nobody knows how");
	assert_int_equal(ended_status(-1), EXIT_SYSTEM);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, table, says);
	ROWS_ADD_ONE(&r, "one that could not be waited for", unknown);
	return rows_run(&r, "ended");
}
