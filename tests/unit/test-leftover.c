/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/leftover.c: what is removed, and above all what is not. */
#include "rows.h"

#include <time.h>

#include "base/leftover.h"

#include "root.h"

enum { AGE_S = 300 };

static struct row {
	const char *name, *file;
	int age_s, older_than_s;
	bool gone;
} table[] = {
	{ "an old one", "d/policy.conf.tmp.0123456789abcdef", AGE_S + 10, AGE_S, true },
	{ "one that is just written", "d/policy.conf.tmp.0123456789abcdef", 0, AGE_S,
	  false },
	{ "any, where nobody writes", "d/policy.conf.tmp.0123456789abcdef", 0, 0, true },
	{ "one of the future", "d/policy.conf.tmp.0123456789abcdef", -AGE_S - 10, AGE_S,
	  true },
	{ "the file itself", "d/policy.conf", AGE_S + 10, 0, false },
	{ "another file's", "d/more.conf.tmp.0123456789abcdef", AGE_S + 10, 0, false },
	{ "a file with a longer name", "d/policy.conf.x.tmp.0123456789abcdef", AGE_S + 10,
	  0, false },
	{ "a number that is too short", "d/policy.conf.tmp.0123456789abcde", AGE_S + 10,
	  0, false },
	{ "a number that is too long", "d/policy.conf.tmp.0123456789abcdef0", AGE_S + 10,
	  0, false },
	{ "capitals", "d/policy.conf.tmp.0123456789ABCDEF", AGE_S + 10, 0, false },
	{ "something else after the dots", "d/policy.conf.tmp.of-mine", AGE_S + 10, 0,
	  false },
};

/* Whether @path is there. */
static bool is_there(const struct root *r, const char *path)
{
	return faccessat(r->fd, path, F_OK, 0) == 0;
}

static void removed_is(void **state)
{
	const struct row *t = *state;
	AUTO(root_done) struct root r = root_make();
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
				     { .tv_sec = time(NULL) - t->age_s } };

	put(&r, t->file, "", 0);
	assert_int_equal(utimensat(r.fd, t->file, times, 0), 0);
	leftover_remove(r.fd, "d/policy.conf", t->older_than_s);
	assert_int_equal(is_there(&r, t->file), !t->gone);
}

/* In the directory itself, and where there is none. */
static void other_directories(void **state)
{
	AUTO(root_done) struct root r = root_make();

	(void)state;
	put(&r, "x.tmp.0123456789abcdef", "", 0);
	put(&r, "d/x.tmp.0123456789abcdef", "", 0);
	leftover_remove(r.fd, "none/x", 0);
	leftover_remove(r.fd, "x", 0);
	assert_false(is_there(&r, "x.tmp.0123456789abcdef"));
	assert_true(is_there(&r, "d/x.tmp.0123456789abcdef"));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, removed_is);
	ROWS_ADD_ONE(&rows, "the directory is that of the file", other_directories);
	return rows_run(&rows, "leftover");
}
