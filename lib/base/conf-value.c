/* SPDX-License-Identifier: MIT */
#include "base/conf-value.h"

#include <inttypes.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "base/text.h"

/* What is being checked. */
struct check {
	struct conf_entry *entry;
	const char *file;
	struct problems *problems;
};

/* Reports what is wrong with the value @v; returns -1. */
#define BAD(c, v, ...) \
	problems_add((c)->problems, (c)->file, (v)->line, (v)->col, __VA_ARGS__)

/* Words that other programs take for a boolean. */
static const struct {
	const char *word, *ours;
} booleans[] = {
	{ "yes", "yes" },     { "true", "yes" },    { "on", "yes" },   { "1", "yes" },
	{ "enabled", "yes" }, { "no", "no" },       { "false", "no" }, { "off", "no" },
	{ "0", "no" },        { "disabled", "no" },
};

/* Whether @text is @word, in capitals or not. */
static bool is_word(struct slice text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

/* Takes yes or no. */
static int check_bool(const struct check *c, const struct conf_value *v)
{
	const char *name = c->entry->key->name;

	if (!v->quoted && (slice_eq(v->text, "yes") || slice_eq(v->text, "no"))) {
		c->entry->number = v->text.len == 3;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(booleans); i++)
		if (is_word(v->text, booleans[i].word))
			return BAD(c, v, "'%s' is yes or no: write %s%s", name,
				   booleans[i].ours, v->quoted ? " without quotes" : "");
	return BAD(c, v, "'%s' is yes or no, not '%.*s'", name, SLICE_SHOWN(v->text));
}

/* Bytes of the unit that a key's name ends with. */
static const struct {
	const char *ending;
	uint64_t bytes;
} units[] = {
	{ "_bytes", 1 },
	{ "_kib", UINT64_C(1) << 10 },
	{ "_mib", UINT64_C(1) << 20 },
	{ "_gib", UINT64_C(1) << 30 },
};

/* Bytes that @suffix, "K" or "GiB" say, stands for; 0 when it is none. */
static uint64_t suffix_bytes(struct slice suffix)
{
	static const char letters[] = "KMGT";

	for (size_t i = 0; i + 1 < sizeof(letters); i++) {
		char b[] = { letters[i], 'B', '\0' },
		     ib[] = { letters[i], 'i', 'B', '\0' };
		char alone[] = { letters[i], '\0' };

		if (is_word(suffix, alone) || is_word(suffix, b) || is_word(suffix, ib))
			return UINT64_C(1) << (10 * (i + 1));
	}
	return 0;
}

/* Whether @text is like 8G, and in the unit of @name's ending the whole number @ret. */
static bool read_size(struct slice text, const char *name, uint64_t *ret)
{
	struct slice digits = text, suffix;
	struct slice key = slice_of(name);
	uint64_t factor, n;

	for (digits.len = 0; digits.len < text.len; digits.len++)
		if (text.ptr[digits.len] < '0' || text.ptr[digits.len] > '9')
			break;
	suffix = (struct slice){ text.ptr + digits.len, text.len - digits.len };
	factor = suffix_bytes(suffix);
	if (!factor || !num_parse_zeros(digits, 0, UINT64_MAX / factor, &n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i].ending);

		if (key.len < len || strcmp(name + key.len - len, units[i].ending) != 0 ||
		    n * factor % units[i].bytes)
			continue;
		*ret = n * factor / units[i].bytes;
		return true;
	}
	return false;
}

/* Whether @text means the number @ret in some way other than ours. */
static bool read_otherwise(struct slice text, const char *name, uint64_t *ret)
{
	struct slice hex = { text.ptr + 2, text.len > 2 ? text.len - 2 : 0 };

	if (num_parse_zeros(text, 0, UINT64_MAX, ret))
		return true;
	if ((slice_starts(text, "0x") || slice_starts(text, "0X")) &&
	    num_parse_hex(hex, ret))
		return true;
	return read_size(text, name, ret);
}

/* Takes a decimal number within the key's bounds. */
static int check_number(const struct check *c, const struct conf_value *v)
{
	const struct conf_key *key = c->entry->key;
	uint64_t max = key->max ? key->max : UINT64_MAX, n;

	if (!v->quoted && num_parse(v->text, key->min, max, &c->entry->number))
		return 0;
	if (num_parse(v->text, 0, UINT64_MAX, &n)) {
		if (v->quoted)
			return BAD(c, v,
				   "'%s' is a number: write %" PRIu64 " without quotes",
				   key->name, n);
		return BAD(c, v, "'%s' is from %" PRIu64 " to %" PRIu64 ", not %" PRIu64,
			   key->name, key->min, max, n);
	}
	if (read_otherwise(v->text, key->name, &n))
		return BAD(c, v,
			   "'%s' is a decimal number: write %" PRIu64 ", not '%.*s'",
			   key->name, n, SLICE_SHOWN(v->text));
	return BAD(c, v, "'%s' is a decimal number, not '%.*s'", key->name,
		   SLICE_SHOWN(v->text));
}

/* Takes one of the key's words. */
static int check_enum(const struct check *c, const struct conf_value *v)
{
	const struct conf_key *key = c->entry->key;
	AUTO(buf_done) struct buf all = { 0 };
	size_t n = 0;
	int near;

	for (; key->words[n]; n++) {
		if (slice_eq(v->text, key->words[n])) {
			c->entry->number = n;
			return 0;
		}
		buf_printf(&all, n ? ", %s" : "%s", key->words[n]);
	}
	near = text_nearest(v->text, key->words, n);
	if (near >= 0)
		return BAD(c, v, "'%s' is one of %s, not '%.*s': did you mean %s?",
			   key->name, buf_text(&all), SLICE_SHOWN(v->text),
			   key->words[near]);
	return BAD(c, v, "'%s' is one of %s, not '%.*s'", key->name, buf_text(&all),
		   SLICE_SHOWN(v->text));
}

/* Takes a text that is not too long. */
static int check_text(const struct check *c, const struct conf_value *v)
{
	const struct conf_key *key = c->entry->key;

	if (!key->max || v->text.len <= key->max)
		return 0;
	return BAD(c, v, "'%s' takes at most %" PRIu64 " bytes, not %zu", key->name,
		   key->max, v->text.len);
}

/* Takes a list, whose values are texts. */
static int check_list(const struct check *c)
{
	int r = 0;

	for (size_t i = 0; i < c->entry->nvalues; i++)
		if (check_text(c, &c->entry->values[i]) < 0)
			r = -1;
	return r;
}

int conf_check_entry(struct conf_entry *entry, bool is_list, const char *file,
		     struct problems *problems)
{
	const struct check c = { entry, file, problems };

	if (is_list && entry->key->type != CONF_LIST)
		return BAD(&c, entry, "'%s' takes one value, not a list",
			   entry->key->name);
	switch (entry->key->type) {
	case CONF_TEXT:
		return check_text(&c, entry->values);
	case CONF_BOOL:
		return check_bool(&c, entry->values);
	case CONF_NUMBER:
		return check_number(&c, entry->values);
	case CONF_ENUM:
		return check_enum(&c, entry->values);
	case CONF_LIST:
		break;
	}
	return check_list(&c);
}
