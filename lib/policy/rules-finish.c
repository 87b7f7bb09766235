/* SPDX-License-Identifier: MIT */
/*
 * What can be made of rules, workloads and limits only once all files are read: which
 * classes there are, where workloads belong after all adjustments.
 */
#include <stdlib.h>

#include "policy/limits.h"
#include "policy/rules.h"
#include "policy/workload.h"

/* The names of the workloads of @list, NULL-terminated; NULL without memory. */
static const char *const *name_classes(const struct rule_list *list, struct arena *a)
{
	const char **names = arena_array(a, list->nworkloads + 1, sizeof(*names));

	for (size_t i = 0; names && i < list->nworkloads; i++)
		names[i] = arena_strdup(a, list->workloads[i].workload.name);
	return arena_failed(a) ? NULL : names;
}

void rules_check_classes(struct rule_list *list, struct arena *a,
			 struct problems *problems)
{
	const char *const *names = list->uses ? name_classes(list, a) : NULL;

	for (const struct class_use *u = names ? list->uses : NULL; u; u = u->next) {
		struct err e = { 0 };

		if (expr_check_words(u->expr, FACT_workload, names, &e) == 0)
			continue;
		e.line = u->at->line;
		e.col = u->at->col + u->at->quoted + (e.col ? e.col - 1 : 0);
		(void)problems_add_err(problems, u->file, &e);
	}
}

/* Moves the workloads of @list to @p, with the conditions of their rules made. */
static bool finish_workloads(struct rule_list *list, struct arena *a, struct policy *p)
{
	p->workloads = arena_array(a, list->nworkloads, sizeof(*p->workloads));
	p->classes = name_classes(list, a);
	if (!p->workloads || !p->classes)
		return false;
	for (size_t i = 0; i < list->nworkloads; i++) {
		struct workload_draft *d = &list->workloads[i];
		struct rule *r = &list->rules[d->rule];

		d->workload.reason = r->reason;
		d->workload.remedy = r->remedy;
		r->workload = &p->workloads[i];
		if (!workload_finish(&d->workload, a, r))
			return false;
		p->workloads[i] = d->workload;
		expr_facts(d->workload.match, &p->class_facts);
	}
	p->nworkloads = list->nworkloads;
	return true;
}

/* Moves the limits of @list to @p, with their rules. */
static bool finish_limits(struct rule_list *list, struct arena *a, struct policy *p)
{
	p->limits = arena_array(a, list->nlimits, sizeof(*p->limits));
	if (!p->limits)
		return false;
	for (size_t i = 0; i < list->nlimits; i++) {
		struct limits_draft *d = &list->limits[i];

		d->limits.rule = list->rules[d->rule];
		limits_finish(&d->limits.rule);
		p->limits[i] = d->limits;
		list->rules[d->rule].when = NULL;
	}
	p->nlimits = list->nlimits;
	return true;
}

bool rules_finish(struct rule_list *list, struct arena *a, struct policy *p)
{
	if (!finish_workloads(list, a, p) || !finish_limits(list, a, p))
		return false;
	p->rules = list->rules;
	for (size_t i = 0; i < list->n; i++)
		if (list->rules[i].when)
			p->rules[p->nrules++] = list->rules[i];
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].workload)
			p->workloads[p->rules[i].workload - p->workloads].rule =
				&p->rules[i];
	return true;
}

void rules_done(struct rule_list *list)
{
	free(list->rules);
	free(list->workloads);
	free(list->limits);
}
