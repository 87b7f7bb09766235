/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Makes room for @more bytes and the NUL; false, with the error set, if it cannot. */
static bool reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : BUF_CAP;
	size_t size = b->size ? b->size : 256;
	char *p;

	if (cap > SIZE_MAX / 4)
		cap = SIZE_MAX / 4; /* so that no sum or size below overflows */
	if (b->failed || more > cap || b->len > cap - more) {
		b->failed = true;
		return false;
	}
	if (b->len + more + 1 <= b->size)
		return true;
	while (size < b->len + more + 1)
		size *= 2;
	p = realloc(b->ptr, size);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->ptr = p;
	b->size = size;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->ptr + b->len, data, len);
	b->len += len;
	b->ptr[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.ptr, s.len);
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !reserve(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->ptr)
		b->ptr[0] = '\0';
}

void buf_done(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .cap = b->cap };
}
