/* SPDX-License-Identifier: MIT */
/* guestconf-section - a section being built: unique keys, raw lines in order. */
#include "pve/guestconf-internal.h"

void section_begin(struct section_builder *b, struct guestconf_section *section,
		   struct arena *a)
{
	*section = (struct guestconf_section){ .type = section->type,
					       .name = section->name };
	b->section = section;
	b->arena = a;
	b->entries_cap = b->raws_cap = b->newer_cap = 0;
	b->env = NULL;
	b->env_cap = 0;
	keytable_reset(&b->keys);
}

/*
 * Twice the room for @rows, @n of @size bytes that fill *@cap; NULL with @e set. It
 * begins small where a file may begin one section anew a hundred thousand times.
 */
static void *more_room(const struct section_builder *b, const void *rows, size_t *cap,
		       size_t n, size_t size, struct err *e)
{
	size_t first = b->section->type == SECTION_CURRENT ? 32 : 4;
	size_t more = *cap ? *cap * 2 : first;
	void *p;

	if (n >= GUESTCONF_MAX_KEYS) {
		(void)err_set(e, ERR_RANGE,
			      "more than %d options or raw lines in a section",
			      GUESTCONF_MAX_KEYS);
		return NULL;
	}
	p = arena_array(b->arena, more, size);
	if (!p) {
		(void)err_nomem(e);
		return NULL;
	}
	if (n)
		memcpy(p, rows, n * size);
	*cap = more;
	return p;
}

/* Adds @entry to the *@n at *@rows, which may move. */
static int add_entry(const struct section_builder *b, struct guestconf_entry **rows,
		     size_t *n, size_t *cap, const struct guestconf_entry *entry,
		     struct err *e)
{
	if (*n == *cap) {
		struct guestconf_entry *more =
			more_room(b, *rows, cap, *n, sizeof(*more), e);

		if (!more)
			return -1;
		*rows = more;
	}
	(*rows)[(*n)++] = *entry;
	return 0;
}

/* Hash of a key: of its row where it has one, for that is at hand already. */
static uint32_t hash_of(const struct guestconf_entry *entry)
{
	if (!entry->option)
		return keytable_hash(entry->key);
	return ((uint32_t)((uintptr_t)entry->option >> 3) + entry->index * 31U) *
		       2654435761U >>
	       7;
}

/* Whether two entries have one key. */
static bool same_key(const struct guestconf_entry *a, const struct guestconf_entry *b)
{
	if (a->option)
		return a->option == b->option && a->index == b->index;
	return !b->option && slice_same(a->key, b->key);
}

/* The slot of @entry's key, or the free one where it belongs. */
static struct keyslot *find_slot(struct section_builder *b,
				 const struct guestconf_entry *entry, uint32_t hash)
{
	struct keyslot *s = keytable_first(&b->keys, hash);

	while (s->index &&
	       !(s->hash == hash && same_key(entry, &b->section->entries[s->index - 1])))
		s = keytable_next(&b->keys, s);
	return s;
}

int section_put(struct section_builder *b, const struct guestconf_entry *entry,
		struct err *e)
{
	struct guestconf_section *s = b->section;
	uint32_t hash = hash_of(entry);
	struct keyslot *slot = find_slot(b, entry, hash);

	if (slot->index) {
		s->entries[slot->index - 1] = *entry;
		return 0;
	}
	if (add_entry(b, &s->entries, &s->nentries, &b->entries_cap, entry, e) < 0)
		return -1;
	if (!keytable_take(&b->keys, slot, hash, (uint32_t)s->nentries, b->arena))
		return err_nomem(e);
	return 0;
}

struct guestconf_entry *section_get(struct section_builder *b, enum guest_kind kind,
				    struct slice key)
{
	struct guestconf_entry entry = { .key = key };
	struct keyslot *slot;

	entry.option = option_find_index(kind, key, &entry.index);
	slot = find_slot(b, &entry, hash_of(&entry));
	if (!slot->index || !b->section->entries[slot->index - 1].value.ptr)
		return NULL;
	return &b->section->entries[slot->index - 1];
}

void section_remove(struct guestconf_entry *entry)
{
	entry->value = (struct slice){ 0 }; /* section_end() takes it out */
}

void section_end(struct section_builder *b)
{
	struct guestconf_section *s = b->section;
	size_t n = 0;

	for (size_t i = 0; i < s->nentries; i++)
		if (s->entries[i].value.ptr)
			s->entries[n++] = s->entries[i];
	s->nentries = n;
}

int section_add_raw(struct section_builder *b, const struct guestconf_raw *raw,
		    struct err *e)
{
	struct guestconf_section *s = b->section;

	if (s->nraws == b->raws_cap) {
		struct guestconf_raw *more =
			more_room(b, s->raws, &b->raws_cap, s->nraws, sizeof(*more), e);

		if (!more)
			return -1;
		s->raws = more;
	}
	s->raws[s->nraws++] = *raw;
	return 0;
}

int section_add_newer(struct section_builder *b, const struct guestconf_entry *entry,
		      struct err *e)
{
	struct guestconf_section *s = b->section;

	return add_entry(b, &s->newer, &s->nnewer, &b->newer_cap, entry, e);
}

/* Makes room for @more bytes behind the text of @entry, which is moved to the arena. */
static int grow_env(struct section_builder *b, struct guestconf_entry *entry, size_t more,
		    struct err *e)
{
	size_t len = entry->value.len;
	char *p;

	if (b->env && entry->value.ptr == b->env && len + more <= b->env_cap)
		return 0;
	p = arena_alloc(b->arena, 2 * (len + more));
	if (!p)
		return err_nomem(e);
	memcpy(p, entry->value.ptr, len);
	b->env = p;
	b->env_cap = 2 * (len + more);
	entry->value.ptr = p;
	return 0;
}

int section_add_env(struct section_builder *b, struct slice value, unsigned line,
		    struct err *e)
{
	static const char key[] = "env";
	struct slice name = { key, sizeof(key) - 1 };
	struct guestconf_entry *entry = section_get(b, GUEST_CT, name);

	if (!entry) {
		struct guestconf_entry first = { .key = name,
						 .value = value,
						 .line = line };

		first.option = option_find(GUEST_CT, name);
		return section_put(b, &first, e);
	}
	if (grow_env(b, entry, value.len + 1, e) < 0)
		return -1;
	b->env[entry->value.len] = '\0';
	memcpy(b->env + entry->value.len + 1, value.ptr, value.len);
	entry->value.len += value.len + 1;
	return 0;
}
