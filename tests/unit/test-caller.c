/* SPDX-License-Identifier: MIT */
/* Unit tests for the groups of lib/run/caller.c, as a system gives them that we make up. */
#include "rows.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>

#include "run/caller.h"

static struct row {
	const char *name;
	int groups; /* -1: the system has no memory to look for them */
	size_t want;
} table[] = {
	{ "one group", 1, 1 },
	{ "as many as there is room for at first", 256, 256 },
	{ "one more", 257, 257 },
	{ "very many", 1000, 1000 },
	{ "no memory to look for them", -1, 0 },
};

static int there; /* groups of the login; -1: it fails */

/* Lists the groups 5000 and up as getgrouplist(3) does, or fails as that does. */
int getgrouplist(const char *user, gid_t group, gid_t *groups, int *ngroups)
{
	int room = *ngroups;

	(void)user;
	(void)group;
	if (there < 0) {
		errno = ENOMEM;
		return -1;
	}
	for (int i = 0; i < room && i < there; i++)
		groups[i] = 5000U + (gid_t)i;
	*ngroups = there;
	return there > room ? -1 : there;
}

/* Names the group @gid "g" and its number. */
struct group *getgrgid(gid_t gid)
{
	static char name[16];
	static struct group found = { .gr_name = name };

	(void)snprintf(name, sizeof(name), "g%u", (unsigned)gid);
	return &found;
}

static void has_groups(void **state)
{
	const struct row *r = *state;
	AUTO(arena_done) struct arena arena = { 0 };
	struct caller c = { .login = slice_of("somebody"), .has_account = true };
	char last[16];

	there = r->groups;
	caller_load_groups(&arena, &c);
	assert_int_equal(c.groups.n, r->want);
	assert_int_equal(arena_failed(&arena), r->groups < 0);
	if (!r->want)
		return;
	(void)snprintf(last, sizeof(last), "g%zu", 5000 + r->want - 1);
	assert_true(slice_eq(c.groups.items[0], "g5000"));
	assert_true(slice_eq(c.groups.items[r->want - 1], last));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, has_groups);
	return rows_run(&rows, "caller");
}
