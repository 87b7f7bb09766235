/* SPDX-License-Identifier: MIT */
#include "pve/propstr.h"

/* The state of one reading. */
struct reading {
	const struct propstr_schema *schema;
	struct slice *vals;
	uint64_t given; /* mask of slots */
	bool bare_seen;
	struct err *e;
};

int propstr_slot(const struct propstr_schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->nkeys; i++)
		if (strcmp(schema->keys[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Whether @key is @name; most differ in their first byte. */
static bool is_name(struct slice key, const char *name)
{
	for (size_t i = 0; i < key.len; i++)
		if (!name[i] || name[i] != key.ptr[i])
			return false;
	return !name[key.len];
}

/* Slot of @key in @schema, by its name or an alias, or -1. */
static int find_slot(const struct propstr_schema *schema, struct slice key)
{
	for (size_t i = 0; i < schema->nkeys; i++)
		if (is_name(key, schema->keys[i].name))
			return (int)i;
	for (size_t i = 0; i < schema->naliases; i++)
		if (is_name(key, schema->aliases[i].name))
			return (int)schema->aliases[i].slot;
	return -1;
}

/* Reports that the key of @slot is there twice. */
static int twice(const struct reading *r, size_t slot)
{
	return err_set(r->e, ERR_DUPLICATE, "'%s' is given twice",
		       r->schema->keys[slot].name);
}

/* Puts @val into @slot; what is a boolean becomes "0" or "1". */
static void put(struct reading *r, size_t slot, struct slice val)
{
	bool truth;

	r->given |= PROPSTR_SLOT(slot);
	if (r->schema->keys[slot].type == PROPSTR_BOOL && format_bool(val, &truth))
		val = (struct slice){ truth ? "1" : "0", 1 };
	r->vals[slot] = val;
}

/* Stores "model=value" under the two keys that it stands for. */
static int store_word_key(struct reading *r, struct slice key, struct slice val)
{
	const struct propstr_schema *s = r->schema;
	int word = s->word_keys ? format_word(s->keys[s->word_slot].words, key) : -1;

	if (word < 0)
		return err_set(r->e, ERR_UNKNOWN, "unknown key '%.*s'", SLICE_ARG(key));
	if (r->vals[s->word_slot].ptr)
		return twice(r, s->word_slot);
	if (r->vals[s->word_value].ptr)
		return twice(r, s->word_value);
	put(r, s->word_slot, slice_of(s->keys[s->word_slot].words[word]));
	put(r, s->word_value, val);
	return 0;
}

/* Stores "key=value". */
static int store_named(struct reading *r, struct slice key, struct slice val)
{
	int slot;

	if (!key.len || !val.len)
		return err_set(r->e, ERR_SYNTAX, "'%.*s=%.*s' lacks its key or its value",
			       SLICE_ARG(key), SLICE_ARG(val));
	slot = find_slot(r->schema, key);
	if (slot < 0)
		return store_word_key(r, key, val);
	if (r->vals[slot].ptr)
		return twice(r, (size_t)slot);
	put(r, (size_t)slot, val);
	return 0;
}

/* Stores a value without key; one that is false in Perl gives way to it, as in PVE. */
static int store_bare(struct reading *r, struct slice val)
{
	int slot = r->schema->bare;

	if (slot < 0)
		return err_set(r->e, ERR_SYNTAX, "'%.*s' lacks its key", SLICE_ARG(val));
	if (r->bare_seen || (r->vals[slot].ptr && !slice_eq(r->vals[slot], "0")))
		return twice(r, (size_t)slot);
	r->bare_seen = true;
	put(r, (size_t)slot, val);
	return 0;
}

/* Checks the bounds of a whole number. */
static int check_integer(const struct propstr_key *k, struct slice val, struct err *e)
{
	int64_t n;

	if (!format_integer(val, &n))
		return err_set(e, ERR_TYPE, "%s: '%.*s' is not a whole number", k->name,
			       SLICE_ARG(val));
	if (k->bounded && (n < k->min || n > k->max))
		return err_set(e, ERR_RANGE, "%s: %.*s is out of bounds", k->name,
			       SLICE_ARG(val));
	return 0;
}

/* Checks the bounds of a number. */
static int check_number(const struct propstr_key *k, struct slice val, struct err *e)
{
	double n;

	if (!format_number(val, &n))
		return err_set(e, ERR_TYPE, "%s: '%.*s' is not a number", k->name,
			       SLICE_ARG(val));
	if (k->bounded && (n < (double)k->min || n > (double)k->max))
		return err_set(e, ERR_RANGE, "%s: %.*s is out of bounds", k->name,
			       SLICE_ARG(val));
	return 0;
}

/* Checks one value by its key's row. */
static int check_value(const struct propstr_key *k, struct slice val, struct err *e)
{
	switch (k->type) {
	case PROPSTR_TEXT:
		if (!k->format || k->format->check(val))
			return 0;
		return err_set(e, ERR_TYPE, "%s: '%.*s' is not %s", k->name,
			       SLICE_ARG(val), k->format->what);
	case PROPSTR_BOOL:
		if (slice_eq(val, "0") || slice_eq(val, "1"))
			return 0;
		return err_set(e, ERR_TYPE, "%s: '%.*s' is not a boolean", k->name,
			       SLICE_ARG(val));
	case PROPSTR_INTEGER:
		return check_integer(k, val, e);
	case PROPSTR_NUMBER:
		return check_number(k, val, e);
	case PROPSTR_WORD:
		if (format_word(k->words, val) >= 0)
			return 0;
		return err_set(e, ERR_UNKNOWN, "%s: unknown word '%.*s'", k->name,
			       SLICE_ARG(val));
	}
	return err_set(e, ERR_TYPE, "%s: no such type", k->name);
}

/* Byte of @in that @val begins at, 1-based; 1 when it is not of @in. */
static unsigned column(struct slice in, struct slice val)
{
	uintptr_t at = (uintptr_t)val.ptr - (uintptr_t)in.ptr;

	return val.ptr && at < in.len ? (unsigned)at + 1 : 1;
}

/* Checks every value that was given, then what must stand together. */
static int check_all(const struct reading *r, struct slice in)
{
	const struct propstr_schema *s = r->schema;
	uint64_t missing = s->required & ~r->given;

	if (missing)
		return err_set(r->e, ERR_SYNTAX, "'%s' is missing",
			       s->keys[__builtin_ctzll(missing)].name);
	for (uint64_t left = r->given; left; left &= left - 1) {
		int slot = __builtin_ctzll(left);
		const struct propstr_key *k = &s->keys[slot];

		if (check_value(k, r->vals[slot], r->e) < 0)
			return err_at(r->e, 0, column(in, r->vals[slot]));
		if (k->needs && !r->vals[propstr_slot(s, k->needs)].ptr)
			return err_set(r->e, ERR_SYNTAX, "'%s' needs '%s'", k->name,
				       k->needs);
	}
	return s->check ? s->check(r->vals, r->e) : 0;
}

/* Whether @field, a member, is blank: nothing between two commas. */
static bool is_blank(struct slice field)
{
	return !field.len || (slice_is_space(field.ptr[0]) && slice_blank(field));
}

int propstr_parse(const struct propstr_schema *schema, struct slice in,
		  struct slice *ret_vals, struct err *e)
{
	struct reading r = { .schema = schema, .vals = ret_vals, .e = e };
	struct slice field, key, val, rest = in;
	bool more = true;

	memset(ret_vals, 0, schema->nkeys * sizeof(*ret_vals));
	while (more) {
		bool named;

		more = slice_cut(rest, ',', &field, &rest);
		if (is_blank(field))
			continue; /* ",," and a comma at the end */
		named = slice_cut(field, '=', &key, &val);
		if ((named ? store_named(&r, key, val) : store_bare(&r, field)) < 0)
			return err_at(e, 0, column(in, field));
	}
	if (check_all(&r, in) < 0)
		return err_at(e, 0, 1);
	return 0;
}
