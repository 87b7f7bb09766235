/* SPDX-License-Identifier: MIT */
#include "run/tick-state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/vmid.h"

static const char first_line[] = "pve-safe tick 1";
static const char *const kinds[] = { [GUEST_CT] = "ct", [GUEST_VM] = "vm" };
static const char *const standings[] = { "known",  "elsewhere", "waiting",
					 "attach", "failing",   "hooked" };

enum { FIELDS = 5, FIRST_ROOM = 64 };

bool tick_row_same(const struct tick_row *a, const struct tick_row *b)
{
	return a->vmid == b->vmid && a->kind == b->kind && a->standing == b->standing &&
	       a->since_s == b->since_s && strcmp(a->digest, b->digest) == 0;
}

bool tick_state_add(struct tick_state *s, const struct tick_row *row)
{
	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : FIRST_ROOM;
		struct tick_row *rows = reallocarray(s->rows, room, sizeof(*rows));

		if (!rows)
			return false;
		s->rows = rows;
		s->room = room;
	}
	s->rows[s->n++] = *row;
	return true;
}

/* Orders rows by VMID; for qsort and bsearch. */
static int order(const void *x, const void *y)
{
	const struct tick_row *a = (const struct tick_row *)x,
			      *b = (const struct tick_row *)y;

	return (a->vmid > b->vmid) - (a->vmid < b->vmid);
}

/* Sorts @rows, of which @spare has room for as many, keeping the order of equal ones. */
static void merge_sort(struct tick_row *rows, struct tick_row *spare, size_t n)
{
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t at = 0; at < n; at += 2 * width) {
			size_t a = at, mid = at + width < n ? at + width : n;
			size_t b = mid, end = at + 2 * width < n ? at + 2 * width : n;

			for (size_t k = at; k < end; k++) {
				bool first = a < mid &&
					     (b == end || order(&rows[a], &rows[b]) <= 0);

				spare[k] = first ? rows[a++] : rows[b++];
			}
		}
		memcpy(rows, spare, n * sizeof(*rows));
	}
}

void tick_state_sort(struct tick_state *s)
{
	AUTO_FREE struct tick_row *spare = calloc(s->n + 1, sizeof(*spare));
	size_t n = 0;

	if (spare)
		merge_sort(s->rows, spare, s->n);
	else /* of two rows of a guest any may stay */
		qsort(s->rows, s->n, sizeof(*s->rows), order);
	for (size_t i = 0; i < s->n; i++)
		if (i + 1 == s->n || s->rows[i].vmid != s->rows[i + 1].vmid)
			s->rows[n++] = s->rows[i];
	s->n = n;
}

struct tick_row *tick_state_find(const struct tick_state *s, uint64_t vmid)
{
	struct tick_row key = { .vmid = (uint32_t)vmid };

	if (!s->n || vmid > VMID_MAX)
		return NULL;
	return bsearch(&key, s->rows, s->n, sizeof(*s->rows), order);
}

/* Index of @word in the @n words @words, or -1. */
static int index_of(struct slice word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(word, words[i]))
			return (int)i;
	return -1;
}

/* Whether @s is a SHA-1 in hexadecimal. */
static bool is_digest(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr("0123456789abcdef", s.ptr[i], 16))
			return false;
	return s.len == SHA1_HEX_SIZE - 1;
}

/* Reads one line; false when it is none. */
static bool parse_row(struct slice line, struct tick_row *ret)
{
	struct slice f[FIELDS], rest = line;
	int kind, standing;
	uint64_t vmid;

	for (int i = 0; i < FIELDS; i++)
		if (slice_cut(rest, ' ', &f[i], &rest) != (i < FIELDS - 1))
			return false;
	kind = index_of(f[1], kinds, ARRAY_LEN(kinds));
	standing = index_of(f[3], standings, ARRAY_LEN(standings));
	*ret = (struct tick_row){ 0 };
	if (!vmid_parse(f[0], &vmid) || kind < 0 || standing < 0 ||
	    !num_parse(f[4], 0, UINT64_MAX, &ret->since_s))
		return false;
	if (is_digest(f[2]))
		memcpy(ret->digest, f[2].ptr, f[2].len);
	else if (!slice_eq(f[2], "-"))
		return false;
	ret->vmid = (uint32_t)vmid;
	ret->kind = (enum guest_kind)kind;
	ret->standing = (enum tick_standing)standing;
	return true;
}

bool tick_state_parse(struct slice text, struct tick_state *ret)
{
	struct slice line, rest;

	if (!slice_cut(text, '\n', &line, &rest) || !slice_eq(line, first_line))
		return false;
	while (slice_cut(rest, '\n', &line, &rest)) {
		struct tick_row row;

		if (parse_row(line, &row) && !tick_state_add(ret, &row))
			return false;
	}
	tick_state_sort(ret);
	return true;
}

void tick_row_render(const struct tick_row *row, struct buf *out)
{
	buf_printf(out, "%" PRIu32 " %s %s %s %" PRIu64 "\n", row->vmid, kinds[row->kind],
		   *row->digest ? row->digest : "-", standings[row->standing],
		   row->since_s);
}

void tick_state_render(const struct tick_state *s, struct buf *out)
{
	buf_printf(out, "%s\n", first_line);
	for (size_t i = 0; i < s->n; i++)
		tick_row_render(&s->rows[i], out);
}

void tick_state_done(struct tick_state *s)
{
	free(s->rows);
	*s = (struct tick_state){ 0 };
}
