/* SPDX-License-Identifier: MIT */
#include "run/settings.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "pve/disks.h"
#include "settings/credential.h"

int settings_load(const struct place *p, const struct policy *policy,
		  struct settings *ret, struct err *e)
{
	*ret = (struct settings){ .place = p, .policy = policy };
	fact_set_add(&ret->wanted, FACT_ct);
	if (templates_load(p->root, p->files.owner, &ret->set, e) < 0)
		return -1;
	for (size_t i = 0; i < ret->set.n; i++) {
		const struct template_row *row = &ret->set.rows[i];

		if (row->t.match)
			expr_facts(row->t.match, &ret->wanted);
		if (row->whole && !row->broken)
			plan_facts(&row->t, &ret->wanted);
	}
	for (size_t i = 0; i < policy->nworkloads; i++)
		if (policy->workloads[i].settings.n)
			fact_set_add(&ret->wanted, FACT_workload);
	policy_want(policy, &ret->wanted); /* what tells the workload */
	return 0;
}

/* Whether @t is chosen already. */
static bool is_chosen(const struct settings *s, const struct template *t)
{
	for (size_t i = 0; i < s->nchosen; i++)
		if (s->chosen[i].t == t)
			return true;
	return false;
}

/* Chooses @row for a guest of @kind, for whom it may not be. */
static int choose(struct settings *s, struct template_row *row, enum guest_kind kind,
		  enum chosen_by by, struct slice workload, struct err *e)
{
	if (s->without.len && slice_same(row->t.name, s->without))
		return 0;
	if (templates_complete(&s->set, row, e) < 0)
		return -1;
	if (template_is_for(&row->t, kind) && !is_chosen(s, &row->t))
		s->chosen[s->nchosen++] = (struct chosen){ &row->t, by, workload };
	return 0;
}

/* Notes that nobody can tell whether @row is one of the guest's. */
static int leave_open(struct settings *s, struct template_row *row,
		      const struct facts *facts, enum guest_kind kind, struct err *e)
{
	struct settings_open *open = &s->open[s->nopen];
	struct fact_set named = { 0 };

	if (templates_complete(&s->set, row, e) < 0)
		return -1;
	if (!template_is_for(&row->t, kind))
		return 0;
	*open = (struct settings_open){ .row = row };
	expr_facts(row->t.match, &named);
	for (unsigned id = 0; id < FACT_COUNT; id++)
		if (fact_set_has(&named, (enum fact_id)id) &&
		    facts_get(facts, (enum fact_id)id)->state == FACT_STATE_UNKNOWN)
			fact_set_add(&open->unknown, (enum fact_id)id);
	s->nopen++;
	return 0;
}

/*
 * Whether @row is for the guest of @facts. Of a condition that cannot be read nobody knows: that
 * matters where the template is required.
 */
static enum tri matches(const struct template_row *row, const struct facts *facts)
{
	const struct template *t = &row->t;

	if (t->match)
		return expr_eval(t->match, facts);
	return t->match_unknown && t->required ? TRI_UNKNOWN : TRI_FALSE;
}

/* Notes that @row, which is asked for, is broken; @w: by which workload, or NULL. */
static void miss(struct settings *s, const struct workload *w,
		 const struct template_row *row, enum guest_kind kind)
{
	if (template_is_for(&row->t, kind))
		s->missing[s->nmissing++] =
			(struct settings_missing){ w, row->t.name, row };
}

/* Chooses the templates whose condition holds. */
static int choose_by_match(struct settings *s, enum guest_kind kind,
			   const struct facts *facts, struct err *e)
{
	static const struct slice none = { 0 };

	for (size_t i = 0; i < s->set.n; i++) {
		struct template_row *row = &s->set.rows[i];
		enum tri value = matches(row, facts);
		int r = 0;

		if (value == TRI_FALSE)
			continue;
		if (row->broken)
			miss(s, NULL, row, kind);
		else if (value == TRI_TRUE)
			r = choose(s, row, kind, CHOSEN_BY_MATCH, none, e);
		else
			r = leave_open(s, row, facts, kind, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* Whether @w is one of the guest's classes. */
static bool has_class(const struct facts *facts, const struct workload *w)
{
	const struct fact *f = facts_get(facts, FACT_workload);

	for (size_t i = 0; i < f->nitems; i++)
		if (slice_same(f->items[i].text, w->name))
			return true;
	return false;
}

/* Chooses what the classes of the guest name. */
static int choose_by_workload(struct settings *s, enum guest_kind kind,
			      const struct facts *facts, struct err *e)
{
	for (size_t i = 0; i < s->policy->nworkloads; i++) {
		const struct workload *w = &s->policy->workloads[i];

		if (!w->settings.n || !has_class(facts, w))
			continue;
		for (size_t k = 0; k < w->settings.n; k++) {
			struct template_row *row =
				templates_find(&s->set, w->settings.items[k]);

			if (!row)
				s->missing[s->nmissing++] = (struct settings_missing){
					w, w->settings.items[k], NULL
				};
			else if (row->broken)
				miss(s, w, row, kind);
			else if (choose(s, row, kind, CHOSEN_BY_WORKLOAD, w->name, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* Chooses the template that a person named. */
static int choose_by_hand(struct settings *s, enum guest_kind kind, struct slice name,
			  struct err *e)
{
	static const struct slice none = { 0 };
	struct template_row *row = templates_find(&s->set, name);

	if (!row)
		return err_set(e, ERR_UNKNOWN, "there is no template '%.*s'",
			       SLICE_SHOWN(name));
	if (row->broken)
		return err_set(e, ERR_SYNTAX,
			       "template '%.*s' cannot be used: %s is wrong",
			       SLICE_SHOWN(name), row->t.file);
	return choose(s, row, kind, CHOSEN_BY_HAND, none, e);
}

/* Chooses what a person applied to a VM before, by its credential. */
static int choose_as_applied(struct settings *s, const struct facts_input *in,
			     struct err *e)
{
	static const struct slice none = { 0 };
	const struct guestconf_entry *args = in->kind == GUEST_VM && in->section
						     ? guestconf_find(in->section, "args")
						     : NULL;
	struct credential given = { 0 };
	struct err ignored = { 0 }; /* the check says it */

	if (!args || credential_read(args->value, &s->arena, &given, &ignored) <= 0)
		return 0;
	for (size_t i = 0; i < given.nnames; i++) {
		struct template_row *row = templates_find(&s->set, given.names[i]);

		if (s->without.len && slice_same(given.names[i], s->without))
			continue;
		if (!row || row->broken)
			s->missing[s->nmissing++] =
				(struct settings_missing){ NULL, given.names[i], row };
		else if (choose(s, row, in->kind, CHOSEN_BY_HAND, none, e) < 0)
			return -1;
	}
	return 0;
}

/* How many templates workloads name. */
static size_t count_named(const struct policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nworkloads; i++)
		n += p->workloads[i].settings.n;
	return n;
}

/* Makes room for all that may be chosen, undecided or missing. */
static int make_room(struct settings *s, struct err *e)
{
	size_t n = s->set.n + count_named(s->policy) + CREDENTIAL_MAX_NAMES + 1;

	s->chosen = arena_array(&s->arena, n, sizeof(*s->chosen));
	s->open = arena_array(&s->arena, n, sizeof(*s->open));
	s->missing = arena_array(&s->arena, n, sizeof(*s->missing));
	return arena_failed(&s->arena) ? err_nomem(e) : 0;
}

int settings_plan(struct settings *s, const struct facts_input *in,
		  const struct facts *facts, struct slice by_hand, struct err *e)
{
	struct value_world *world = &s->world;
	struct fact_set needed = { 0 };

	arena_reset(&s->arena);
	*world = (struct value_world){ .in = in,
				       .facts = &s->facts,
				       .running = s->running };
	s->nchosen = s->nopen = s->nmissing = 0;
	s->plan = (struct plan){ 0 };
	s->check = (struct check){ 0 };
	if (make_room(s, e) < 0 || choose_by_match(s, in->kind, facts, e) < 0 ||
	    choose_by_workload(s, in->kind, facts, e) < 0 ||
	    choose_as_applied(s, in, e) < 0 ||
	    (by_hand.len && choose_by_hand(s, in->kind, by_hand, e) < 0))
		return -1;
	if (!s->nchosen)
		return 0;
	for (size_t i = 0; i < s->nchosen; i++)
		plan_facts(s->chosen[i].t, &needed);
	if (facts_load(in, &needed, &s->arena, &s->facts, e) < 0)
		return -1;
	if (s->running && in->kind == GUEST_VM)
		world->ndisks =
			disks_open(s->place->root, in->vmid, &s->arena, &world->disks);
	return plan_make(s->chosen, s->nchosen, world, &s->arena, &s->plan, e);
}

int settings_plan_guest(struct settings *s, const struct cluster *c,
			const struct guest *g, const char *event, struct slice by_hand,
			struct arena *a, struct facts_input *ret, struct err *e)
{
	struct facts facts;

	input_fill(c, g, true, ret);
	ret->request.event = slice_of(event);
	input_look(s->place, c, g, false, &s->wanted, a, ret);
	if (facts_load(ret, &s->wanted, a, &facts, e) < 0)
		return -1;
	policy_give(s->policy, &s->wanted, &facts, a);
	return settings_plan(s, ret, &facts, by_hand, e);
}

int settings_check(struct settings *s, const struct facts_input *in, struct err *e)
{
	return check_plan(s->place->root, in, &s->plan, &s->arena, &s->check, e);
}

/* How many of the problems from @i on, sorted, are of the same file. */
static size_t count_file(const struct problems *p, size_t i)
{
	size_t n = 1;

	while (i + n < p->n && strcmp(p->rows[i + n].file, p->rows[i].file) == 0)
		n++;
	return n;
}

void settings_warn(struct settings *s, struct buf *message)
{
	struct problems *p = &s->set.problems;
	struct err e = { 0 };
	size_t n;

	if (!problems_any(p))
		return;
	(void)problems_as_err(p, &e); /* sorts them */
	if (!p->n)
		buf_printf(message,
			   "WARN: pve-safe: settings templates cannot be used: %s\n",
			   e.msg);
	for (size_t i = 0; i < p->n; i += n) {
		const struct problem *row = &p->rows[i];

		n = count_file(p, i);
		buf_puts(message, "WARN: pve-safe: settings templates cannot be used: ");
		text_printable(message, slice_of(row->file), SIZE_MAX);
		if (row->line)
			buf_printf(message, ":%u:%u", row->line, row->col);
		buf_printf(message, ": %s", row->text);
		if (n > 1)
			buf_printf(message, " (and %zu more)", n - 1);
		buf_puts(message, "; pve-safe template list says more\n");
	}
}

void settings_done(struct settings *s)
{
	templates_done(&s->set);
	arena_done(&s->arena);
}
