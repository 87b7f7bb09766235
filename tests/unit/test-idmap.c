/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/idmap.c: who is who, by the container's file. */
#include "rows.h"

#include <inttypes.h>

#include "base/buf.h"
#include "pve/idmap.h"

static struct row {
	const char *name, *text;
	uint64_t root_uid, host_min;
	const char *ranges; /* "u0+65536->100000" each, a blank behind */
	bool custom;
} table[] = {
	{ "nothing said: privileged", "", 0, 0, "", false },
	{ "unprivileged: from 100000", "unprivileged: 1\n", 100000, 100000,
	  "u0+65536->100000 g0+65536->100000 ", false },
	{ "unprivileged: 0 is privileged", "unprivileged: 0\n", 0, 0, "", false },
	{ "unprivileged: no is privileged", "unprivileged: no\n", 0, 0, "", false },
	{ "a bad boolean is true in Perl", "unprivileged: maybe\n", 100000, 100000,
	  "u0+65536->100000 g0+65536->100000 ", false },
	{ "unprivileged: 2, too", "unprivileged: 2\n", 100000, 100000,
	  "u0+65536->100000 g0+65536->100000 ", false },
	{ "'#unprivileged: 1' says nothing", "#unprivileged: 1\n", 0, 0, "", false },
	{ "nor does 'Unprivileged: 1'", "Unprivileged: 1\n", 0, 0, "", false },
	{ "nor a snapshot", "[snap]\nunprivileged: 1\n", 0, 0, "", false },
	{ "but '[snap one]' is no snapshot", "[snap one]\nunprivileged: 1\n", 100000,
	  100000, "u0+65536->100000 g0+65536->100000 ", false },
	{ "a privileged snapshot does not matter",
	  "unprivileged: 1\n[snap]\nunprivileged: 0\nlxc.idmap: u 0 0 1\n", 100000,
	  100000, "u0+65536->100000 g0+65536->100000 ", false },
	{ "lines alone decide: unprivileged, and yet root",
	  "unprivileged: 1\nlxc.idmap: u 0 0 65536\n", 0, 0, "u0+65536->0 ", true },
	{ "lines alone decide: nothing said, and not root",
	  "lxc.idmap: u 0 100000 65536\nlxc.idmap: g 0 100000 65536\n", 100000, 100000,
	  "u0+65536->100000 g0+65536->100000 ", true },
	{ "no line for id 0: root", "unprivileged: 1\nlxc.idmap: u 1 100000 65535\n", 0,
	  100000, "u1+65535->100000 ", true },
	{ "groups do not move root", "unprivileged: 1\nlxc.idmap: g 0 100000 65536\n", 0,
	  100000, "g0+65536->100000 ", true },
	{ "the last line for id 0 wins",
	  "lxc.idmap: u 0 100000 1\nlxc.idmap = u 0 200000 1\n", 200000, 100000,
	  "u0+1->100000 u0+1->200000 ", true },
	{ "host id 0 by another id is seen",
	  "lxc.idmap: u 0 100000 1000\nlxc.idmap: u 1000 0 1\n", 100000, 0,
	  "u0+1000->100000 u1000+1->0 ", true },
	{ "a low group is seen",
	  "lxc.idmap: u 0 100000 65536\nlxc.idmap: g 0 100000 6\nlxc.idmap: g 6 6 1\n",
	  100000, 6, "u0+65536->100000 g0+6->100000 g6+1->6 ", true },
	{ "blanks may be many, tabs too", "lxc.idmap:\tu  0\t100000 65536 \n", 100000,
	  100000, "u0+65536->100000 ", true },
	{ "the highest id", "lxc.idmap: u 0 4294967295 4294967295\n", 4294967295,
	  4294967295, "u0+4294967295->4294967295 ", true },
	{ "old names are no id map", "unprivileged: 1\nlxc.id_map: u 0 0 65536\n", 100000,
	  100000, "u0+65536->100000 g0+65536->100000 ", false },
};

static void is_mapped(void **state)
{
	const struct row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf c;
	struct idmap map;
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(GUEST_CT, slice_of(t->text), &a, &c, &e), 0);
	assert_int_equal(idmap_parse(guestconf_current(&c), &a, &map, &e), 0);
	for (size_t i = 0; i < map.n; i++) {
		const struct idmap_range *r = &map.ranges[i];

		assert_int_equal(r->line != 0, t->custom);
		buf_printf(&got, "%c%" PRIu64 "+%" PRIu64 "->%" PRIu64 " ",
			   r->group ? 'g' : 'u', r->ct, r->count, r->host);
	}
	assert_string_equal(buf_text(&got), t->ranges);
	assert_true(map.root_uid == t->root_uid);
	assert_true(map.host_min == t->host_min);
	assert_int_equal(map.custom, t->custom);
}

static struct bad_row {
	const char *name, *line, *msg;
} bad_rows[] = {
	{ "another letter", "b 0 100000 65536",
	  "lxc.idmap: 'b 0 100000 65536' does not begin with u or g" },
	{ "nothing", "", "lxc.idmap: '' does not begin with u or g" },
	{ "capitals", "U 0 100000 65536",
	  "lxc.idmap: 'U 0 100000 65536' does not begin with u or g" },
	{ "a number too few", "u 0 0",
	  "lxc.idmap: '' in 'u 0 0' is no number from 0 to 4294967295 without zeros in "
	  "front" },
	{ "a word too many", "u 0 0 1 2",
	  "lxc.idmap: 'u 0 0 1 2' is more than u|g and 3 numbers" },
	{ "a sign", "u 0 -1 1",
	  "lxc.idmap: '-1' in 'u 0 -1 1' is no number from 0 to 4294967295 without zeros "
	  "in "
	  "front" },
	{ "an id over 32 bits, which the kernel wraps to 0", "u 0 4294967296 65536",
	  "lxc.idmap: '4294967296' in 'u 0 4294967296 65536' is no number from 0 to "
	  "4294967295 without zeros in front" },
	{ "zeros in front, which LXC reads as octal", "u 0 0100000 65536",
	  "lxc.idmap: '0100000' in 'u 0 0100000 65536' is no number from 0 to 4294967295 "
	  "without zeros in front" },
};

static void is_refused(void **state)
{
	const struct bad_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct guestconf c;
	struct idmap map = { .n = 7 };
	struct err e = { 0 };

	buf_printf(&text, "unprivileged: 1\nlxc.idmap: u 0 100000 65536\nlxc.idmap: %s\n",
		   t->line);
	assert_int_equal(guestconf_parse(GUEST_CT, buf_as_slice(&text), &a, &c, &e), 0);
	assert_int_equal(idmap_parse(guestconf_current(&c), &a, &map, &e), -1);
	assert_int_equal(e.code, ERR_SYNTAX);
	assert_int_equal(e.line, 3);
	assert_string_equal(e.msg, t->msg);
	assert_int_equal(map.n, 7); /* untouched */
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, is_mapped);
	ROWS_ADD(&rows, bad_rows, is_refused);
	return rows_run(&rows, "idmap");
}
