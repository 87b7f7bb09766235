/* SPDX-License-Identifier: MIT */
#include "settings/applied.h"

#include <string.h>

enum { FIRST_ROWS = 16 };

/* Adds an empty row. */
static struct applied *add_row(struct applied_list *l)
{
	struct applied *rows;

	if (l->n == l->size) {
		size_t size = l->size ? 2 * l->size : FIRST_ROWS;

		rows = arena_array(l->arena, size, sizeof(*rows));
		if (!rows)
			return NULL;
		if (l->n)
			memcpy(rows, l->rows, l->n * sizeof(*rows));
		l->rows = rows;
		l->size = size;
	}
	l->rows[l->n] = (struct applied){ .result = APPLIED_NOT };
	return &l->rows[l->n++];
}

struct applied *applied_add(struct applied_list *l, const struct plan_item *item)
{
	struct applied *row = add_row(l);

	if (!row)
		return NULL;
	row->kind = item->kind;
	row->target = item->target;
	row->value = item->value;
	row->item = item;
	return row;
}

struct applied *applied_add_undone(struct applied_list *l, struct slice target)
{
	struct applied *row = add_row(l);
	const char *copy = row ? arena_strdup(l->arena, target) : NULL;

	if (!copy)
		return NULL;
	row->kind = SETTING_HOST;
	row->target = slice_of(copy);
	return row;
}

void applied_fail(struct applied *row, const char *why, const char *todo)
{
	row->result = APPLIED_NOT;
	row->why = why ? why : "out of memory";
	row->todo = todo;
}

const char *applied_name(enum applied_result result)
{
	static const char *const names[] = { "failed", "applied", "unchanged",
					     "later",  "undone",  "left" };

	return names[result];
}

bool applied_is_worth_saying(const struct applied *row)
{
	return row->result == APPLIED_NOT || row->result == APPLIED_LEFT;
}

/* Takes the next word of @text; false at its end. */
static bool next_word(struct slice *text, struct slice *ret)
{
	size_t n = 0;

	*text = slice_trim(*text);
	while (n < text->len && !slice_is_space(text->ptr[n]))
		n++;
	*ret = (struct slice){ text->ptr, n };
	*text = (struct slice){ text->ptr + n, text->len - n };
	return n > 0;
}

/* @word without the zeros that a number or a mask begins with; the last digit stays. */
static struct slice without_zeros(struct slice word)
{
	static const char group[] = "00000000,";

	while (slice_starts(word, group)) {
		word.ptr += sizeof(group) - 1;
		word.len -= sizeof(group) - 1;
	}
	while (word.len > 1 && *word.ptr == '0' &&
	       memchr("0123456789abcdef", word.ptr[1], 16)) {
		word.ptr++;
		word.len--;
	}
	return word;
}

bool applied_same_value(struct slice a, struct slice b)
{
	struct slice x, y;
	bool more = true;

	while (more) {
		bool other = next_word(&b, &y);

		more = next_word(&a, &x);
		if (more != other ||
		    (more && !slice_same(without_zeros(x), without_zeros(y))))
			return false;
	}
	return true;
}
