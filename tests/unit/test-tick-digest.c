/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/tick-digest.c. */
#include "rows.h"

#include "base/cleanup.h"
#include "run/tick-internal.h"

#define SNAP "\n[hourly]\ncores: 2\nparent: other\nsnaptime: 1700000000\n"

/* Whether two files of a guest are known by the same. */
static struct row {
	const char *name;
	enum guest_kind kind;
	const char *before, *after;
	bool same;
} table[] = {
	{ "an option that changed", GUEST_CT, "cores: 1\n", "cores: 2\n", false },
	{ "a comment that changed", GUEST_CT, "#a\ncores: 1\n", "#b\ncores: 1\n", false },
	{ "an option that goes", GUEST_CT, "cores: 1\nswap: 0\n", "cores: 1\n", false },
	{ "a raw line that comes", GUEST_CT, "cores: 1\n",
	  "cores: 1\nlxc.apparmor.profile: unconfined\n", false },
	{ "a snapshot that comes", GUEST_CT, "cores: 1\n",
	  "cores: 1\nparent: hourly\n" SNAP, true },
	{ "a VM's as well", GUEST_VM, "cores: 1\n", "cores: 1\nparent: hourly\n" SNAP,
	  true },
	{ "a snapshot and an option", GUEST_CT, "cores: 1\n",
	  "cores: 2\nparent: hourly\n" SNAP, false },
	{ "a pending change beside a snapshot", GUEST_CT, "cores: 1\n" SNAP,
	  "cores: 1\n\n[pve:pending]\ncores: 3\n" SNAP, false },
	{ "one after it, however it is written", GUEST_CT, "cores: 1\n" SNAP,
	  "cores: 1\n" SNAP "\n[PVE:Pending]\ncores: 3\n", false },
	{ "a VM's pending change", GUEST_VM, "cores: 1\n" SNAP,
	  "cores: 1\n\n[PENDING]\ncores: 3\n" SNAP, false },
	{ "a container's snapshot called pending", GUEST_CT, "cores: 1\n",
	  "cores: 1\n\n[pending]\ncores: 3\n", true },
	{ "what Proxmox keeps for a backup of a VM", GUEST_VM, "cores: 1\n",
	  "cores: 1\n\n[special:fleecing]\nfleecing-images: local:x\n", true },
	{ "a header that is none, and what follows it", GUEST_CT, "cores: 1\n",
	  "cores: 1\n[a b]\nunprivileged: 0\n", false },
	{ "the same in a snapshot", GUEST_CT, "cores: 1\n" SNAP,
	  "cores: 1\n" SNAP "[a b]\nunprivileged: 0\n", true },
	{ "what a VM's file has behind a line that is no header: a blank before it",
	  GUEST_VM, "cores: 1\n [a]\nargs: x\n", "cores: 1\n [a]\nargs: y\n", false },
	{ "or a second bracket", GUEST_VM, "cores: 1\n[a]b]\nargs: x\n",
	  "cores: 1\n[a]b]\nargs: y\n", false },
	{ "but not behind one that Proxmox does not know", GUEST_VM,
	  "cores: 1\n[a b]\nargs: x\n", "cores: 1\n[a b]\nargs: y\n", true },
	{ "a snapshot's name with a blank before it, in a container's", GUEST_CT,
	  "cores: 1\n [hourly]\nswap: 0\n" SNAP, "cores: 1\n [hourly]\nswap: 1\n" SNAP,
	  false },
	{ "another end of lines", GUEST_CT, "cores: 1\n", "cores: 1\r\n", true },
};

/* What the file @text of a guest of @kind is known by. */
static void digest_of(enum guest_kind kind, const char *text,
		      char ret[static SHA1_HEX_SIZE])
{
	AUTO(arena_done) struct arena a = { 0 };
	struct guest g = { .kind = kind };
	struct err e = { 0 };
	char *copy = arena_strdup(&a, slice_of(text));

	assert_non_null(copy);
	g.text.ptr = copy;
	g.text.len = strlen(copy);
	assert_int_equal(guestconf_parse(kind, slice_of(copy), &a, &g.conf, &e), 0);
	tick_digest(&g, ret);
}

static void compares(void **state)
{
	const struct row *r = *state;
	char before[SHA1_HEX_SIZE], after[SHA1_HEX_SIZE];

	digest_of(r->kind, r->before, before);
	digest_of(r->kind, r->after, after);
	assert_int_equal(strlen(before), SHA1_HEX_SIZE - 1);
	assert_int_equal(strcmp(before, after) == 0, r->same);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, compares);
	return rows_run(&rows, "tick-digest");
}
