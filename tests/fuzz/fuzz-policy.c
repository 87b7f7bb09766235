/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/policy: a policy file, which may include itself, "beside.conf" (the input's
 * other half, after a NUL) and the shipped sets.
 *
 * It is a policy or there are problems, never both or neither; problems have a place in a
 * file; a policy's texts are enough to make it again; where every fact is unknown every
 * rule at that event fires, and where nothing fires the verdict is allow. Workloads and
 * limits have what they must; a workload's rule is its own; classes are known or not.
 */
#include <stdint.h>
#include <stdlib.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the run unless @ok. */
static void must(int ok)
{
	if (!ok)
		abort();
}

/* Gives the file beside the policy. */
static int load(void *ctx, const char *name, struct policy_texts *texts, struct err *e)
{
	const struct slice *beside = ctx;

	if (strcmp(name, "beside.conf") != 0)
		return 1;
	return policy_texts_add(texts, slice_of(name), *beside, e);
}

/* What must hold for the workloads and limits of @p. */
static void check_sections(const struct policy *p)
{
	size_t placed = 0;

	for (size_t i = 0; i < p->nworkloads; i++) {
		const struct workload *w = &p->workloads[i];

		must(w->match && (w->placement == PLACEMENT_ANY) == !w->rule);
		must(!w->rule || (w->rule->workload == w && w->rule->reason.len));
		must(strlen(p->classes[i]) == w->name.len);
		placed += w->rule != NULL;
	}
	must(!p->classes[p->nworkloads]);
	for (size_t i = 0; i < p->nrules; i++) {
		must(p->rules[i].when && p->rules[i].kind != RULE_LIMITS);
		placed -= p->rules[i].kind == RULE_WORKLOAD;
		must(policy_find_rule(p, p->rules[i].name) == &p->rules[i]);
	}
	must(!placed);
	for (size_t i = 0; i < p->nlimits; i++) {
		const struct limits *l = &p->limits[i];
		bool any = l->max_guests != LIMITS_NONE;

		for (size_t u = 0; u < LIMITS_UNITS; u++)
			any |= l->max[u] != LIMITS_NONE || l->total[u] != LIMITS_NONE;
		must(any && l->rule.when && l->rule.kind == RULE_LIMITS);
	}
}

/* What must hold for the classes that @p finds in @facts. */
static void check_classes(const struct policy *p, struct facts *facts, struct arena *a)
{
	struct fact_set wanted = { 0 };
	const struct fact *f = facts_get(facts, FACT_workload);

	fact_set_add(&wanted, FACT_workload);
	policy_want(p, &wanted);
	policy_give(p, &wanted, facts, a);
	must(f->state == FACT_STATE_UNKNOWN ? f->why != NULL
					    : f->nitems <= p->nworkloads);
}

/* What must hold for a policy that was read. */
static void check_policy(const struct policy *p)
{
	static struct facts facts;
	struct policy_texts copy = { 0 };
	struct problems problems = { 0 };
	struct policy *again = NULL;
	struct arena a = { 0 };
	struct evaluation ev;
	struct err e;

	for (size_t i = 0; i < p->texts.n; i++) {
		const struct policy_text *t = &p->texts.files[i];

		must(policy_texts_add(&copy, slice_of(t->name),
				      (struct slice){ t->text, t->len }, &e) == 0);
	}
	must(policy_compile(&copy, NULL, &again, &problems) == 0);
	must(strcmp(again->digest, p->digest) == 0 && again->nrules == p->nrules);
	check_sections(p);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		facts.values[id] = (struct fact){ .state = FACT_STATE_UNKNOWN,
						  .why = "not readable" };
	check_classes(p, &facts, &a);
	facts.values[FACT_workload].state = FACT_STATE_UNKNOWN;
	policy_eval(p, &facts, &a, &ev);
	must(p->mode == ACTION_OFF ? ev.n == 0 : ev.n == p->nrules);
	for (size_t i = 0; i < ev.n; i++)
		must(ev.findings[i].rule == &p->rules[i]);
	memset(&facts, 0, sizeof(facts));
	check_classes(again, &facts, &a);
	policy_eval(again, &facts, &a, &ev);
	must(ev.n > 0 || ev.verdict == VERDICT_ALLOW);
	policy_free(again);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *nul = len ? memchr(data, 0, len) : NULL;
	struct slice text = { (const char *)data, nul ? (size_t)(nul - data) : len };
	struct slice beside = { nul ? (const char *)nul + 1 : "",
				nul ? len - text.len - 1 : 0 };
	const struct policy_loader loader = { .load = load, .ctx = &beside };
	struct policy_texts texts = { 0 };
	struct problems problems = { 0 };
	struct policy *p = NULL;
	struct err e;

	must(policy_texts_add(&texts, slice_of("/p/policy.conf"), text, &e) == 0);
	if (policy_compile(&texts, &loader, &p, &problems) == 0) {
		must(p && !problems_any(&problems));
		check_policy(p);
	} else {
		must(!p && problems_any(&problems));
		for (size_t i = 0; i < problems.n; i++)
			must(problems.rows[i].line && problems.rows[i].col &&
			     problems.rows[i].text[0]);
	}
	must(!texts.files && !texts.n);
	policy_free(p);
	problems_done(&problems);
	return 0;
}
