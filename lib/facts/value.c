/* SPDX-License-Identifier: MIT */
/* value - how getters answer: known, none or unknown, with the line that says so. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "facts/getter.h"

enum { LOOK_BACK = 64, ITEMS_FIRST = 4 };

/* The line of @text that begins at @from, without its end. */
static struct slice line_at(struct slice text, const char *from)
{
	size_t left = text.len - (size_t)(from - text.ptr);
	const char *end = memchr(from, '\n', left);
	struct slice line = { from, end ? (size_t)(end - from) : left };

	while (line.len && slice_is_space(line.ptr[line.len - 1]))
		line.len--;
	return line;
}

/* Whether @part lies in the guest's file. */
static bool lies_in_file(const struct getting *g, struct slice part)
{
	const struct guestconf *conf = g->in->conf;

	return conf && (uintptr_t)part.ptr - (uintptr_t)conf->text.ptr < conf->text.len;
}

/*
 * The line of @text that begins with @key. Where @value ends it, and it nearly always does,
 * nothing is searched.
 */
static struct slice line_of_key(struct slice text, struct slice key, struct slice value)
{
	size_t left = text.len - (size_t)(key.ptr - text.ptr);
	/* Huge where it lies elsewhere. */
	size_t before = (uintptr_t)value.ptr - (uintptr_t)key.ptr;
	size_t len = before + value.len;

	if (!value.len || before <= key.len || before > key.len + 2 || len > left ||
	    (len < left && key.ptr[len] != '\n') || slice_is_space(key.ptr[len - 1]))
		return line_at(text, key.ptr);
	return (struct slice){ key.ptr, len };
}

/* Line @line of the guest's file; {NULL, 0} when it has none. */
static struct slice line_of_file(const struct getting *g, unsigned line)
{
	struct slice text = g->in->conf->text;
	const char *from = text.ptr, *end = text.ptr + text.len;

	while (--line && from < end) {
		from = memchr(from, '\n', (size_t)(end - from));
		if (!from)
			return (struct slice){ 0 };
		from++;
	}
	return line_at(text, from);
}

/*
 * Origin of what stands in line @line as @key and @value: that line, found by the key if
 * it is a slice of the file, by its number else. What has no line is of the
 * command line, and shown as one.
 */
static struct fact_origin origin_of(struct getting *g, struct slice key,
				    struct slice value, unsigned line)
{
	struct fact_origin o = { .file = line ? g->in->conf_file : ORIGIN_COMMAND_LINE,
				 .line = line };
	char *made;

	if (line && g->in->conf) {
		o.text = lies_in_file(g, key) ? line_of_key(g->in->conf->text, key, value)
					      : line_of_file(g, line);
		return o;
	}
	made = arena_printf(g->arena, "%.*s: %.*s", SLICE_ARG(key), SLICE_ARG(value));
	o.text = made ? slice_of(made) : value;
	return o;
}

struct fact_origin origin_entry(struct getting *g, const struct guestconf_entry *entry)
{
	return origin_of(g, entry->key, entry->value, entry->line);
}

struct fact_origin origin_raw(struct getting *g, const struct guestconf_raw *raw)
{
	return origin_of(g, raw->key, raw->value, raw->line);
}

struct fact_origin origin_text(struct getting *g, struct slice at)
{
	const char *from = at.ptr;
	struct slice text;
	unsigned line = 1;

	if (!lies_in_file(g, at))
		return (struct fact_origin){ g->in->conf_file, 0, at };
	text = g->in->conf->text;
	while (from > text.ptr && from[-1] != '\n')
		from--;
	for (const char *p = text.ptr; p < from; p++)
		line += *p == '\n';
	return (struct fact_origin){ g->in->conf_file, line, line_at(text, from) };
}

struct fact_origin origin_line(struct getting *g, enum source source, unsigned line)
{
	return (struct fact_origin){ .file = g->in->sources[source].file, .line = line };
}

void value_flag(struct fact *f, bool flag, struct fact_origin origin)
{
	f->state = FACT_STATE_KNOWN;
	f->flag = flag;
	f->origin = origin;
}

void value_number(struct fact *f, uint64_t number, struct fact_origin origin)
{
	f->state = FACT_STATE_KNOWN;
	f->number = number;
	f->origin = origin;
}

void value_text(struct fact *f, struct slice text, struct fact_origin origin)
{
	if (!text.ptr)
		return;
	f->state = FACT_STATE_KNOWN;
	f->text = text;
	f->origin = origin;
}

void value_list(struct fact *f)
{
	f->state = FACT_STATE_KNOWN;
}

/* Doubles the room of a full list: one that holds 4, 8, 16, … items. */
static bool make_room(struct getting *g, struct fact *f)
{
	size_t n = f->nitems;
	struct fact_item *items;

	if (n && (n < ITEMS_FIRST || (n & (n - 1))))
		return true;
	items = arena_array(g->arena, n ? 2 * n : ITEMS_FIRST, sizeof(*items));
	if (!items)
		return false;
	if (n)
		memcpy(items, f->items, n * sizeof(*items));
	f->items = items;
	return true;
}

void value_add(struct getting *g, struct fact *f, struct slice text,
	       struct fact_origin origin)
{
	if (make_room(g, f))
		f->items[f->nitems++] = (struct fact_item){ text, origin };
}

void value_add_once(struct getting *g, struct fact *f, struct slice text,
		    struct fact_origin origin)
{
	size_t first = f->nitems > LOOK_BACK ? f->nitems - LOOK_BACK : 0;

	for (size_t i = first; i < f->nitems; i++)
		if (slice_same(f->items[i].text, text))
			return;
	value_add(g, f, text, origin);
}

void value_unknown(struct getting *g, struct fact *f, struct fact_origin origin,
		   const char *why, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, why);
	(void)vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	*f = (struct fact){ .state = FACT_STATE_UNKNOWN, .origin = origin };
	f->why = arena_strdup(g->arena, slice_of(text));
	if (!f->why)
		f->why = "out of memory";
}

bool value_unknown_as(struct fact *f, const struct fact *from)
{
	if (from->state != FACT_STATE_UNKNOWN)
		return false;
	*f = (struct fact){ .state = FACT_STATE_UNKNOWN,
			    .origin = from->origin,
			    .why = from->why };
	return true;
}

bool value_is_true(struct slice value)
{
	return value.len && !slice_eq(value, "0");
}

struct slice value_lower(struct getting *g, struct slice text)
{
	char *made = NULL;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < 'A' || text.ptr[i] > 'Z')
			continue;
		if (!made)
			made = arena_strdup(g->arena, text);
		if (!made)
			return text;
		made[i] = (char)(text.ptr[i] - 'A' + 'a');
	}
	return made ? (struct slice){ made, text.len } : text;
}
