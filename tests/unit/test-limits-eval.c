/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy/limits-eval: one guest beside the others, bound by bound. */
#include "rows.h"

#include "policy/limits-eval.h"

/* Numbers of a guest; the states are of matching and of the memory. */
struct guest_spec {
	uint64_t vmid, cores, memory, disk;
	enum fact_state tag, amount;
};

#define KNOWN   FACT_STATE_KNOWN
#define UNKNOWN FACT_STATE_UNKNOWN
#define NONE    FACT_STATE_NONE
#define ENDLESS FACT_UNLIMITED

enum { MAX_GUESTS = 5 };

/* Limits, guests and what is said. */
static struct eval_row {
	const char *name;
	struct limits limits; /* 0 stands for a bound that is not given */
	struct guest_spec guest, before, others[MAX_GUESTS];
	const char *want; /* lines; "?" begins what is not sure */
} eval_rows[] = {
	{ "what is left can be had",
	  { .total = { 0, 8192, 0 } },
	  { 140, 1, 4096, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 4096, 1, KNOWN, KNOWN } },
	  "" },
	{ "one more than is left cannot",
	  { .total = { 0, 8192, 0 } },
	  { 140, 1, 4097, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 4096, 1, KNOWN, KNOWN } },
	  "x: 8192 MiB allowed for all guests, 4096 used by 1 guest, CT 140 asks 4097; "
	  "most have CT 101 4096\n" },
	{ "guests that do not match do not count",
	  { .total = { 0, 8192, 0 } },
	  { 140, 1, 4096, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 4096, 1, KNOWN, KNOWN }, { 102, 1, 99999, 1, NONE, KNOWN } },
	  "" },
	{ "a guest that does not match is not bounded",
	  { .max_guests = 1, .max = { 1, 1, 1 }, .total = { 1, 1, 1 } },
	  { 140, 9, 9, 9, NONE, KNOWN },
	  { 0 },
	  { { 101, 9, 9, 9, KNOWN, KNOWN } },
	  "" },
	{ "the three biggest are named, the first of equals first",
	  { .total = { 5, 0, 0 } },
	  { 140, 1, 1, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 1, 1, KNOWN, KNOWN },
	    { 102, 3, 1, 1, KNOWN, KNOWN },
	    { 103, 2, 1, 1, KNOWN, KNOWN },
	    { 104, 1, 1, 1, KNOWN, KNOWN } },
	  "x: 5 cores allowed for all guests, 7 used by 4 guests, CT 140 asks 1; most "
	  "have CT 102 3, CT 103 2, CT 101 1\n" },
	{ "each bound by itself",
	  { .max_guests = 1, .max = { 1, 0, 3 }, .total = { 0, 0, 4 } },
	  { 140, 2, 1, 4, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 1, 1, KNOWN, KNOWN } },
	  "x: 1 core allowed for each guest, CT 140 asks 2\n"
	  "x: 3 GiB of disks allowed for each guest, CT 140 asks 4\n"
	  "x: 4 GiB of disks allowed for all guests, 1 used by 1 guest, CT 140 asks 4; "
	  "most have CT 101 1\n"
	  "x: 1 guest allowed, 1 other is there beside CT 140\n" },
	{ "without a bound is more than any",
	  { .max = { 128, 0, 0 }, .total = { 4096, 0, 0 } },
	  { 140, ENDLESS, 1, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 0 } },
	  "x: 128 cores allowed for each guest, CT 140 asks unlimited\n"
	  "x: 4096 cores allowed for all guests, 0 used by 0 guests, CT 140 asks "
	  "unlimited\n" },
	{ "one without a bound leaves nothing for others",
	  { .total = { 4096, 0, 0 } },
	  { 140, 1, 1, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, ENDLESS, 1, 1, KNOWN, KNOWN } },
	  "x: 4096 cores allowed for all guests, unlimited used by 1 guest, CT 140 asks "
	  "1; most have CT 101 unlimited\n" },
	{ "who takes no more than before exceeds nothing of all",
	  { .max_guests = 1, .total = { 0, 100, 0 } },
	  { 140, 1, 200, 1, KNOWN, KNOWN },
	  { 140, 1, 200, 1, KNOWN, KNOWN },
	  { { 101, 1, 1, 1, KNOWN, KNOWN } },
	  "" },
	{ "who takes more than before does",
	  { .total = { 0, 100, 0 } },
	  { 140, 1, 201, 1, KNOWN, KNOWN },
	  { 140, 1, 200, 1, KNOWN, KNOWN },
	  { { 0 } },
	  "x: 100 MiB allowed for all guests, 0 used by 0 guests, CT 140 asks 201\n" },
	{ "who was none of them before does",
	  { .total = { 0, 100, 0 } },
	  { 140, 1, 101, 1, KNOWN, KNOWN },
	  { 140, 1, 200, 1, NONE, KNOWN },
	  { { 0 } },
	  "x: 100 MiB allowed for all guests, 0 used by 0 guests, CT 140 asks 101\n" },
	{ "each guest's bound holds whatever was before",
	  { .max = { 0, 100, 0 } },
	  { 140, 1, 150, 1, KNOWN, KNOWN },
	  { 140, 1, 200, 1, KNOWN, KNOWN },
	  { { 0 } },
	  "x: 100 MiB allowed for each guest, CT 140 asks 150\n" },
	{ "an unknown amount of another may be anything",
	  { .max_guests = 2, .total = { 0, 100000, 0 } },
	  { 140, 1, 1, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 1, 1, KNOWN, UNKNOWN } },
	  "?x: 100000 MiB allowed for all guests, 0 used by 1 guest, CT 140 asks 1; "
	  "because amount\n" },
	{ "an unknown amount of its own, too",
	  { .max = { 0, 100, 0 } },
	  { 140, 1, 1, 1, KNOWN, UNKNOWN },
	  { 0 },
	  { { 0 } },
	  "?x: 100 MiB allowed for each guest, CT 140 asks what cannot be read; because "
	  "amount\n" },
	{ "an unknown amount never passes for no more than before",
	  { .total = { 0, 100, 0 } },
	  { 140, 1, 1, 1, KNOWN, UNKNOWN },
	  { 140, 1, 1, 1, KNOWN, UNKNOWN },
	  { { 0 } },
	  "?x: 100 MiB allowed for all guests, 0 used by 0 guests, CT 140 asks what "
	  "cannot be read; because amount\n" },
	{ "one that may match may be one too many",
	  { .max_guests = 1, .total = { 0, 100, 0 } },
	  { 140, 1, 50, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 51, 1, UNKNOWN, KNOWN } },
	  "?x: 100 MiB allowed for all guests, 0 used by 0 guests, CT 140 asks 50; "
	  "because tag\n"
	  "?x: 1 guest allowed, 0 others are there beside CT 140; because tag\n" },
	{ "one that may match and fits stops nobody",
	  { .max_guests = 2, .total = { 0, 100, 0 } },
	  { 140, 1, 50, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 50, 1, UNKNOWN, KNOWN } },
	  "" },
	{ "what is exceeded without the unknown is sure",
	  { .total = { 0, 100, 0 } },
	  { 140, 1, 50, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, 60, 1, KNOWN, KNOWN }, { 102, 1, 1, 1, KNOWN, UNKNOWN } },
	  "x: 100 MiB allowed for all guests, 60 used by 2 guests, CT 140 asks 50; most "
	  "have CT 101 60\n" },
	{ "sums do not run over",
	  { .total = { 0, 100, 0 } },
	  { 140, 1, ENDLESS - 1, 1, KNOWN, KNOWN },
	  { 0 },
	  { { 101, 1, ENDLESS - 1, 1, KNOWN, KNOWN },
	    { 102, 1, ENDLESS - 1, 1, KNOWN, KNOWN } },
	  "x: 100 MiB allowed for all guests, unlimited used by 2 guests, CT 140 asks "
	  "18446744073709551614; most have CT 101 18446744073709551614, CT 102 "
	  "18446744073709551614\n" },
};

/* Makes the facts of @s; items in @item. */
static void make_facts(const struct guest_spec *s, struct fact_item *item,
		       struct facts *ret)
{
	memset(ret, 0, sizeof(*ret));
	item->text = slice_of("x");
	/* No limits look at it. */
	ret->values[FACT_user] = (struct fact){ .state = UNKNOWN, .why = "user" };
	ret->values[FACT_tag] = (struct fact){
		.state = s->tag, .items = item, .nitems = 1, .why = "tag"
	};
	ret->values[FACT_cores] = (struct fact){ .state = KNOWN, .number = s->cores };
	ret->values[FACT_memory_mib] =
		(struct fact){ .state = s->amount, .number = s->memory, .why = "amount" };
	ret->values[FACT_disk_gib] = (struct fact){ .state = KNOWN, .number = s->disk };
}

/* Measures the guest that @s says. */
static void measure(const struct limits *l, const struct guest_spec *s,
		    struct limits_guest *ret)
{
	struct fact_item item = { 0 };
	struct facts facts;

	make_facts(s, &item, &facts);
	limits_measure(l, &facts, GUEST_CT, s->vmid, ret);
}

/* Bounds of @row, with none where it has 0. */
static struct limits limits_of(const struct eval_row *row, struct arena *a)
{
	struct limits l = row->limits;
	struct err e = { 0 };

	l.name = slice_of("x");
	assert_int_equal(expr_compile(slice_of("tag = x"), a, &l.rule.when, &e), 0);
	l.max_guests = l.max_guests ? l.max_guests : LIMITS_NONE;
	for (size_t u = 0; u < LIMITS_UNITS; u++) {
		l.max[u] = l.max[u] ? l.max[u] : LIMITS_NONE;
		l.total[u] = l.total[u] ? l.total[u] : LIMITS_NONE;
	}
	return l;
}

/* Appends all that is exceeded in @c. */
static void say(const struct limits_case *c, struct buf *out)
{
	struct limits_excess rows[LIMITS_BOUNDS];
	size_t n = limits_eval(c, rows);

	assert_true(n <= LIMITS_BOUNDS);
	for (size_t i = 0; i < n; i++) {
		struct limits_gap gap = limits_gap_of(c, &rows[i]);

		buf_puts(out, rows[i].sure ? "" : "?");
		limits_render(c, &rows[i], "asks", out);
		if (!rows[i].sure)
			buf_printf(out, "; because %s", gap.why);
		buf_putc(out, '\n');
	}
}

/* Judges one row. */
static void test_eval(void **state)
{
	const struct eval_row *row = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	const struct limits l = limits_of(row, &a);
	struct limits_guest guest, before, other;
	struct limits_tally others = { 0 };
	const struct limits_case c = { .limits = &l,
				       .guest = &guest,
				       .others = &others,
				       .before = row->before.vmid ? &before : NULL };

	measure(&l, &row->guest, &guest);
	measure(&l, &row->before, &before);
	for (size_t i = 0; i < MAX_GUESTS && row->others[i].vmid; i++) {
		measure(&l, &row->others[i], &other);
		limits_add(&other, &a, &others);
	}
	say(&c, &out);
	assert_string_equal(buf_text(&out), row->want);
}

/* A guest that cannot be read may be one, of any size. */
static void test_unreadable(void **state)
{
	static const struct eval_row bounds = { .limits = { .max_guests = 1,
							    .total = { 9, 0, 0 } } };
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	const struct limits l = limits_of(&bounds, &a);
	struct limits_tally others = { 0 };
	struct limits_guest guest, broken;
	const struct limits_case c = { .limits = &l, .guest = &guest, .others = &others };

	(void)state;
	measure(&l, &(struct guest_spec){ 140, 1, 1, 1, KNOWN, KNOWN }, &guest);
	limits_measure_unknown("/x/101.conf", "it is broken", &broken);
	limits_add(&broken, &a, &others);
	say(&c, &out);
	assert_string_equal(
		buf_text(&out),
		"?x: 9 cores allowed for all guests, 0 used by 0 guests, CT 140 asks 1; "
		"because it is broken\n"
		"?x: 1 guest allowed, 0 others are there beside CT 140; because it is "
		"broken\n");
	assert_string_equal(others.gaps[LIMITS_CORES].file, "/x/101.conf");
}

/* All guests of an audit, none of them before the others. */
static void test_all(void **state)
{
	static const struct eval_row bounds = {
		.limits = { .max_guests = 1, .max = { 1, 1, 1 }, .total = { 9, 0, 0 } }
	};
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	const struct limits l = limits_of(&bounds, &a);
	struct limits_tally all = { 0 };
	const struct limits_case c = { .limits = &l, .others = &all };
	struct limits_excess rows[LIMITS_BOUNDS];
	struct limits_guest g;

	(void)state;
	for (uint64_t vmid = 101; vmid <= 102; vmid++) {
		measure(&l, &(struct guest_spec){ vmid, 5, 1, 1, KNOWN, KNOWN }, &g);
		limits_add(&g, &a, &all);
	}
	measure(&l, &(struct guest_spec){ 103, 5, 1, 1, NONE, KNOWN }, &g);
	limits_add(&g, &a, &all);
	say(&c, &out);
	assert_int_equal(limits_eval(&c, rows), 2);
	assert_int_equal(limits_shown_at(&all, &rows[0]), 101); /* the first of equals */
	assert_int_equal(limits_shown_at(&all, &rows[1]), 102); /* the last of them */
	assert_string_equal(buf_text(&out),
			    "x: 9 cores allowed for all guests, 10 used by 2 guests; "
			    "most have CT 101 5, CT 102 5\n"
			    "x: 1 guest allowed, 2 are there\n");
}

/* Who is exempt counts, and nothing of all guests is shown at them; a maybe is no exemption. */
static void test_exempt(void **state)
{
	static const struct eval_row bounds = { .limits = { .max_guests = 1,
							    .total = { 9, 0, 0 } } };
	AUTO(arena_done) struct arena a = { 0 };
	struct limits l = limits_of(&bounds, &a);
	struct limits_tally all = { 0 };
	const struct limits_case c = { .limits = &l, .others = &all };
	struct limits_excess rows[LIMITS_BOUNDS];
	struct limits_guest g;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(expr_compile(slice_of("cores > 6"), &a, &l.rule.unless, &e), 0);
	for (uint64_t vmid = 101; vmid <= 103; vmid++) {
		uint64_t cores = vmid == 102 ? 5 : 8;

		measure(&l, &(struct guest_spec){ vmid, cores, 1, 1, KNOWN, KNOWN }, &g);
		assert_int_equal(g.exempt, vmid != 102);
		limits_add(&g, &a, &all);
	}
	assert_int_equal(limits_eval(&c, rows), 2);
	assert_int_equal(all.of[LIMITS_CORES].low, 21);
	assert_int_equal(limits_shown_at(&all, &rows[0]), 102);
	assert_int_equal(limits_shown_at(&all, &rows[1]), 102);
	assert_int_equal(expr_compile(slice_of("user = x"), &a, &l.rule.unless, &e), 0);
	measure(&l, &(struct guest_spec){ 104, 1, 1, 1, KNOWN, KNOWN }, &g);
	assert_false(g.exempt);
}

/* Others matter only where something bounds all of them. */
static void test_need(void **state)
{
	static const struct eval_row each = { .limits = { .max = { 1, 1, 1 } } },
				     count = { .limits = { .max_guests = 1 } },
				     sum = { .limits = { .total = { 0, 0, 1 } } };
	AUTO(arena_done) struct arena a = { 0 };
	struct limits l = limits_of(&each, &a);

	(void)state;
	assert_false(limits_need_others(&l));
	l = limits_of(&count, &a);
	assert_true(limits_need_others(&l));
	l = limits_of(&sum, &a);
	assert_true(limits_need_others(&l));
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, eval_rows, test_eval);
	ROWS_ADD_ONE(&r, "a guest that cannot be read may be one, of any size",
		     test_unreadable);
	ROWS_ADD_ONE(&r, "all guests of an audit", test_all);
	ROWS_ADD_ONE(&r, "who is exempt counts and is not shown", test_exempt);
	ROWS_ADD_ONE(&r, "others matter where something bounds all of them", test_need);
	return rows_run(&r, "limits-eval");
}
