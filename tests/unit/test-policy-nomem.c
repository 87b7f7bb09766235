/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy when memory runs out: never an allow that was not given. */
#include "nomem.h"

#include "policy/good.h"
#include "policy/memo.h"
#include "policy/rules.h"
#include "policy/store.h"

#include "facts-spec.h"
#include "root.h"

static const char policy_text[] =
	"version = 1\ninclude = { \"baseline@1\" }\n"
	"rule \"more\" { when = \"ct and tag ~ '*x*y*'\" also = { a, b } events = { "
	"start } }\n"
	"workload \"w\" { match = \"tag ~ axb*\" placement = vm settings = { s } }\n"
	"rule \"of-w\" { when = \"workload = w\" }\n"
	"limits \"l\" { when = \"ct\" max_cores = 1 }\n"
	"adjust \"privileged\" { unless = \"registered_tag ~ just-{vmid}-*\" }\n";

static struct root node;   /* with a policy */
static struct root broken; /* with the last good copy of one */

/* Facts of a privileged container that starts. */
static void fill(struct facts_spec *spec)
{
	facts_spec_parse("event=start; cause=user; ct; privileged; tag=axby; vmid=101; "
			 "registered_tag=other",
			 spec);
}

static int expression_is_read(void)
{
	AUTO(arena_done) struct arena a = { 0 };
	const struct expr *x = NULL;
	struct facts_spec spec;
	struct err e = { 0 };

	fill(&spec);
	if (expr_compile(slice_of("ct and not tag ~ 'a[b]*{vmid}'"), &a, &x, &e) < 0)
		return e.msg[0] && !x ? -1 : 0;
	return expr_eval(x, &spec.facts) != TRI_FALSE;
}

/* A condition with so many words that its parts do not fit into one piece of memory. */
static int long_expression_is_read(void)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	const struct expr *x = NULL;
	struct facts_spec spec;
	struct err e = { 0 };

	fill(&spec);
	buf_puts(&text, "ct");
	for (int i = 0; i < 60; i++)
		buf_puts(&text, " and name != x");
	if (buf_failed(&text))
		return -1;
	if (expr_compile(buf_as_slice(&text), &a, &x, &e) < 0)
		return e.msg[0] && !x ? -1 : 0;
	return expr_eval(x, &spec.facts) == TRI_TRUE;
}

/* What a value with holes, or a long text, is compared to: as it is, or unknown. */
static int texts_are_compared(void)
{
	static const struct {
		const char *text;
		enum tri want;
	} exprs[] = {
		{ "tag = a-{vmid}", TRI_TRUE }, { "tag = b-{vmid}", TRI_FALSE },
		{ "tag ~ *-{vmid}", TRI_TRUE }, { "tag ~ *+{vmid}", TRI_FALSE },
		{ "name ~ 'x*[x]'", TRI_TRUE }, { "name ~ 'x*[y]'", TRI_FALSE },
	};
	static char name[601];
	AUTO(arena_done) struct arena a = { 0 };
	struct facts_spec spec;
	struct err e = { 0 };
	bool unknown = false;

	facts_spec_parse("tag=a-101; vmid=101", &spec);
	memset(name, 'x', sizeof(name) - 1);
	spec.facts.values[FACT_name] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of(name) };
	for (size_t i = 0; i < ARRAY_LEN(exprs); i++) {
		const struct expr *x;
		enum tri got;

		if (expr_compile(slice_of(exprs[i].text), &a, &x, &e) < 0)
			return -1;
		got = expr_eval(x, &spec.facts);
		if (got != exprs[i].want && got != TRI_UNKNOWN)
			return 0;
		unknown |= got == TRI_UNKNOWN;
	}
	return unknown ? -1 : 1;
}

/* Judges by @p; the start must be denied, with both findings or for want of memory. */
static int is_denied(const struct policy *p)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct facts_spec spec;
	struct evaluation ev;

	fill(&spec);
	policy_give(p, &p->facts, &spec.facts, &a);
	policy_eval(p, &spec.facts, &a, &ev);
	if (ev.verdict != VERDICT_DENY)
		return 0;
	return ev.n || arena_failed(&a);
}

static int policy_judges(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	struct policy_texts texts = { 0 };
	struct err e = { 0 };

	if (policy_texts_add(&texts, slice_of("policy.conf"), slice_of(policy_text), &e) <
	    0)
		return e.msg[0] ? -1 : 0;
	if (policy_compile(&texts, NULL, &p, &problems) < 0)
		return problems_any(&problems) && !p ? -1 : 0;
	return is_denied(p);
}

/* Judges two guests, twice, and remembers what it can. */
static int memo_judges(void)
{
	static const struct facts guests[2] = {
		{ .values[FACT_ct] = { .state = FACT_STATE_KNOWN, .flag = true } },
	};
	AUTO(arena_done) struct arena a = { 0 };
	struct rule r = { .event_set.bits = { UINT64_MAX } };
	struct policy p = { .mode = ACTION_DENY, .rules = &r, .nrules = 1 };
	struct policy_memo *m;
	struct err e = { 0 };
	bool right = true;

	if (expr_compile(slice_of("ct"), &a, &r.when, &e) < 0)
		return -1;
	fact_set_add(&p.facts, FACT_ct);
	fact_set_add(&p.facts, FACT_tpm);
	m = policy_memo_new(&p);
	for (int i = 0; i < 6; i++) {
		struct facts f = guests[i % 2];
		struct fact_set more;
		struct evaluation ev;

		if (m)
			policy_memo_open(m, &p, &f, &a, &more);
		policy_memo_eval(m, &p, &p.facts, false, &f, &a, &ev);
		right &= ev.verdict == (i % 2 ? VERDICT_ALLOW : VERDICT_DENY) ||
			 (ev.verdict == VERDICT_DENY && arena_failed(&a));
		right &= ev.n == !(i % 2) || arena_failed(&a);
	}
	policy_memo_free(m);
	return right;
}

static int wrong_policy_is_refused(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	struct policy_texts texts = { 0 };
	struct err e = { 0 };

	if (policy_texts_add(&texts, slice_of("policy.conf"),
			     slice_of("version = 1\ninclude = { x.conf, \"baselin@1\" }\n"
				      "rule a { when = privilegd events = { strat } }\n"
				      "adjust b { unless = \"ct and\" }\n"),
			     &e) < 0)
		return -1;
	if (policy_compile(&texts, NULL, &p, &problems) == 0 || p)
		return 0;
	return problems_any(&problems);
}

/* Loads below @r by @mode: from @source, never another one because memory is short. */
static int load(const struct root *r, enum store_mode mode, const char *source)
{
	AUTO(store_policy_done) struct store_policy s = { 0 };
	struct err e = { 0 };

	if (store_load(r->fd, mode, &s, &e) < 0)
		return e.msg[0] && !s.policy ? -1 : 0;
	if (!s.name || strcmp(s.source, source) != 0 ||
	    (strcmp(s.source, "file") != 0 && !s.problem))
		return 0;
	return is_denied(s.policy);
}

static int store_is_looked_at(void)
{
	return load(&node, STORE_LOOK, "file");
}

static int copy_is_kept(void)
{
	(void)unlinkat(node.fd, "var/lib/pve-safe/good/policy", 0);
	return load(&node, STORE_KEEP, "file");
}

static int copy_is_used(void)
{
	return load(&broken, STORE_LOOK, "last-good");
}

static struct nomem_row table[] = {
	{ "an expression is read", expression_is_read },
	{ "a long expression is read", long_expression_is_read },
	{ "texts are compared", texts_are_compared },
	{ "a policy judges", policy_judges, .may_die = true },
	{ "a memo judges", memo_judges },
	{ "a wrong policy is refused", wrong_policy_is_refused, .may_die = true },
	{ "the policy in force is looked at", store_is_looked_at, .may_die = true },
	{ "the last good copy is kept", copy_is_kept, .may_die = true },
	{ "the last good copy is used", copy_is_used, .may_die = true },
};

#if !defined(__SANITIZE_ADDRESS__)
enum {
	BLOCK = 16384, /* bytes that an arena takes at a time */
	STEP = 16,
};

static const struct expr *match; /* of a workload */

/* Makes the condition of a workload's rule; true when it says that it could not. */
static bool cannot_join(struct arena *a)
{
	return !expr_and(match, FACT_ct, a);
}

/* Reads a condition; the same. */
static bool cannot_compile(struct arena *a)
{
	const struct expr *x;
	struct err e = { 0 };

	return expr_compile(slice_of("ct and tag = a"), a, &x, &e) < 0;
}

/* Adds a finding; the same, and what could not be added denies. */
static bool cannot_add(struct arena *a)
{
	static const struct policy p = { .mode = ACTION_DENY };
	static const struct facts facts;
	static const struct rule r = { .action = ACTION_WARN };
	const struct finding f = { .rule = &r };
	struct evaluation ev = { .verdict = VERDICT_ALLOW };

	return policy_add_finding(&p, &facts, &f, a, &ev) < 0 && !ev.n &&
	       ev.verdict == VERDICT_DENY;
}

/* Judges; the same. */
static bool cannot_judge(struct arena *a)
{
	struct rule r = { .when = match, .event_set.bits = { UINT64_MAX } };
	const struct policy p = { .mode = ACTION_DENY, .rules = &r, .nrules = 1 };
	struct facts_spec spec;
	struct evaluation ev;

	fill(&spec);
	policy_eval(&p, &spec.facts, a, &ev);
	return !ev.n && ev.verdict == VERDICT_DENY;
}

/* Narrows a policy; the same. */
static bool cannot_narrow(struct arena *a)
{
	static struct workload w = { .name = { "w", 1 } };
	static struct rule r = { .event_set.bits = { UINT64_MAX } };
	const struct policy p = {
		.rules = &r, .nrules = 1, .workloads = &w, .nworkloads = 1
	};
	struct facts known = { 0 };
	struct policy part;
	struct err e = { 0 };

	r.when = w.match = match;
	known.values[FACT_event] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("start") };
	return policy_narrow(&p, &known, FACT_KINDS_CT, a, &part, &e) < 0;
}

/* Sets the classes of a guest, of which there may be one; the same. */
static bool cannot_give(struct arena *a)
{
	static struct workload w = { .name = { "w", 1 } };
	const struct policy p = { .workloads = &w, .nworkloads = 1 };
	struct fact_set wanted = { 0 };
	struct facts facts = { 0 };

	w.match = match;
	fact_set_add(&wanted, FACT_workload);
	policy_give(&p, &wanted, &facts, a);
	return facts.values[FACT_workload].state == FACT_STATE_UNKNOWN;
}

/* Finishes a policy of one workload and one of limits; the same. */
static bool cannot_finish(struct arena *a)
{
	struct workload_draft w = { .workload = { .name = { "w", 1 },
						  .match = match,
						  .placement = PLACEMENT_VM } };
	struct limits_draft l = { .rule = 1 };
	struct rule rules[2] = { { .when = match }, { .when = match } };
	struct rule_list list = { .rules = rules,
				  .n = 2,
				  .workloads = &w,
				  .nworkloads = 1,
				  .limits = &l,
				  .nlimits = 1 };
	struct policy p = { 0 };

	return !rules_finish(&list, a, &p);
}

/* What is tried in an arena that has room for a part of it only, whatever part that is. */
static struct room_row {
	const char *name;
	bool (*cannot)(struct arena *a);
} rooms[] = {
	{ "a condition that is joined", cannot_join },
	{ "a condition that is read", cannot_compile },
	{ "a finding that is added", cannot_add },
	{ "a verdict", cannot_judge },
	{ "a part of a policy", cannot_narrow },
	{ "classes", cannot_give },
	{ "a policy of a workload and limits", cannot_finish },
};

static void has_no_room(void **state)
{
	const struct room_row *row = *state;
	size_t refused = 0;

	for (size_t used = 0; used <= BLOCK; used += STEP) {
		struct arena a = { 0 };
		bool cannot;

		assert_non_null(arena_alloc(&a, used));
		left = 0;
		cannot = row->cannot(&a);
		if (left < 0 && !cannot)
			fail_msg("%zu bytes left, and it says nothing", BLOCK - used);
		refused += cannot;
		left = -1;
		arena_done(&a);
	}
	assert_in_range(refused, 1, BLOCK / STEP);
}
#endif

int main(void)
{
	static const char file[] = "etc/pve/pve-safe/policy.conf";
	static struct rows rows;
	int r;

	node = root_make();
	broken = root_make();
	put(&node, "etc/pve/nodes/pve1/x", "", 0);
	put(&broken, "etc/pve/nodes/pve1/x", "", 0);
	put(&node, file, policy_text, strlen(policy_text));
	put(&broken, file, policy_text, strlen(policy_text));
	if (load(&broken, STORE_KEEP, "file") != 1)
		return 1;
	put(&broken, file, "", 0);
	ROWS_ADD(&rows, table, survives);
#if !defined(__SANITIZE_ADDRESS__)
	AUTO(arena_done) struct arena a = { 0 };
	struct err e = { 0 };

	if (expr_compile(slice_of("tag = axby"), &a, &match, &e) < 0)
		return 1;
	ROWS_ADD(&rows, rooms, has_no_room);
#endif
	r = rows_run(&rows, "policy-nomem");
	root_done(&node);
	root_done(&broken);
	return r;
}
