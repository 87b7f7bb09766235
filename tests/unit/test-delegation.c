/* SPDX-License-Identifier: MIT */
/*
 * The set delegation@1 leaves no command out: each belongs to one of its rules of commands,
 * and to its rule of files; so does one that there is not yet.
 */
#include "rows.h"

#include "policy/policy.h"

enum { RULES_OF_COMMANDS = 4 };

static const char *const names[RULES_OF_COMMANDS + 1] = {
	"delegation-inside", "delegation-node", "delegation-command",
	"delegation-option", "delegation-file",
};

/* The set, compiled. */
static struct policy *load(void)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct slice name = slice_of("delegation@1");
	struct policy_texts texts = { 0 };
	struct policy *p = NULL;
	struct err e = { 0 };

	assert_int_equal(policy_texts_add(&texts, name, shipped_find(name), &e), 0);
	assert_int_equal(policy_compile(&texts, NULL, &p, &problems), 0);
	return p;
}

static void holds_these_rules(void **state)
{
	AUTO(policy_freep) struct policy *p = load();

	(void)state;
	assert_int_equal(p->nrules, ARRAY_LEN(names));
	for (size_t i = 0; i < p->nrules; i++) {
		assert_true(slice_eq(p->rules[i].name, names[i]));
		assert_int_equal(p->rules[i].action, ACTION_DENY);
		assert_null(p->rules[i].unless);
		assert_int_equal(p->rules[i].override.n, 0);
	}
}

static void is_of_one_rule(void **state)
{
	AUTO(policy_freep) struct policy *p = load();
	struct slice event = slice_of(*state);
	unsigned rules = 0;

	for (size_t i = 0; i < RULES_OF_COMMANDS; i++)
		rules += rule_applies(&p->rules[i], event);
	assert_int_equal(rules, 1);
	assert_true(rule_applies(&p->rules[RULES_OF_COMMANDS], event));
}

static void is_of_every_rule(void **state)
{
	AUTO(policy_freep) struct policy *p = load();

	(void)state;
	for (size_t i = 0; i < p->nrules; i++)
		assert_true(rule_applies(&p->rules[i], slice_of("teleport")));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "it has these rules, which exempt nobody", holds_these_rules);
	ROWS_ADD_ONE(&rows, "a command that there is not yet is every rule's",
		     is_of_every_rule);
	for (size_t i = 0; fact_words_event[i]; i++) {
		union {
			const char *in;
			void *out;
		} event = { .in = fact_words_event[i] };

		rows_add(&rows, event.in, is_of_one_rule, event.out);
	}
	return rows_run(&rows, "delegation");
}
