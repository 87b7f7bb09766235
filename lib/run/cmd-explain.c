/* SPDX-License-Identifier: MIT */
/* pve-safe explain: every rule, matched or why not, with the facts it rests on. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "base/text.h"
#include "facts/facts-json.h"
#include "policy/limits-eval.h"
#include "run/cmd.h"
#include "run/offline.h"
#include "run/say.h"

static const char usage[] =
	"usage: pve-safe explain [OPTION…] VMID|FILE…\n\n"
	"Shows each rule of the policy: matched, or why not, with the facts it used.\n\n"
	"  --kind ct|vm         what a FILE is, where its path does not tell\n"
	"  --event EVENT        judged at EVENT (default: start)\n"
	"  --assume FACT=VALUE  let FACT hold; may be repeated (lists by comma)\n"
	"  --policy FILE        judged by FILE instead of the node's policy\n"
	"  --root DIR           DIR stands for /\n"
	"  --format text|json   json: one object a guest, one a line\n\n"
	"Exit status as of check: 0 nothing denied, 1 something denied, 2 could not.\n";

/* What one rule came to. */
struct outcome {
	const struct rule *rule;
	const struct finding *finding; /* NULL: it did not fire */
	const char *why;               /* in a few words */
	bool is_within;                /* of limits: they were judged, and hold */
	struct fact_set used;
};

/* The finding of @rule in @d, or NULL. */
static const struct finding *finding_of(const struct decision *d, const struct rule *rule)
{
	for (size_t i = 0; i < d->evaluation.n; i++)
		if (d->evaluation.findings[i].rule == rule)
			return &d->evaluation.findings[i];
	return NULL;
}

/* What the finding @f, which is about a settings template, came to. */
static struct outcome outcome_of_template(const struct finding *f)
{
	struct outcome o = { .rule = f->rule,
			     .finding = f,
			     .why = effect_name(f->effect) };

	expr_facts(f->rule->when, &o.used);
	return o;
}

/* Whether the finding @f is about a settings template. */
static bool is_of_template(const struct finding *f)
{
	return settings_rule_template(f->rule->name).len > 0;
}

/* Finds out what @rule came to in @d. */
static struct outcome outcome_of(const struct decision *d, const struct rule *rule)
{
	struct outcome o = { .rule = rule, .finding = finding_of(d, rule) };

	expr_facts(rule->when, &o.used);
	if (o.finding)
		o.why = effect_name(o.finding->effect);
	else if (!rule_applies(rule, d->event))
		o.why = "not judged at this event";
	else if (expr_eval(rule->when, d->facts) == TRI_FALSE)
		o.why = "does not match";
	else if (rule->unless && expr_eval(rule->unless, d->facts) == TRI_TRUE)
		o.why = "exempted";
	else if (rule->kind == RULE_LIMITS)
		o = (struct outcome){ rule, NULL, "within", true, o.used };
	else
		o.why = "switched off";
	if (rule->unless && expr_eval(rule->when, d->facts) != TRI_FALSE)
		expr_facts(rule->unless, &o.used);
	return o;
}

/* The same of the limits @l, which count others only for a guest of the cluster. */
static struct outcome outcome_of_limits(const struct policy *p, const struct decision *d,
					const struct limits *l)
{
	struct outcome o = outcome_of(d, &l->rule);
	bool counted = d->vmid && d->node.len;

	if (o.is_within && p->mode == ACTION_OFF)
		o.why = "switched off";
	else if (o.is_within && !counted && limits_need_others(l))
		o.why = "within by itself, all guests together were not counted";
	return o;
}

/* Appends one fact as "name = value", with the line that says so. */
static void render_fact(enum fact_id id, const struct fact *f, struct buf *out)
{
	const struct fact_row *row = &fact_rows[id];
	AUTO(buf_done) struct buf value = { 0 }, masked = { 0 };

	fact_render(row, f, &value);
	secret_mask(&masked, buf_as_slice(&value));
	buf_depend(out, &value);
	buf_depend(out, &masked);
	buf_printf(out, "    %s = ", row->name);
	if (f->state == FACT_STATE_NONE)
		buf_puts(out, "none");
	else
		text_printable(out, buf_as_slice(&masked), masked.len);
	if (f->state == FACT_STATE_UNKNOWN)
		buf_printf(out, ": %s", f->why);
	if (f->origin.file) {
		buf_printf(out, " (%s", f->origin.file);
		if (f->origin.line)
			buf_printf(out, ":%u", f->origin.line);
		buf_putc(out, ')');
	}
	buf_putc(out, '\n');
}

/* Appends of which workloads the guest is, and what says so. */
static void render_workloads(const struct policy *p, const struct decision *d,
			     struct buf *out)
{
	const struct fact *f = facts_get(d->facts, FACT_workload);

	if (!p->nworkloads)
		return;
	if (f->state == FACT_STATE_UNKNOWN)
		buf_printf(out, "  of which workload is unknown: %s\n", f->why);
	else if (!f->nitems)
		buf_puts(out, "  of no workload\n");
	for (size_t i = 0; i < f->nitems; i++) {
		const struct fact_origin *o = &f->items[i].origin;

		buf_printf(out, "  of workload %.*s", SLICE_ARG(f->items[i].text));
		if (o->text.len) {
			buf_puts(out, ": ");
			text_printable(out, o->text, ERR_MSG_MAX);
		}
		if (o->file)
			buf_printf(out, o->line ? " (%s:%u)" : " (%s)", o->file, o->line);
		buf_putc(out, '\n');
	}
}

/* Writes the workloads of the guest: null when they are unknown. */
static void emit_workloads(const struct decision *d, struct json *j)
{
	const struct fact *f = facts_get(d->facts, FACT_workload);

	json_put_key(j, "workloads");
	if (f->state == FACT_STATE_UNKNOWN) {
		json_put_null(j);
		return;
	}
	json_open_array(j);
	for (size_t i = 0; i < f->nitems; i++) {
		json_open_object(j);
		json_member(j, "name", f->items[i].text);
		json_member_text(j, "file", f->items[i].origin.file);
		json_member_nonzero(j, "line", f->items[i].origin.line);
		json_close(j);
	}
	json_close(j);
}

/* Appends one rule for people. */
static void render_outcome(const struct decision *d, const struct outcome *o,
			   struct buf *out)
{
	buf_printf(out, "  %.*s: %s\n", SLICE_ARG(o->rule->name), o->why);
	if (o->finding && o->finding->note) {
		buf_puts(out, "    note: ");
		text_printable(out, slice_of(o->finding->note), ERR_MSG_MAX);
		buf_putc(out, '\n');
	}
	if (o->finding && is_of_template(o->finding)) {
		buf_puts(out, "    ");
		text_printable(out, o->rule->reason, ERR_MSG_MAX);
		buf_putc(out, '\n');
	}
	if (o->finding && o->finding->found) {
		buf_puts(out, "    found: ");
		text_printable(out, o->finding->found->text, ERR_MSG_MAX);
		buf_putc(out, '\n');
	}
	buf_printf(out, "    when %.*s\n", SLICE_ARG(expr_text(o->rule->when)));
	if (o->rule->unless)
		buf_printf(out, "    unless %.*s\n",
			   SLICE_ARG(expr_text(o->rule->unless)));
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&o->used, id))
			render_fact(id, facts_get(d->facts, id), out);
}

/* Writes one rule as JSON. */
static void emit_outcome(const struct decision *d, const struct outcome *o,
			 struct json *j)
{
	json_open_object(j);
	json_member(j, "rule", o->rule->name);
	json_member_text(j, "outcome", o->why);
	json_member_bool(j, "fired", o->finding != NULL);
	json_member(j, "when", expr_text(o->rule->when));
	json_member(j, "unless",
		    o->rule->unless ? expr_text(o->rule->unless) : (struct slice){ 0 });
	json_member_object(j, "facts");
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		if (!fact_set_has(&o->used, id))
			continue;
		json_put_key(j, fact_rows[id].name);
		fact_emit_json(&fact_rows[id], facts_get(d->facts, id), j);
	}
	json_close(j);
	json_close(j);
}

/* Appends all rules in the form for people. */
static void render_rules(const struct policy *p, const struct decision *d,
			 struct buf *out)
{
	decision_render_head(d, out);
	render_workloads(p, d, out);
	for (size_t i = 0; i < p->nrules; i++) {
		struct outcome o = outcome_of(d, &p->rules[i]);

		render_outcome(d, &o, out);
	}
	for (size_t i = 0; i < p->nlimits; i++) {
		struct outcome o = outcome_of_limits(p, d, &p->limits[i]);

		render_outcome(d, &o, out);
	}
	for (size_t i = 0; i < d->evaluation.n; i++) {
		struct outcome o = outcome_of_template(&d->evaluation.findings[i]);

		if (is_of_template(o.finding))
			render_outcome(d, &o, out);
	}
}

/* Appends all rules as one JSON object. */
static void emit_rules(const struct policy *p, const struct decision *d,
		       const struct guest *g, struct buf *out)
{
	struct json j;

	json_begin(&j, out);
	json_open_object(&j);
	json_member_text(&j, "source", g->path);
	json_member_nonzero(&j, "vmid", d->vmid);
	json_member(&j, "event", d->event);
	json_member_text(&j, "verdict", verdict_name(decision_verdict(d)));
	emit_workloads(d, &j);
	json_member_array(&j, "rules");
	for (size_t i = 0; i < p->nrules; i++) {
		struct outcome o = outcome_of(d, &p->rules[i]);

		emit_outcome(d, &o, &j);
	}
	for (size_t i = 0; i < p->nlimits; i++) {
		struct outcome o = outcome_of_limits(p, d, &p->limits[i]);

		emit_outcome(d, &o, &j);
	}
	for (size_t i = 0; i < d->evaluation.n; i++) {
		struct outcome o = outcome_of_template(&d->evaluation.findings[i]);

		if (is_of_template(o.finding))
			emit_outcome(d, &o, &j);
	}
	json_close(&j);
	json_close(&j);
	buf_putc(out, '\n');
}

/* Explains one guest. */
static int explain_guest(const struct guest *g, void *context)
{
	struct offline *o = context;
	AUTO(judge_done) struct judgement j = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };

	if (offline_judge(o, g, &j, &e) < 0)
		return say_error_of(g->path, &e);
	if (o->options.json)
		emit_rules(o->policy.policy, &j.decision, g, &out);
	else
		render_rules(o->policy.policy, &j.decision, &out);
	return say(&out, stdout) ? offline_status(&j.decision) : EXIT_CANNOT;
}

int cmd_explain(int argc, char **argv)
{
	AUTO(offline_done) struct offline o = { 0 };
	AUTO(settings_done) struct settings settings = { 0 };
	struct fact_set also = { 0 };
	int status;

	if (offline_open(argc, argv,
			 OPTIONS_POLICY | OPTIONS_ROOT | OPTIONS_KIND | OPTIONS_EVENT |
				 OPTIONS_ASSUME | OPTIONS_FORMAT,
			 usage, &o, &status) < 0)
		return status;
	fact_set_add(&also, FACT_workload);
	o.also = &also;
	if (!o.options.nargs) {
		(void)fputs("pve-safe: explain: which guest? Name a VMID or a file\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (o.place.live && offline_load_settings(&o, &settings) < 0)
		return EXIT_CANNOT;
	return offline_each(&o, explain_guest);
}
