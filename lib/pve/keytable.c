/* SPDX-License-Identifier: MIT */
#include "pve/keytable.h"

#include <string.h>

void keytable_reset(struct keytable *t)
{
	t->slots = t->first;
	t->mask = KEYTABLE_INLINE - 1;
	t->used = 0;
	memset(t->first, 0, sizeof(t->first));
}

uint32_t keytable_hash(struct slice s)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619U;
	return h ^ h >> 15;
}

/* Doubles the slots. */
static bool grow(struct keytable *t, struct arena *a)
{
	struct keytable old = { .slots = t->slots, .mask = t->mask };
	struct keyslot *slots = arena_array(a, 2 * ((size_t)t->mask + 1), sizeof(*slots));

	if (!slots)
		return false;
	t->slots = slots;
	t->mask = 2 * old.mask + 1;
	for (uint32_t i = 0; i <= old.mask; i++) {
		struct keyslot *s;

		if (!old.slots[i].index)
			continue;
		s = keytable_first(t, old.slots[i].hash);
		while (s->index)
			s = keytable_next(t, s);
		*s = old.slots[i];
	}
	return true;
}

bool keytable_take(struct keytable *t, struct keyslot *s, uint32_t hash, uint32_t index,
		   struct arena *a)
{
	*s = (struct keyslot){ hash, index };
	t->used++;
	return t->used <= t->mask / 2 || grow(t, a);
}
