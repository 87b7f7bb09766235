/* SPDX-License-Identifier: MIT */
/*
 * words - looking up a slice in a sorted table whose rows begin with their name.
 */
#pragma once

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/slice.h"

/* For bsearch(3): orders a slice and a row that begins with a const char *, by bytes. */
static inline int words_compare(const void *key, const void *row)
{
	const struct slice *s = key;
	const char *name = *(const char *const *)row;
	size_t i = 0;

	for (; i < s->len && name[i]; i++)
		if (s->ptr[i] != name[i])
			return (unsigned char)s->ptr[i] - (unsigned char)name[i];
	return i < s->len ? 1 : name[i] ? -1 : 0;
}

/* The row of the sorted array @table that begins with the slice @s, or NULL. */
#define WORDS_FIND(table, s) \
	bsearch(&(s), (table), ARRAY_LEN(table), sizeof(*(table)), words_compare)
