/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BLOCK = 16384 };

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* gcc's way to say so */
#endif
#endif

/*
 * AddressSanitizer is told what was given out; a gap lies behind each piece. Its pointers
 * are not const here: gcc would take what is handed over for read.
 */
#if defined(__SANITIZE_ADDRESS__)
enum { ARENA_GAP = _Alignof(max_align_t) };
void __asan_poison_memory_region(void volatile *begin, size_t size);
void __asan_unpoison_memory_region(void volatile *begin, size_t size);
#define arena_forbid __asan_poison_memory_region
#define arena_permit __asan_unpoison_memory_region
#else
enum { ARENA_GAP = 0 };

/* Forbids nothing. */
static void arena_forbid(const void *begin, size_t size)
{
	(void)begin;
	(void)size;
}

/* Permits nothing. */
static void arena_permit(const void *begin, size_t size)
{
	(void)begin;
	(void)size;
}
#endif

struct arena_block {
	struct arena_block *next;
	size_t used, size; /* bytes of data */
	_Alignas(max_align_t) char data[];
};

/* Puts a block with room for @size bytes in front. */
static struct arena_block *add_block(struct arena *a, size_t size)
{
	size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
	struct arena_block *b = malloc(sizeof(*b) + room);

	if (!b) {
		a->failed = true;
		return NULL;
	}
	b->next = a->head;
	b->used = 0;
	b->size = room;
	a->head = b;
	arena_forbid(b->data, room);
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = _Alignof(max_align_t), piece;
	struct arena_block *b = a->head;
	char *p;

	if (size > SIZE_MAX / 2) {
		a->failed = true;
		return NULL;
	}
	piece = (size + align - 1) / align * align + ARENA_GAP;
	if (!b || b->size - b->used < piece)
		b = add_block(a, piece);
	if (!b)
		return NULL;
	p = b->data + b->used;
	b->used += piece;
	arena_permit(p, size);
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total)) {
		a->failed = true;
		return NULL;
	}
	return arena_alloc(a, total);
}

char *arena_strdup(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (p && s.len)
		memcpy(p, s.ptr, s.len);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->head;

	a->head = keep ? keep->next : NULL;
	arena_done(a);
	if (!keep)
		return;
	keep->next = NULL;
	keep->used = 0;
	arena_forbid(keep->data, keep->size);
	a->head = keep;
}

void arena_done(struct arena *a)
{
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->failed = false;
}
