/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/policy/lint*.c: what is said of conditions and rules, and what is not. */
#include "rows.h"

#include "base/arena.h"
#include "policy/lint.h"

#include "facts-spec.h"

/* Whether a condition can ever be met. */
static struct possible_row {
	const char *name, *expr;
	bool want;
} possible_rows[] = {
	{ "a fact alone", "privileged", true },
	{ "a fact and its opposite", "nesting and not nesting", false },
	{ "two values of one text", "pool = a and pool = b", false },
	{ "a text that is set and is none of these", "pool and pool not in (a, b)",
	  true },
	{ "not set, and equal to something", "not pool and pool = a", false },
	{ "!= is not =", "pool = a and pool != a", false },
	{ "unequal to two", "pool != a and pool != b", true },
	{ "in two lists that share nothing", "pool in (a, b) and pool in (c, d)", false },
	{ "in two lists that share one", "pool in (a, b) and pool in (b, c)", true },
	{ "a pattern and a text, undecided", "pool ~ a* and pool = b", true },
	{ "a pattern and its opposite", "pool ~ a* and pool !~ a*", false },
	{ "a pattern without wildcards is a text", "pool ~ a and pool = b", false },
	{ "two tags: a list has several", "tag = a and tag = b", true },
	{ "a tag and not that tag", "tag = a and tag != a", false },
	{ "every of a list that is empty", "every tag = a and not tag", true },
	{ "a number between two", "cores > 2 and cores < 4", true },
	{ "a number between neighbours", "cores > 2 and cores < 3", false },
	{ "a number over and under", "cores > 4 and cores < 2", false },
	{ "at least and at most the same", "cores >= 4 and cores <= 4", true },
	{ "less than nothing", "cores < 0", false },
	{ "no number is over an open bound", "cores > 999999999999999", true },
	{ "a container and a VM", "ct and vm", false },
	{ "neither container nor VM", "not ct and not vm", false },
	{ "a kind against a kind", "kind = ct and vm", false },
	{ "a fact of containers on a VM", "vm and privileged", false },
	{ "its opposite on a VM", "vm and not privileged", true },
	{ "a fact of VMs on a container", "ct and args", false },
	{ "facts of both kinds", "privileged and args", false },
	{ "an event that it is judged at", "event = set", true },
	{ "an event that it is not judged at", "event = migrate", false },
	{ "two events", "event = set and event = start", false },
	{ "one of two, one of them impossible", "ct and vm or pool", true },
	{ "parentheses", "(ct or vm) and pool = a and pool in (b, c)", false },
};

static void test_possible(void **state)
{
	const struct possible_row *row = *state;
	struct arena a = { 0 };
	const struct expr *x;
	struct event_set events = { 0 };
	struct err e;

	for (size_t i = 0; fact_words_event[i]; i++)
		if (strcmp(fact_words_event[i], "migrate") != 0)
			events.bits[i / 64] |= (uint64_t)1 << (i % 64);
	assert_int_equal(expr_compile(slice_of(row->expr), &a, &x, &e), 0);
	assert_int_equal(lint_possible(&(struct lint_term){ x, true }, 1, &events),
			 row->want);
	arena_done(&a);
}

/* What is said of the rules "a" and "b" of a policy: "kind rule; kind rule". */
static struct policy_row {
	const char *name, *text, *want;
} policy_rows[] = {
	{ "nothing of two rules that have nothing in common",
	  "rule \"a\" { when = \"ct and privileged\" }\n"
	  "rule \"b\" { when = \"vm and args\" }\n",
	  "" },
	{ "a rule that never matches", "rule \"a\" { when = \"vm and privileged\" }\n",
	  "never-matches a; " },
	{ "a rule whose events make it impossible",
	  "rule \"a\" { when = \"event = migrate\" }\n", "never-matches a; " },
	{ "the same where it is judged there",
	  "rule \"a\" { when = \"event = migrate\" events = { \"migrate\" } }\n", "" },
	{ "a rule that exempts all that it is for",
	  "rule \"a\" { when = \"pool = x\" unless = \"pool\" }\n",
	  "exempts-itself a; " },
	{ "a rule within a wider one",
	  "rule \"a\" { when = \"ct\" }\n"
	  "rule \"b\" { when = \"ct and nesting\" }\n",
	  "shadowed b; " },
	{ "not where the wider one is laxer",
	  "rule \"a\" { when = \"ct\" action = warn }\n"
	  "rule \"b\" { when = \"ct and nesting\" }\n",
	  "" },
	{ "not where the wider one has an exemption",
	  "rule \"a\" { when = \"ct\" unless = \"pool = x\" }\n"
	  "rule \"b\" { when = \"ct and nesting\" }\n",
	  "" },
	{ "not where the wider one is judged at fewer events",
	  "rule \"a\" { when = \"ct\" events = { \"start\" } }\n"
	  "rule \"b\" { when = \"ct and nesting\" }\n",
	  "" },
	{ "not where the wider one lets gentle starts go on",
	  "rule \"a\" { when = \"ct\" }\n"
	  "rule \"b\" { when = \"ct and nesting\" refuse = always }\n",
	  "" },
	{ "two rules that are one",
	  "rule \"a\" { when = \"ct and nesting\" }\n"
	  "rule \"b\" { when = \"nesting and ct\" }\n",
	  "shadowed b; " },
	{ "one condition, two actions",
	  "rule \"a\" { when = \"ct and nesting\" action = warn }\n"
	  "rule \"b\" { when = \"nesting and ct\" }\n",
	  "contradicts b; " },
	{ "numbers within numbers",
	  "rule \"a\" { when = \"cores > 4\" }\nrule \"b\" { when = \"cores > 8\" }\n",
	  "shadowed b; " },
	{ "an exemption by a tag",
	  "rule \"a\" { when = \"ct\" unless = \"tag ~ ok-*\" }\n",
	  "self-grantable a; " },
	{ "an exemption by a registered tag",
	  "rule \"a\" { when = \"ct\" unless = \"registered_tag = ok\" }\n", "" },
	{ "an exemption by name",
	  "rule \"a\" { when = \"ct\" unless = \"name = web\" }\n",
	  "self-grantable a; " },
	{ "a workload with two places",
	  "workload \"a\" { match = \"tag = x\" placement = vm }\n"
	  "workload \"b\" { match = \"tag = x\" placement = ct }\n",
	  "contradicts workload-b; " },
	{ "a mode that keeps rules from refusing",
	  "mode = warn\nrule \"a\" { when = \"ct\" }\n", "mode ; " },
};

/* Compiles "version = 1" and @text. */
static struct policy *compile(const char *text)
{
	struct policy_texts texts = { 0 };
	struct problems problems = { 0 };
	struct policy *p = NULL;
	char all[2048];
	struct err e;

	(void)snprintf(all, sizeof(all), "version = 1\n%s", text);
	assert_int_equal(policy_texts_add(&texts, slice_of("p.conf"), slice_of(all), &e),
			 0);
	assert_int_equal(policy_compile(&texts, NULL, &p, &problems), 0);
	problems_done(&problems);
	return p;
}

static void test_policy(void **state)
{
	const struct policy_row *row = *state;
	struct policy *p = compile(row->text);
	struct arena a = { 0 };
	struct lint_findings l = { 0 };
	struct buf got = { 0 };

	lint_policy(p, NULL, &a, &l);
	for (size_t i = 0; i < l.n; i++)
		buf_printf(&got, "%s %.*s; ", lint_kind_name(l.rows[i].kind),
			   SLICE_ARG(l.rows[i].rule));
	assert_string_equal(buf_text(&got), row->want);
	buf_done(&got);
	arena_done(&a);
	policy_free(p);
}

/* What is said of a rule's tags by datacenter.cfg: the end of it, "": nothing. */
static struct tags_row {
	const char *name, *unless, *text, *want;
} tags_rows[] = {
	{ "any tag may be written", "tag ~ ok-*", "",
	  "datacenter.cfg has it not, and user-tag-access allows all" },
	{ "the tag is registered", "tag = ok", "registered-tags: ok\n", "" },
	{ "one of two is", "tag in (ok, fine)", "registered-tags: ok\n", "allows all" },
	{ "both are", "tag = ok and tag = fine", "registered-tags: fine;ok\n", "" },
	{ "users may write none", "tag ~ ok-*", "user-tag-access: user-allow=none\n",
	  "" },
	{ "nor any at all", "tag", "user-tag-access: user-allow=none\n", "" },
	{ "only others", "tag ~ ok-*",
	  "user-tag-access: user-allow=list,user-allow-list=prod\n", "" },
	{ "one of the list", "tag ~ ok-*",
	  "user-tag-access: user-allow=list,user-allow-list=prod;ok-1\n",
	  "it is in user-allow-list of datacenter.cfg" },
	{ "any tag, one of the list", "tag",
	  "user-tag-access: user-allow=list,user-allow-list=prod\n",
	  "it is in user-allow-list of datacenter.cfg" },
	{ "what some guest has", "tag = ok", "user-tag-access: user-allow=existing\n",
	  "user-tag-access allows existing ones" },
};

static void test_tags(void **state)
{
	const struct tags_row *row = *state;
	struct arena a = { 0 };
	struct lint_findings l = { 0 };
	struct cluster_tags tags;
	char text[256];
	struct policy *p;
	struct err e;

	(void)snprintf(text, sizeof(text),
		       "rule \"a\" { when = \"ct\" unless = \"%s\" }\n", row->unless);
	p = compile(text);
	assert_int_equal(cluster_read_tags(slice_of(row->text), &a, &tags, &e), 0);
	lint_policy(p, &tags, &a, &l);
	assert_int_equal(l.n, *row->want != '\0');
	if (l.n && !strstr(l.rows[0].what, row->want))
		fail_msg("%s", l.rows[0].what);
	arena_done(&a);
	policy_free(p);
}

/* The line for datacenter.cfg holds the exact tags. */
static void test_registered_line(void **state)
{
	struct policy *p =
		compile("rule \"a\" { when = \"ct\" unless = \"tag in (ok, fine)\" }\n");
	struct arena a = { 0 };
	struct lint_findings l = { 0 };

	(void)state;
	lint_policy(p, NULL, &a, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.rows[0].todo,
			    "in /etc/pve/datacenter.cfg, which needs Sys.Modify on /, "
			    "write: registered-tags: ok;fine");
	assert_int_equal(l.rows[0].line, 2);
	arena_done(&a);
	policy_free(p);
}

/* What is said never to match does not, on thousands of random guests. */
static void test_never_is_never(void **state)
{
	static const char *const terms[] = { "pool = a",    "pool != a",    "tag = a",
					     "tag != b",    "not pool",     "cores > 2",
					     "cores <= 3",  "tag ~ a*",     "nesting",
					     "not nesting", "every tag = a" };
	static const char *const texts[] = { "a", "b", "ab" };
	struct event_set events = { .bits = { ~(uint64_t)0, ~(uint64_t)0 } };
	uint64_t seed = 88172645463325252;

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		struct fact_item items[2];
		struct facts facts = { 0 };
		struct arena a = { 0 };
		const struct expr *x;
		char text[128];
		struct err e;
		size_t pick[6];

		for (size_t k = 0; k < ARRAY_LEN(pick); k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			pick[k] = seed % 997;
		}
		(void)snprintf(text, sizeof(text), "%s and %s and %s",
			       terms[pick[0] % ARRAY_LEN(terms)],
			       terms[pick[1] % ARRAY_LEN(terms)],
			       terms[pick[2] % ARRAY_LEN(terms)]);
		assert_int_equal(expr_compile(slice_of(text), &a, &x, &e), 0);
		items[0].text = slice_of(texts[pick[3] % 3]);
		items[1].text = slice_of(texts[pick[4] % 3]);
		facts.values[FACT_ct] =
			(struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
		facts.values[FACT_pool] =
			(struct fact){ .state = pick[3] % 2, .text = items[1].text };
		facts.values[FACT_tag] = (struct fact){ .state = FACT_STATE_KNOWN,
							.items = items,
							.nitems = pick[5] % 3 };
		facts.values[FACT_cores] =
			(struct fact){ .state = FACT_STATE_KNOWN, .number = pick[5] % 6 };
		facts.values[FACT_nesting] =
			(struct fact){ .state = FACT_STATE_KNOWN, .flag = pick[4] % 2 };
		if (expr_eval(x, &facts) == TRI_TRUE)
			assert_true(lint_possible(&(struct lint_term){ x, true }, 1,
						  &events));
		arena_done(&a);
	}
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, possible_rows, test_possible);
	ROWS_ADD(&rows, policy_rows, test_policy);
	ROWS_ADD(&rows, tags_rows, test_tags);
	ROWS_ADD_ONE(&rows, "the line for datacenter.cfg has the exact tags",
		     test_registered_line);
	ROWS_ADD_ONE(&rows, "what is true of some guest is never called impossible",
		     test_never_is_never);
	return rows_run(&rows, "lint");
}
