/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/tags.c. */
#include "rows.h"

#include "pve/tags.h"

static struct row {
	const char *name, *in, *as_they_stand, *folded;
} table[] = {
	{ "none", "", "", "" },
	{ "separators alone are none", " ;, ", "", "" },
	{ "any separator will do", "web;db,x y", "db|web|x|y|", "db|web|x|y|" },
	{ "sorted by bytes: capitals first", "web Docker a", "Docker|a|web|",
	  "a|docker|web|" },
	{ "repeats are kept, or folded to one", "b;a;b", "a|b|b|", "a|b|" },
	{ "words that differ in case fold to one", "Docker docker DOCKER",
	  "DOCKER|Docker|docker|", "docker|" },
	{ "a beginning of another comes first", "ab a abc", "a|ab|abc|", "a|ab|abc|" },
	{ "what is no letter stays", "a+B.c_-1", "a+B.c_-1|", "a+b.c_-1|" },
};

/* Joins @t for comparison. */
static void join(const struct tags *t, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (size_t i = 0; i < t->n; i++)
		n += (size_t)snprintf(out + n, size - n, "%.*s|", SLICE_ARG(t->tags[i]));
}

static void is_split(void **state)
{
	const struct row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct tags tags;
	struct err e = { 0 };
	char got[128];

	assert_int_equal(tags_parse(slice_of(t->in), &a, &tags, &e), 0);
	join(&tags, got, sizeof(got));
	assert_string_equal(got, t->as_they_stand);
	assert_int_equal(tags_parse_folded(slice_of(t->in), &a, &tags, &e), 0);
	join(&tags, got, sizeof(got));
	assert_string_equal(got, t->folded);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, is_split);
	return rows_run(&rows, "tags");
}
