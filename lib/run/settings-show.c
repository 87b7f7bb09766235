/* SPDX-License-Identifier: MIT */
#include "run/settings-show.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"

/* Prints one thing to set. */
static void print_item(const struct plan_item *it)
{
	(void)printf("%s %.*s", setting_kind_name(it->kind), SLICE_ARG(it->target));
	if (it->value.len)
		(void)printf(it->kind == SETTING_DEVICE ? "%.*s" : " = %.*s",
			     SLICE_ARG(it->value));
	(void)printf("  (%.*s, %s:%u)\n", SLICE_ARG(it->t->name), it->t->file,
		     it->setting->line);
	if (it->state == VALUE_LATER)
		(void)printf("  later: %s\n", it->why);
}

/* Why @c is one of the guest's. */
static const char *by_name(const struct chosen *c)
{
	static const char *const names[] = { "match", "workload", "hand" };

	return names[c->by];
}

void settings_render_problems(const struct settings *s, const char *prefix,
			      struct buf *out)
{
	for (size_t i = 0; i < s->plan.nproblems; i++)
		buf_printf(out, "%s%s\n", prefix, s->plan.problems[i].what);
	for (size_t i = 0; i < s->nmissing; i++)
		buf_printf(out, "%stemplate %.*s %s\n", prefix,
			   SLICE_SHOWN(s->missing[i].name),
			   s->missing[i].row ? "cannot be used: its file is wrong"
					     : "does not exist");
	for (size_t i = 0; i < s->nopen; i++)
		buf_printf(out,
			   "%stemplate %.*s: it cannot be told whether it is for this "
			   "guest\n",
			   prefix, SLICE_SHOWN(s->open[i].row->t.name));
}

/* Prints the plan for people. */
static void print_plan(const struct settings *s, const struct guest *g)
{
	AUTO(buf_done) struct buf out = { 0 };

	(void)printf("%s:", g->path);
	if (!s->nchosen)
		(void)printf(" no template is for it");
	for (size_t i = 0; i < s->nchosen; i++)
		(void)printf("%s %.*s (by %s%s%.*s)", i ? "," : "",
			     SLICE_ARG(s->chosen[i].t->name), by_name(&s->chosen[i]),
			     s->chosen[i].workload.len ? " " : "",
			     SLICE_ARG(s->chosen[i].workload));
	(void)printf("\n");
	for (size_t i = 0; i < s->plan.n; i++)
		print_item(&s->plan.items[i]);
	settings_render_problems(s, "not applied: ", &out);
	(void)fputs(buf_text(&out), stdout);
}

/* Writes the members of one thing to set. */
static void emit_item(const struct plan_item *it, struct json *j)
{
	json_open_object(j);
	json_member_text(j, "kind", setting_kind_name(it->kind));
	json_member(j, "target", it->target);
	json_member(j, "value", plan_item_value(it));
	json_member_text(j, "later", it->state == VALUE_LATER ? it->why : NULL);
	json_member(j, "template", it->t->name);
	json_member_object(j, "where");
	json_member_text(j, "file", it->t->file);
	json_member_number(j, "line", it->setting->line);
	json_close(j);
	json_close(j);
}

/* Writes what is not applied, and why. */
static void emit_problems(const struct settings *s, struct json *j)
{
	AUTO(buf_done) struct buf lines = { 0 };
	struct slice line, rest;

	settings_render_problems(s, "", &lines);
	rest = buf_as_slice(&lines);
	json_member_array(j, "problems");
	while (slice_cut(rest, '\n', &line, &rest))
		json_put_string(j, line);
	json_close(j);
}

/* Prints the plan as JSON. */
static void print_json(const struct settings *s, const struct guest *g)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "source", g->path);
	json_member_nonzero(&j, "vmid", g->vmid);
	json_member_array(&j, "templates");
	for (size_t i = 0; i < s->nchosen; i++) {
		json_open_object(&j);
		json_member(&j, "template", s->chosen[i].t->name);
		json_member_text(&j, "by", by_name(&s->chosen[i]));
		json_member(&j, "workload", s->chosen[i].workload);
		json_close(&j);
	}
	json_close(&j);
	json_member_array(&j, "settings");
	for (size_t i = 0; i < s->plan.n; i++)
		emit_item(&s->plan.items[i], &j);
	json_close(&j);
	emit_problems(s, &j);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

void settings_show(const struct settings *s, const struct guest *g, bool as_json)
{
	if (as_json)
		print_json(s, g);
	else
		print_plan(s, g);
}
