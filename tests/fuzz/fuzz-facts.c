/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/facts: any text, read as a container's and as a VM's file, gives facts that hold
 * together. What is known has a value, what is unknown says why and where, what is of the
 * other kind is none; a fact computed alone is the same as among all.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "facts/facts-json.h"
#include "facts/facts.h"
#include "pve/guestconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @holds. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Whether @part lies in @whole. */
static bool lies_in(struct slice part, struct slice whole)
{
	return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

/* An origin is a line of the file, or the command line or a default. */
static void check_origin(const struct fact_origin *o, const struct facts_input *in)
{
	unsigned lines = 1;

	if (!o->file)
		return;
	must(o->file == in->conf_file);
	for (size_t i = 0; i < in->conf->text.len; i++)
		lines += in->conf->text.ptr[i] == '\n';
	must(o->line <= lines);
	if (o->line) {
		must(lies_in(o->text, in->conf->text));
		must(!o->text.len || !memchr(o->text.ptr, '\n', o->text.len));
	}
}

/* The canonical text of a fact needs no escaping. */
static void check_text(const struct fact_row *row, const struct fact *f)
{
	struct buf out = { 0 };

	fact_render(row, f, &out);
	must(!buf_failed(&out));
	for (size_t i = 0; i < out.len; i++)
		must((unsigned char)out.ptr[i] >= 0x20 && !strchr("\"\\$", out.ptr[i]));
	buf_done(&out);
}

/* One fact on its own. */
static void check_fact(enum fact_id id, const struct facts *facts,
		       const struct facts_input *in)
{
	unsigned kind = in->kind == GUEST_CT ? FACT_KINDS_CT : FACT_KINDS_VM;
	const struct fact_row *row = &fact_rows[id];
	const struct fact *f = facts_get(facts, id);

	if (!(row->kinds & kind))
		must(f->state == FACT_STATE_NONE);
	check_origin(&f->origin, in);
	check_text(row, f);
	if (f->state == FACT_STATE_UNKNOWN)
		must(f->why && *f->why && f->origin.file);
	if (f->state != FACT_STATE_KNOWN)
		return;
	if (row->type == FACT_TEXT || row->type == FACT_ENUM)
		must(f->text.ptr != NULL);
	for (size_t i = 0; row->type == FACT_LIST && i < f->nitems; i++) {
		must(f->items[i].text.len > 0);
		check_origin(&f->items[i].origin, in);
	}
}

/* Whether two values of one fact are the same. */
static bool same(enum fact_id id, const struct fact *a, const struct fact *b)
{
	struct buf x = { 0 }, y = { 0 };
	bool is;

	fact_render(&fact_rows[id], a, &x);
	fact_render(&fact_rows[id], b, &y);
	is = a->state == b->state && slice_same(buf_as_slice(&x), buf_as_slice(&y));
	buf_done(&x);
	buf_done(&y);
	return is;
}

/* Facts that follow from each other. */
static void check_together(const struct facts *facts)
{
	const struct fact *root = facts_get(facts, FACT_root_uid);
	const struct fact *privileged = facts_get(facts, FACT_privileged);
	const struct fact *bind = facts_get(facts, FACT_bind);

	must(root->state == privileged->state);
	if (root->state == FACT_STATE_KNOWN)
		must(privileged->flag == (root->number == 0));
	if (bind->state != FACT_STATE_KNOWN)
		return;
	for (size_t i = 0; i < bind->nitems; i++) {
		must(*bind->items[i].text.ptr == '/');
		if (slice_eq(bind->items[i].text, "/"))
			must(facts_get(facts, FACT_docker)->flag);
	}
}

/* All facts of one section, and the one numbered @alone by itself. */
static void check_section(const struct facts_input *in, unsigned alone)
{
	struct facts all, one;
	struct fact_set set = { 0 }, single = { 0 };
	enum fact_id id = (enum fact_id)(alone % FACT_COUNT);
	struct arena a = { 0 };
	struct buf out = { 0 };
	struct err e = { 0 };
	struct json j;

	facts_of_kind(GUEST_CT, &set);
	facts_of_kind(GUEST_VM, &set);
	must(facts_load(in, &set, &a, &all, &e) == 0);
	for (enum fact_id i = 0; i < FACT_COUNT; i++)
		check_fact(i, &all, in);
	check_together(&all);
	fact_set_add(&single, id);
	must(facts_load(in, &single, &a, &one, &e) == 0);
	must(same(id, facts_get(&all, id), facts_get(&one, id)));
	json_begin(&j, &out);
	facts_emit_json(&all, in->kind, &j);
	must(json_is_complete(&j));
	buf_done(&out);
	arena_done(&a);
}

/* @text as the file of a guest of @kind, now and at its next start. */
static void check_guest(enum guest_kind kind, struct slice text, unsigned alone)
{
	struct facts_input in = { .kind = kind, .conf_file = "guest.conf" };
	struct guestconf_section start;
	struct arena a = { 0 };
	struct guestconf conf;
	struct err e = { 0 };

	in.sources[SOURCE_GUEST].state = SOURCE_STATE_READ;
	if (guestconf_parse(kind, text, &a, &conf, &e) == 0) {
		in.conf = &conf;
		in.section = guestconf_current(&conf);
		check_section(&in, alone);
		if (guestconf_merge_pending(&conf, &a, &start, &e) == 0) {
			in.section = &start;
			check_section(&in, alone);
		}
	}
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text;

	if (!len)
		return 0;
	text = (struct slice){ (const char *)data + 1, len - 1 };
	check_guest(GUEST_CT, text, data[0]);
	check_guest(GUEST_VM, text, data[0]);
	return 0;
}
