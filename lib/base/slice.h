/* SPDX-License-Identifier: MIT */
/*
 * slice - a borrowed, read-only run of bytes; never owns, may hold NUL.
 *
 * .ptr == NULL means "absent"; a non-NULL slice of length 0 means "empty".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *ptr;
	size_t len;
};

/* For "%.*s". */
#define SLICE_ARG(s) (int)(s).len, (s).ptr

/* How much of @s a person wants to see in a message. */
static inline int slice_shown(struct slice s)
{
	return s.len > 64 ? 64 : (int)s.len;
}

/* For "%.*s" in messages: no more of @s than that. */
#define SLICE_SHOWN(s) slice_shown(s), (s).ptr

/* Borrow the whole of the NUL-terminated @s. */
static inline struct slice slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

/* Whether @a holds exactly the bytes of the C string @b. */
static inline bool slice_eq(struct slice a, const char *b)
{
	return a.len == strlen(b) && (!a.len || memcmp(a.ptr, b, a.len) == 0);
}

/* Whether @s is empty or all blanks, as Perl's /^\s*$/ (ASCII). */
static inline bool slice_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr(" \t\n\v\f\r", s.ptr[i], 6))
			return false;
	return true;
}

/* Split @s at the first @sep. False, with @head = @s, when there is none. */
static inline bool slice_cut(struct slice s, char sep, struct slice *head,
			     struct slice *tail)
{
	const char *at = s.len ? memchr(s.ptr, sep, s.len) : NULL;

	*head = (struct slice){ s.ptr, at ? (size_t)(at - s.ptr) : s.len };
	*tail = at ? (struct slice){ at + 1, s.len - head->len - 1 }
		   : (struct slice){ 0 };
	return at != NULL;
}

/* Whether @a and @b hold the same bytes. */
static inline bool slice_same(struct slice a, struct slice b)
{
	return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Whether @s begins with the bytes of @prefix. */
static inline bool slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && (!n || memcmp(s.ptr, prefix, n) == 0);
}

/* Whether @c is a blank as Perl's \s sees it (ASCII). */
static inline bool slice_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* @s without leading and trailing blanks. */
static inline struct slice slice_trim(struct slice s)
{
	while (s.len && slice_is_space(s.ptr[s.len - 1]))
		s.len--;
	while (s.len && slice_is_space(*s.ptr)) {
		s.ptr++;
		s.len--;
	}
	return s;
}

/* Orders two slices by their bytes, the shorter first where one begins the other; for qsort. */
static inline int slice_order(const void *x, const void *y)
{
	const struct slice *a = (const struct slice *)x, *b = (const struct slice *)y;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = n ? memcmp(a->ptr, b->ptr, n) : 0;

	return c ? c : (a->len > b->len) - (a->len < b->len);
}
