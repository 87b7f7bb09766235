/* SPDX-License-Identifier: MIT */
/*
 * scarce - memory that can be made to end at any byte. The arena and the buf are built into
 * the program that includes this, on an allocator that refuses once memory is scarce; so it
 * works under sanitizers, too, and needs no process of its own.
 *
 * arena_leave() leaves so many bytes; what is made of them while memory is scarce must say
 * that memory is gone, or do without.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What is refused: nothing, further blocks of arenas, those and what bufs ask for. */
static enum { MEMORY_THERE, ARENAS_END, MEMORY_ENDS } memory;

/* No memory, as libc says it. */
static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

/* What arenas ask for. */
static void *scarce_malloc(size_t size)
{
	return memory != MEMORY_THERE ? no_memory() : (malloc)(size);
}

/* What bufs ask for. */
static void *scarce_realloc(void *p, size_t size)
{
	return memory == MEMORY_ENDS ? no_memory() : (realloc)(p, size);
}

#define malloc(size)     scarce_malloc(size)
#define realloc(p, size) scarce_realloc(p, size)
#include "base/arena.c"
#include "base/buf.c"
#undef malloc
#undef realloc

enum { SCARCE_MAX = 256 << 10 };

/* Leaves @room bytes of the fresh arena @a's one block. */
static inline bool arena_leave(struct arena *a, size_t room)
{
	if (room > SCARCE_MAX || !arena_alloc(a, SCARCE_MAX))
		return false;
	a->head->used = a->head->size - room;
	return true;
}

/* How much of it was used since; more than it when another block was needed. */
static inline size_t arena_taken(const struct arena *a, size_t room)
{
	return a->head->next ? SIZE_MAX : room - (a->head->size - a->head->used);
}
