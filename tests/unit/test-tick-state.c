/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/tick-state.c. */
#include "rows.h"

#include "run/tick-state.h"

#define HEAD "pve-safe tick 1\n"
#define SHA  "0123456789abcdef0123456789abcdef01234567"
#define SHA2 "ffffffffffffffffffffffffffffffffffffffff"

/* Read and written again. */
static struct row {
	const char *name, *in, *out; /* .out NULL: it is no such file */
} table[] = {
	{ "no guests", HEAD, HEAD },
	{ "one of each standing",
	  HEAD
	  "101 ct " SHA " known 0\n102 vm - elsewhere 0\n103 ct - waiting 1763712000\n"
	  "104 vm " SHA " attach 0\n105 ct " SHA " failing 0\n106 vm " SHA " hooked 0\n",
	  HEAD "101 ct " SHA
	       " known 0\n102 vm - elsewhere 0\n103 ct - waiting 1763712000\n"
	       "104 vm " SHA " attach 0\n105 ct " SHA " failing 0\n106 vm " SHA
	       " hooked 0\n" },
	{ "rows are sorted",
	  HEAD "103 ct - elsewhere 0\n101 ct - elsewhere 0\n102 ct - elsewhere 0\n",
	  HEAD "101 ct - elsewhere 0\n102 ct - elsewhere 0\n103 ct - elsewhere 0\n" },
	{ "what was added at the end replaces what was before",
	  HEAD "101 ct " SHA " known 0\n102 ct - elsewhere 0\n\n101 ct " SHA2
	       " attach 0\n",
	  HEAD "101 ct " SHA2 " attach 0\n102 ct - elsewhere 0\n" },
	{ "an end that was cut is passed over",
	  HEAD "101 ct " SHA " known 0\n\n102 ct " SHA " kno",
	  HEAD "101 ct " SHA " known 0\n" },
	{ "what is added after it is read",
	  HEAD "101 ct " SHA " known 0\n\n102 ct 012\n103 ct " SHA " known 0\n",
	  HEAD "101 ct " SHA " known 0\n103 ct " SHA " known 0\n" },
	{ "a digest of another length is none", HEAD "101 ct 0123 known 0\n", HEAD },
	{ "a digest in capitals is none",
	  HEAD "101 ct 0123456789ABCDEF0123456789abcdef01234567 known 0\n", HEAD },
	{ "a kind that is none", HEAD "101 lxc " SHA " known 0\n", HEAD },
	{ "a standing that is none", HEAD "101 ct " SHA " there 0\n", HEAD },
	{ "no VMID", HEAD "99 ct " SHA " known 0\n", HEAD },
	{ "a field too many", HEAD "101 ct " SHA " known 0 1\n", HEAD },
	{ "a field too few", HEAD "101 ct " SHA " known\n", HEAD },
	{ "a number that is none", HEAD "101 ct " SHA " waiting -1\n", HEAD },
	{ "a file of another version", "pve-safe tick 2\n", NULL },
	{ "an empty file", "", NULL },
	{ "a first line that was cut", "pve-safe tick 1", NULL },
};

static void reads(void **state)
{
	const struct row *r = *state;
	AUTO(tick_state_done) struct tick_state s = { 0 };
	AUTO(buf_done) struct buf out = { 0 };

	assert_int_equal(tick_state_parse(slice_of(r->in), &s), r->out != NULL);
	if (!r->out)
		return;
	tick_state_render(&s, &out);
	assert_string_equal(buf_text(&out), r->out);
}

static void finds(void **state)
{
	AUTO(tick_state_done) struct tick_state s = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		const struct tick_row row = { .vmid = 100 + i * 7919 % 1000,
					      .since_s = i };

		assert_true(tick_state_add(&s, &row));
	}
	tick_state_sort(&s);
	assert_int_equal(s.n, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(tick_state_find(&s, 100 + i)->vmid, 100 + i);
	assert_null(tick_state_find(&s, 99));
	assert_null(tick_state_find(&s, 1100));
	assert_null(tick_state_find(&s, UINT64_C(0x100000000) + 100));
}

static void finds_nothing(void **state)
{
	const struct tick_state empty = { 0 };

	(void)state;
	assert_null(tick_state_find(&empty, 100));
}

static void keeps_the_last(void **state)
{
	AUTO(tick_state_done) struct tick_state s = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		const struct tick_row row = { .vmid = 100 + i % 3, .since_s = i };

		assert_true(tick_state_add(&s, &row));
	}
	tick_state_sort(&s);
	assert_int_equal(s.n, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(s.rows[i].since_s, 297 + i);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, reads);
	ROWS_ADD_ONE(&rows, "every row of many is found, and no other", finds);
	ROWS_ADD_ONE(&rows, "nothing is found in nothing", finds_nothing);
	ROWS_ADD_ONE(&rows, "of many rows of a guest the last stays", keeps_the_last);
	return rows_run(&rows, "tick-state");
}
