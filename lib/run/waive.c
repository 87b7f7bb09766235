/* SPDX-License-Identifier: MIT */
#include "run/waive.h"

#include <string.h>

#include "run/grant.h"

/* What is asked: a start, or the first event that the rule is judged at. */
static struct ask ask_for(const struct rule *rule)
{
	struct ask ask = { .layer = LAYER_CHECK, .start = true, .inside = true };

	ask.request.event = slice_of("start");
	if (rule_applies(rule, ask.request.event))
		ask.request.cause = slice_of("user");
	else
		ask.request.event = rule->events.items[0];
	return ask;
}

int waive_look(const struct waive_question *q, const struct guest *g, struct judgement *j,
	       bool *ret_fires, struct err *e)
{
	struct ask ask = ask_for(q->rule);
	struct fact_set named = { 0 }, needed;

	rule_facts(q->rule, &named); /* those of limits are none of the policy's */
	needed = named;
	if (q->settings)
		fact_set_join(&needed, &q->settings->wanted);
	policy_want(q->policy->policy, &needed);
	cluster_load_more(q->place, fact_set_sources(&needed), q->cluster);
	ask.also = &named;
	ask.settings = q->settings;
	if (judge_begin(q->place, q->policy, &ask, j, e) < 0 ||
	    judge_guest(q->policy, q->cluster, g, &ask, j, e) < 0)
		return -1;
	/* What a guest of another node has can be told there alone. */
	if (q->settings && strcmp(g->node, q->place->node) == 0)
		*ret_fires = policy_find_finding(&j->decision.evaluation, q->rule->name);
	else
		*ret_fires = rule_fires(q->rule, &j->facts);
	return 0;
}

const struct rule *waive_rule(const struct waive *w, const struct judgement *j)
{
	const struct finding *f =
		policy_find_finding(&j->decision.evaluation, w->rule->name);

	return f ? f->rule : w->rule;
}

int waive_judge(struct waive *w, const struct guest *g, struct judgement *j,
		enum waive_need *ret, struct err *e)
{
	const struct waive_question q = { .place = &w->place,
					  .policy = &w->policy,
					  .cluster = &w->cluster,
					  .settings =
						  w->of_settings ? &w->settings : NULL,
					  .rule = w->rule };
	const struct finding *f;
	bool fired;

	if (waive_look(&q, g, j, &fired, e) < 0)
		return -1;
	*ret = fired ? WAIVE_NEEDED : WAIVE_NOTHING;
	f = policy_find_finding(&j->decision.evaluation, w->rule->name);
	if (f && f->effect == EFFECT_WAIVED)
		*ret = WAIVE_HAS_ONE;
	return 0;
}

int waive_grant(const struct waive *w, struct judgement *j, struct err *e)
{
	const struct grant g = {
		.kind = WAIVER_LASTING,
		.rule = waive_rule(w, j),
		.ticket = slice_of(w->ticket),
		.reason = slice_of(w->reason),
		.granted_by = w->login,
		.until = slice_of(w->until),
		.until_ms = w->until_ms,
		.mode = w->renew ? WAIVER_REPLACE : WAIVER_CREATE,
	};

	return grant_write(j, &g, e);
}
