/* SPDX-License-Identifier: MIT */
#include "pve/guestconf-known.h"

#include <stdlib.h>

#include "pve/option.h"

enum {
	LINES = 512,   /* a power of two; each holds a line of its hash */
	LINE_MIN = 4,  /* shorter ones say nothing */
	LINE_MAX = 64, /* longer ones are seldom said twice */
	WORTH_MAX = 3,
};

enum known_type { KNOWN_NOTHING = 0, KNOWN_ENTRY, KNOWN_RAW };

struct known_line {
	uint32_t hash;
	uint8_t type;  /* enum known_type */
	uint8_t kind;  /* enum guest_kind */
	uint8_t worth; /* how often it is seen again: others may not take its place */
	uint8_t len, key_len, value_at, value_len;
	unsigned index;              /* of a member of a family */
	const struct option *option; /* NULL: unknown, or a raw line */
	const char *word;            /* not NULL: the value, which does not stand there */
	char text[LINE_MAX];
};

struct guestconf_known {
	struct known_line lines[LINES];
};

struct guestconf_known *guestconf_known_new(void)
{
	return calloc(1, sizeof(struct guestconf_known));
}

void guestconf_known_free(struct guestconf_known *k)
{
	free(k);
}

/* Eight bytes at @p. */
static uint64_t load8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Four bytes at @p. */
static uint32_t load4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Mixes @word into @h. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15U;
	return h ^ h >> 32;
}

/* Hash of @s, of at least LINE_MIN bytes: of its words, the last two of which may overlap. */
static uint32_t hash_of(struct slice s, uint64_t seed)
{
	uint64_t h = seed ^ s.len;

	if (s.len < 8)
		return (uint32_t)mix(h, (uint64_t)load4(s.ptr) << 32 |
						load4(s.ptr + s.len - 4));
	for (size_t i = 0; i + 8 < s.len; i += 8)
		h = mix(h, load8(s.ptr + i));
	return (uint32_t)mix(h, load8(s.ptr + s.len - 8));
}

bool known_find(struct guestconf_known *k, enum guest_kind kind, struct slice line,
		struct known_place *ret)
{
	struct known_line *row;

	ret->row = NULL;
	if (line.len < LINE_MIN || line.len > LINE_MAX)
		return false;
	ret->line = line;
	ret->kind = kind;
	ret->hash = hash_of(line, (uint64_t)kind << 32);
	row = &k->lines[ret->hash & (LINES - 1)];
	if (row->type && row->hash == ret->hash && row->kind == kind &&
	    row->len == line.len && memcmp(row->text, line.ptr, line.len) == 0) {
		if (row->worth < WORTH_MAX)
			row->worth++;
		ret->row = row;
		return true;
	}
	if (row->worth) {
		row->worth--;
		return false;
	}
	ret->row = row;
	return false;
}

bool known_is_raw(const struct known_place *p)
{
	return p->row->type == KNOWN_RAW;
}

/* The key of the line at @p. */
static struct slice key_at(const struct known_place *p)
{
	return (struct slice){ p->line.ptr, p->row->key_len };
}

/* The value of the line at @p. */
static struct slice value_at(const struct known_place *p)
{
	const struct known_line *row = p->row;

	return (struct slice){ row->word ? row->word : p->line.ptr + row->value_at,
			       row->value_len };
}

struct guestconf_entry known_entry(const struct known_place *p, unsigned number)
{
	return (struct guestconf_entry){ .option = p->row->option,
					 .key = key_at(p),
					 .value = value_at(p),
					 .line = number,
					 .index = p->row->index };
}

struct guestconf_raw known_raw(const struct known_place *p, unsigned number)
{
	return (struct guestconf_raw){ key_at(p), value_at(p), number };
}

/* Fills the row at @p in with a line whose key stands at its beginning. */
static void keep(const struct known_place *p, enum known_type type, struct slice key,
		 struct slice value, const char *word)
{
	struct known_line *row = p->row;

	row->hash = p->hash;
	row->type = (uint8_t)type;
	row->kind = (uint8_t)p->kind;
	row->len = (uint8_t)p->line.len;
	row->key_len = (uint8_t)key.len;
	row->value_at = word ? 0 : (uint8_t)(value.ptr - p->line.ptr);
	row->value_len = (uint8_t)value.len;
	row->word = word;
	row->option = NULL;
	row->index = 0;
	memcpy(row->text, p->line.ptr, p->line.len);
}

void known_keep_entry(const struct known_place *p, const struct guestconf_entry *entry)
{
	const struct option *o = entry->option;
	uintptr_t at = (uintptr_t)entry->value.ptr - (uintptr_t)p->line.ptr;

	if (!p->row)
		return;
	/* Of values only booleans become words of our own. */
	keep(p, KNOWN_ENTRY, entry->key, entry->value,
	     o && o->type == OPTION_BOOL && at >= p->line.len ? entry->value.ptr : NULL);
	p->row->option = o;
	p->row->index = entry->index;
}

void known_keep_raw(const struct known_place *p, const struct guestconf_raw *raw)
{
	if (p->row)
		keep(p, KNOWN_RAW, raw->key, raw->value, NULL);
}
