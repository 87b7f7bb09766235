/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/base/conf*.c. What must hold whatever the text:
 * - a refusal names at least one place, and every place lies in the text;
 * - every name and value of a tree stands in the text at its line and column;
 * - reading twice gives the same;
 * - a tree written out and read again is the same tree;
 * - what the scan lets pass, libconfuse reads in the same way.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const words[] = { "deny", "warn", NULL };
static const struct conf_key inner_keys[] = {
	{ "when", CONF_TEXT, .required = true },
	{ "action", CONF_ENUM, .words = words },
	{ "events", CONF_LIST, .max = 8 },
};
static const struct conf_section path = { .name = "path",
					  .titled = true,
					  .title_is_path = true };
static const struct conf_section *const in_rule[] = { &path, NULL };
static const struct conf_section rule = { .name = "rule",
					  .titled = true,
					  .keys = inner_keys,
					  .nkeys = 3,
					  .sections = in_rule };
static const struct conf_section plain = { .name = "plain",
					   .keys = inner_keys + 1,
					   .nkeys = 2 };
static const struct conf_key top_keys[] = {
	{ "n", CONF_NUMBER, .min = 1, .max = 300 },
	{ "b", CONF_BOOL },
	{ "t", CONF_TEXT },
	{ "l", CONF_LIST },
	{ "soon", CONF_TEXT, .later = "comes later" },
};
static const struct conf_section *const in_top[] = { &rule, &plain, NULL };
static const struct conf_section top = { .keys = top_keys,
					 .nkeys = 5,
					 .sections = in_top };

/* Aborts unless @text stands at @line:@col of @in, behind a quote when @quoted. */
static void must_stand_at(struct slice in, unsigned line, unsigned col, bool quoted,
			  struct slice text)
{
	struct slice head, rest = in;

	while (--line)
		if (!slice_cut(rest, '\n', &head, &rest))
			abort();
	(void)slice_cut(rest, '\n', &head, &rest);
	if (!col || col - 1 + quoted + text.len + quoted > head.len)
		abort();
	head.ptr += col - 1;
	if (quoted && ((*head.ptr != '"' && *head.ptr != '\'') ||
		       head.ptr[text.len + 1] != *head.ptr))
		abort();
	if (text.len && memcmp(head.ptr + quoted, text.ptr, text.len) != 0)
		abort();
}

/* Appends @v so that it reads back, a number or boolean bare. */
static void write_value(struct buf *out, enum conf_type type, struct slice v)
{
	const char *quote = v.len && memchr(v.ptr, '"', v.len) ? "'" : "\"";

	if (type == CONF_NUMBER || type == CONF_BOOL)
		quote = "";
	buf_puts(out, quote);
	buf_slice(out, v);
	buf_puts(out, quote);
}

/* Checks the entries of @node against @in and writes them out. */
static void check_entries(struct slice in, const struct conf_node *node, struct buf *out)
{
	for (size_t i = 0; i < node->nentries; i++) {
		const struct conf_entry *e = &node->entries[i];
		bool list = e->key->type == CONF_LIST;

		must_stand_at(in, e->line, e->col, false, slice_of(e->key->name));
		if (!list && e->nvalues != 1)
			abort();
		buf_printf(out, "%s = %s", e->key->name, list ? "{" : "");
		for (size_t v = 0; v < e->nvalues; v++) {
			must_stand_at(in, e->values[v].line, e->values[v].col,
				      e->values[v].quoted, e->values[v].text);
			write_value(out, e->key->type, e->values[v].text);
			buf_puts(out, list ? ", " : "");
		}
		buf_puts(out, list ? "}\n" : "\n");
	}
}

/* Checks the tree @node against @in and writes it out. */
static void check_tree(struct slice in, const struct conf_node *node, struct buf *out)
{
	check_entries(in, node, out);
	for (size_t i = 0; i < node->nnodes; i++) {
		const struct conf_node *n = &node->nodes[i];

		must_stand_at(in, n->line, n->col, false, slice_of(n->section->name));
		buf_printf(out, "%s ", n->section->name);
		if (n->title.ptr)
			write_value(out, CONF_TEXT, n->title);
		buf_puts(out, " {\n");
		check_tree(in, n, out);
		buf_puts(out, "}\n");
	}
}

/* Aborts unless every problem has a place in @in. */
static void check_problems(const struct problems *p, struct slice in)
{
	unsigned lines = 1;

	for (size_t i = 0; i < in.len; i++)
		lines += in.ptr[i] == '\n';
	if (!p->n)
		abort();
	for (size_t i = 0; i < p->n; i++) {
		if (!p->rows[i].line || p->rows[i].line > lines || !p->rows[i].col)
			abort();
		if (p->rows[i].col > in.len + 1 || !p->rows[i].text[0])
			abort();
		if (slice_starts(slice_of(p->rows[i].text), "libconfuse reads"))
			abort();
	}
}

/* Reads @in into @out: its tree written out, or its problems. */
static bool read_text(struct slice in, struct buf *out)
{
	struct problems problems = { 0 };
	struct conf *c = NULL;
	bool ok = conf_parse(&top, "f", in, &c, &problems) == 0;

	if (ok != (c != NULL) || ok == problems_any(&problems))
		abort();
	if (ok) {
		check_tree(in, conf_root(c), out);
	} else {
		check_problems(&problems, in);
		problems_render(&problems, out);
	}
	conf_free(c);
	problems_done(&problems);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf one = { 0 }, two = { 0 }, three = { 0 };
	struct slice in = { (const char *)data, len };
	bool ok = read_text(in, &one);

	if (read_text(in, &two) != ok || strcmp(buf_text(&one), buf_text(&two)) != 0)
		abort();
	if (ok && (!read_text(buf_as_slice(&one), &three) ||
		   strcmp(buf_text(&one), buf_text(&three)) != 0))
		abort();
	buf_done(&one);
	buf_done(&two);
	buf_done(&three);
	return 0;
}
