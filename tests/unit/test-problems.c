/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/err.c and problems.c: what people read when something is wrong. */
#include "rows.h"

#include <errno.h>

#include "base/problems.h"

static void message_is_made(void **state)
{
	struct err e = { .line = 7 };

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_set(&e, ERR_SYNTAX, "bad '%s'", "x"), -1);
	assert_int_equal(e.code, ERR_SYNTAX);
	assert_int_equal(e.sys, 0);
	assert_int_equal(e.line, 0);
	assert_string_equal(e.msg, "bad 'x'");
	errno = ENOENT;
	assert_int_equal(err_set(&e, ERR_SYSTEM, "no"), -1);
	assert_int_equal(e.sys, ENOENT);
	assert_int_equal(err_nomem(&e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(e.sys, ENOMEM);
	assert_string_equal(e.msg, "out of memory");
}

static void position_is_the_deepest(void **state)
{
	struct err e = { 0 };

	(void)state;
	(void)err_set(&e, ERR_SYNTAX, "x");
	assert_int_equal(err_at(&e, 3, 4), -1);
	assert_int_equal(err_at(&e, 5, 6), -1);
	assert_int_equal(e.line, 3);
	assert_int_equal(e.col, 4);
}

static void context_goes_before(void **state)
{
	struct err e = { 0 };

	(void)state;
	(void)err_set(&e, ERR_TRUST, "inner");
	(void)err_at(&e, 3, 4);
	assert_int_equal(err_wrap(&e, "policy '%s'", "p"), -1);
	assert_int_equal(err_wrap(&e, "start"), -1);
	assert_string_equal(e.msg, "start: policy 'p': inner");
	assert_int_equal(e.code, ERR_TRUST);
	assert_int_equal(e.line, 3);
}

static void long_message_is_cut(void **state)
{
	static char text[3 * ERR_MSG_MAX];
	struct err e = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	(void)err_set(&e, ERR_SYNTAX, "%s", text);
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
	(void)err_wrap(&e, "context");
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
	assert_memory_equal(e.msg, "context: xxx", 12);
	(void)err_wrap(&e, "%s", text);
	assert_int_equal(strlen(e.msg), ERR_MSG_MAX - 1);
	assert_null(strchr(e.msg, 'c'));
}

static struct row {
	const char *name, *in, *want;
} messages[] = {
	{ "control bytes", "a\x1b[2J\n\t\x7f", "a?[2J???" },
	{ "UTF-8 stays", "caf\xc3\xa9", "caf\xc3\xa9" },
	{ "bytes that are no UTF-8", "a\xff\xc3", "a??" },
	{ "a control character of two bytes", "a\xc2\x9b", "a??" },
	{ "text turned around", "\xe2\x80\xae", "???" },
};

static void message_is_safe(void **state)
{
	const struct row *t = *state;
	struct err e = { 0 };

	(void)err_set(&e, ERR_SYNTAX, "%s", t->in);
	assert_string_equal(e.msg, t->want);
	(void)err_set(&e, ERR_SYNTAX, "!");
	(void)err_wrap(&e, "%s", t->in);
	assert_memory_equal(e.msg, t->want, strlen(t->want));
}

static struct status {
	const char *name;
	enum err_code code;
	int want;
} statuses[] = {
	{ "no error: 0", ERR_NONE, 0 },     { "usage: 64", ERR_USAGE, 64 },
	{ "system: 71", ERR_SYSTEM, 71 },   { "syntax: 78", ERR_SYNTAX, 78 },
	{ "unknown: 78", ERR_UNKNOWN, 78 }, { "duplicate: 78", ERR_DUPLICATE, 78 },
	{ "range: 78", ERR_RANGE, 78 },     { "type: 78", ERR_TYPE, 78 },
	{ "trust: 78", ERR_TRUST, 78 },
};

static void has_status(void **state)
{
	const struct status *t = *state;

	assert_int_equal(err_exit_code(t->code), t->want);
}

static void statuses_are_the_documented_ones(void **state)
{
	(void)state;
	assert_int_equal(EXIT_FINE, 0);
	assert_int_equal(EXIT_FOUND, 1);
	assert_int_equal(EXIT_CANNOT, 2);
	assert_int_equal(EXIT_NO_TOOL, 69);
	assert_int_equal(EXIT_DENIED, 77);
}

/* Adds problems out of order. */
static void add_some(struct problems *p)
{
	assert_int_equal(problems_add(p, "b", 1, 1, "in b"), -1);
	(void)problems_add(p, "a", 10, 2, "ten");
	(void)problems_add(p, "a", 9, 3, "nine three");
	(void)problems_add(p, "a", 9, 1, "nine one, %s", "first");
	(void)problems_add(p, "a", 9, 1, "nine one, second");
	(void)problems_add(p, "a", 0, 0, "the whole");
	(void)problems_add(p, "a", 4, 0, "a line");
}

static void are_in_order(void **state)
{
	AUTO(problems_done) struct problems p = { 0 };
	AUTO(buf_done) struct buf out = { 0 };

	(void)state;
	assert_false(problems_any(&p));
	add_some(&p);
	assert_true(problems_any(&p));
	problems_render(&p, &out);
	assert_string_equal(buf_text(&out),
			    "a: the whole\na:4: a line\na:9:1: nine one, first\n"
			    "a:9:1: nine one, second\na:9:3: nine three\na:10:2: ten\n"
			    "b:1:1: in b\n");
}

static void of_one_place_stay_as_found(void **state)
{
	AUTO(problems_done) struct problems p = { 0 };
	AUTO(buf_done) struct buf out = { 0 }, want = { 0 };

	(void)state;
	for (int i = 0; i < PROBLEMS_MAX; i++) {
		(void)problems_add(&p, "f", 1, 1, "%d", i);
		buf_printf(&want, "f:1:1: %d\n", i);
	}
	problems_render(&p, &out);
	assert_string_equal(buf_text(&out), buf_text(&want));
}

static void too_many_are_counted(void **state)
{
	AUTO(problems_done) struct problems p = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };

	(void)state;
	for (unsigned i = 0; i < PROBLEMS_MAX + 36; i++)
		(void)problems_add(&p, "f", i + 1, 1, "x");
	assert_int_equal(p.n, PROBLEMS_MAX);
	assert_int_equal(p.dropped, 36);
	problems_render(&p, &out);
	assert_non_null(strstr(buf_text(&out), "f:64:1: x\nand 36 more\n"));
	assert_int_equal(problems_as_err(&p, &e), -1);
	assert_string_equal(e.msg, "f:1:1: x (and 99 more)");
}

static void become_an_error(void **state)
{
	AUTO(problems_done) struct problems p = { 0 };
	struct err e = { 0 };

	(void)state;
	(void)problems_add(&p, "f", 3, 4, "only");
	assert_int_equal(problems_as_err(&p, &e), -1);
	assert_string_equal(e.msg, "f:3:4: only");
	assert_int_equal(e.code, ERR_SYNTAX);
	assert_int_equal(e.line, 3);
	assert_int_equal(e.col, 4);
	(void)problems_add(&p, "f", 0, 0, "all of it");
	(void)problems_as_err(&p, &e);
	assert_string_equal(e.msg, "f: all of it (and 1 more)");
	problems_done(&p);
	assert_false(problems_any(&p));
	assert_int_equal(problems_as_err(&p, &e), -1);
	assert_string_equal(e.msg, "out of memory");
}

static void errors_are_added(void **state)
{
	AUTO(problems_done) struct problems p = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };

	(void)state;
	(void)err_set(&e, ERR_RANGE, "100%%s");
	(void)err_at(&e, 5, 6);
	assert_int_equal(problems_add_err(&p, "f\x1b", &e), -1);
	problems_render(&p, &out);
	assert_string_equal(buf_text(&out), "f\\x1b:5:6: 100%s\n");
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "a message, and errno only of system errors",
		     message_is_made);
	ROWS_ADD_ONE(&rows, "the position set deepest stays", position_is_the_deepest);
	ROWS_ADD_ONE(&rows, "context goes before", context_goes_before);
	ROWS_ADD_ONE(&rows, "a long message is cut", long_message_is_cut);
	ROWS_ADD(&rows, messages, message_is_safe);
	ROWS_ADD(&rows, statuses, has_status);
	ROWS_ADD_ONE(&rows, "the other exit statuses", statuses_are_the_documented_ones);
	ROWS_ADD_ONE(&rows, "problems come by file, line and column", are_in_order);
	ROWS_ADD_ONE(&rows, "of one place they come as found",
		     of_one_place_stay_as_found);
	ROWS_ADD_ONE(&rows, "more than are kept are counted", too_many_are_counted);
	ROWS_ADD_ONE(&rows, "the first becomes an error that counts the others",
		     become_an_error);
	ROWS_ADD_ONE(&rows, "an error is added, its text as it is", errors_are_added);
	return rows_run(&rows, "problems");
}
