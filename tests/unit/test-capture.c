/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/capture.c, with /bin/sh as the program. */
#include "rows.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "run/capture.h"

static struct row {
	const char *name, *script;
	enum capture_end how;
	int status;      /* as waitpid(2) has it */
	const char *out; /* NULL: not compared */
} table[] = {
	{ "what it prints", "printf 'a\\nb\\n'", CAPTURE_ENDED, 0, "a\nb\n" },
	{ "nothing", ":", CAPTURE_ENDED, 0, "" },
	{ "its own status", "printf x; exit 3", CAPTURE_ENDED, W_EXITCODE(3, 0), "x" },
	{ "ended by a signal", "kill -TERM $$", CAPTURE_ENDED, SIGTERM, "" },
	{ "no input", "read x || echo none", CAPTURE_ENDED, 0, "none\n" },
	{ "as much as it may", "head -c 1000 /dev/zero | tr '\\0' x", CAPTURE_ENDED, 0,
	  NULL },
	{ "a byte more", "head -c 1001 /dev/zero | tr '\\0' x; sleep 600", CAPTURE_MUCH,
	  SIGKILL, NULL },
	{ "without end", "while :; do echo x; done", CAPTURE_MUCH, SIGKILL, NULL },
	{ "it hangs", "sleep 600", CAPTURE_LATE, SIGKILL, "" },
	{ "it prints, then hangs", "echo a; sleep 600", CAPTURE_LATE, SIGKILL, "a\n" },
	{ "it closes stdout, then hangs", "exec >&-; sleep 600", CAPTURE_LATE, SIGKILL,
	  "" },
	{ "what it started hangs", "sleep 600 & echo a", CAPTURE_LATE, 0, "a\n" },
	{ "it takes no notice of SIGTERM", "trap '' TERM; sleep 600; sleep 600",
	  CAPTURE_LATE, SIGKILL, "" },
};

static void ends_so(void **state)
{
	const struct row *t = *state;
	const char *const argv[] = { "/bin/sh", "-c", t->script, NULL };
	const struct capture_limits limits = { .seconds = 1, .bytes = 1000 };
	AUTO(buf_done) struct buf out = { 0 };
	uint64_t began = clock_now().mono_us;
	struct err e = { 0 };
	int status = 99;

	assert_int_equal(capture_run(argv, &limits, &out, &status, &e), t->how);
	assert_int_equal(status, t->status);
	if (t->out)
		assert_string_equal(buf_text(&out), t->out);
	assert_true(clock_now().mono_us - began < 10 * 1000000);
}

/* Whether process @pid still runs: a dead one that nobody has reaped has no command line. */
static bool runs(int pid)
{
	char path[64], byte;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, &byte, 1);
	(void)close(fd);
	return n > 0;
}

/* All that was started is killed, not only the program itself. */
static void leaves_nothing(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "sleep 600 & echo $!; wait", NULL };
	const struct capture_limits limits = { .seconds = 1, .bytes = 1000 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };
	int status, tries = 200;

	(void)state;
	assert_int_equal(capture_run(argv, &limits, &out, &status, &e), CAPTURE_LATE);
	while (runs(atoi(buf_text(&out))) && --tries)
		(void)usleep(10000);
	assert_true(tries > 0);
}

static void not_there(void **state)
{
	const char *const argv[] = { "/nonexistent/pvesm", NULL };
	const struct capture_limits limits = { .seconds = 1, .bytes = 1000 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };
	int status;

	(void)state;
	assert_int_equal(capture_run(argv, &limits, &out, &status, &e), CAPTURE_ENDED);
	assert_int_equal(status, W_EXITCODE(EXIT_NO_TOOL, 0));
}

static struct text_row {
	const char *name, *script;
	const char *msg; /* NULL: an answer */
} texts[] = {
	{ "an answer", "echo a", NULL },
	{ "a refusal", "echo a; exit 2", "pvesm path failed with exit status 2" },
	{ "killed from outside", "echo a; kill -KILL $$",
	  "pvesm path was killed by signal 9 (SIGKILL)" },
	{ "no end", "sleep 600", "pvesm path gave no answer in 1 seconds" },
	{ "too much", "while :; do echo x; done",
	  "pvesm path prints more than a guest's configuration can be" },
};

static void answers(void **state)
{
	const struct text_row *t = *state;
	const char *const argv[] = { "/bin/sh", "-c", t->script, NULL };
	const struct capture_limits limits = { .seconds = 1, .bytes = 1000 };
	AUTO(arena_done) struct arena a = { 0 };
	struct slice text;
	struct err e = { 0 };

	if (!t->msg) {
		assert_int_equal(capture_text(argv, &limits, "pvesm path", &a, &text, &e),
				 0);
		assert_true(slice_eq(text, "a\n"));
		return;
	}
	assert_int_equal(capture_text(argv, &limits, "pvesm path", &a, &text, &e), -1);
	assert_string_equal(e.msg, t->msg);
}

/* A caller that ignores SIGCHLD leaves that to us. */
static void ignored(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "exit 2", NULL };
	const struct capture_limits limits = { .seconds = 1, .bytes = 1000 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };
	int status;

	(void)state;
	(void)signal(SIGCHLD, SIG_IGN);
	assert_int_equal(capture_run(argv, &limits, &out, &status, &e), CAPTURE_ENDED);
	assert_int_equal(status, W_EXITCODE(2, 0));
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, table, ends_so);
	ROWS_ADD_ONE(&r, "what it started is killed with it", leaves_nothing);
	ROWS_ADD_ONE(&r, "a program that is not there", not_there);
	ROWS_ADD_ONE(&r, "its status, where the caller ignores ends of children",
		     ignored);
	ROWS_ADD(&r, texts, answers);
	return rows_run(&r, "capture");
}
