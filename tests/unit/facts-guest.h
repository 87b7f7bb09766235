/* SPDX-License-Identifier: MIT */
/*
 * facts-guest - the facts of a guest out of the text of its file, for tests: rows hold
 * the text, the name of a fact and what it must be.
 *
 * A fact is written as in messages; "none", "[]" (an empty list), "?why" (unknown, with
 * the first words of why) stand for what has no text.
 */
#pragma once

#include "rows.h"

#include "base/arena.h"
#include "base/buf.h"
#include "facts/facts-json.h"
#include "facts/facts.h"
#include "pve/guestconf.h"

#define GUEST_FILE "/etc/pve/guest.conf"

/* One guest, its facts, and their memory. */
struct facts_guest {
	struct arena arena;
	struct guestconf conf;
	struct facts_input in;
	struct facts facts;
};

/* Reads @text as a guest outside any cluster. */
static inline void facts_guest_read(struct facts_guest *g, enum guest_kind kind,
				    const char *text)
{
	struct err e = { 0 };

	*g = (struct facts_guest){ 0 };
	if (guestconf_parse(kind, slice_of(text), &g->arena, &g->conf, &e) < 0)
		fail_msg("%s", e.msg);
	g->in = (struct facts_input){
		.kind = kind,
		.conf_file = GUEST_FILE,
		.conf = &g->conf,
		.section = guestconf_current(&g->conf),
	};
	g->in.sources[SOURCE_REQUEST].state = SOURCE_STATE_READ;
	g->in.sources[SOURCE_GUEST].state = SOURCE_STATE_READ;
	g->in.sources[SOURCE_GUEST].file = GUEST_FILE;
}

/* The fact called @name, computed alone; ends the test when there is none. */
static inline const struct fact *facts_guest_get(struct facts_guest *g, const char *name)
{
	int id = fact_find(slice_of(name));
	struct fact_set set = { 0 };
	struct err e = { 0 };

	if (id < 0)
		fail_msg("no fact '%s'", name);
	fact_set_add(&set, (enum fact_id)id);
	if (facts_load(&g->in, &set, &g->arena, &g->facts, &e) < 0)
		fail_msg("%s", e.msg);
	return facts_get(&g->facts, (enum fact_id)id);
}

/* Ends the test unless the fact called @name is @want. */
static inline void facts_guest_expect(struct facts_guest *g, const char *name,
				      const char *want)
{
	const struct fact *f = facts_guest_get(g, name);
	const struct fact_row *row = &fact_rows[fact_find(slice_of(name))];
	struct buf got = { 0 };

	if (f->state == FACT_STATE_NONE)
		buf_puts(&got, "none");
	else if (f->state == FACT_STATE_UNKNOWN)
		buf_printf(&got, "?%.*s", (int)strlen(want) - 1, f->why);
	else if (row->type == FACT_LIST && !f->nitems)
		buf_puts(&got, "[]");
	else
		fact_render(row, f, &got);
	if (strcmp(buf_text(&got), want) != 0)
		fail_msg("%s is '%s' (%s), not '%s'", name, buf_text(&got),
			 f->why ? f->why : "", want);
	buf_done(&got);
}

/* Releases @g. */
static inline void facts_guest_done(struct facts_guest *g)
{
	arena_done(&g->arena);
}

/* One guest, one fact; .where is the line that must be named for it, NULL: any. */
struct fact_case {
	const char *name;
	const char *text;
	const char *fact, *want;
	const char *where; /* "LINE:TEXT", "" for Proxmox's default */
};

/* Ends the test unless the origin of @f, or of its first element, is @where. */
static inline void facts_guest_expect_origin(const struct fact *f, const char *where)
{
	const struct fact_origin *o = f->nitems ? &f->items[0].origin : &f->origin;
	char got[256] = "";

	if (o->file) {
		assert_string_equal(o->file, GUEST_FILE);
		(void)snprintf(got, sizeof(got), "%u:%.*s", o->line, SLICE_ARG(o->text));
	}
	assert_string_equal(got, where);
}

/* Checks one row on a guest of @kind. */
static inline void fact_case_check(const struct fact_case *t, enum guest_kind kind)
{
	struct facts_guest g;

	facts_guest_read(&g, kind, t->text);
	facts_guest_expect(&g, t->fact, t->want);
	if (t->where)
		facts_guest_expect_origin(facts_guest_get(&g, t->fact), t->where);
	facts_guest_done(&g);
}

/* Test of a row whose guest is a container. */
static inline void fact_case_ct(void **state)
{
	fact_case_check(*state, GUEST_CT);
}

/* Test of a row whose guest is a VM. */
static inline void fact_case_vm(void **state)
{
	fact_case_check(*state, GUEST_VM);
}
