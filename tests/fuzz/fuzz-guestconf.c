/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/pve/guestconf*.c: the first byte is 'v' for a VM's file, the rest the file.
 * All that is read lies inside of the text, keys are unique, also after merging; what is
 * kept is written back and read again as the same, and read the same by who has seen its
 * lines before; warnings have a line and no control bytes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "pve/guestconf.h"
#include "pve/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Whether @part lies inside of @whole. */
static bool inside(struct slice part, struct slice whole)
{
	return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

/* Whether @value is one of the two that booleans become. */
static bool is_bool(struct slice value)
{
	return slice_eq(value, "0") || slice_eq(value, "1");
}

/* Checks one entry of a section. */
static void check_entry(const struct guestconf *c, const struct guestconf_entry *e)
{
	const struct option *o = e->option;

	must(e->line > 0 && e->key.len > 0 && e->value.ptr);
	must(inside(e->key, c->text) || slice_eq(e->key, "ide2") ||
	     slice_eq(e->key, "args") || slice_eq(e->key, "delete") ||
	     slice_eq(e->key, "env"));
	must(inside(e->value, c->text) || is_bool(e->value) || slice_eq(e->key, "env"));
	must(option_find(c->kind, e->key) == o);
	if (o && o->count)
		must(e->index < o->count);
}

/* Checks that no key stands twice in @s. */
static void check_unique(const struct guestconf_section *s)
{
	for (size_t i = 0; i < s->nentries && s->nentries < 500; i++)
		for (size_t j = 0; j < i; j++)
			must(!slice_same(s->entries[i].key, s->entries[j].key));
}

/* Checks all of @s. */
static void check_section(const struct guestconf *c, const struct guestconf_section *s)
{
	unsigned line = 0;

	check_unique(s);
	for (size_t i = 0; i < s->nentries; i++)
		check_entry(c, &s->entries[i]);
	for (size_t i = 0; i < s->nraws; i++) {
		must(c->kind == GUEST_CT && s->raws[i].line > line);
		must(inside(s->raws[i].key, c->text) &&
		     inside(s->raws[i].value, c->text));
		must(slice_starts(s->raws[i].key, "lxc."));
		line = s->raws[i].line;
	}
	for (size_t i = 0; i < s->nnewer; i++)
		must(c->kind == GUEST_VM && inside(s->newer[i].value, c->text));
}

/*
 * Whether @e comes back from a line of its own: not what lost its quotes, and not the env
 * that lxc.environment.runtime becomes unchecked.
 */
static bool is_stable(const struct guestconf *c, const struct guestconf_entry *e)
{
	return !(e->option && e->option->type == OPTION_QUOTED) && e->value.len &&
	       !memchr(e->value.ptr, '\0', e->value.len) &&
	       (inside(e->key, c->text) || !slice_eq(e->key, "env"));
}

/* Writes the current section back and reads it again. */
static void check_again(const struct guestconf *c, struct arena *a)
{
	const struct guestconf_section *s = guestconf_current(c), *t;
	struct buf text = { 0 };
	struct guestconf again;
	struct err e = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < s->nentries; i++)
		if (is_stable(c, &s->entries[i]))
			buf_printf(&text, "%.*s: %.*s\n", SLICE_ARG(s->entries[i].key),
				   SLICE_ARG(s->entries[i].value));
	must(guestconf_parse(c->kind, buf_as_slice(&text), a, &again, &e) == 0);
	t = guestconf_current(&again);
	for (size_t i = 0; i < s->nentries; i++) {
		if (!is_stable(c, &s->entries[i]))
			continue;
		must(n < t->nentries && slice_same(s->entries[i].key, t->entries[n].key));
		must(slice_same(s->entries[i].value, t->entries[n].value));
		n++;
	}
	must(n == t->nentries && again.nsections == 1);
	buf_done(&text);
}

/* Whether two entries say the same; their values may be words of our own. */
static bool same_entry(const struct guestconf_entry *x, const struct guestconf_entry *y)
{
	return x->option == y->option && x->index == y->index && x->line == y->line &&
	       slice_same(x->key, y->key) && slice_same(x->value, y->value);
}

/* Reads the text again twice, the second time with its lines known: the same comes of it. */
static void check_known(const struct guestconf *c, struct arena *a)
{
	struct guestconf_known *known = guestconf_known_new();
	struct guestconf d;
	struct err e = { 0 };

	for (int round = 0; round < 2; round++) {
		must(guestconf_parse_known(c->kind, c->text, known, a, &d, &e) == 0);
		must(d.nsections == c->nsections);
		for (size_t i = 0; i < d.nsections; i++) {
			const struct guestconf_section *s = &c->sections[i];
			const struct guestconf_section *t = &d.sections[i];

			must(s->nentries == t->nentries && s->nraws == t->nraws &&
			     s->nnewer == t->nnewer);
			for (size_t k = 0; k < s->nentries; k++)
				must(same_entry(&s->entries[k], &t->entries[k]));
			for (size_t k = 0; k < s->nraws; k++)
				must(slice_same(s->raws[k].key, t->raws[k].key) &&
				     slice_same(s->raws[k].value, t->raws[k].value) &&
				     s->raws[k].line == t->raws[k].line);
		}
	}
	guestconf_known_free(known);
}

/* Checks what a start would use. */
static void check_merged(const struct guestconf *c, struct arena *a)
{
	struct guestconf_section merged;
	struct err e = { 0 };

	if (guestconf_merge_pending(c, a, &merged, &e) < 0) {
		must(e.code == ERR_RANGE);
		return;
	}
	check_section(c, &merged);
	must(!guestconf_pending(c) || !guestconf_find(&merged, "delete") ||
	     guestconf_find(guestconf_current(c), "delete"));
}

/* Checks what would be warned about. */
static void check_warnings(struct guestconf *c, struct arena *a)
{
	unsigned line = 0;
	struct err e = { 0 };

	must(guestconf_warn(c, a, &e) == 0 && c->nwarnings <= GUESTCONF_MAX_WARNINGS);
	for (size_t i = 0; i < c->nwarnings; i++) {
		must(c->warnings[i].line >= line && c->warnings[i].line > 0);
		line = c->warnings[i].line;
		for (const char *p = c->warnings[i].text; *p; p++)
			must((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum guest_kind kind = len && data[0] == 'v' ? GUEST_VM : GUEST_CT;
	struct slice text = { (const char *)data + (len > 0), len ? len - 1 : 0 };
	struct arena a = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	if (guestconf_parse(kind, text, &a, &c, &e) < 0) {
		must(e.code == ERR_SYNTAX || e.code == ERR_RANGE);
		must(e.msg[0]);
	} else {
		must(c.nsections > 0 && c.sections[0].type == SECTION_CURRENT);
		for (size_t i = 0; i < c.nsections; i++)
			check_section(&c, &c.sections[i]);
		check_again(&c, &a);
		check_known(&c, &a);
		check_merged(&c, &a);
		check_warnings(&c, &a);
	}
	arena_done(&a);
	return 0;
}
