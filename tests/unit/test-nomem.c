/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/base when memory runs out: every function is run again and again with
 * the first, second, third ... allocation refused, each time in a process of its own. It
 * must say that it failed, or have done all it should; never crash, never half.
 *
 * The allocator stands in front of libc's. Sanitizers bring their own, so there the
 * functions are run once, without faults.
 */
#include "rows.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/env.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum {
	TRIES_MAX = 3000,
	ALL_DONE = 0, /* exit status of a child: nothing was refused */
	SAID_SO = 10, /* refused, and the function said so */
	DID_ALL = 11, /* refused, and it did not matter */
	WRONG = 12,   /* refused, and the result is wrong */
	EXITED = 2,   /* libconfuse's scanner ended the process */
	DIED = -1,    /* by a signal */
};

static long left = -1; /* allocations until one is refused; -1: none will be */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* gcc's way to say so */
#endif
#endif

#if !defined(__SANITIZE_ADDRESS__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

/* Whether the allocation that is asked for is the one to refuse. */
static bool is_refused(void)
{
	return left >= 0 && left-- == 0;
}

void *malloc(size_t size)
{
	return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return is_refused() ? NULL : __libc_realloc(p, size);
}
#endif

static const struct conf_key keys[] = {
	{ "when", CONF_TEXT, .required = true },
	{ "events", CONF_LIST },
};
static const struct conf_section rule = {
	.name = "rule", .titled = true, .keys = keys, .nkeys = 2
};
static const struct conf_section *const sections[] = { &rule, NULL };
static const struct conf_section top = { .keys = keys + 1,
					 .nkeys = 1,
					 .sections = sections };

/* What a function did: -1 said that it failed, 1 did what it should, 0 something else. */
static int conf_is_read(void)
{
	struct slice in =
		slice_of("events = { a, b }\nrule \"r\" { when = \"x = 'y z'\" }\n"
			 "rule \"s\" { when = z events = { c } }\n");
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;

	if (conf_parse(&top, "f", in, &c, &problems) < 0)
		return problems_any(&problems) && !c ? -1 : 0;
	return !problems_any(&problems) && conf_root(c)->nnodes == 2 &&
	       conf_root(c)->nodes[1].nentries == 2;
}

static int conf_is_refused(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	AUTO(conf_freep) struct conf *c = NULL;
	struct err e = { 0 };

	if (conf_parse(&top, "f", slice_of("evnts = 1\nrule x { }\n"), &c, &problems) ==
		    0 ||
	    !problems_any(&problems) || c)
		return 0;
	problems_render(&problems, &out);
	if (problems_as_err(&problems, &e) != -1 || !e.msg[0])
		return 0;
	return problems.n == 2 && !buf_failed(&out) ? 1 : -1;
}

static int buf_is_filled(void)
{
	AUTO(buf_done) struct buf out = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_printf(&out, "%d ", i);
	text_printable(&out, slice_of("\x1b"), 10);
	return buf_failed(&out) ? -1 : out.len == 3894;
}

static int arena_is_filled(void)
{
	AUTO(arena_done) struct arena a = { 0 };
	bool all = true;

	for (int i = 0; i < 40; i++)
		all = arena_alloc(&a, 1000) && all;
	all = arena_strdup(&a, slice_of("x")) && arena_printf(&a, "%d", 7) && all;
	return arena_failed(&a) ? -1 : all;
}

static int json_is_written(void)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_array(&j);
	for (int i = 0; i < 500; i++)
		json_put_text(&j, "x\ny");
	json_close(&j);
	return json_is_complete(&j) ? out.len == 3501 : -1;
}

static int file_is_read(void)
{
	AUTO(file_text_done) struct file_text f = { 0 };
	struct file_rules rules = { .owner = FILE_OWNER_ANY };
	struct err e = { 0 };

	if (file_read(AT_FDCWD, "/proc/self/maps", &rules, &f, &e) < 0)
		return e.code == ERR_SYSTEM && !f.ptr ? -1 : 0;
	return f.len > 0 && f.ptr[f.len - 1] == '\n';
}

static int environment_is_cleaned(void)
{
	struct err e = { 0 };

	if (env_clean(NULL, &e) < 0)
		return e.code == ERR_SYSTEM ? -1 : 0;
	return getenv("TERM") && !getenv("REMOVED") && getenv("PATH");
}

/*
 * Without memory libconfuse 3.3 ends the process or frees what it does not own. Either way
 * the program is gone with a status that refuses; there it must not say that all is well.
 */
static struct row {
	const char *name;
	int (*run)(void);
	bool may_die;
} table[] = {
	{ "a file is read by conf", conf_is_read, .may_die = true },
	{ "a wrong file is refused by conf", conf_is_refused },
	{ "a buf is filled", buf_is_filled },
	{ "an arena is filled", arena_is_filled },
	{ "JSON is written", json_is_written },
	{ "a file is read", file_is_read },
	{ "the environment is cleaned", environment_is_cleaned },
};

/* Runs @t with the allocation @n refused; the exit status of the child. */
static int try(const struct row *t, long n)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		int r;

		(void)signal(SIGSEGV,
			     SIG_DFL); /* cmocka's would go on with the next test */
		(void)signal(SIGABRT, SIG_DFL);
		left = n;
		r = t->run();
		if (left >= 0 || n < 0)
			_exit(r == 1 ? ALL_DONE : WRONG);
		_exit(r < 0 ? SAID_SO : r ? DID_ALL : WRONG);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void survives(void **state)
{
	const struct row *t = *state;
	int status;

#if defined(__SANITIZE_ADDRESS__)
	assert_int_equal(try(t, -1), ALL_DONE);
	return;
#endif
	for (long n = 0; n < TRIES_MAX; n++) {
		status = try(t, n);
		if (status == ALL_DONE) {
			assert_true(n > 0);
			return;
		}
		if (t->may_die && (status == EXITED || status == DIED))
			continue;
		if (status != SAID_SO && status != DID_ALL)
			fail_msg("allocation %ld refused: status %d", n, status);
	}
	fail_msg("the allocations never end");
}

int main(void)
{
	static struct rows rows;

	(void)setenv("TERM", "dumb", 1);
	(void)setenv("REMOVED", "1", 1);
	ROWS_ADD(&rows, table, survives);
	return rows_run(&rows, "nomem");
}
