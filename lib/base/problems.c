/* SPDX-License-Identifier: MIT */
#include "base/problems.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Makes room for one more row; false when there is none. */
static bool make_room(struct problems *p)
{
	if (!p->rows)
		p->rows = calloc(PROBLEMS_MAX, sizeof(*p->rows));
	return p->rows && p->n < PROBLEMS_MAX;
}

int problems_add(struct problems *p, const char *file, unsigned line, unsigned col,
		 const char *fmt, ...)
{
	AUTO_FREE char *name = strdup(file), *text = NULL;
	struct problem *row;
	struct err e = { 0 };
	va_list ap;
	char raw[ERR_MSG_MAX];

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)err_set(&e, ERR_SYNTAX, "%s", raw); /* for its printable form */
	text = strdup(e.msg);
	if (!name || !text || !make_room(p)) {
		p->dropped++;
		p->no_memory |= !name || !text || !p->rows;
		return -1;
	}
	row = &p->rows[p->n];
	*row = (struct problem){ .line = line, .col = col, .order = p->n++ };
	row->file = STEAL(name);
	row->text = STEAL(text);
	/* cppcheck-suppress memleak ; both were moved into the row */
	return -1;
}

int problems_add_err(struct problems *p, const char *file, const struct err *e)
{
	p->no_memory |= err_is_nomem(e);
	return problems_add(p, file, e->line, e->col, "%s", e->msg);
}

int problems_nomem(struct problems *p, const char *file)
{
	p->no_memory = true;
	return problems_add(p, file, 0, 0, "out of memory");
}

/* Orders by file, then line, then column; equal ones stay as found. */
static int by_position(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;
	int c = strcmp(x->file, y->file);

	if (c)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->col != y->col)
		return x->col < y->col ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Appends "file:line:col: text" as far as it has them. */
static void put_row(struct buf *out, const struct problem *r)
{
	text_printable(out, slice_of(r->file), SIZE_MAX);
	if (r->line)
		buf_printf(out, ":%u", r->line);
	if (r->line && r->col)
		buf_printf(out, ":%u", r->col);
	buf_printf(out, ": %s", r->text);
}

void problems_render(struct problems *p, struct buf *out)
{
	if (p->n)
		qsort(p->rows, p->n, sizeof(*p->rows), by_position);
	for (size_t i = 0; i < p->n; i++) {
		put_row(out, &p->rows[i]);
		buf_putc(out, '\n');
	}
	if (p->dropped)
		buf_printf(out, "and %zu more\n", p->dropped);
}

int problems_as_err(struct problems *p, struct err *e)
{
	AUTO(buf_done) struct buf first = { 0 };
	size_t more;

	if (!p->n || p->no_memory)
		return err_nomem(e);
	qsort(p->rows, p->n, sizeof(*p->rows), by_position);
	put_row(&first, &p->rows[0]);
	more = p->n - 1 + p->dropped;
	if (more)
		(void)err_set(e, ERR_SYNTAX, "%s (and %zu more)", buf_text(&first), more);
	else
		(void)err_set(e, ERR_SYNTAX, "%s", buf_text(&first));
	return err_at(e, p->rows[0].line, p->rows[0].col);
}

void problems_done(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->rows[i].file);
		free(p->rows[i].text);
	}
	free(p->rows);
	*p = (struct problems){ 0 };
}
