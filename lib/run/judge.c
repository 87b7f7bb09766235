/* SPDX-License-Identifier: MIT */
#include "run/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sha.h"
#include "run/exempt.h"

int judge_begin(const struct place *p, const struct store_policy *policy,
		const struct ask *ask, struct judgement *ret, struct err *e)
{
	struct decision *d = &ret->decision;
	struct uuid7 ids = { 0 };

	*ret = (struct judgement){ .began_us = p->opened_us, .place = p };
	d->time = clock_now();
	d->layer = ask->layer;
	d->event = ask->request.event;
	d->cause = ask->request.cause;
	d->actor = ask->actor;
	d->node = slice_of(p->node);
	d->policy = (struct decision_policy){
		.source = policy->source,
		.name = policy->name,
		.version = policy->policy->version,
		.serial = policy->policy->serial,
		.digest = policy->policy->digest,
		.problem = policy->problem,
	};
	return uuid7_next(&ids, d->time.unix_ms, d->id, e);
}

/* Lets a start pass where no policy was ever installed: what would be denied is shown. */
static void only_report(struct evaluation *ev)
{
	static const struct exemption passes = {
		.applies = true,
		.effect = EFFECT_WOULD_DENY,
		.note = "no policy is installed here yet",
	};

	for (size_t i = 0; i < ev->n; i++)
		if (ev->findings[i].effect == EFFECT_DENY)
			policy_exempt(ev, i, &passes);
}

/* The templates that the start of @g is judged by, or NULL. */
static struct settings *settings_of(const struct ask *ask, const struct guest *g,
				    const struct place *p)
{
	bool start = slice_eq(ask->request.event, "start");

	return start && g->vmid && strcmp(g->node, p->node) == 0 ? ask->settings : NULL;
}

/* Lists in the decision what @plan sets. -1 without memory. */
static int note_settings(const struct plan *plan, struct judgement *j)
{
	struct decision_setting *rows =
		arena_array(&j->arena, plan->n + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < plan->n; i++) {
		const struct plan_item *it = &plan->items[i];

		rows[i] = (struct decision_setting){
			.kind = setting_kind_name(it->kind),
			.target = it->target,
			.value = plan_item_value(it),
			.template = it->t->name,
			.file = it->t->file,
			.line = it->setting->line,
		};
	}
	j->decision.settings = rows;
	j->decision.nsettings = rows ? plan->n : 0;
	return rows ? 0 : -1;
}

/* Plans what the templates set for the guest, and finds what is missing for it. */
static int judge_settings(struct settings *s, struct judgement *j, struct err *e)
{
	static const struct slice nobody = { 0 };

	if (settings_plan(s, &j->input, &j->facts, nobody, e) < 0 ||
	    settings_check(s, &j->input, e) < 0)
		return -1;
	if (note_settings(&s->plan, j) < 0)
		return err_nomem(e);
	return settings_find(s, &j->facts, &j->arena, &j->decision.evaluation, e);
}

/* Judges the guest @g, of @j, by the policy's limits. */
static int judge_limits(const struct ask *ask, const struct guest *g, struct judgement *j,
			struct err *e)
{
	const struct limits_ask limits = {
		.request = &ask->request,
		.kind = g->kind,
		.vmid = g->vmid,
		.in_cluster = *g->node && g->vmid,
		.facts = &j->facts,
	};

	return limits_judge(ask->limits, &limits, &j->arena, &j->decision.evaluation, e);
}

/*
 * Loads the facts of @wanted; of a guest among thousands those that cost much only where a
 * rule may need them, or somebody else: @others.
 */
static int load_facts(const struct policy *p, const struct ask *ask,
		      const struct fact_set *others, const struct fact_set *wanted,
		      struct judgement *j, struct err *e)
{
	struct fact_set first = *wanted, dear, more;

	if (!ask->bulk || !ask->memo || ask->assume)
		return facts_load(&j->input, wanted, &j->arena, &j->facts, e);
	dear = *policy_memo_dear(ask->memo);
	fact_set_drop(&dear, others);
	fact_set_drop(&first, &dear);
	if (facts_load(&j->input, &first, &j->arena, &j->facts, e) < 0)
		return -1;
	for (size_t word = 0; word < ARRAY_LEN(dear.bits); word++)
		for (uint64_t left = dear.bits[word]; left; left &= left - 1)
			j->facts.values[word * 64 + (unsigned)__builtin_ctzll(left)]
				.state = FACT_STATE_UNKNOWN;
	policy_memo_open(ask->memo, p, &j->facts, &j->arena, &more);
	return facts_load_more(&j->input, &more, &j->arena, &j->facts, e);
}

/*
 * Judges the facts of @j, all of @wanted, by the policy. Of a guest among thousands the
 * policy's own facts are given only where something looks at them, as @templates do.
 */
static void judge_policy(const struct policy *p, const struct ask *ask, bool templates,
			 const struct fact_set *wanted, struct judgement *j)
{
	struct evaluation *ev = &j->decision.evaluation;
	bool always;

	if (!ask->bulk || ask->assume) {
		policy_eval(p, &j->facts, &j->arena, ev);
		return;
	}
	always = templates || (ask->also && fact_set_has(ask->also, FACT_workload)) ||
		 !j->waivers || waiver_names_have(j->waivers, j->decision.vmid);
	policy_memo_eval(ask->memo, p, wanted, always, &j->facts, &j->arena, ev);
}

/*
 * Makes the facts of @j that waivers are compared by where they are others: at a start no
 * engine runs in the container yet, so what runs there now makes no class of a waiver's.
 */
static int note_start(const struct policy *p, const struct ask *ask,
		      const struct fact_set *wanted, struct judgement *j, struct err *e)
{
	struct facts *facts;

	if (facts_get(&j->facts, FACT_engine)->state == FACT_STATE_NONE)
		return 0;
	facts = arena_alloc(&j->arena, sizeof(*facts));
	if (!facts)
		return err_nomem(e);
	*facts = j->facts;
	facts->values[FACT_engine] = (struct fact){ .state = FACT_STATE_NONE };
	policy_give(p, wanted, facts, &j->arena);
	if (ask->assume)
		options_assume(ask->assume, facts);
	j->at_start = facts;
	return 0;
}

int judge_guest(const struct store_policy *policy, const struct cluster *c,
		const struct guest *g, const struct ask *ask, struct judgement *j,
		struct err *e)
{
	struct decision *d = &j->decision;
	struct fact_set wanted = policy->policy->facts, others = { 0 };
	struct settings *settings = settings_of(ask, g, j->place);

	d->kind = g->kind;
	d->vmid = g->vmid;
	d->node = *g->node ? slice_of(g->node) : (struct slice){ 0 };
	d->guest_file = g->path;
	if (g->text.ptr && !ask->bulk)
		sha1_hex(file_slice(&g->text), d->config_digest);
	input_fill(c, g, ask->start, &j->input);
	j->input.request = ask->request;
	fact_set_add(&others, FACT_name);
	fact_set_add(&others, FACT_event);
	fact_set_add(&others, FACT_cause);
	if (ask->also)
		fact_set_join(&others, ask->also);
	if (ask->limits)
		fact_set_join(&others, &ask->limits->wanted);
	if (settings)
		fact_set_join(&others, &settings->wanted);
	fact_set_join(&wanted, &others);
	policy_want(policy->policy, &wanted);
	input_look(j->place, c, g, ask->inside, &wanted, &j->arena, &j->input);
	if (load_facts(policy->policy, ask, &others, &wanted, j, e) < 0)
		return -1;
	if (ask->assume)
		options_assume(ask->assume, &j->facts);
	if (!ask->bulk || ask->assume)
		policy_give(policy->policy, &wanted, &j->facts, &j->arena);
	if (ask->inside && note_start(policy->policy, ask, &wanted, j, e) < 0)
		return -1;
	if (ask->assume) /* the policy's own facts, too */
		options_assume(ask->assume, &j->facts);
	d->facts = &j->facts;
	d->event = facts_get(&j->facts, FACT_event)->text;
	d->cause = facts_get(&j->facts, FACT_cause)->text;
	d->name = facts_get(&j->facts, FACT_name)->text;
	judge_policy(policy->policy, ask, settings != NULL, &wanted, j);
	if (settings && judge_settings(settings, j, e) < 0)
		return -1;
	if (ask->limits && judge_limits(ask, g, j, e) < 0)
		return -1;
	if (*g->node && g->vmid && exempt_findings(j, e) < 0)
		return -1;
	if (policy->report_starts && *g->node && slice_eq(d->event, "start"))
		only_report(&d->evaluation);
	return arena_failed(&j->arena) ? err_nomem(e) : 0;
}

void judge_next(struct judgement *j)
{
	arena_reset(&j->arena);
	j->has_identity = false;
	j->at_start = NULL;
	j->decision.failures = NULL;
	j->decision.nfailures = 0;
	j->decision.settings = NULL;
	j->decision.nsettings = 0;
	j->decision.evaluation = (struct evaluation){ .verdict = verdict_of_failure() };
}

void judge_fail(struct judgement *j, const char *todo, const char *fmt, ...)
{
	struct decision *d = &j->decision;
	struct failure *rows = arena_array(&j->arena, d->nfailures + 1, sizeof(*rows));
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->evaluation.verdict = verdict_of_failure();
	if (!rows)
		return; /* the verdict stands, whatever can be said of it */
	for (size_t i = 0; i < d->nfailures; i++)
		rows[i] = d->failures[i];
	rows[d->nfailures].what = arena_strdup(&j->arena, slice_of(text));
	rows[d->nfailures].todo = todo;
	if (!rows[d->nfailures].what)
		rows[d->nfailures].what = "out of memory";
	d->failures = rows;
	d->nfailures++;
}

void judge_end(struct judgement *j)
{
	j->decision.duration_us = clock_now().mono_us - j->began_us;
}

void judge_done(struct judgement *j)
{
	arena_done(&j->arena);
}
