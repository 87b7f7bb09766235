/* SPDX-License-Identifier: MIT */
/*
 * Source: PVE::SectionConfig::parse_config and parse_section_header (pve-common 9.2),
 * with the headers of PVE::HA::Resources and PVE::Mapping::PCI.
 *
 *	file     = { comment | empty | section } .
 *	section  = header { comment | property } ( empty | end of file ) .
 *	header   = TYPE ":" [ blanks ] ID [ blanks ]   or, in a mapping,   ID [ blanks ] .
 *	property = blanks KEY [ blanks VALUE ] [ blanks ] .
 *	comment  = [ blanks ] "#" anything .
 *
 * What is easily overlooked, and read here as PVE does:
 * - only an empty line ends a section: the next header does not, nor does a line of blanks
 *   (so a file with CRLF is one section to PVE);
 * - a comment line does not end a section, and there is none behind a value;
 * - "type:id" needs no blank, and its last colon counts: "a:b:c" is type "a:b", id "c".
 *
 * Differences, all of them refusals of what PVE at most warns about in a log: any other
 * line (PVE ignores it, and with a header in the middle of a section adds the properties
 * after it to that section); the line "0", which PVE takes for an empty one; a carriage
 * return within a value (PVE drops the property); a section given twice (PVE keeps the
 * last one). A line of blanks alone is ignored here too.
 */
#include "pve/sectionconfig.h"

#include <stdlib.h>

#include "pve/chars.h"
#include "pve/lines.h"

struct reader {
	enum sectionconfig_form form;
	struct lines lines;
	struct sectionconfig *out;
	struct sectionconfig_property *properties; /* of all sections */
	size_t nproperties;
	struct sectionconfig_section *open; /* NULL between sections */
	struct err *e;
};

/* Cuts @s at its first blank; @rest is trimmed and may be empty. */
static struct slice first_word(struct slice s, struct slice *rest)
{
	size_t n = 0;

	while (n < s.len && !slice_is_space(s.ptr[n]))
		n++;
	*rest = slice_trim((struct slice){ s.ptr + n, s.len - n });
	return (struct slice){ s.ptr, n };
}

/* Whether @s, not empty, is one word. */
static bool is_word(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (slice_is_space(s.ptr[i]))
			return false;
	return true;
}

/* Splits a header "type: id", as Perl's greedy (\S+):\s*(\S+)\s* does. */
static bool split_typed(struct slice line, struct slice *type, struct slice *id)
{
	struct slice rest, head = first_word(line, &rest);
	const char *colon;

	if (head.len < 2)
		return false;
	if (rest.len) {
		*type = (struct slice){ head.ptr, head.len - 1 };
		*id = rest;
		return head.ptr[head.len - 1] == ':' && is_word(rest);
	}
	colon = memrchr(head.ptr + 1, ':', head.len - 2);
	if (!colon)
		return false;
	*type = (struct slice){ head.ptr, (size_t)(colon - head.ptr) };
	*id = (struct slice){ colon + 1, head.len - type->len - 1 };
	return true;
}

/* Splits a header of the reader's form. */
static bool split_header(const struct reader *r, struct slice line, struct slice *type,
			 struct slice *id)
{
	if (r->form != SECTIONCONFIG_PLAIN)
		return split_typed(line, type, id);
	*type = (struct slice){ 0 };
	*id = slice_trim(line);
	return is_word(*id);
}

/* What a header looks like, for messages. */
static const char *header_form(const struct reader *r)
{
	return r->form == SECTIONCONFIG_PLAIN ? "a header 'id'" : "a header 'type: id'";
}

/* Refuses a line that begins without a blank within a section. */
static int refuse_within(struct reader *r, struct slice line)
{
	struct slice type, id;

	if (split_header(r, line, &type, &id))
		return LINES_REFUSE(r->e, r->lines.line, ERR_SYNTAX,
				    "the header '%.*s' stands within section '%.*s' of "
				    "line %u, which only "
				    "an empty line ends: PVE ignores it and adds what "
				    "follows to '%.*s'; "
				    "expected an empty line, without blanks, before it",
				    LINES_SHOWN(line), LINES_SHOWN(r->open->id),
				    r->open->line, LINES_SHOWN(r->open->id));
	return LINES_REFUSE(
		r->e, r->lines.line, ERR_SYNTAX,
		"PVE ignores the line '%.*s' in section '%.*s': expected a blank, "
		"a key and its value",
		LINES_SHOWN(line), LINES_SHOWN(r->open->id));
}

/* Reads a line that begins without a blank: a header. */
static int read_header(struct reader *r, struct slice line)
{
	struct slice type, id;

	if (r->open)
		return refuse_within(r, line);
	if (!split_header(r, line, &type, &id))
		return LINES_REFUSE(r->e, r->lines.line, ERR_SYNTAX,
				    "PVE ignores the line '%.*s': expected %s",
				    LINES_SHOWN(line), header_form(r));
	r->open = &r->out->sections[r->out->n++];
	*r->open = (struct sectionconfig_section){ .type = type,
						   .id = id,
						   .properties =
							   r->properties + r->nproperties,
						   .line = r->lines.line };
	return 0;
}

/* Reads a line that begins with a blank: a property. */
static int read_property(struct reader *r, struct slice line)
{
	struct slice value, key = first_word(slice_trim(line), &value);

	if (!r->open)
		return LINES_REFUSE(
			r->e, r->lines.line, ERR_SYNTAX,
			"PVE ignores the property '%.*s', which is in no section: an "
			"empty line ends a section; expected %s before it",
			LINES_SHOWN(key), header_form(r));
	if (value.len && memchr(value.ptr, '\r', value.len))
		return LINES_REFUSE(
			r->e, r->lines.line, ERR_SYNTAX,
			"a carriage return within the value of '%.*s': PVE drops "
			"the property; expected one line of text",
			LINES_SHOWN(key));
	r->properties[r->nproperties++] = (struct sectionconfig_property){
		.key = key,
		.value = value.len ? value : (struct slice){ 0 },
		.line = r->lines.line,
	};
	r->open->nproperties++;
	return 0;
}

/* Reads one line. */
static int read_line(struct reader *r, struct slice line)
{
	struct slice text = slice_trim(line);

	if (!line.len)
		r->open = NULL;
	if (!text.len || *text.ptr == '#')
		return 0;
	if (slice_eq(line, "0"))
		return LINES_REFUSE(
			r->e, r->lines.line, ERR_SYNTAX,
			"PVE takes the line '0' for an empty one: expected %s or "
			"an empty line",
			header_form(r));
	return slice_is_space(*line.ptr) ? read_property(r, line) : read_header(r, line);
}

/* Makes room for all sections and properties that @text can have. */
static int make_room(struct reader *r, struct arena *a)
{
	struct lines l = r->lines;
	size_t nheaders = 0, nproperties = 0;
	struct slice line;

	while (lines_next(&l, &line)) {
		nheaders += line.len && !slice_is_space(*line.ptr) && *line.ptr != '#';
		nproperties += line.len && slice_is_space(*line.ptr);
	}
	r->out->sections = arena_array(a, nheaders, sizeof(*r->out->sections));
	r->properties = arena_array(a, nproperties, sizeof(*r->properties));
	return r->out->sections && r->properties ? 0 : err_nomem(r->e);
}

/* Order of bytes, shorter first where one begins the other. */
static int compare_bytes(struct slice a, struct slice b)
{
	int c = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

/* Order of bytes in lower case: PVE folds the types of the files that it qualifies. */
static int compare_folded(struct slice a, struct slice b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		int c = char_lower(a.ptr[i]) - char_lower(b.ptr[i]);

		if (c)
			return c;
	}
	return (a.len > b.len) - (a.len < b.len);
}

/* Order of two sections of one name, by position. */
static int compare_line(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

/* Order of sections for qsort(3): id, then line. */
static int by_id(const void *a, const void *b)
{
	const struct sectionconfig_section *const *x = a, *const *y = b;
	int c = compare_bytes((*x)->id, (*y)->id);

	return c ? c : compare_line((*x)->line, (*y)->line);
}

/* Order of sections for qsort(3): id, type, then line. */
static int by_type_and_id(const void *a, const void *b)
{
	const struct sectionconfig_section *const *x = a, *const *y = b;
	int c = compare_bytes((*x)->id, (*y)->id);

	if (!c)
		c = compare_folded((*x)->type, (*y)->type);
	return c ? c : compare_line((*x)->line, (*y)->line);
}

/* Refuses the first section that repeats one before it. */
static int check_once(const struct reader *r, struct arena *a)
{
	const struct sectionconfig *c = r->out;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const struct sectionconfig_section **order = arena_array(a, c->n, sizeof(*order));
	const struct sectionconfig_section *first = NULL, *again = NULL;
	bool typed = r->form == SECTIONCONFIG_QUALIFIED;

	if (!order)
		return err_nomem(r->e);
	for (size_t i = 0; i < c->n; i++)
		order[i] = &c->sections[i];
	qsort(order, c->n, sizeof(const struct sectionconfig_section *),
	      typed ? by_type_and_id : by_id);
	for (size_t i = 1; i < c->n; i++) {
		if (!slice_same(order[i - 1]->id, order[i]->id) ||
		    (typed && compare_folded(order[i - 1]->type, order[i]->type)) ||
		    (again && again->line < order[i]->line))
			continue;
		first = order[i - 1];
		again = order[i];
	}
	if (!again)
		return 0;
	return LINES_REFUSE(
		r->e, again->line, ERR_DUPLICATE,
		"section '%.*s' was in line %u already: PVE uses the last one "
		"alone; expected it once",
		LINES_SHOWN(again->id), first->line);
}

int sectionconfig_parse(enum sectionconfig_form form, struct slice text, struct arena *a,
			struct sectionconfig *ret, struct err *e)
{
	struct sectionconfig out = { 0 };
	struct reader r = { .form = form, .out = &out, .e = e };
	struct slice line;

	if (lines_begin(&r.lines, text, SECTIONCONFIG_MAX_BYTES, e) < 0 ||
	    make_room(&r, a) < 0)
		return -1;
	while (lines_next(&r.lines, &line))
		if (read_line(&r, line) < 0)
			return -1;
	if (check_once(&r, a) < 0)
		return -1;
	*ret = out;
	return 0;
}

/* The property @key whatever its value; NULL when it is not there. */
static int find_once(const struct sectionconfig_section *s, const char *key,
		     const struct sectionconfig_property **ret, struct err *e)
{
	const struct sectionconfig_property *found = NULL;

	for (size_t i = 0; i < s->nproperties; i++) {
		const struct sectionconfig_property *p = &s->properties[i];

		if (!slice_eq(p->key, key))
			continue;
		if (found)
			return LINES_REFUSE(
				e, p->line, ERR_DUPLICATE,
				"'%s' of section '%.*s' was in line %u already: PVE "
				"ignores this one; expected it once",
				key, LINES_SHOWN(s->id), found->line);
		found = p;
	}
	*ret = found;
	return 0;
}

int sectionconfig_find(const struct sectionconfig_section *s, const char *key,
		       const struct sectionconfig_property **ret, struct err *e)
{
	const struct sectionconfig_property *p;

	if (find_once(s, key, &p, e) < 0)
		return -1;
	if (p && !p->value.ptr)
		return LINES_REFUSE(
			e, p->line, ERR_SYNTAX,
			"'%s' of section '%.*s' stands alone: expected a value "
			"behind it",
			key, LINES_SHOWN(s->id));
	*ret = p;
	return 0;
}

int sectionconfig_flag(const struct sectionconfig_section *s, const char *key,
		       bool absent, bool *ret, struct err *e)
{
	const struct sectionconfig_property *p = NULL;

	if (find_once(s, key, &p, e) < 0)
		return -1;
	if (!p) {
		*ret = absent;
		return 0;
	}
	if (p->value.ptr && !slice_eq(p->value, "0") && !slice_eq(p->value, "1"))
		return LINES_REFUSE(
			e, p->line, ERR_TYPE,
			"'%s %.*s' of section '%.*s': PVE takes neither yes nor no "
			"here; expected 0 or 1",
			key, LINES_SHOWN(p->value), LINES_SHOWN(s->id));
	*ret = !p->value.ptr || slice_eq(p->value, "1");
	return 0;
}
