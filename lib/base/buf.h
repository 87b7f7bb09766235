/* SPDX-License-Identifier: MIT */
/*
 * buf - text that grows: append only, with a cap and a sticky error.
 *
 * The writers of messages, JSON and reports append without looking; they ask
 * buf_failed() once at the end. A failed buffer never shows half of a text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct buf {
	char *ptr;   /* NUL-terminated when not NULL; owned */
	size_t len;  /* bytes without the NUL */
	size_t size; /* bytes allocated */
	size_t cap;  /* most bytes it may hold; 0: BUF_CAP */
	bool failed; /* no memory, or over the cap */
};

enum { BUF_CAP = 64 << 20 };

/* Appends @len bytes. */
void buf_add(struct buf *b, const void *data, size_t len);

/* Appends a NUL-terminated string. */
void buf_puts(struct buf *b, const char *s);

/* Appends a slice. */
void buf_slice(struct buf *b, struct slice s);

/* Appends one character. */
void buf_putc(struct buf *b, char c);

/* Appends as printf does. */
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether something could not be appended; the text is then not to be used. */
static inline bool buf_failed(const struct buf *b)
{
	return b->failed;
}

/* Lets @b fail where @part, of which it takes its text, has failed. */
static inline void buf_depend(struct buf *b, const struct buf *part)
{
	b->failed |= part->failed;
}

/* The text, "" when empty; borrowed until the next change. */
static inline const char *buf_text(const struct buf *b)
{
	return b->ptr ? b->ptr : "";
}

/* The text as a slice; borrowed until the next change. */
static inline struct slice buf_as_slice(const struct buf *b)
{
	return (struct slice){ buf_text(b), b->len };
}

/* Empties @b, keeping its memory. */
void buf_reset(struct buf *b);

/* Releases @b, which may be used again. Fit for AUTO(). */
void buf_done(struct buf *b);
