/* SPDX-License-Identifier: MIT */
/* getter - where getters read: entries, families of them, property strings, raw lines. */
#include "facts/getter.h"

#include <stdio.h>

#include "pve/option.h"

enum { FAMILY_MAX = 32 }; /* longer names are no family's */

/*
 * The entry of @key, which is not empty, among the @n at @entries, the last if there are
 * more, or NULL. Most keys of its length differ in the first byte.
 */
static const struct guestconf_entry *find_last(const struct guestconf_entry *entries,
					       size_t n, struct slice key)
{
	for (size_t i = n; i > 0; i--) {
		struct slice has = entries[i - 1].key;

		if (has.len == key.len && *has.ptr == *key.ptr &&
		    memcmp(has.ptr, key.ptr, key.len) == 0)
			return &entries[i - 1];
	}
	return NULL;
}

const struct guestconf_entry *getting_entry(const struct getting *g, struct slice key)
{
	const struct guestconf_section *s = g->in->section;
	const struct guestconf_entry *entry = find_last(s->entries, s->nentries, key);
	const struct guestconf_entry *newer = find_last(s->newer, s->nnewer, key);

	return newer && (!entry || (entry->line && entry->line < newer->line)) ? newer
									       : entry;
}

const struct guestconf_entry *getting_next(const struct getting *g, size_t *at)
{
	const struct guestconf_section *s = g->in->section;
	size_t i = *at;

	if (i >= s->nentries + s->nnewer)
		return NULL;
	++*at;
	return i < s->nentries ? &s->entries[i] : &s->newer[i - s->nentries];
}

bool getting_counts(const struct getting *g, const struct guestconf_entry *entry)
{
	const struct guestconf_section *s = g->in->section;
	uintptr_t at = (uintptr_t)entry - (uintptr_t)s->newer;
	bool newer = at < s->nnewer * sizeof(*s->newer);

	return !newer || getting_entry(g, entry->key) == entry;
}

const struct guestconf_entry *getting_family(const struct getting *g, struct slice family,
					     size_t *at)
{
	const struct guestconf_entry *entry;

	while ((entry = getting_next(g, at)))
		if (entry_is(entry, family) && getting_counts(g, entry))
			return entry;
	return NULL;
}

/* The schema of @entry; that of the first of its family where its number is too high. */
static const struct propstr_schema *schema_of(const struct getting *g,
					      const struct guestconf_entry *entry)
{
	const struct option *option = entry->option;
	size_t len = entry->key.len;
	char first[FAMILY_MAX + 2];

	if (!option && len <= FAMILY_MAX) {
		while (len && entry->key.ptr[len - 1] >= '0' &&
		       entry->key.ptr[len - 1] <= '9')
			len--;
		(void)snprintf(first, sizeof(first), "%.*s0", (int)len, entry->key.ptr);
		option = option_find(g->in->kind, slice_of(first));
	}
	return option ? option->props : NULL;
}

/* Splits @value by @schema, NULL when there is none. */
static void split(struct getting *g, const struct propstr_schema *schema,
		  struct slice value, struct props *ret)
{
	struct err e;

	ret->bad = false;
	ret->why = NULL;
	ret->schema = schema;
	if (schema && propstr_parse(schema, value, ret->values, &e) == 0)
		return;
	ret->bad = true;
	ret->why = schema ? arena_strdup(g->arena, slice_of(e.msg))
			  : "not known to this version";
	if (!ret->why)
		ret->why = "out of memory";
}

void props_read(struct getting *g, const struct guestconf_entry *entry, struct props *ret)
{
	split(g, schema_of(g, entry), entry->value, ret);
}

void props_read_singly(struct getting *g, const struct guestconf_entry *entry,
		       struct props *ret)
{
	const struct propstr_schema *schema = schema_of(g, entry);
	struct propstr_schema singly = schema ? *schema : (struct propstr_schema){ 0 };

	singly.check = NULL;
	split(g, schema ? &singly : NULL, entry->value, ret);
	ret->schema = schema;
}

struct slice props_get(const struct props *p, const char *key)
{
	int slot = propstr_slot(p->schema, key);

	if (slot < 0)
		return (struct slice){ 0 };
	return p->values[slot];
}

bool props_is_true(const struct props *p, const char *key)
{
	return value_is_true(props_get(p, key));
}

struct slice raw_value(const struct guestconf_raw *raw)
{
	struct slice v = raw->value;

	if (v.len > 1 && (*v.ptr == '"' || *v.ptr == '\'') && v.ptr[v.len - 1] == *v.ptr)
		return (struct slice){ v.ptr + 1, v.len - 2 };
	return v;
}

const struct guestconf_raw *raw_last(const struct getting *g, struct slice key)
{
	const struct guestconf_section *s = g->in->section;

	for (size_t i = s->nraws; i > 0; i--)
		if (slice_same(s->raws[i - 1].key, key))
			return &s->raws[i - 1];
	return NULL;
}

/* Where the lines of @key begin that are not dropped by a later, empty one. */
static size_t after_reset(const struct guestconf_section *s, struct slice key)
{
	for (size_t i = s->nraws; i > 0; i--)
		if (slice_same(s->raws[i - 1].key, key) &&
		    !raw_value(&s->raws[i - 1]).len)
			return i;
	return 0;
}

const struct guestconf_raw *raw_next(const struct getting *g, struct slice key,
				     size_t *at)
{
	const struct guestconf_section *s = g->in->section;

	if (!*at)
		*at = after_reset(s, key);
	while (*at < s->nraws) {
		const struct guestconf_raw *raw = &s->raws[(*at)++];

		if (slice_same(raw->key, key))
			return raw;
	}
	return NULL;
}
