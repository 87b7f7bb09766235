/* SPDX-License-Identifier: MIT */
#include "run/waive.h"

#include <inttypes.h>

#include "base/text.h"
#include "run/grant.h"

enum { SHOWN_NAME = 64 };

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

/* Whether @rule fires for @facts, whatever the policy's mode makes of it. */
static bool fires(const struct rule *rule, const struct facts *facts)
{
	return expr_eval(rule->when, facts) != TRI_FALSE &&
	       !(rule->unless && expr_eval(rule->unless, facts) == TRI_TRUE);
}

int waive_look(const struct place *p, const struct store_policy *policy,
	       const struct cluster *c, const struct rule *rule, const struct guest *g,
	       struct judgement *j, bool *ret_fires, struct err *e)
{
	struct ask ask = ask_for(rule);
	struct fact_set named = { 0 };

	rule_facts(rule, &named); /* those of limits are none of the policy's */
	ask.also = &named;
	if (judge_begin(p, policy, &ask, j, e) < 0 ||
	    judge_guest(policy, c, g, &ask, j, e) < 0)
		return -1;
	*ret_fires = fires(rule, &j->facts);
	return 0;
}

int waive_judge(const struct waive *w, const struct guest *g, struct judgement *j,
		enum waive_need *ret, struct err *e)
{
	const struct evaluation *ev = &j->decision.evaluation;
	bool fired;

	if (waive_look(&w->place, &w->policy, &w->cluster, w->rule, g, j, &fired, e) < 0)
		return -1;
	*ret = fired ? WAIVE_NEEDED : WAIVE_NOTHING;
	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].rule == w->rule &&
		    ev->findings[i].effect == EFFECT_WAIVED)
			*ret = WAIVE_HAS_ONE;
	return 0;
}

int waive_grant(const struct waive *w, struct judgement *j, struct err *e)
{
	const struct grant g = {
		.kind = WAIVER_LASTING,
		.rule = w->rule,
		.ticket = slice_of(w->ticket),
		.reason = slice_of(w->reason),
		.granted_by = w->login,
		.until = slice_of(w->until),
		.until_ms = w->until_ms,
		.mode = w->renew ? WAIVER_REPLACE : WAIVER_CREATE,
	};

	return grant_write(j, &g, e);
}

void waive_guest(const struct decision *d, struct buf *out)
{
	buf_printf(out, "%s %" PRIu64, d->kind == GUEST_CT ? "CT" : "VM", d->vmid);
	if (!d->name.len)
		return;
	buf_puts(out, " (");
	text_printable(out, d->name, SHOWN_NAME);
	buf_putc(out, ')');
}
