/* SPDX-License-Identifier: MIT */
/*
 * guestconf - the loop over lines and sections; what a line means: guestconf-{ct,vm}.c.
 */
#include "pve/guestconf-internal.h"

#include "pve/chars.h"
#include "pve/lines.h"

bool guestconf_is_true(struct slice value)
{
	bool truth;

	return format_bool(value, &truth) && truth;
}

bool guestconf_is_perl_true(struct slice value)
{
	return value.len && !slice_eq(value, "0");
}

const struct guestconf_section *guestconf_pending(const struct guestconf *c)
{
	for (size_t i = 1; i < c->nsections; i++)
		if (c->sections[i].type == SECTION_PENDING)
			return &c->sections[i];
	return NULL;
}

const struct guestconf_section *guestconf_snapshot(const struct guestconf *c,
						   struct slice name)
{
	for (size_t i = 1; i < c->nsections; i++)
		if (c->sections[i].type == SECTION_SNAPSHOT &&
		    slice_same(c->sections[i].name, name))
			return &c->sections[i];
	return NULL;
}

const struct guestconf_entry *guestconf_find(const struct guestconf_section *s,
					     const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < s->nentries; i++)
		if (s->entries[i].key.len == len &&
		    memcmp(s->entries[i].key.ptr, key, len) == 0)
			return &s->entries[i];
	return NULL;
}

bool line_has_text(struct slice line, const char *key, struct slice *ret_value)
{
	if (line.ptr[0] != key[0] || !slice_starts(line, key))
		return false;
	*ret_value = slice_trim(
		(struct slice){ line.ptr + strlen(key), line.len - strlen(key) });
	return ret_value->len > 0;
}

/* Takes @suffix off the end of @s; false if it does not end so. */
static bool cut_suffix(struct slice *s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (s->len < n || memcmp(s->ptr + s->len - n, suffix, n) != 0)
		return false;
	s->len -= n;
	return true;
}

bool line_is_snapstate(struct slice line)
{
	if (line.ptr[line.len - 1] != 'e' ||
	    (!cut_suffix(&line, "prepare") && !cut_suffix(&line, "delete")))
		return false;
	while (line.len && slice_is_space(line.ptr[line.len - 1]))
		line.len--;
	return cut_suffix(&line, "snapstate:");
}

bool line_split(struct slice line, bool dashes, struct slice *ret_key,
		struct slice *ret_value)
{
	struct slice rest, value;
	size_t n = 0;

	while (n < line.len &&
	       (char_is_lower(line.ptr[n]) ||
		(n && (line.ptr[n] == '_' || (dashes && line.ptr[n] == '-')))))
		n++;
	if (!n)
		return false;
	while (n < line.len && char_is_digit(line.ptr[n]))
		n++;
	if (n + 1 >= line.len || line.ptr[n] != ':')
		return false;
	rest = (struct slice){ line.ptr + n + 1, line.len - n - 1 };
	value = slice_trim(rest);
	if (!value.len)
		value = (struct slice){ rest.ptr + rest.len - 1, 1 };
	*ret_key = (struct slice){ line.ptr, n };
	*ret_value = value;
	return true;
}

bool line_is_snapshot(struct slice line, struct slice *ret_name)
{
	struct slice name;

	if (line.len < 4 || line.ptr[0] != '[' || line.ptr[line.len - 1] != ']')
		return false;
	name = (struct slice){ line.ptr + 1, line.len - 2 };
	*ret_name = name;
	return format_configid.check(name);
}

bool line_is(struct slice line, const char *header)
{
	for (size_t i = 0; i < line.len; i++)
		if (!header[i] || char_lower(line.ptr[i]) != header[i])
			return false;
	return !header[line.len];
}

/* Index of the section of @type and @name, made where there is none; -1 with @e set. */
static int find_section(struct reader *r, enum guestconf_section_type type,
			struct slice name)
{
	struct guestconf *c = r->conf;
	uint32_t hash = keytable_hash(name) + (uint32_t)type;
	struct keyslot *s = keytable_first(&r->names, hash);

	for (; s->index; s = keytable_next(&r->names, s)) {
		const struct guestconf_section *have = &c->sections[s->index - 1];

		if (s->hash == hash && have->type == type && slice_same(have->name, name))
			return (int)s->index - 1;
	}
	if (c->nsections == GUESTCONF_MAX_KEYS)
		return err_set(r->e, ERR_RANGE, "more than %d sections",
			       GUESTCONF_MAX_KEYS);
	if (c->nsections == r->sections_cap) {
		size_t cap = r->sections_cap ? r->sections_cap * 2 : 4;
		struct guestconf_section *more =
			arena_array(r->arena, cap, sizeof(*more));

		if (!more)
			return err_nomem(r->e);
		if (c->nsections)
			memcpy(more, c->sections, c->nsections * sizeof(*more));
		c->sections = more;
		r->sections_cap = cap;
	}
	c->sections[c->nsections++] =
		(struct guestconf_section){ .type = type, .name = name };
	if (!keytable_take(&r->names, s, hash, (uint32_t)c->nsections, r->arena))
		return err_nomem(r->e);
	return (int)c->nsections - 1;
}

int reader_section(struct reader *r, enum guestconf_section_type type, struct slice name)
{
	size_t before = r->conf->nsections;
	int i = find_section(r, type, name);

	if (i < 0)
		return -1;
	if ((size_t)i < before)
		(void)reader_warn(r, "a section of this name stands above: what it holds "
				     "there is forgotten");
	r->current = (size_t)i;
	section_begin(&r->builder, &r->conf->sections[i], r->arena);
	return 0;
}

/* Takes the line at r->place, which was found. */
static int take_known(struct reader *r)
{
	struct guestconf_entry entry;
	struct guestconf_raw raw;

	if (known_is_raw(&r->place)) {
		raw = known_raw(&r->place, r->line);
		return section_add_raw(&r->builder, &raw, r->e);
	}
	entry = known_entry(&r->place, r->line);
	return section_put(&r->builder, &entry, r->e);
}

/* Reads one line. */
static int read_line(struct reader *r, struct slice line)
{
	bool vm = r->conf->kind == GUEST_VM;
	struct slice text = line;

	while (text.len && slice_is_space(text.ptr[text.len - 1]))
		text.len--;
	if (!text.len)
		return 0;
	if (text.ptr[0] == '[') {
		int is = vm ? guestconf_vm_header(r, text) : guestconf_ct_header(r, text);

		if (is)
			return is < 0 ? -1 : 0;
	}
	if (r->skipping || text.ptr[0] == '#')
		return 0;
	r->place.row = NULL;
	if (r->known && text.len == line.len &&
	    known_find(r->known, r->conf->kind, line, &r->place))
		return take_known(r);
	return vm ? guestconf_vm_line(r, line, text) : guestconf_ct_line(r, line, text);
}

/* Reads all lines. */
static int read_lines(struct reader *r, struct lines *lines)
{
	struct slice line;

	while (lines_next(lines, &line)) {
		r->line = lines->line;
		if (read_line(r, line) < 0)
			return err_at(r->e, r->line, 0);
	}
	return 0;
}

/* Reads @text into @ret; with @w also what is to be warned about, of all lines anew. */
static int parse(enum guest_kind kind, struct slice text, struct guestconf_known *known,
		 struct arena *a, struct warner *w, struct guestconf *ret, struct err *e)
{
	struct guestconf conf = { .kind = kind, .text = text };
	struct lines lines;
	struct reader r;

	r.conf = &conf;
	r.arena = a;
	r.warner = w;
	r.known = known;
	r.e = e;
	r.line = 0;
	r.skipping = false;
	r.sections_cap = 0;
	keytable_reset(&r.names);
	if (lines_begin(&lines, text, GUESTCONF_MAX_BYTES, e) < 0)
		return -1;
	r.has_cr = text.len && memchr(text.ptr, '\r', text.len);
	if (reader_section(&r, SECTION_CURRENT, (struct slice){ 0 }) < 0 ||
	    read_lines(&r, &lines) < 0)
		return -1;
	*ret = conf;
	return 0;
}

int guestconf_parse(enum guest_kind kind, struct slice text, struct arena *a,
		    struct guestconf *ret, struct err *e)
{
	return parse(kind, text, NULL, a, NULL, ret, e);
}

int guestconf_parse_known(enum guest_kind kind, struct slice text,
			  struct guestconf_known *known, struct arena *a,
			  struct guestconf *ret, struct err *e)
{
	return parse(kind, text, known, a, NULL, ret, e);
}

int guestconf_warn(struct guestconf *c, struct arena *a, struct err *e)
{
	struct warner w = { .arena = a };
	struct guestconf again;

	w.rows = arena_array(a, GUESTCONF_MAX_WARNINGS, sizeof(*w.rows));
	if (!w.rows)
		return err_nomem(e);
	if (parse(c->kind, c->text, NULL, a, &w, &again, e) < 0)
		return -1;
	if (w.dropped && !w.failed) {
		struct guestconf_warning *last = &w.rows[GUESTCONF_MAX_WARNINGS - 1];

		last->text = arena_printf(a, "%s (and %zu more)", last->text, w.dropped);
		w.failed = !last->text;
	}
	if (w.failed)
		return err_nomem(e);
	c->warnings = w.rows;
	c->nwarnings = w.n;
	return 0;
}
