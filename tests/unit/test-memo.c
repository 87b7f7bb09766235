/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/policy/memo and narrow: of thousands of made-up guests, many of them
 * alike, they must say what policy_eval() says, and leave out no fact that this would have
 * looked at.
 */
#include "rows.h"

#include "base/cleanup.h"
#include "policy/memo.h"

enum {
	GUESTS = 20000,
	SELDOM = 4,  /* one fact in so many is set: guests are often alike */
	LONG = 1200, /* bytes of a text that is too long to be written down */
};

/* Rules that look at facts of each type, at cheap and dear ones, and at the policy's own. */
static const char policy_text[] =
	"version = 1\nwant_snapshots = yes\n"
	"workload \"w\" { match = \"tag = w or hookscript\" placement = vm }\n"
	"rule \"big\" { when = \"memory_mib > 100\" unless = \"tag = ok\" }\n"
	"rule \"named\" { when = \"name ~ *z\" action = audit }\n"
	"rule \"caused\" { when = \"cause = boot and pool\" action = warn }\n"
	"rule \"class\" { when = \"workload = w and onboot\" }\n"
	"rule \"tpm\" { when = \"tpm and protection\" unless = \"pool = ab\" }\n"
	"rule \"rare\" { when = \"not live_migratable and onboot\" unless = "
	"\"secure_boot "
	"and pool\" action = warn }\n"
	"rule \"bind\" { when = \"bind_unshared ~ a* and tag\" }\n"
	"rule \"exempt\" { when = \"net_no_virtio and tag = a\" unless = \"not pool\" }\n"
	"rule \"snap\" { when = \"want_snapshots and storage_no_snapshot\" }\n";

/* Rules that matter for containers, for VMs, or at a start, and others. */
static const char narrow_text[] =
	"version = 1\nwant_snapshots = yes\n"
	"workload \"never\" { match = \"event = set\" placement = any }\n"
	"workload \"a\" { match = \"ct and tag = w\" placement = any }\n"
	"workload \"b\" { match = \"vm and tag = w\" placement = any }\n"
	"workload \"c\" { match = \"tpm\" placement = ct }\n"
	"rule \"never\" { when = \"event = set\" }\n"
	"rule \"made\" { when = onboot events = { create } }\n"
	"rule \"ct\" { when = \"ct and privileged\" unless = \"tag = ok\" }\n"
	"rule \"vm\" { when = \"vm and tpm\" }\n"
	"rule \"no\" { when = \"not privileged and pool\" action = warn }\n"
	"rule \"class\" { when = \"workload in (a, b)\" action = warn }\n"
	"rule \"class-c\" { when = \"workload = c\" }\n"
	"rule \"ids\" { when = \"host_id_min != 0\" action = audit }\n"
	"rule \"caused\" { when = \"cause = boot\" action = audit }\n"
	"rule \"snap\" { when = \"want_snapshots and onboot\" action = audit }\n"
	"rule \"exempt\" { when = onboot unless = vm }\n";

static struct policy *policy, *whole;   /* of policy_text, of narrow_text */
static char long_a[LONG], long_z[LONG]; /* they differ in the last byte */
static uint32_t last = 1;

/* A number below @n. */
static uint32_t dice(uint32_t n)
{
	last = last * 1664525 + 1013904223;
	return (last >> 8) % n;
}

/* Compiles @text. */
static struct policy *compile(const char *text)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct policy_texts texts = { 0 };
	struct policy *p = NULL;
	struct err e = { 0 };

	assert_int_equal(policy_texts_add(&texts, slice_of("p"), slice_of(text), &e), 0);
	assert_int_equal(policy_compile(&texts, NULL, &p, &problems), 0);
	return p;
}

/* One of a few texts, of which some are too long. */
static struct slice some_text(void)
{
	static const char *const texts[] = { "", "a", "ab", "b", "w", "ok", "z", "aw" };
	uint32_t i = dice(200);

	if (i < 2)
		return (struct slice){ i ? long_a : long_z, LONG };
	return slice_of(texts[i % ARRAY_LEN(texts)]);
}

/* A value for the fact @id. */
static struct fact some_fact(enum fact_id id, struct arena *a)
{
	static const uint64_t numbers[] = { 0, 100, 101, UINT64_C(1) << 40 };
	struct fact f = { .state = FACT_STATE_KNOWN };
	uint32_t state = dice(6);

	if (state == 0)
		return (struct fact){ .state = FACT_STATE_NONE };
	if (state == 1)
		return (struct fact){ .state = FACT_STATE_UNKNOWN, .why = "x" };
	switch (fact_rows[id].type) {
	case FACT_BOOL:
		f.flag = dice(2);
		break;
	case FACT_NUMBER:
		f.number = numbers[dice(ARRAY_LEN(numbers))];
		break;
	case FACT_TEXT:
		f.text = some_text();
		break;
	case FACT_ENUM:
		f.text = slice_of(fact_rows[id].words[dice(2)]);
		break;
	case FACT_LIST:
		f.nitems = dice(3);
		f.items = arena_array(a, f.nitems, sizeof(*f.items));
		for (size_t i = 0; i < f.nitems; i++)
			f.items[i].text = some_text();
		break;
	}
	return f;
}

/* Makes a guest up: some of the facts that @p looks at, but its own; others are none. */
static void make(const struct policy *p, struct arena *a, struct facts *ret)
{
	struct fact_set named = p->facts;

	*ret = (struct facts){ 0 };
	fact_set_join(&named, &p->class_facts);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&named, id) && id != FACT_workload &&
		    id != FACT_want_snapshots && dice(SELDOM) == 0)
			ret->values[id] = some_fact(id, a);
	ret->values[FACT_event] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("start") };
	ret->loaded = named;
}

/* Judges @full by @m, as an audit does: dear facts are withheld until they are needed. */
static void judge(struct policy_memo *m, const struct facts *full, bool always,
		  struct facts *ret_facts, struct arena *a, struct evaluation *ret)
{
	const struct fact_set *dear = policy_memo_dear(m);
	struct fact_set more;

	*ret_facts = *full;
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(dear, id))
			ret_facts->values[id] =
				(struct fact){ .state = FACT_STATE_UNKNOWN };
	policy_memo_open(m, policy, ret_facts, a, &more);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&more, id)) {
			assert_true(fact_set_has(dear, id));
			ret_facts->values[id] = full->values[id];
		}
	policy_memo_eval(m, policy, &policy->facts, always, ret_facts, a, ret);
}

/* Asserts that two evaluations say the same. */
static void assert_same(const struct evaluation *got, const struct evaluation *want)
{
	assert_int_equal(got->verdict, want->verdict);
	assert_int_equal(got->n, want->n);
	for (size_t i = 0; i < want->n; i++) {
		const struct finding *g = &got->findings[i], *w = &want->findings[i];

		assert_ptr_equal(g->rule, w->rule);
		assert_int_equal(g->action, w->action);
		assert_int_equal(g->effect, w->effect);
		assert_int_equal(g->before, w->before);
		assert_memory_equal(&g->used, &w->used, sizeof(g->used));
		assert_memory_equal(&g->unknown, &w->unknown, sizeof(g->unknown));
	}
}

/* Whether a finding of @ev rests on the policy's own facts. */
static bool needs_own(const struct evaluation *ev)
{
	for (size_t i = 0; i < ev->n; i++)
		if (fact_set_has(&ev->findings[i].used, FACT_workload) ||
		    fact_set_has(&ev->findings[i].used, FACT_want_snapshots))
			return true;
	return false;
}

/* Asserts that the policy's own facts are alike. */
static void assert_same_own(const struct facts *got, const struct facts *want)
{
	const struct fact *g = &got->values[FACT_workload];
	const struct fact *w = &want->values[FACT_workload];

	assert_int_equal(g->state, w->state);
	assert_int_equal(g->nitems, w->nitems);
	assert_int_equal(got->values[FACT_want_snapshots].state, FACT_STATE_KNOWN);
	assert_true(got->values[FACT_want_snapshots].flag);
}

static void test_same(void **state)
{
	struct policy_memo *m = policy_memo_new(policy);
	struct arena a = { 0 };

	(void)state;
	assert_non_null(m);
	for (int i = 0; i < GUESTS; i++) {
		struct facts full, facts;
		struct evaluation got, want;
		bool always = dice(2);

		make(policy, &a, &full);
		judge(m, &full, always, &facts, &a, &got);
		policy_give(policy, &policy->facts, &full, &a);
		policy_eval(policy, &full, &a, &want);
		assert_same(&got, &want);
		if (always || needs_own(&want))
			assert_same_own(&facts, &full);
		arena_reset(&a);
	}
	policy_memo_free(m);
	arena_done(&a);
}

/* A guest of which nothing is set but its event. */
static struct facts plain_guest(void)
{
	struct facts f = { .values[FACT_event] = { .state = FACT_STATE_KNOWN,
						   .text = slice_of("start") } };

	return f;
}

/* Asks @m which dear facts are needed, as always comes first; none is withheld here. */
static void open_for(struct policy_memo *m, const struct facts *facts, struct arena *a)
{
	struct facts opened = *facts;
	struct fact_set more;

	policy_memo_open(m, policy, &opened, a, &more);
}

/* Whether @m, asked for @facts, has judged them before: then it leaves `workload` out. */
static bool is_remembered(struct policy_memo *m, const struct facts *facts)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct facts given;
	struct evaluation ev;

	open_for(m, facts, &a);
	given = *facts;
	policy_memo_eval(m, policy, &policy->facts, false, &given, &a, &ev);
	assert_int_equal(ev.n, 0);
	assert_int_equal(ev.verdict, VERDICT_ALLOW);
	return given.values[FACT_workload].state == FACT_STATE_NONE;
}

/* Whether @m has told before which dear facts @facts need. */
static bool is_opened(struct policy_memo *m, const struct facts *facts)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct facts given = *facts;
	struct fact_set more;

	policy_memo_open(m, policy, &given, &a, &more);
	return given.values[FACT_workload].state == FACT_STATE_NONE;
}

static void test_remembers(void **state)
{
	struct policy_memo *m = policy_memo_new(policy);
	struct facts one = plain_guest(), other = plain_guest();

	(void)state;
	other.values[FACT_pool] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("x") };
	assert_false(is_remembered(m, &one));
	assert_true(is_remembered(m, &one));
	assert_false(is_remembered(m, &other));
	assert_true(is_remembered(m, &one));
	assert_true(is_remembered(m, &other));
	policy_memo_free(m);
}

/* A finding brings the classes back where it rests on them, and not otherwise. */
static void test_recalls(void **state)
{
	struct policy_memo *m = policy_memo_new(policy);
	struct fact_item tag = { .text = slice_of("w") };
	AUTO(arena_done) struct arena a = { 0 };
	struct evaluation ev;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct facts f = plain_guest();
		bool of_class = i % 2;

		f.values[FACT_name] =
			(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("z") };
		if (of_class) {
			f.values[FACT_onboot] =
				(struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
			f.values[FACT_tag] = (struct fact){ .state = FACT_STATE_KNOWN,
							    .items = &tag,
							    .nitems = 1 };
		}
		open_for(m, &f, &a);
		policy_memo_eval(m, policy, &policy->facts, false, &f, &a, &ev);
		assert_in_range(ev.n, 1, 4);
		assert_int_equal(f.values[FACT_workload].state,
				 i < 2 || of_class ? FACT_STATE_KNOWN : FACT_STATE_NONE);
	}
	policy_memo_free(m);
}

static void test_opens(void **state)
{
	struct policy_memo *m = policy_memo_new(policy);
	struct facts one = plain_guest(), other = plain_guest();

	(void)state;
	other.values[FACT_onboot] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
	assert_false(is_opened(m, &one));
	assert_true(is_opened(m, &one));
	assert_false(is_opened(m, &other));
	assert_true(is_opened(m, &other));
	policy_memo_free(m);
}

/* How many rules fire by @m for a guest called @name. */
static size_t firing(struct policy_memo *m, struct slice name)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct facts f = plain_guest();
	struct evaluation ev;

	f.values[FACT_name] = (struct fact){ .state = FACT_STATE_KNOWN, .text = name };
	open_for(m, &f, &a);
	policy_memo_eval(m, policy, &policy->facts, false, &f, &a, &ev);
	return ev.n;
}

/* A text with which the facts just fit, and then no longer. */
static void test_long(void **state)
{
	struct policy_memo *m = policy_memo_new(policy);
	struct facts f = plain_guest();
	size_t fits = 0;

	(void)state;
	for (size_t n = 1; n < LONG; n++) {
		f.values[FACT_name] =
			(struct fact){ .state = FACT_STATE_KNOWN, .text = { long_a, n } };
		(void)is_remembered(m, &f);
		if (is_remembered(m, &f))
			assert_int_equal(++fits, n);
		assert_int_equal(firing(m, (struct slice){ long_z + LONG - n, n }), 1);
		assert_int_equal(firing(m, (struct slice){ long_a, n }), 0);
	}
	assert_in_range(fits, 900, 1024);
	policy_memo_free(m);
}

/* What only a rule that is never judged here names is not needed. */
static void test_needed(void **state)
{
	struct policy_memo *m = policy_memo_new(policy);
	AUTO(arena_done) struct arena a = { 0 };
	struct facts f = plain_guest(), given;
	struct fact_set more;

	(void)state;
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(policy_memo_dear(m), id))
			f.values[id].state = FACT_STATE_UNKNOWN;
	given = f;
	policy_memo_open(m, policy, &given, &a, &more);
	assert_true(fact_set_has(&more, FACT_storage_no_snapshot));
	assert_false(fact_set_has(&more, FACT_tpm));
	assert_false(fact_set_has(&more, FACT_net_no_virtio));
	assert_false(fact_set_has(&more, FACT_pool));
	f.values[FACT_protection] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
	given = f;
	policy_memo_open(m, policy, &given, &a, &more);
	assert_true(fact_set_has(&more, FACT_tpm));
	f.values[FACT_pool] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("ab") };
	given = f;
	policy_memo_open(m, policy, &given, &a, &more);
	assert_false(fact_set_has(&more, FACT_tpm));
	policy_memo_free(m);
}

static void test_without(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct facts f = plain_guest();
	struct evaluation ev;

	(void)state;
	policy_memo_eval(NULL, policy, &policy->facts, false, &f, &a, &ev);
	assert_int_equal(ev.verdict, VERDICT_ALLOW);
	assert_int_equal(f.values[FACT_workload].state, FACT_STATE_KNOWN);
	policy_memo_free(NULL);
}

/* Sets in @f what every guest of @kind has: its kind, and nothing of the other one. */
static void set_kind(enum fact_kinds kind, struct facts *f)
{
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (!(fact_rows[id].kinds & kind))
			f->values[id] = (struct fact){ .state = FACT_STATE_NONE };
	f->values[FACT_ct] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = kind == FACT_KINDS_CT };
	f->values[FACT_vm] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = kind == FACT_KINDS_VM };
}

/* Makes of the whole policy what can matter for guests of @kind at a start. */
static void narrow(enum fact_kinds kind, struct arena *a, struct policy *ret)
{
	struct facts known = { 0 };
	struct err e = { 0 };

	known.values[FACT_event] =
		(struct fact){ .state = FACT_STATE_KNOWN, .text = slice_of("start") };
	set_kind(kind, &known);
	fact_set_add(&known.loaded, FACT_event);
	fact_set_add(&known.loaded, FACT_ct);
	fact_set_add(&known.loaded, FACT_vm);
	assert_int_equal(policy_narrow(whole, &known, kind, a, ret, &e), 0);
}

/* Judges what of @full the policy @p looks at. */
static void judge_part(const struct policy *p, const struct facts *full, struct arena *a,
		       struct evaluation *ret)
{
	struct facts facts = { 0 };
	struct fact_set wanted = p->facts;

	policy_want(p, &wanted);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&wanted, id))
			facts.values[id] = full->values[id];
	policy_give(p, &wanted, &facts, a);
	policy_eval(p, &facts, a, ret);
}

/* What is left of a policy for one kind of guests judges them as all of it does. */
static void test_narrow(void **state)
{
	struct arena keep = { 0 }, a = { 0 };
	struct policy parts[2];

	(void)state;
	narrow(FACT_KINDS_CT, &keep, &parts[0]);
	narrow(FACT_KINDS_VM, &keep, &parts[1]);
	for (int i = 0; i < GUESTS / 2; i++) {
		enum fact_kinds kind = i % 2 ? FACT_KINDS_VM : FACT_KINDS_CT;
		struct evaluation got, want;
		struct facts full;

		make(whole, &a, &full);
		set_kind(kind, &full);
		judge_part(&parts[i % 2], &full, &a, &got);
		judge_part(whole, &full, &a, &want);
		assert_int_equal(got.verdict, want.verdict);
		assert_int_equal(got.n, want.n);
		for (size_t k = 0; k < want.n; k++)
			assert_true(slice_same(got.findings[k].rule->name,
					       want.findings[k].rule->name));
		arena_reset(&a);
	}
	assert_int_equal(parts[0].nworkloads, 1);
	assert_int_equal(parts[1].nworkloads, 2);
	assert_false(fact_set_has(&parts[0].class_facts, FACT_tpm));
	assert_false(fact_set_has(&parts[0].facts, FACT_tpm));
	assert_true(fact_set_has(&parts[1].facts, FACT_tpm));
	arena_done(&keep);
	arena_done(&a);
}

int main(void)
{
	static struct rows r;
	int status;

	memset(long_a, 'a', LONG);
	memset(long_z, 'a', LONG - 1);
	long_z[LONG - 1] = 'z';
	policy = compile(policy_text);
	whole = compile(narrow_text);
	ROWS_ADD_ONE(&r, "what is remembered is what would be found", test_same);
	ROWS_ADD_ONE(&r, "the same facts are judged once", test_remembers);
	ROWS_ADD_ONE(&r, "classes are found where findings rest on them", test_recalls);
	ROWS_ADD_ONE(&r, "what they need is found out once", test_opens);
	ROWS_ADD_ONE(&r, "facts that say too much are judged anew", test_long);
	ROWS_ADD_ONE(&r, "what no rule can come to is not needed", test_needed);
	ROWS_ADD_ONE(&r, "without memory for it everything is judged", test_without);
	ROWS_ADD_ONE(&r, "what is left of a policy judges as all of it", test_narrow);
	status = rows_run(&r, "memo");
	policy_free(policy);
	policy_free(whole);
	return status;
}
