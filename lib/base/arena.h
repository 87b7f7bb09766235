/* SPDX-License-Identifier: MIT */
/*
 * arena - memory that is released all at once.
 *
 * What is read about one guest lives as long as that guest is judged: facts, lists and
 * findings are carved out of one arena and dropped together. The error is sticky: once
 * memory was refused arena_failed() stays true, so a reader may check once at its end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block first */
	bool failed;              /* an allocation was refused */
};

/* @size zeroed bytes, aligned for any type; NULL when memory is gone. */
void *arena_alloc(struct arena *a, size_t size);

/* Zeroed array of @n members of @size bytes; NULL on overflow or no memory. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* NUL-terminated copy of @s; NULL when memory is gone. */
char *arena_strdup(struct arena *a, struct slice s);

/* NUL-terminated text made as by printf; NULL when memory is gone. */
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether an allocation was ever refused. */
static inline bool arena_failed(const struct arena *a)
{
	return a->failed;
}

/* Forgets everything but keeps the newest block for the next user. */
void arena_reset(struct arena *a);

/* Releases everything; @a may be used again. */
void arena_done(struct arena *a);
