/* SPDX-License-Identifier: MIT */
/*
 * problems - all that is wrong with what a person wrote, at once, in order of position.
 *
 * A reader adds what it finds and goes on; the caller refuses the whole when
 * problems_any() and prints every line. Bounded: after PROBLEMS_MAX only the count grows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum { PROBLEMS_MAX = 64 };

struct problem {
	char *file;         /* as the reader was told; owned */
	unsigned line, col; /* 1-based, 0 if there is none */
	char *text;         /* one line, safe to print; owned */
	size_t order;       /* as it was found */
};

struct problems {
	struct problem *rows;
	size_t n;       /* rows kept */
	size_t dropped; /* found beyond PROBLEMS_MAX, or without memory */
	bool no_memory; /* memory was refused: whether the text is good is not known */
};

/* Adds one, at @file:@line:@col; either number may be 0. Returns -1, as err_set(). */
int problems_add(struct problems *p, const char *file, unsigned line, unsigned col,
		 const char *fmt, ...)
	__attribute__((format(printf, 5, 6), nonnull(1, 2, 5)));

/* Adds an error with its position; returns -1. */
int problems_add_err(struct problems *p, const char *file, const struct err *e)
	__attribute__((nonnull));

/* Adds that memory was refused while @file was read. Returns -1, as err_nomem(). */
int problems_nomem(struct problems *p, const char *file) __attribute__((nonnull));

/* Whether anything was found. */
static inline bool problems_any(const struct problems *p)
{
	return p->n || p->dropped;
}

/* Appends a line "file:line:col: text" for each, sorted by file and position. */
void problems_render(struct problems *p, struct buf *out) __attribute__((nonnull));

/*
 * Fills @e from the first one, saying how many more there are; where memory was refused, as
 * err_nomem() does. Returns -1.
 */
int problems_as_err(struct problems *p, struct err *e) __attribute__((nonnull));

/* Releases @p, which may be used again. Fit for AUTO(). */
void problems_done(struct problems *p);
