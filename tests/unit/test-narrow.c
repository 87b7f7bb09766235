/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/policy/narrow, memo and expr-granted: what an audit leaves out may not
 * matter, and what it remembers must be what it would find.
 */
#include "rows.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "policy/memo.h"

/* Eighty bytes. */
#define LONG                                                                             \
	"012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"89"

/* A rule, and whether it can matter for containers and for VMs at a start. */
static struct narrow_row {
	const char *name, *rule;
	bool ct, vm;
} rows[] = {
	{ "a rule of containers", "when='ct and privileged'", true, false },
	{ "a rule of VMs", "when='vm and onboot'", false, true },
	{ "a rule of both", "when='onboot'", true, true },
	{ "a fact that VMs do not have", "when='privileged'", true, false },
	{ "none is not so", "when='not privileged'", true, true },
	{ "a number that VMs do not have", "when='host_id_min = 0'", true, false },
	{ "nor is what they do not have another one", "when='host_id_min != 0'", true,
	  true },
	{ "by kind", "when='kind = vm'", false, true },
	{ "another event", "when='event = set'", false, false },
	{ "another cause", "when='cause = backup'", false, false },
	{ "another event by events", "when='onboot' events={create}", false, false },
	{ "exempted whatever the guest is", "when='onboot' unless='vm'", true, false },
	{ "what a login does", "when='login = bob'", false, false },
	{ "a policy that wants no snapshots", "when='want_snapshots and onboot'", false,
	  false },
	{ "what is not known may be", "when='ct and (onboot or pool = x)'", true, false },
};

/* A condition, and the tags that make it true. */
static struct granted_row {
	const char *name, *text, *want;
} granted[] = {
	{ "a tag", "tag = lab", "lab " },
	{ "a pattern", "tag ~ just-*", "just-*? " },
	{ "several", "tag in (a, b)", "a b " },
	{ "either", "tag = a or pool = x", "a " },
	{ "not alone", "tag = a and pool = x", "" },
	{ "turned round", "tag != a", "" },
	{ "for one guest", "tag = just-{vmid}", "just-{vmid} " },
	{ "of a set of characters", "tag ~ just-[0-9]*", "just-[0-9]*? " },
	{ "of all but a set", "tag ~ 'just-[!a-c]?'", "just-[!a-c]?? " },
	{ "of a set that holds a bracket", "tag ~ 'a[]]b*'", "a[]]b*? " },
	{ "a bracket that is never closed", "tag ~ 'a[b?'", "a[b?? " },
	{ "two brackets alone", "tag ~ '?[]'", "?[]? " },
	{ "too long to be tried", "tag ~ '" LONG LONG LONG LONG "*'", "" },
	{ "those that are registered", "registered_tag = a", "" },
};

/* Compiles a policy of the one rule @rule. */
static struct policy *compile(const char *rule)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct policy_texts texts = { 0 };
	struct policy *p = NULL;
	struct err e = { 0 };

	buf_printf(&text, "version=1 rule r { action=deny reason=x %s }", rule);
	assert_int_equal(policy_texts_add(&texts, slice_of("p"), buf_as_slice(&text), &e),
			 0);
	assert_int_equal(policy_compile(&texts, NULL, &p, &problems), 0);
	return p;
}

/* What is known of every guest of @kind at a start. */
static void load(enum guest_kind kind, struct arena *a, struct facts *ret)
{
	struct facts_input in = { .kind = kind };
	struct fact_set wanted = { 0 };
	struct err e = { 0 };

	in.request.event = slice_of("start");
	in.request.cause = slice_of("user");
	fact_set_add(&wanted, FACT_event);
	fact_set_add(&wanted, FACT_cause);
	fact_set_add(&wanted, FACT_login);
	fact_set_add(&wanted, FACT_kind);
	fact_set_add(&wanted, FACT_ct);
	fact_set_add(&wanted, FACT_vm);
	assert_int_equal(facts_load(&in, &wanted, a, ret, &e), 0);
}

/* Whether the rule of @p is left for guests of @kind. */
static bool is_left(const struct policy *p, enum guest_kind kind)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct policy part;
	struct facts facts;
	struct err e = { 0 };

	load(kind, &a, &facts);
	assert_int_equal(policy_narrow(p, &facts,
				       kind == GUEST_CT ? FACT_KINDS_CT : FACT_KINDS_VM,
				       &a, &part, &e),
			 0);
	return part.nrules == 1;
}

/* One rule narrowed. */
static void test_narrow(void **state)
{
	const struct narrow_row *row = *state;
	AUTO(policy_freep) struct policy *p = compile(row->rule);

	assert_int_equal(is_left(p, GUEST_CT), row->ct);
	assert_int_equal(is_left(p, GUEST_VM), row->vm);
}

/* One condition. */
static void test_granted(void **state)
{
	const struct granted_row *row = *state;
	struct expr_grant grants[EXPR_MAX_EVIDENCE];
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	const struct expr *x;
	struct err e = { 0 };
	size_t n;

	assert_int_equal(expr_compile(slice_of(row->text), &a, &x, &e), 0);
	n = expr_granted(x, FACT_tag, grants);
	for (size_t i = 0; i < n; i++)
		buf_printf(&got, "%.*s%s ", SLICE_ARG(grants[i].text),
			   grants[i].is_pattern && !memchr(grants[i].text.ptr, '{',
							   grants[i].text.len)
				   ? "?"
				   : "");
	assert_string_equal(buf_text(&got), row->want);
}

/* The verdict on a guest with @memory_mib, by @m. */
static enum verdict judge(struct policy_memo *m, const struct policy *p,
			  enum fact_state state, uint64_t memory_mib, size_t *ret_unknown)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct fact_set more;
	struct facts facts;
	struct evaluation ev;

	load(GUEST_CT, &a, &facts);
	facts.values[FACT_memory_mib] =
		(struct fact){ .state = state, .number = memory_mib, .why = "x" };
	policy_memo_open(m, p, &facts, &a, &more);
	assert_true(fact_set_is_empty(&more));
	policy_memo_eval(m, p, &p->facts, false, &facts, &a, &ev);
	*ret_unknown = ev.n && !fact_set_is_empty(&ev.findings[0].unknown);
	return ev.verdict;
}

/* What is remembered is what would be found. */
static void test_memo(void **state)
{
	AUTO(policy_freep) struct policy *p = compile("when='memory_mib > 100'");
	struct policy_memo *m = policy_memo_new(p);
	size_t unknown;

	(void)state;
	assert_non_null(m);
	for (int round = 0; round < 3; round++) {
		for (uint64_t mib = 0; mib < 3000; mib += 50)
			assert_int_equal(judge(m, p, FACT_STATE_KNOWN, mib, &unknown),
					 mib > 100 ? VERDICT_DENY : VERDICT_ALLOW);
		assert_int_equal(judge(m, p, FACT_STATE_UNKNOWN, 0, &unknown),
				 VERDICT_DENY);
		assert_int_equal(unknown, 1);
		assert_int_equal(judge(m, p, FACT_STATE_NONE, 0, &unknown),
				 VERDICT_ALLOW);
	}
	policy_memo_free(m);
}

/* A guest of so much memory, with a name and perhaps secure boot; what is to be found. */
static const struct memo_guest {
	uint64_t memory_mib;
	bool secure_boot;
	const char *name; /* repeated a hundred times: too much to be remembered */
	bool needs_more;
	enum verdict verdict;
} memo_guests[] = {
	{ 50, true, "web", false, VERDICT_ALLOW },
	{ 150, true, "web", true, VERDICT_DENY },
	{ 150, false, "web", true, VERDICT_ALLOW },
	{ 150, true, "db", true, VERDICT_DENY },
	{ 150, true, "a-long-name", true, VERDICT_DENY },
	{ 150, false, "a-long-name", true, VERDICT_ALLOW },
};

/* Judges @t by @m, loading what is dear only where it is asked for. */
static void judge_dear(struct policy_memo *m, const struct policy *p,
		       const struct memo_guest *t)
{
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf name = { 0 };
	struct fact_set more;
	struct facts facts;
	struct evaluation ev;

	load(GUEST_VM, &a, &facts);
	for (int i = 0; i < (strlen(t->name) > 10 ? 100 : 1); i++)
		buf_puts(&name, t->name);
	facts.values[FACT_name] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = buf_as_slice(&name) };
	facts.values[FACT_memory_mib] =
		(struct fact){ .state = FACT_STATE_KNOWN, .number = t->memory_mib };
	facts.values[FACT_secure_boot] =
		(struct fact){ .state = FACT_STATE_UNKNOWN, .why = "x" };
	policy_memo_open(m, p, &facts, &a, &more);
	assert_int_equal(fact_set_has(&more, FACT_secure_boot), t->needs_more);
	if (t->needs_more)
		facts.values[FACT_secure_boot] = (struct fact){ .state = FACT_STATE_KNOWN,
								.flag = t->secure_boot };
	policy_memo_eval(m, p, &p->facts, false, &facts, &a, &ev);
	assert_int_equal(ev.verdict, t->verdict);
	assert_int_equal(ev.n, t->verdict == VERDICT_DENY);
}

/* Facts that are dear are asked for where they matter, and then count. */
static void test_memo_dear(void **state)
{
	AUTO(policy_freep)
	struct policy *p =
		compile("when='memory_mib > 100 and secure_boot and not name = x'");
	struct policy_memo *m = policy_memo_new(p);

	(void)state;
	assert_non_null(m);
	assert_true(fact_set_has(policy_memo_dear(m), FACT_secure_boot));
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < ARRAY_LEN(memo_guests); i++)
			judge_dear(m, p, &memo_guests[i]);
	policy_memo_free(m);
}

/* Without a look at its facts first a guest is judged anew. */
static void test_memo_unopened(void **state)
{
	AUTO(policy_freep) struct policy *p = compile("when='memory_mib > 100'");
	AUTO(arena_done) struct arena a = { 0 };
	struct policy_memo *m = policy_memo_new(p);
	struct fact_set more;
	struct facts facts;
	struct evaluation ev;

	(void)state;
	assert_non_null(m);
	load(GUEST_CT, &a, &facts);
	facts.values[FACT_memory_mib] =
		(struct fact){ .state = FACT_STATE_KNOWN, .number = 50 };
	policy_memo_open(m, p, &facts, &a, &more);
	policy_memo_eval(m, p, &p->facts, false, &facts, &a, &ev);
	assert_int_equal(ev.verdict, VERDICT_ALLOW);
	facts.values[FACT_memory_mib].number = 150;
	policy_memo_eval(m, p, &p->facts, false, &facts, &a, &ev);
	assert_int_equal(ev.verdict, VERDICT_DENY);
	policy_memo_free(m);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, test_narrow);
	ROWS_ADD(&r, granted, test_granted);
	ROWS_ADD_ONE(&r, "what is remembered is what would be found", test_memo);
	ROWS_ADD_ONE(&r, "what is dear is asked for where it matters", test_memo_dear);
	ROWS_ADD_ONE(&r, "what was not looked at is judged anew", test_memo_unopened);
	return rows_run(&r, "narrow");
}
