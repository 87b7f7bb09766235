/* SPDX-License-Identifier: MIT */
/*
 * narrow - the part of a policy that can matter for guests of one kind at one event. What
 * `and`, `or` and `not` make of an unknown value holds for every value that it could have:
 * a condition that is false with all else unknown is false for every such guest.
 */
#include "policy/policy.h"

/* Whether @r, judged at @event, could fire. */
static bool could_fire(const struct rule *r, struct slice event,
		       const struct facts *facts)
{
	return rule_applies(r, event) && rule_fires(r, facts);
}

/* What is known of all guests of @kind: @known; of the rest what they do not have is none. */
static void fill(const struct facts *known, enum fact_kinds kind, struct facts *ret)
{
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		if (fact_set_has(&known->loaded, id))
			ret->values[id] = known->values[id];
		else if (fact_rows[id].kinds & kind)
			ret->values[id] = (struct fact){ .state = FACT_STATE_UNKNOWN };
		else
			ret->values[id] = (struct fact){ .state = FACT_STATE_NONE };
	}
}

/* Keeps the rules and workloads of @p that could matter. False without memory. */
static bool keep(const struct policy *p, const struct facts *facts, struct arena *a,
		 struct policy *ret)
{
	struct slice event = facts_get(facts, FACT_event)->text;

	ret->rules = arena_array(a, p->nrules, sizeof(*ret->rules));
	ret->workloads = arena_array(a, p->nworkloads, sizeof(*ret->workloads));
	if (!ret->rules || !ret->workloads)
		return false;
	ret->nrules = ret->nworkloads = 0;
	ret->facts = ret->class_facts = (struct fact_set){ 0 };
	for (size_t i = 0; i < p->nrules; i++) {
		if (!could_fire(&p->rules[i], event, facts))
			continue;
		ret->rules[ret->nrules++] = p->rules[i];
		rule_facts(&p->rules[i], &ret->facts);
	}
	for (size_t i = 0; i < p->nworkloads; i++) {
		if (expr_eval(p->workloads[i].match, facts) == TRI_FALSE)
			continue;
		ret->workloads[ret->nworkloads++] = p->workloads[i];
		expr_facts(p->workloads[i].match, &ret->class_facts);
	}
	return true;
}

int policy_narrow(const struct policy *p, const struct facts *known, enum fact_kinds kind,
		  struct arena *a, struct policy *ret, struct err *e)
{
	struct facts *facts = arena_alloc(a, sizeof(*facts));

	*ret = *p;
	if (!facts)
		return err_nomem(e);
	fill(known, kind, facts);
	facts->values[FACT_want_snapshots] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = p->want_snapshots };
	if (!keep(p, facts, a, ret))
		return err_nomem(e);
	fact_set_add(&ret->facts, FACT_event);
	fact_set_add(&ret->facts, FACT_cause);
	policy_want(ret, &ret->facts);
	return 0;
}
