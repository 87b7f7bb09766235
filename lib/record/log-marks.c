/* SPDX-License-Identifier: MIT */
/* The record beside a log that is kept elsewhere: which lines both know. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "record/log.h"

void log_marks_done(struct log_marks *m)
{
	free(m->rows);
	*m = (struct log_marks){ 0 };
}

/* Adds one row; NULL with @e set when there is no room. */
static struct log_mark *add(struct log_marks *m, size_t number, struct err *e)
{
	if (m->n == LOG_MAX_LINES) {
		(void)err_set(e, ERR_RANGE, "holds more than %d lines", LOG_MAX_LINES);
		return NULL;
	}
	if (m->n == m->size) {
		size_t size = m->size ? m->size * 2 : 256;
		struct log_mark *rows = reallocarray(m->rows, size, sizeof(*rows));

		if (!rows) {
			(void)err_nomem(e);
			return NULL;
		}
		m->rows = rows;
		m->size = size;
	}
	m->rows[m->n] = (struct log_mark){ .number = number };
	return &m->rows[m->n++];
}

int log_marks_add(struct log_marks *m, struct slice line, const char *id, size_t number,
		  struct err *e)
{
	struct log_mark *row = add(m, number, e);

	if (!row)
		return -1;
	sha256_hex(line, row->digest);
	(void)stpncpy(row->id, id, sizeof(row->id) - 1);
	return 0;
}

/* Finds the word that begins with @key in @line; what follows the key, or {NULL, 0}. */
static struct slice word_after(struct slice line, const char *key)
{
	const char *at = memmem(line.ptr, line.len, key, strlen(key));
	struct slice word;

	if (!at || (at > line.ptr && at[-1] != ' '))
		return (struct slice){ 0 };
	at += strlen(key);
	word = (struct slice){ at, line.len - (size_t)(at - line.ptr) };
	for (size_t i = 0; i < word.len; i++)
		if (slice_is_space(word.ptr[i]))
			word.len = i;
	return word;
}

/* Whether all of @s are hexadecimal digits in lower case, or dashes where they may be. */
static bool is_hex(struct slice s, const char *digits)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr(digits, s.ptr[i]) || !s.ptr[i])
			return false;
	return true;
}

int log_marks_add_remote(struct log_marks *m, struct slice line, size_t number,
			 struct err *e)
{
	struct slice id, digest;
	struct log_mark *row;
	const char *ours = line.len ? memmem(line.ptr, line.len, "pve-safe", 8) : NULL;

	if (!ours)
		return 1;
	line.len -= (size_t)(ours - line.ptr);
	line.ptr = ours;
	id = word_after(line, "id=");
	digest = word_after(line, "sha256=");
	if (id.len != LOG_ID_SIZE - 1 || digest.len != SHA256_HEX_SIZE - 1 ||
	    !is_hex(id, "0123456789abcdef-") || !is_hex(digest, "0123456789abcdef"))
		return 1;
	row = add(m, number, e);
	if (!row)
		return -1;
	memcpy(row->digest, digest.ptr, digest.len);
	memcpy(row->id, id.ptr, id.len);
	return 0;
}

/* Orders marks by digest, then by line; for qsort. */
static int order(const void *x, const void *y)
{
	const struct log_mark *a = x, *b = y;
	int c = strcmp(a->digest, b->digest);

	return c ? c : (a->number > b->number) - (a->number < b->number);
}

void log_marks_match(struct log_marks *here, struct log_marks *there)
{
	size_t i = 0, k = 0;

	if (here->n)
		qsort(here->rows, here->n, sizeof(*here->rows), order);
	if (there->n)
		qsort(there->rows, there->n, sizeof(*there->rows), order);
	while (i < here->n && k < there->n) {
		int c = strcmp(here->rows[i].digest, there->rows[k].digest);

		if (c == 0)
			here->rows[i].matched = there->rows[k].matched = true;
		i += c <= 0;
		k += c >= 0;
	}
}

uint64_t log_id_ms(const char *id)
{
	char hex[13];
	uint64_t ms;

	if (strlen(id) != LOG_ID_SIZE - 1 || id[14] != '7')
		return 0;
	memcpy(hex, id, 8);
	memcpy(hex + 8, id + 9, 4);
	hex[12] = '\0';
	return num_parse_hex(slice_of(hex), &ms) ? ms : 0;
}
