/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/slice.h. */
#include "rows.h"

#include "base/slice.h"

static struct cut {
	const char *name, *in;
	char sep;
	bool found;
	const char *head, *tail;
} cuts[] = {
	{ "in the middle", "a=b", '=', true, "a", "b" },
	{ "at the first of two", "a=b=c", '=', true, "a", "b=c" },
	{ "at the beginning", "=b", '=', true, "", "b" },
	{ "at the end", "a=", '=', true, "a", "" },
	{ "alone", "=", '=', true, "", "" },
	{ "nowhere", "abc", '=', false, "abc", NULL },
	{ "nothing to cut", "", '=', false, "", NULL },
};

static void is_cut(void **state)
{
	const struct cut *t = *state;
	struct slice head, tail;

	assert_int_equal(slice_cut(slice_of(t->in), t->sep, &head, &tail), t->found);
	assert_true(slice_eq(head, t->head));
	if (t->tail)
		assert_true(slice_eq(tail, t->tail));
	else
		assert_null(tail.ptr);
}

static void cuts_absent(void **state)
{
	struct slice head = slice_of("x"), tail = slice_of("y");

	(void)state;
	assert_false(slice_cut((struct slice){ 0 }, '=', &head, &tail));
	assert_null(head.ptr);
	assert_null(tail.ptr);
	assert_int_equal(head.len + tail.len, 0);
}

static struct trim {
	const char *name, *in, *want;
} trims[] = {
	{ "both ends", " \t a b\r\n", "a b" },
	{ "nothing to trim", "ab", "ab" },
	{ "blanks alone", " \t\n\v\f\r ", "" },
	{ "the empty text", "", "" },
	{ "no-break space is none", "\xc2\xa0", "\xc2\xa0" },
};

static void is_trimmed(void **state)
{
	const struct trim *t = *state;
	struct slice got = slice_trim(slice_of(t->in));

	assert_true(slice_eq(got, t->want));
	assert_int_equal(slice_blank(slice_of(t->in)), t->want[0] == '\0');
}

static void is_compared(void **state)
{
	struct slice abc = slice_of("abc"), none = { 0 };

	(void)state;
	assert_true(slice_eq(abc, "abc"));
	assert_false(slice_eq(abc, "ab"));
	assert_false(slice_eq(abc, "abd"));
	assert_false(slice_eq((struct slice){ "abc\0", 4 }, "abc"));
	assert_true(slice_eq(none, ""));
	assert_false(slice_eq(none, "a"));
	assert_true(slice_same(abc, slice_of("abc")));
	assert_false(slice_same(abc, slice_of("abcd")));
	assert_false(slice_same(abc, slice_of("abx")));
	assert_true(slice_same(none, slice_of("")));
	assert_true(slice_starts(abc, "ab"));
	assert_true(slice_starts(abc, ""));
	assert_true(slice_starts(none, ""));
	assert_false(slice_starts(abc, "abcd"));
	assert_false(slice_starts(abc, "b"));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, cuts, is_cut);
	ROWS_ADD_ONE(&rows, "an absent text", cuts_absent);
	ROWS_ADD(&rows, trims, is_trimmed);
	ROWS_ADD_ONE(&rows, "texts are compared byte by byte", is_compared);
	return rows_run(&rows, "slice");
}
