/* SPDX-License-Identifier: MIT */
/*
 * keytable - finds things by a hash of their name: open addressing, a power of two of
 * slots, the first 64 of them in place. Whether two names are the same its user says:
 *
 *	for (s = keytable_first(t, hash); s->index; s = keytable_next(t, s))
 *		if (s->hash == hash && same(s->index - 1))
 *			return found;
 *	return keytable_take(t, s, hash, index + 1, arena);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum { KEYTABLE_INLINE = 64 };

struct keyslot {
	uint32_t hash;
	uint32_t index; /* of the thing, plus 1; 0: free */
};

struct keytable {
	struct keyslot *slots; /* NULL: .first */
	uint32_t mask, used;
	struct keyslot first[KEYTABLE_INLINE];
};

/* Empties @t, which must not move while it is used. */
void keytable_reset(struct keytable *t);

/* FNV-1a of @s. */
uint32_t keytable_hash(struct slice s);

/* The first slot to look at for @hash. */
static inline struct keyslot *keytable_first(struct keytable *t, uint32_t hash)
{
	return &t->slots[hash & t->mask];
}

/* The slot to look at after @s. */
static inline struct keyslot *keytable_next(struct keytable *t, struct keyslot *s)
{
	return &t->slots[((uint32_t)(s - t->slots) + 1) & t->mask];
}

/* Takes the free slot @s; false when memory for more slots is gone. */
bool keytable_take(struct keytable *t, struct keyslot *s, uint32_t hash, uint32_t index,
		   struct arena *a);
