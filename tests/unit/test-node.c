/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/node.c. */
#include "rows.h"

#include <unistd.h>

#include "pve/node.h"

static struct row {
	const char *name, *text;
	bool want;
} table[] = {
	{ "letters", "pve", true },
	{ "capitals and digits", "PVE01", true },
	{ "one letter", "a", true },
	{ "digits alone", "7", true },
	{ "an inner hyphen", "pve-01", true },
	{ "nothing", "", false },
	{ "a hyphen first", "-pve", false },
	{ "a hyphen last", "pve-", false },
	{ "a hyphen alone", "-", false },
	{ "a dot", "pve.lan", false },
	{ "the directory itself", ".", false },
	{ "the directory above", "..", false },
	{ "a way out", "../etc", false },
	{ "a slash", "a/b", false },
	{ "an underscore", "pve_1", false },
	{ "a blank", "pve 1", false },
	{ "a line end", "pve\n", false },
	{ "a letter outside ASCII", "p\xc3\xa4", false },
};

static void name_is(void **state)
{
	const struct row *t = *state;

	assert_int_equal(node_is_name(slice_of(t->text)), t->want);
}

/* A NUL is no letter, wherever it stands. */
static void nul_is_refused(void **state)
{
	(void)state;
	assert_false(node_is_name((struct slice){ "a\0b", 3 }));
	assert_false(node_is_name((struct slice){ "ab\0", 3 }));
}

/* The node's own name is the host's, up to the first dot, or an error. */
static void own_name_has_room(void **state)
{
	struct err e = { 0 };
	char name[65], host[65], tiny[1];

	(void)state;
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	host[strcspn(host, ".")] = '\0';
	assert_int_equal(node_name(name, sizeof(name), &e), 0);
	assert_string_equal(name, host);
	assert_int_equal(node_name(tiny, sizeof(tiny), &e), -1);
	assert_int_equal(e.code, ERR_RANGE);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, name_is);
	ROWS_ADD_ONE(&rows, "a NUL", nul_is_refused);
	ROWS_ADD_ONE(&rows, "the node's own name", own_name_has_room);
	return rows_run(&rows, "node");
}
