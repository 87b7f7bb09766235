/* SPDX-License-Identifier: MIT */
/* The values on the right side of tests, checked by the type of the fact. */
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "policy/expr-private.h"
#include "policy/words.h"

enum { VALUE_SHOWN = 60 }; /* bytes of a value in a message */

/* Length of the "{word}" that @text begins with, 0 when there is none. */
static size_t brace_word(struct slice text)
{
	size_t n = 1;

	if (!text.len || text.ptr[0] != '{')
		return 0;
	while (n < text.len &&
	       ((text.ptr[n] >= 'a' && text.ptr[n] <= 'z') ||
		(text.ptr[n] >= 'A' && text.ptr[n] <= 'Z') || text.ptr[n] == '_'))
		n++;
	return n > 1 && n < text.len && text.ptr[n] == '}' ? n + 1 : 0;
}

/* Finds the holes of @l, adding their facts to @used; a {word} that is none is an error. */
static int find_holes(struct literal *l, struct fact_set *used, struct err *e)
{
	for (size_t i = 0; i < l->text.len; i++) {
		struct slice rest = { l->text.ptr + i, l->text.len - i };
		const struct hole *h = hole_at(rest);

		if (h) {
			fact_set_add(used, h->fact);
			l->holes = true;
		} else if (brace_word(rest)) {
			return err_set(e, ERR_UNKNOWN,
				       "unknown placeholder '%.*s'; there are {vmid} and "
				       "{node}",
				       (int)brace_word(rest), rest.ptr);
		}
	}
	return 0;
}

/* Whether @text is "*PLAIN*". */
static bool is_between_stars(struct slice text)
{
	if (text.len < 2 || *text.ptr != '*' || text.ptr[text.len - 1] != '*')
		return false;
	for (size_t i = 1; i + 1 < text.len; i++)
		if (strchr("*?[", text.ptr[i]))
			return false;
	return true;
}

/* Sets how the pattern of @l is matched: most need no fnmatch(3). */
static void find_shape(struct literal *l)
{
	size_t plain = 0;

	while (plain < l->text.len && !strchr("*?[", l->text.ptr[plain]))
		plain++;
	if (plain == l->text.len) {
		l->shape = SHAPE_EXACT;
	} else if (plain + 1 == l->text.len && l->text.ptr[plain] == '*') {
		l->shape = SHAPE_PREFIX;
		l->text.len--;
	} else if (is_between_stars(l->text)) {
		l->shape = SHAPE_HOLDS;
	} else {
		l->shape = SHAPE_GLOB;
	}
}

/* Refuses @text in capitals for facts whose values are folded to lower case. */
static int check_case(enum fact_id fact, struct slice text, struct err *e)
{
	char lower[VALUE_SHOWN + 1];
	bool capital = false;

	if (fact != FACT_tag && fact != FACT_registered_tag)
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		bool is = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';

		capital |= is;
		if (i < VALUE_SHOWN)
			lower[i] = (char)(is ? text.ptr[i] | 0x20 : text.ptr[i]);
	}
	if (!capital)
		return 0;
	lower[text.len < VALUE_SHOWN ? text.len : VALUE_SHOWN] = '\0';
	return err_set(e, ERR_TYPE, "tags are compared in lower case: write '%s'", lower);
}

int literal_check(const struct fact_row *row, const char *const *words,
		  const struct literal *l, struct err *e)
{
	AUTO(buf_done) struct buf hint = { 0 };

	for (size_t i = 0; !l->holes && words[i]; i++)
		if (literal_match(l, slice_of(words[i]), NULL) == TRI_TRUE)
			return 0;
	if (l->shape != SHAPE_EXACT)
		return err_set(e, ERR_UNKNOWN, "no %s matches this pattern", row->name);
	words_suggest(l->text, words, SIZE_MAX, &hint);
	if (!words[0])
		buf_puts(&hint, "; the policy defines none, workloads@1 has some");
	return err_set(e, ERR_UNKNOWN, "unknown %s '%.*s'%s", row->name,
		       (int)(l->text.len < VALUE_SHOWN ? l->text.len : VALUE_SHOWN),
		       l->text.ptr, buf_text(&hint));
}

int literal_read(enum fact_id fact, enum relation relation, const struct token *t,
		 struct literal *ret, struct fact_set *used, struct err *e)
{
	const struct fact_row *row = &fact_rows[fact];
	struct literal l = { .text = t->text };
	int r;

	if (row->type == FACT_NUMBER)
		r = number_read(row, t, &l.number, e);
	else
		r = find_holes(&l, used, e);
	if (r == 0 && relation == RELATION_MATCH)
		find_shape(&l);
	if (r == 0)
		r = check_case(fact, t->text, e);
	if (r == 0 && row->words)
		r = literal_check(row, row->words, &l, e);
	if (r < 0)
		return err_at(e, 0, t->col);
	*ret = l;
	return 0;
}
