/* SPDX-License-Identifier: MIT */
/* lib/policy/waiver and lib/facts/identity without memory: no waiver counts by accident. */
#include "nomem.h"

#include "policy/waiver.h"
#include "run/exempt.h"
#include "run/judge.h"

static const char file[] =
	"version=1 guest=120 name=\"a\" rule=privileged ticket=t reason=r granted_by=g "
	"granted=\"2026-11-21\" until=\"2026-12-31\" identity={\"rootfs=local:v\"} "
	"covers={\"ct=yes\"}";

/* Reads a waiver. */
static int read_waiver(void)
{
	struct problems problems = { 0 };
	struct arena a = { 0 };
	struct waiver w;
	int r = waiver_parse("w", slice_of(file), &a, &w, &problems);

	if (r == 0)
		r = w.guest == 120 && slice_eq(w.reason, "r") && w.covers.n == 1;
	arena_done(&a);
	problems_done(&problems);
	return r;
}

/*
 * Whether a waiver of @cover, for a rule with the condition @when, counts for a container
 * called a: 1, or -1 when it does not.
 */
static int counts(const char *cover, const char *when)
{
	struct slice item = slice_of("rootfs=local:v"), covers = slice_of(cover);
	struct waiver w = { .guest = 120,
			    .name = slice_of("a"),
			    .rule = slice_of("privileged"),
			    .until_ms = UINT64_MAX,
			    .identity = { &item, 1 },
			    .covers = { &covers, 1 } };
	struct identity identity = { .items = &item, .n = 1 };
	struct rule rule = { .name = slice_of("privileged") };
	static struct facts facts;
	struct waiver_case c = {
		.vmid = 120, .rule = &rule, .facts = &facts, .identity = &identity
	};
	struct arena a = { 0 };
	struct buf why = { 0 };
	struct err e;
	int r = expr_compile(slice_of(when), &a, &rule.when, &e);

	facts.values[FACT_ct] = (struct fact){ FACT_STATE_KNOWN, .flag = true };
	facts.values[FACT_name] =
		(struct fact){ FACT_STATE_KNOWN, .text = slice_of("a") };
	if (r == 0)
		r = waiver_counts(&w, &c, &why) ? 1 : -1;
	buf_done(&why);
	arena_done(&a);
	return r;
}

static int judge_good(void)
{
	return counts("ct=yes", "ct");
}

/* Turned round: that it does not count is what it should do, that it does is wrong. */
static int judge_void(void)
{
	return counts("ct=no", "ct") == 1 ? 0 : 1;
}

/* The same where the rule looks at more today. */
static int judge_wider(void)
{
	return counts("ct=yes", "ct and privileged") == 1 ? 0 : 1;
}

/* An override for a new guest, of so many facts that comparing them takes more memory. */
static int judge_new(void)
{
	static struct slice covers[1000];
	static struct facts facts;
	struct slice item = slice_of(WAIVER_NEW);
	struct waiver w = { .guest = 120,
			    .rule = slice_of("r"),
			    .until_ms = 1000,
			    .identity = { &item, 1 },
			    .covers = { covers, ARRAY_LEN(covers) } };
	struct identity identity = { 0 };
	struct rule rule = { .name = slice_of("r") };
	const struct waiver_case c = { .kind = WAIVER_ONCE,
				       .vmid = 120,
				       .rule = &rule,
				       .facts = &facts,
				       .identity = &identity };
	struct arena a = { 0 };
	struct buf why = { 0 };
	struct err e;
	int r = expr_compile(slice_of("ct"), &a, &rule.when, &e);

	for (size_t i = 0; i < ARRAY_LEN(covers); i++)
		covers[i] = slice_of("ct=no");
	facts.values[FACT_ct] = (struct fact){ FACT_STATE_KNOWN, .flag = true };
	if (r == 0)
		r = !waiver_counts(&w, &c, &why);
	buf_done(&why);
	arena_done(&a);
	return r;
}

/* Describes a guest for a waiver: all of it, or nothing. */
static int describe(void)
{
	static struct fact_item binds[] = { { .text = { "/srv/a", 6 } },
					    { .text = { "/srv/b", 6 } } };
	static struct facts facts;
	struct slice item = slice_of("rootfs=local:v");
	struct identity identity = { .items = &item, .n = 1 };
	struct rule rule = { .name = slice_of("r") };
	const struct waiver_case c = {
		.vmid = 120, .rule = &rule, .facts = &facts, .identity = &identity
	};
	struct arena a = { 0 };
	struct waiver w = { 0 };
	struct err e;
	int r = expr_compile(slice_of("ct and bind"), &a, &rule.when, &e);

	facts.values[FACT_ct] = (struct fact){ FACT_STATE_KNOWN, .flag = true };
	facts.values[FACT_name] =
		(struct fact){ FACT_STATE_KNOWN, .text = slice_of("a") };
	facts.values[FACT_bind] =
		(struct fact){ FACT_STATE_KNOWN, .items = binds, .nitems = 2 };
	if (r == 0)
		r = waiver_describe(&c, &a, &w, &e);
	if (r == 0)
		r = slice_eq(w.name, "a") && w.identity.n == 1 && w.covers.n == 2 &&
		    slice_same(w.identity.items[0], item) &&
		    slice_eq(w.covers.items[0], "bind=/srv/a, /srv/b") &&
		    slice_eq(w.covers.items[1], "ct=yes");
	arena_done(&a);
	return r;
}

/* Computes an identity. */
static int load_identity(void)
{
	const struct slice text = slice_of("rootfs: local:v\nnet0: name=e,hwaddr="
					   "BC:24:11:00:00:01\n");
	struct arena a = { 0 };
	struct guestconf conf;
	struct identity identity;
	struct err e;
	int r = guestconf_parse(GUEST_CT, text, &a, &conf, &e);
	struct facts_input in = { .kind = GUEST_CT, .conf = &conf };

	if (r == 0) {
		in.section = guestconf_current(&conf);
		r = identity_load(&in, &a, &identity, &e);
	}
	if (r == 0)
		r = identity.n == 2 && !identity.why;
	arena_done(&a);
	return r;
}

/* Makes the case of a waiver, which wants the identity. */
static int make_case(void)
{
	const struct slice text = slice_of("rootfs: local:v\n");
	struct arena a = { 0 };
	struct guestconf conf;
	struct judgement j = { 0 };
	struct rule rule = { .name = slice_of("r") };
	struct waiver_case c = { 0 };
	struct err e;
	int r = guestconf_parse(GUEST_CT, text, &a, &conf, &e);

	if (r == 0) {
		j.input = (struct facts_input){ .kind = GUEST_CT,
						.conf = &conf,
						.section = guestconf_current(&conf) };
		r = exempt_case(&j, WAIVER_LASTING, &rule, &c, &e);
	}
	if (r == 0)
		r = c.rule == &rule && c.identity && c.identity->n == 1;
	judge_done(&j);
	arena_done(&a);
	return r;
}

static struct nomem_row rows[] = {
	{ "a waiver is read", read_waiver, .may_die = true },
	{ "a waiver that counts is judged", judge_good },
	{ "a waiver that is void is judged", judge_void },
	{ "a waiver of less is judged", judge_wider },
	{ "an override of other facts is judged", judge_new },
	{ "a guest is described", describe },
	{ "the case of a waiver is made", make_case },
	{ "an identity is computed", load_identity },
};

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, survives);
	return rows_run(&r, "waivers without memory");
}
