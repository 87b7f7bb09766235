/* SPDX-License-Identifier: MIT */
/* The verdict: rules against facts. Pure; what it cannot hold in memory it denies. */
#include <stdint.h>

#include "base/cleanup.h"
#include "policy/policy.h"
#include "policy/words.h"

/* Causes of starts that belong to something which must not be left half done. */
static const char *const gentle_causes[] = { "reboot", "backup", "migration", "rollback",
					     "resume" };

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "deny", "warn", "allow" };

	return names[v];
}

const char *action_name(enum action a)
{
	static const char *const names[] = { "deny", "warn", "audit", "off" };

	return names[a];
}

const char *mode_name(enum action a)
{
	static const char *const names[] = { "enforce", "warn", "audit", "off" };

	return names[a];
}

const char *effect_name(enum effect e)
{
	static const char *const names[] = { "deny",   "warn",       "audit",
					     "waived", "overridden", "would-deny" };

	return names[e];
}

/* What a finding that did @e makes of the verdict. */
static enum verdict effect_verdict(enum effect e)
{
	switch (e) {
	case EFFECT_DENY:
		return VERDICT_DENY;
	case EFFECT_WARN:
	case EFFECT_WOULD_DENY:
		return VERDICT_WARN;
	case EFFECT_AUDIT:
	case EFFECT_WAIVED:
	case EFFECT_OVERRIDDEN:
		return VERDICT_ALLOW;
	}
	return verdict_of_failure();
}

/* Sets the verdict to the strictest of the findings'. */
static void set_verdict(struct evaluation *ev)
{
	ev->verdict = VERDICT_ALLOW;
	for (size_t i = 0; i < ev->n; i++) {
		const struct finding *f = &ev->findings[i];
		enum verdict v = effect_verdict(f->effect);

		if (f->ending && v > VERDICT_WARN)
			v = VERDICT_WARN;
		ev->verdict = v < ev->verdict ? v : ev->verdict;
	}
}

/* Whether @r is judged at the event that is word @index; at one that is no word it is. */
static bool applies_at(const struct rule *r, int index)
{
	return index < 0 || r->event_set.bits[index / 64] >> (index % 64) & 1;
}

/* Index of @event among those that rules can name, or -1. */
static int event_index(struct slice event)
{
	return words_find(event, fact_words_event, POLICY_MAX_EVENTS);
}

bool rule_applies(const struct rule *r, struct slice event)
{
	return applies_at(r, event_index(event));
}

bool rule_fires(const struct rule *r, const struct facts *facts)
{
	return expr_eval(r->when, facts) != TRI_FALSE &&
	       !(r->unless && expr_eval(r->unless, facts) == TRI_TRUE);
}

void rule_facts(const struct rule *r, struct fact_set *set)
{
	expr_facts(r->when, set);
	if (r->unless)
		expr_facts(r->unless, set);
}

/* Whether this is a start that rules with `refuse = fresh` let go on. */
static bool is_gentle(const struct facts *facts)
{
	const struct fact *event = facts_get(facts, FACT_event);
	const struct fact *cause = facts_get(facts, FACT_cause);

	return event->state == FACT_STATE_KNOWN && slice_eq(event->text, "start") &&
	       cause->state == FACT_STATE_KNOWN &&
	       words_find(cause->text, gentle_causes, ARRAY_LEN(gentle_causes)) >= 0;
}

bool policy_can_refuse(const struct policy *p, const struct facts *facts)
{
	return p->mode == ACTION_DENY && !is_gentle(facts);
}

/* What @r, having fired, does under the ceiling @mode. */
static enum effect effect_of(const struct rule *r, enum action mode, bool gentle)
{
	enum action a = r->action > mode ? r->action : mode;

	if (a == ACTION_DENY)
		return gentle && r->refuse == REFUSE_FRESH ? EFFECT_WOULD_DENY
							   : EFFECT_DENY;
	return a == ACTION_WARN ? EFFECT_WARN : EFFECT_AUDIT;
}

/* Adds the facts of @x to @used, and if @value is unknown those unknown to @unknown. */
static void add_facts(const struct expr *x, enum tri value, const struct facts *facts,
		      struct finding *f)
{
	struct fact_set named = { 0 };

	expr_facts(x, &named);
	expr_facts(x, &f->used);
	for (unsigned id = 0; value == TRI_UNKNOWN && id < FACT_COUNT; id++)
		if (fact_set_has(&named, id) &&
		    facts_get(facts, id)->state == FACT_STATE_UNKNOWN)
			fact_set_add(&f->unknown, id);
}

/* Judges one rule; true, and *@ret, when it fires. */
static bool judge(const struct rule *r, const struct facts *facts, struct finding *ret)
{
	enum tri when = expr_eval(r->when, facts), unless = TRI_FALSE;

	if (when == TRI_FALSE)
		return false;
	if (r->unless)
		unless = expr_eval(r->unless, facts);
	if (unless == TRI_TRUE)
		return false;
	*ret = (struct finding){ .rule = r, .action = r->action };
	add_facts(r->when, when, facts, ret);
	if (r->unless)
		add_facts(r->unless, unless, facts, ret);
	return true;
}

void policy_eval(const struct policy *p, const struct facts *facts, struct arena *a,
		 struct evaluation *ret)
{
	const struct fact *event = facts_get(facts, FACT_event);
	int index = event->state == FACT_STATE_KNOWN ? event_index(event->text) : -1;
	bool gentle = is_gentle(facts);

	*ret = (struct evaluation){ .verdict = VERDICT_ALLOW };
	if (p->mode == ACTION_OFF)
		return;
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];
		struct finding f;

		if (!applies_at(r, index) || !judge(r, facts, &f))
			continue;
		f.effect = f.before = effect_of(r, p->mode, gentle);
		if (!ret->findings)
			ret->findings = arena_array(a, p->nrules - i, sizeof(f));
		if (!ret->findings) {
			*ret = (struct evaluation){ .verdict = verdict_of_failure() };
			return;
		}
		ret->findings[ret->n++] = f;
	}
	set_verdict(ret);
}

int policy_add_finding(const struct policy *p, const struct facts *facts,
		       const struct finding *f, struct arena *a, struct evaluation *ev)
{
	struct finding *rows;

	if (p->mode == ACTION_OFF)
		return 0;
	rows = arena_array(a, ev->n + 1, sizeof(*rows));
	if (!rows) {
		*ev = (struct evaluation){ .verdict = verdict_of_failure() };
		return -1;
	}
	for (size_t i = 0; i < ev->n; i++)
		rows[i] = ev->findings[i];
	rows[ev->n] = *f;
	rows[ev->n].effect = rows[ev->n].before =
		effect_of(f->rule, p->mode, is_gentle(facts));
	ev->findings = rows;
	ev->n++;
	set_verdict(ev);
	return 0;
}

const struct finding *policy_find_finding(const struct evaluation *ev, struct slice rule)
{
	for (size_t i = 0; i < ev->n; i++)
		if (slice_same(ev->findings[i].rule->name, rule))
			return &ev->findings[i];
	return NULL;
}

void policy_exempt(struct evaluation *ev, size_t i, const struct exemption *x)
{
	struct finding *f = &ev->findings[i];

	f->note = x->note;
	if (x->applies) {
		f->before = f->effect;
		f->effect = x->effect;
		f->ending = x->ending;
	}
	set_verdict(ev);
}
