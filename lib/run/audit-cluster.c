/* SPDX-License-Identifier: MIT */
/*
 * audit-cluster - what an audit says besides findings: waivers, what stays down after a
 * reboot, storages without snapshots, exemptions that users grant themselves, guests whose
 * starts nothing judges.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/audit.h"
#include "run/policy-boot.h"
#include "run/waiver-state.h"

/* Whether a waiver belongs to what is wanted. */
static bool is_wanted(const struct audit *a, const struct waiver_row *row)
{
	const struct audit_filter *want = &a->filter;

	return (!want->rule || slice_eq(row->name.rule, want->rule)) &&
	       (!want->node || (row->found && slice_eq(row->node, want->node)));
}

/* Adds @row to the report. */
static void add_waiver(struct audit *a, const struct waiver_row *row)
{
	struct report_waiver *w = REPORT_ADD(&a->report.waivers);

	if (!w)
		return;
	*w = (struct report_waiver){
		.guest = { row->kind, row->name.vmid, row->guest, row->node },
		.found = row->found,
		.rule = row->name.rule,
		.kind = row->name.kind == WAIVER_ONCE ? "override" : "waiver",
		.state = waiver_state_name(row->state),
		.why = row->why,
		.readable = row->readable,
	};
	if (!row->readable)
		return;
	w->ticket = row->waiver.ticket;
	w->reason = row->waiver.reason;
	w->granted_by = row->waiver.granted_by;
	w->granted_ms = row->waiver.granted_ms;
	w->until = row->waiver.until;
	w->days_left = waiver_days_left(&row->waiver, a->report.time.unix_ms);
}

void audit_waivers(struct audit *a)
{
	const struct waiver_view view = { a->place, a->policy, &a->cluster,
					  &a->waiver_dir };
	struct err e = { 0 };

	for (size_t i = 0; i < a->waivers.n; i++) {
		const struct waiver_name *name = &a->waivers.rows[i];
		struct waiver_row row;

		if (waiver_state_load(&view, name, &a->report.arena, &row, &e) < 0)
			audit_fail(a, WAIVER_DIR, e.msg);
		else if (is_wanted(a, &row))
			add_waiver(a, &row);
	}
}

/* Whether the guest @g, judged at a start by its node for @cause, is denied. */
static bool is_denied(struct audit *a, const struct guest *g, const char *cause,
		      struct judgement *j, const struct decision **ret)
{
	struct ask ask = a->ask;
	struct err e = { 0 };

	*ret = &a->judgement.decision;
	if (!a->names_cause) /* then it is the same whatever the cause */
		return decision_verdict(*ret) == VERDICT_DENY;
	ask.request.cause = slice_of(cause);
	ask.memo = NULL; /* that is of another cause */
	ask.limits = NULL;
	if (judge_begin(a->place, a->policy, &ask, j, &e) < 0 ||
	    judge_guest(a->policy, &a->cluster, g, &ask, j, &e) < 0) {
		audit_fail(a, g->path, e.msg);
		return false;
	}
	*ret = &j->decision;
	return decision_verdict(*ret) == VERDICT_DENY;
}

/* Names of the rules that deny @d. */
static struct slice denying_rules(struct audit *a, const struct decision *d)
{
	AUTO(buf_done) struct buf names = { 0 };

	for (size_t i = 0; i < d->evaluation.n; i++) {
		const struct finding *f = &d->evaluation.findings[i];

		if (f->effect != EFFECT_DENY)
			continue;
		buf_puts(&names, names.len ? ", " : "");
		buf_slice(&names, f->rule->name);
	}
	return audit_keep(a, buf_as_slice(&names), &a->kept.rules);
}

void audit_boot(struct audit *a, const struct guest *g)
{
	const char *cause = policy_boot_cause(&a->cluster.ha, g);
	AUTO(judge_done) struct judgement j = { 0 };
	const struct guestconf_entry *startup;
	const struct decision *d;
	struct report_lost *row;

	if (!cause || !is_denied(a, g, cause, &j, &d))
		return;
	row = REPORT_ADD(&a->report.lost);
	if (!row)
		return;
	startup = guestconf_find(&g->start, "startup");
	*row = (struct report_lost){
		.guest = audit_ref(a, &a->judgement.decision),
		.cause = cause,
		.order = startup ? policy_boot_order(startup->value) : POLICY_BOOT_LAST,
		.rules = denying_rules(a, d),
	};
}

/* Orders by node, then as the node starts them. */
static int by_start(const void *x, const void *y)
{
	const struct report_lost *a = x, *b = y;
	int r = slice_order(&a->guest.node, &b->guest.node);

	if (r == 0)
		r = (a->order > b->order) - (a->order < b->order);
	return r ? r : (a->guest.vmid > b->guest.vmid) - (a->guest.vmid < b->guest.vmid);
}

void audit_boot_sort(struct audit *a)
{
	if (a->report.lost.n)
		qsort(a->report.lost.rows, a->report.lost.n, sizeof(*a->report.lost.rows),
		      by_start);
}

const char *audit_gap(struct audit *a, const struct guest *g)
{
	char why[COVERAGE_WHY_MAX + sizeof("unknown: ")];
	struct coverage c;

	coverage_of(&a->coverage, g, &c);
	if (c.enforced == COVERAGE_YES)
		return NULL;
	/* Nobody may take for enforced what only might be. */
	(void)snprintf(why, sizeof(why), "%s%s",
		       c.enforced == COVERAGE_UNKNOWN ? "unknown: " : "", c.why);
	return audit_keep(a, slice_of(why), &a->kept.gap).ptr;
}

/* Adds the storage @id to the report, if it cannot make snapshots. */
static void add_storage(struct audit *a, struct slice id)
{
	const struct cluster_storage *s = cluster_find_storage(&a->cluster.storages, id);
	const struct cluster_snapshots *can = s ? cluster_snapshots_of(s->type) : NULL;
	struct report_storage *row;

	if (!can || !can->why)
		return;
	row = REPORT_ADD(&a->report.storages);
	if (row)
		*row = (struct report_storage){ s->id, s->type, can->why };
}

void audit_storages(struct audit *a, const struct facts *facts)
{
	const struct fact *used = facts_get(facts, FACT_storage);

	for (size_t i = 0; i < used->nitems; i++) {
		struct slice id = used->items[i].text;
		size_t k = 0;

		while (k < a->report.storages.n &&
		       !slice_same(a->report.storages.rows[k].id, id))
			k++;
		if (k == a->report.storages.n)
			add_storage(a, id);
	}
}

/* The line for datacenter.cfg that registers @tag as well. */
static const char *mend_of(struct audit *a, const struct rule *rule,
			   const struct expr_grant *grant)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice tag = grant->text;

	if (grant->is_pattern)
		buf_printf(&text,
			   "tags are registered one by one, so let the rule ask for "
			   "those that are: adjust \"%.*s\" with registered_tag in "
			   "place of tag, and list each tag in /etc/pve/datacenter.cfg: ",
			   SLICE_ARG(rule->name));
	else
		buf_puts(&text, "in /etc/pve/datacenter.cfg: ");
	buf_puts(&text, "registered-tags: ");
	for (size_t i = 0; i < a->cluster.registered.n; i++) {
		buf_slice(&text, a->cluster.registered.tags[i]);
		buf_putc(&text, ';');
	}
	tag.len -= grant->is_pattern && tag.len && tag.ptr[tag.len - 1] == '*';
	buf_slice(&text, tag);
	buf_puts(&text, tag.len < grant->text.len ? "TICKET" : "");
	return arena_strdup(&a->report.arena, buf_as_slice(&text));
}

/* Adds the ways in which users can exempt themselves from @rule. */
static void add_grants(struct audit *a, const struct rule *rule)
{
	struct expr_grant grants[EXPR_MAX_EVIDENCE];
	size_t n = expr_granted(rule->unless, FACT_tag, grants);

	for (size_t i = 0; i < n; i++) {
		struct report_grant *row;

		if (!cluster_tag_is_free(&a->cluster.registered, grants[i].text,
					 grants[i].is_pattern))
			continue;
		row = REPORT_ADD(&a->report.grants);
		if (!row)
			return;
		*row = (struct report_grant){ .rule = rule,
					      .tag = grants[i].text,
					      .is_pattern = grants[i].is_pattern,
					      .mend = mend_of(a, rule, &grants[i]) };
		if (!row->mend)
			a->report.grants.n--;
	}
}

void audit_grants(struct audit *a)
{
	const struct policy *p = a->policy->policy;

	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].unless && p->rules[i].action != ACTION_OFF)
			add_grants(a, &p->rules[i]);
}
