/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a guest's settings, as findings: each has a rule of its own, made here,
 * whose `when` is the condition that chose the template. So it is shown, recorded, capped by
 * the policy's mode and waived as any other.
 */
#include <inttypes.h>

#include "base/cleanup.h"
#include "run/settings.h"

/* Findings being made. */
struct finding_maker {
	const struct settings *s;
	const struct facts *facts;
	struct arena *arena;
	struct evaluation *ev;
};

/* Adds one finding about @t, at @line of its file. -1 without memory. */
static int add(const struct finding_maker *m, const struct template *t, unsigned line,
	       bool deny, const char *reason, const char *remedy,
	       const struct fact_origin *found)
{
	struct rule *r = arena_alloc(m->arena, sizeof(*r));
	const char *name = arena_printf(m->arena, "settings-%.*s", SLICE_ARG(t->name));
	struct finding f = { .rule = r, .found = found };

	if (!r || !name || !reason)
		return -1;
	*r = (struct rule){
		.name = slice_of(name),
		.when = settings_condition(t->match,
					   facts_get(m->facts, FACT_ct)->flag ? GUEST_CT
									      : GUEST_VM,
					   m->arena),
		.action = deny ? ACTION_DENY : ACTION_WARN,
		.reason = slice_of(reason),
		.remedy = remedy && *remedy ? slice_of(remedy) : (struct slice){ 0 },
		.file = t->file,
		.line = line,
	};
	if (!r->when)
		return -1;
	f.action = r->action;
	expr_facts(r->when, &f.used);
	return policy_add_finding(m->s->policy, m->facts, &f, m->arena, m->ev);
}

/* Adds what the check found. */
static int add_shortfalls(const struct finding_maker *m)
{
	const struct check *c = &m->s->check;

	for (size_t i = 0; i < c->n; i++) {
		const struct shortfall *row = &c->rows[i];
		const struct template *t = row->item->t;

		if (add(m, t, row->item->setting->line, !row->harmless || t->required,
			row->reason, row->remedy,
			row->found.text.len ? &row->found : NULL) < 0)
			return -1;
	}
	return 0;
}

const char *settings_todo(const struct plan_problem *problem, struct arena *a)
{
	if (!problem->other)
		return template_mend(problem->t, problem->setting, a);
	return arena_printf(a,
			    "write a template in /%s that says what is meant, or take "
			    "one of the two away",
			    STORE_TEMPLATE_DIR);
}

/* Adds what keeps settings from being planned. */
static int add_problems(const struct finding_maker *m)
{
	const struct plan *p = &m->s->plan;

	for (size_t i = 0; i < p->nproblems; i++) {
		const struct plan_problem *row = &p->problems[i];

		if (add(m, row->t, row->setting->line, row->required,
			arena_printf(m->arena, "not applied: %s", row->what),
			settings_todo(row, m->arena), NULL) < 0)
			return -1;
	}
	return 0;
}

/* Adds the templates of which nobody can tell whether they are the guest's. */
static int add_open(const struct finding_maker *m)
{
	for (size_t i = 0; i < m->s->nopen; i++) {
		const struct settings_open *o = &m->s->open[i];
		const struct template *t = &o->row->t;
		struct evaluation *ev = m->ev;
		size_t before = ev->n;

		if (add(m, t, t->line, t->required,
			"not applied: it cannot be told whether it is for this guest",
			NULL, NULL) < 0)
			return -1;
		if (ev->n > before)
			ev->findings[before].unknown = o->unknown;
	}
	return 0;
}

/* Why the template @row, which is asked for, is not applied; it may stand in @gap. */
static const char *why_missing(const struct finding_maker *m,
			       const struct settings_missing *row,
			       const struct templates_gap *gap)
{
	if (gap && row->workload)
		return arena_printf(m->arena,
				    "not applied: workload '%.*s' names it, and it may "
				    "stand in %s, which cannot be used",
				    SLICE_SHOWN(row->workload->name), gap->file);
	if (gap)
		return arena_printf(m->arena,
				    "not applied: it was applied by hand, and it may "
				    "stand in %s, which cannot be used",
				    gap->file);
	if (row->row)
		return arena_printf(m->arena, "not applied: its file cannot be used (%s)",
				    row->row->t.file);
	if (!row->workload)
		return "not applied: it was applied by hand, and there is no such "
		       "template any more";
	return arena_printf(m->arena,
			    "not applied: workload '%.*s' names it, and there is no "
			    "such template",
			    SLICE_SHOWN(row->workload->name));
}

/* What to do about it. */
static const char *todo_missing(const struct settings_missing *row,
				const struct templates_gap *gap)
{
	if (gap)
		return "mend this file (pve-safe template list says what is wrong with "
		       "it), or take it away";
	return row->row ? "pve-safe template list says what is wrong"
			: "pve-safe template list shows which there are";
}

/* Adds templates that are asked for, and cannot be used. */
static int add_missing(const struct finding_maker *m)
{
	for (size_t i = 0; i < m->s->nmissing; i++) {
		const struct settings_missing *row = &m->s->missing[i];
		const struct templates_gap *gap =
			row->row ? NULL : templates_gap_of(&m->s->set, row->name);
		const struct template none = {
			.name = row->name,
			.match = row->row ? row->row->t.match : NULL,
			.file = row->row        ? row->row->t.file
				: gap           ? gap->file
				: row->workload ? row->workload->file
						: m->s->check.in->conf_file,
			.line = row->row                ? row->row->t.line
				: row->workload && !gap ? row->workload->line
							: 0,
			.required =
				gap ? gap->may_require : row->row && row->row->t.required,
		};
		if (add(m, &none, none.line, none.required, why_missing(m, row, gap),
			todo_missing(row, gap), NULL) < 0)
			return -1;
	}
	return 0;
}

/* Adds what a VM is given that no template wants: its templates were changed, or it was. */
static int add_leftover(const struct finding_maker *m)
{
	const struct check *c = &m->s->check;
	const struct template none = {
		.name = slice_of("leftover"),
		.file = c->in->conf_file,
		.line = c->leftover_at.line,
	};

	if (!c->leftover || m->s->nopen || m->s->nmissing)
		return 0;
	return add(m, &none, none.line, false, c->leftover,
		   arena_printf(m->arena,
				"pve-safe template %s %" PRIu64
				"; it acts from the next start on",
				m->s->nchosen ? "apply" : "undo", c->in->vmid),
		   &c->leftover_at);
}

int settings_find(const struct settings *s, const struct facts *facts, struct arena *a,
		  struct evaluation *ev, struct err *e)
{
	const struct finding_maker m = { s, facts, a, ev };

	if (add_open(&m) < 0 || add_missing(&m) < 0 || add_problems(&m) < 0 ||
	    add_shortfalls(&m) < 0 || add_leftover(&m) < 0)
		return err_nomem(e);
	return 0;
}
