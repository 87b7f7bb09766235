/* SPDX-License-Identifier: MIT */
#include "base/conf-scan.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/conf-bytes.h"
#include "base/conf-token.h"

/* The scan under way. */
struct scanner {
	struct conf_lexer lexer;
	struct conf_scan *out;
	unsigned open[CONF_MAX_DEPTH + 1]; /* items that are open, the file first */
	unsigned depth;
	size_t nsections;
};

/* Reports an error of form at @m; returns -1. */
#define BAD(s, m, ...) \
	problems_add((s)->lexer.problems, (s)->lexer.file, (m).line, (m).col, __VA_ARGS__)

/* Refuses @t where @expected should stand; returns -1. */
static int unexpected(struct scanner *s, const struct conf_token *t, const char *expected)
{
	if (!t->kind)
		return BAD(s, t->mark, "the file ends where %s is expected", expected);
	return BAD(s, t->mark, "%s is expected here, not '%.*s'", expected,
		   SLICE_SHOWN(t->text));
}

/* Adds an item called @name below the section that is open; its index. */
static unsigned add_item(struct scanner *s, const struct conf_token *name,
			 bool is_section)
{
	unsigned i = (unsigned)s->out->nitems++, parent = s->open[s->depth];

	s->out->items[i] = (struct conf_item){
		.name = name->text,
		.line = name->mark.line,
		.col = name->mark.col,
		.parent = parent,
		.is_section = is_section,
		.first = (unsigned)s->out->nvalues,
	};
	if (is_section)
		s->out->items[parent].nnodes++;
	else
		s->out->items[parent].nentries++;
	return i;
}

/* Adds a value to the entry @item. */
static void add_value(struct scanner *s, unsigned item, const struct conf_token *t)
{
	s->out->values[s->out->nvalues++] = (struct conf_value){
		.text = t->text,
		.line = t->mark.line,
		.col = t->mark.col,
		.quoted = t->kind == 'q',
	};
	s->out->items[item].n++;
}

/* Reads the values of the list @item, whose brace was opened at @start. */
static int read_list(struct scanner *s, unsigned item, struct conf_mark start)
{
	struct conf_token t;

	s->out->items[item].is_list = true;
	for (;;) {
		if (conf_take(&s->lexer, &t) < 0)
			return -1;
		if (t.kind == '}')
			return 0;
		if (conf_is_value(&t)) {
			add_value(s, item, &t);
			if (conf_take(&s->lexer, &t) < 0)
				return -1;
			if (t.kind == '}')
				return 0;
			if (t.kind == ',')
				continue;
		} else if (t.kind) {
			return unexpected(s, &t, "a value or '}'");
		}
		if (!t.kind)
			return BAD(s, start, "list opened here is never closed");
		return unexpected(s, &t, "',' or '}'");
	}
}

/* Reads what stands after "@name =". */
static int read_value(struct scanner *s, const struct conf_token *name)
{
	unsigned item = add_item(s, name, false);
	struct conf_token t;

	if (conf_take(&s->lexer, &t) < 0)
		return -1;
	if (t.kind == '{')
		return read_list(s, item, t.mark);
	if (!conf_is_value(&t))
		return unexpected(s, &t, "a value");
	add_value(s, item, &t);
	return 0;
}

/* Opens the section @name; its brace has been read. */
static int open_section(struct scanner *s, const struct conf_token *name,
			const struct conf_token *title)
{
	struct conf_item *item;
	unsigned i;

	if (s->depth == CONF_MAX_DEPTH)
		return BAD(s, name->mark, "sections nest deeper than %d", CONF_MAX_DEPTH);
	if (++s->nsections > CONF_MAX_SECTIONS)
		return BAD(s, name->mark, "more than %d sections", CONF_MAX_SECTIONS);
	i = add_item(s, name, true);
	item = &s->out->items[i];
	if (title) {
		item->title = title->text;
		item->tline = title->mark.line;
		item->tcol = title->mark.col;
	}
	s->open[++s->depth] = i;
	return 0;
}

/* Reads an entry, or a section up to its brace. */
static int read_item(struct scanner *s, const struct conf_token *name)
{
	struct conf_token t, brace;

	if (conf_take(&s->lexer, &t) < 0)
		return -1;
	if (t.kind == '=')
		return read_value(s, name);
	if (t.kind == '{')
		return open_section(s, name, NULL);
	if (conf_is_value(&t)) {
		if (conf_take(&s->lexer, &brace) < 0)
			return -1;
		if (brace.kind == '{')
			return open_section(s, name, &t);
	}
	if (t.kind)
		return BAD(s, t.mark, "'=' or '{' is expected after '%.*s'",
			   SLICE_SHOWN(name->text));
	return unexpected(s, &t, "'=' or '{'");
}

/* Refuses an '=' without a name: the value before it may have been meant as the name. */
static int refuse_equals(struct scanner *s, const struct conf_token *t)
{
	const struct conf_item *last = &s->out->items[s->out->nitems - 1];

	if (last->is_section || last->is_list)
		return unexpected(s, t, "a name");
	return BAD(s, t->mark,
		   "a name is expected here, not '='; is the value of '%.*s' missing?",
		   SLICE_SHOWN(last->name));
}

/* Closes the innermost section at the brace @t. */
static int close_section(struct scanner *s, const struct conf_token *t)
{
	if (!s->depth)
		return BAD(s, t->mark, "'}' closes nothing");
	s->depth--;
	return 0;
}

/* Reads what begins with @t: an entry, a section's head, or a section's end. */
static int read_one(struct scanner *s, const struct conf_token *t)
{
	switch (t->kind) {
	case 'w':
		return read_item(s, t);
	case '}':
		return close_section(s, t);
	case 'q':
		return BAD(s, t->mark,
			   "a name is expected here, and names have no quotes");
	case '=':
		return refuse_equals(s, t);
	default:
		return unexpected(s, t, "a name");
	}
}

/* Reads the whole file. */
static int read_file(struct scanner *s)
{
	const struct conf_item *i;
	struct conf_token t;

	for (;;) {
		if (conf_take(&s->lexer, &t) < 0)
			return -1;
		if (!t.kind)
			break;
		if (read_one(s, &t) < 0)
			return -1;
	}
	if (!s->depth)
		return 0;
	i = &s->out->items[s->open[s->depth]];
	return BAD(s, *i, "section '%.*s' opened here is never closed",
		   SLICE_SHOWN(i->name));
}

/* Makes room for all that @text can hold: an item or value has a mark of its own. */
static bool make_room(struct conf_scan *out, struct slice text, size_t marks)
{
	out->text = malloc(text.len + 1);
	out->items = calloc(1 + marks, sizeof(*out->items));
	out->values = calloc(1 + marks, sizeof(*out->values));
	if (!out->text || !out->items || !out->values)
		return false;
	if (text.len)
		memcpy(out->text, text.ptr, text.len);
	out->text[text.len] = '\0';
	return true;
}

int conf_scan(struct slice text, const char *file, struct conf_scan *ret,
	      struct problems *problems)
{
	AUTO(conf_scan_done) struct conf_scan out = { 0 };
	struct scanner s = {
		.lexer = { .file = file, .problems = problems, .line = 1 },
		.out = &out,
	};
	size_t marks;

	if (conf_check_bytes(text, file, &marks, problems) < 0)
		return -1;
	if (!make_room(&out, text, marks))
		return problems_nomem(problems, file);
	s.lexer.text = out.text;
	out.items[0] = (struct conf_item){ .line = 1, .col = 1, .is_section = true };
	out.nitems = 1;
	if (read_file(&s) < 0)
		return -1;
	*ret = out;
	out = (struct conf_scan){ 0 };
	return 0;
}

void conf_scan_done(struct conf_scan *s)
{
	free(s->text);
	free(s->items);
	free(s->values);
	*s = (struct conf_scan){ 0 };
}
