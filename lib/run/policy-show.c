/* SPDX-License-Identifier: MIT */
#include "run/policy-show.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"

/* Writes a member that is a list. */
static void emit_words(struct json *j, const char *key, const struct policy_words *words)
{
	json_member_array(j, key);
	for (size_t i = 0; i < words->n; i++)
		json_put_string(j, words->items[i]);
	json_close(j);
}

/* Writes the two members of a place in a file; null when there is none. */
static void emit_place(struct json *j, const char *file_key, const char *file,
		       const char *line_key, unsigned line)
{
	json_member_text(j, file_key, file);
	json_put_key(j, line_key);
	if (file)
		json_put_number(j, line);
	else
		json_put_null(j);
}

/* Writes one rule as JSON. */
static void emit_rule(const struct rule *r, struct json *j)
{
	json_open_object(j);
	json_member(j, "name", r->name);
	json_member_text(j, "action", action_name(r->action));
	json_member(j, "when", expr_text(r->when));
	json_member(j, "unless", r->unless ? expr_text(r->unless) : (struct slice){ 0 });
	json_member_text(j, "refuse", r->refuse == REFUSE_ALWAYS ? "always" : "fresh");
	emit_words(j, "events", &r->events);
	emit_words(j, "override", &r->override);
	json_member(j, "reason", r->reason);
	json_member(j, "remedy", r->remedy);
	emit_words(j, "also", &r->also);
	json_member(j, "docs", r->docs);
	emit_place(j, "file", r->file, "line", r->line);
	emit_place(j, "adjusted_file", r->adjusted_file, "adjusted_line",
		   r->adjusted_line);
	json_close(j);
}

/* Writes one workload as JSON; .rule is the name of its rule, null where it has none. */
static void emit_workload(const struct workload *w, struct json *j)
{
	json_open_object(j);
	json_member(j, "name", w->name);
	json_member(j, "match", expr_text(w->match));
	json_member_text(j, "placement", placement_name(w->placement));
	json_member(j, "rule", w->rule ? w->rule->name : (struct slice){ 0 });
	json_member(j, "reason", w->reason);
	json_member(j, "remedy", w->remedy);
	emit_words(j, "settings", &w->settings);
	emit_place(j, "file", w->file, "line", w->line);
	json_close(j);
}

/* Writes a bound, null where there is none. */
static void emit_bound(struct json *j, const char *key, uint64_t bound)
{
	json_put_key(j, key);
	if (bound == LIMITS_NONE)
		json_put_null(j);
	else
		json_put_number(j, bound);
}

/* Writes one set of limits as JSON. */
static void emit_limits(const struct limits *l, struct json *j)
{
	char key[32];

	json_open_object(j);
	json_member(j, "name", l->name);
	json_put_key(j, "rule");
	emit_rule(&l->rule, j);
	emit_bound(j, "max_guests", l->max_guests);
	for (unsigned u = 0; u < LIMITS_UNITS; u++) {
		(void)snprintf(key, sizeof(key), "max_%s", limits_unit_name(u));
		emit_bound(j, key, l->max[u]);
	}
	for (unsigned u = 0; u < LIMITS_UNITS; u++) {
		(void)snprintf(key, sizeof(key), "total_%s", limits_unit_name(u));
		emit_bound(j, key, l->total[u]);
	}
	json_close(j);
}

/* Writes workloads and limits. */
static void emit_sections(const struct policy *p, struct json *j)
{
	json_member_array(j, "workloads");
	for (size_t i = 0; i < p->nworkloads; i++)
		emit_workload(&p->workloads[i], j);
	json_close(j);
	json_member_array(j, "limits");
	for (size_t i = 0; i < p->nlimits; i++)
		emit_limits(&p->limits[i], j);
	json_close(j);
}

/* Prints a policy as JSON. */
static void show_json(const struct store_policy *s)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "source", s->source);
	json_member_text(&j, "name", s->name);
	json_member_number(&j, "version", s->policy->version);
	json_member_number(&j, "serial", s->policy->serial);
	json_member_text(&j, "digest", s->policy->digest);
	json_member_text(&j, "problem", s->problem);
	json_member_text(&j, "mode", mode_name(s->policy->mode));
	json_member_array(&j, "rules");
	for (size_t i = 0; i < s->policy->nrules; i++)
		emit_rule(&s->policy->rules[i], &j);
	json_close(&j);
	json_member_bool(&j, "want_snapshots", s->policy->want_snapshots);
	emit_words(&j, "node_settings", &s->policy->node_settings);
	emit_sections(s->policy, &j);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* Prints a line "    label text" unless @text is absent. */
static void print_line(const char *label, struct slice text)
{
	if (text.len)
		(void)printf("    %-8s %.*s\n", label, SLICE_ARG(text));
}

/* Prints a line of words unless there are none. */
static void print_words(const char *label, const struct policy_words *words)
{
	const char *before = "";

	if (!words->n)
		return;
	(void)printf("    %-8s ", label);
	for (size_t i = 0; i < words->n; i++) {
		(void)printf("%s%.*s", before, SLICE_ARG(words->items[i]));
		before = ", ";
	}
	(void)putchar('\n');
}

/* Prints one rule for people. */
static void print_rule(const struct rule *r)
{
	(void)printf("\n%.*s: %s (%s:%u", SLICE_ARG(r->name), action_name(r->action),
		     r->file, r->line);
	if (r->adjusted_file)
		(void)printf(", adjusted by %s:%u", r->adjusted_file, r->adjusted_line);
	(void)puts(")");
	print_line("when", expr_text(r->when));
	if (r->unless)
		print_line("unless", expr_text(r->unless));
	if (!rule_has_usual_events(r))
		print_words("events", &r->events);
	if (r->refuse == REFUSE_ALWAYS)
		print_line("refuse", slice_of("always"));
	print_words("override", &r->override);
	print_line("reason", r->reason);
	print_line("do", r->remedy);
	for (size_t i = 0; i < r->also.n; i++)
		print_line("do", r->also.items[i]);
	print_line("see", r->docs);
}

/* Prints one workload, of which its rule said already what it does. */
static void print_workload(const struct workload *w)
{
	(void)printf("\nworkload %.*s: %s (%s:%u)\n", SLICE_ARG(w->name),
		     placement_name(w->placement), w->file, w->line);
	print_line("match", expr_text(w->match));
	print_words("settings", &w->settings);
	if (!w->rule) {
		print_line("reason", w->reason);
		print_line("do", w->remedy);
	}
}

/* Prints one bound unless there is none. */
static void print_bound(const char *kind, const char *unit, uint64_t bound)
{
	if (bound != LIMITS_NONE)
		(void)printf("    %s_%s %" PRIu64 "\n", kind, unit, bound);
}

/* Prints one set of limits. */
static void print_limits(const struct limits *l)
{
	print_rule(&l->rule);
	print_bound("max", "guests", l->max_guests);
	for (unsigned u = 0; u < LIMITS_UNITS; u++)
		print_bound("max", limits_unit_name(u), l->max[u]);
	for (unsigned u = 0; u < LIMITS_UNITS; u++)
		print_bound("total", limits_unit_name(u), l->total[u]);
}

/* Prints a policy for people. */
static void show_text(const struct store_policy *s)
{
	const struct policy *p = s->policy;

	(void)printf("policy %s (%s), mode %s, serial %" PRIu64 ", sha256 %s\n", s->name,
		     s->source, mode_name(p->mode), p->serial, p->digest);
	if (s->problem)
		(void)printf("WARN: the current policy cannot be used: %s\n", s->problem);
	if (s->report_starts)
		(void)puts("no policy was ever installed here: starts are only reported");
	for (size_t i = 0; i < p->nrules; i++)
		print_rule(&p->rules[i]);
	for (size_t i = 0; i < p->nlimits; i++)
		print_limits(&p->limits[i]);
	for (size_t i = 0; i < p->nworkloads; i++)
		print_workload(&p->workloads[i]);
}

void policy_show(const struct store_policy *s, bool json)
{
	if (json)
		show_json(s);
	else
		show_text(s);
}
