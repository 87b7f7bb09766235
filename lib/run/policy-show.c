/* SPDX-License-Identifier: MIT */
#include "run/policy-show.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"

/* Writes a member of text, null when absent. */
static void emit_text(struct json *j, const char *key, struct slice value)
{
	json_put_key(j, key);
	json_put_string(j, value);
}

/* Writes a member that is a list. */
static void emit_words(struct json *j, const char *key, const struct policy_words *words)
{
	json_put_key(j, key);
	json_open_array(j);
	for (size_t i = 0; i < words->n; i++)
		json_put_string(j, words->items[i]);
	json_close(j);
}

/* Writes the two members of a place in a file; null when there is none. */
static void emit_place(struct json *j, const char *file_key, const char *file,
		       const char *line_key, unsigned line)
{
	json_put_key(j, file_key);
	json_put_text(j, file);
	json_put_key(j, line_key);
	if (file)
		json_put_number(j, line);
	else
		json_put_text(j, NULL);
}

/* Writes one rule as JSON. */
static void emit_rule(const struct rule *r, struct json *j)
{
	json_open_object(j);
	emit_text(j, "name", r->name);
	emit_text(j, "action", slice_of(action_name(r->action)));
	emit_text(j, "when", expr_text(r->when));
	emit_text(j, "unless", r->unless ? expr_text(r->unless) : (struct slice){ 0 });
	emit_text(j, "refuse", slice_of(r->refuse == REFUSE_ALWAYS ? "always" : "fresh"));
	emit_words(j, "events", &r->events);
	emit_words(j, "override", &r->override);
	emit_text(j, "reason", r->reason);
	emit_text(j, "remedy", r->remedy);
	emit_words(j, "also", &r->also);
	emit_text(j, "docs", r->docs);
	emit_place(j, "file", r->file, "line", r->line);
	emit_place(j, "adjusted_file", r->adjusted_file, "adjusted_line",
		   r->adjusted_line);
	json_close(j);
}

/* Prints a policy as JSON. */
static void show_json(const struct store_policy *s)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	emit_text(&j, "source", slice_of(s->source));
	emit_text(&j, "name", slice_of(s->name));
	json_put_key(&j, "version");
	json_put_number(&j, s->policy->version);
	json_put_key(&j, "serial");
	json_put_number(&j, s->policy->serial);
	emit_text(&j, "digest", slice_of(s->policy->digest));
	json_put_key(&j, "problem");
	json_put_text(&j, s->problem);
	emit_text(&j, "mode", slice_of(mode_name(s->policy->mode)));
	json_put_key(&j, "rules");
	json_open_array(&j);
	for (size_t i = 0; i < s->policy->nrules; i++)
		emit_rule(&s->policy->rules[i], &j);
	json_close(&j);
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
}

void policy_show(const struct store_policy *s, bool json)
{
	if (json)
		show_json(s);
	else
		show_text(s);
}
