/* SPDX-License-Identifier: MIT */
/* format - numbers, lists and names. Source: PVE::JSONSchema, PVE::ParseUtils. */
#include "pve/format.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "pve/chars.h"

/* Whether @s is @word (in lower case), in any case. */
static bool is_word(struct slice s, const char *word)
{
	size_t i = 0;

	for (; i < s.len && word[i]; i++)
		if (char_lower(s.ptr[i]) != word[i])
			return false;
	return i == s.len && !word[i];
}

bool format_bool(struct slice value, bool *ret)
{
	static const char *const words[] = { "0",  "1",   "off",   "on",
					     "no", "yes", "false", "true" };

	if (!value.len || value.len > 5)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!is_word(value, words[i]))
			continue;
		*ret = i & 1;
		return true;
	}
	return false;
}

bool format_digits(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!char_is_digit(value.ptr[i]))
			return false;
	return value.len > 0;
}

bool format_integer(struct slice value, int64_t *ret)
{
	bool minus = value.len && value.ptr[0] == '-';
	int64_t n = 0;

	if (minus || (value.len && value.ptr[0] == '+'))
		value = (struct slice){ value.ptr + 1, value.len - 1 };
	if (!format_digits(value))
		return false;
	for (size_t i = 0; i < value.len; i++) {
		int digit = value.ptr[i] - '0';

		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, minus ? -digit : digit, &n)) {
			n = minus ? INT64_MIN : INT64_MAX;
			break;
		}
	}
	*ret = n;
	return true;
}

/* Drops the digits at the start of @s; how many there were. */
static size_t skip_digits(struct slice *s)
{
	size_t n = 0;

	while (n < s->len && char_is_digit(s->ptr[n]))
		n++;
	*s = (struct slice){ s->ptr + n, s->len - n };
	return n;
}

/* Drops the first byte of @s if it is one of @set. */
static bool skip_one(struct slice *s, const char *set)
{
	if (!s->len || !s->ptr[0] || !strchr(set, s->ptr[0]))
		return false;
	*s = (struct slice){ s->ptr + 1, s->len - 1 };
	return true;
}

/* Whether @s has the form of a number: what strtod() would read besides is not one. */
static bool is_number(struct slice s)
{
	size_t digits;

	(void)skip_one(&s, "+-");
	digits = skip_digits(&s);
	if (skip_one(&s, "."))
		digits += skip_digits(&s);
	if (!digits)
		return false;
	if (skip_one(&s, "eE")) {
		(void)skip_one(&s, "+-");
		if (!skip_digits(&s))
			return false;
	}
	return !s.len;
}

bool format_number(struct slice value, double *ret)
{
	AUTO_FREE char *text = NULL;

	if (!is_number(value))
		return false;
	text = strndup(value.ptr, value.len);
	if (!text)
		return false;
	*ret = strtod(text, NULL);
	return true;
}

/* Power of 1024 that the unit @s stands for: "", "K", "KiB", ...; -1: no unit. */
static int size_unit(struct slice s)
{
	static const char units[] = "KMGT";
	const char *at;

	if (!s.len)
		return 0;
	at = s.ptr[0] ? strchr(units, s.ptr[0]) : NULL;
	if (!at ||
	    (s.len != 1 && !slice_eq((struct slice){ s.ptr + 1, s.len - 1 }, "iB")))
		return -1;
	return (int)(at - units) + 1;
}

/* Splits a size into its number and unit, as of size_unit(); false if it is none. */
static bool split_size(struct slice value, struct slice *ret_number, int *ret_unit)
{
	struct slice rest = value;

	if (!skip_digits(&rest) || (skip_one(&rest, ".") && !skip_digits(&rest)))
		return false;
	*ret_number = (struct slice){ value.ptr, value.len - rest.len };
	*ret_unit = size_unit(rest);
	return *ret_unit >= 0;
}

bool format_size(struct slice value, uint64_t *ret)
{
	struct slice number;
	double n;
	int unit;

	if (!split_size(value, &number, &unit) || !format_number(number, &n))
		return false;
	for (int i = 0; i < unit; i++)
		n *= 1024;
	*ret = n >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)n;
	return true;
}

/* Whether @c separates members of a list; the last two are Perl's blanks of Latin-1. */
static bool is_separator(char c)
{
	return c == ',' || c == ';' || slice_is_space(c) || c == '\x85' || c == '\xa0';
}

bool format_list_next(struct slice *rest, struct slice *ret)
{
	size_t from = 0, to;

	*ret = *rest;
	if (!rest->len)
		return false; /* absent, maybe: nothing is to be added to NULL */
	while (from < rest->len && is_separator(rest->ptr[from]))
		from++;
	for (to = from; to < rest->len && !is_separator(rest->ptr[to]);)
		to++;
	*ret = (struct slice){ rest->ptr + from, to - from };
	*rest = (struct slice){ rest->ptr + to, rest->len - to };
	return to > from;
}

bool format_each(struct slice value, bool (*check)(struct slice))
{
	struct slice member;

	while (format_list_next(&value, &member))
		if (!check(member))
			return false;
	return true;
}

bool format_joined(struct slice value, bool (*check)(struct slice))
{
	struct slice member;
	bool more = true;

	while (more) {
		more = slice_cut(value, ';', &member, &value);
		if (!check(member))
			return false;
	}
	return true;
}

int format_word(const char *const *words, struct slice value)
{
	for (int i = 0; words[i]; i++)
		if (slice_eq(value, words[i]))
			return i;
	return -1;
}

/* [a-z][a-z0-9_-]+ in any case. */
static bool is_configid(struct slice s)
{
	if (s.len < 2 || !char_is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return true;
}

/* [a-z][a-z0-9_.-]*[a-z0-9] in any case. */
static bool is_storage_id(struct slice s)
{
	if (s.len < 2 || !char_is_alpha(s.ptr[0]) || !char_is_alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '.')
			return false;
	return true;
}

/* [-_.\w]+ */
static bool is_bridge_id(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '.')
			return false;
	return s.len > 0;
}

/* Labels of letters, digits and inner hyphens, joined by single dots. */
static bool is_dns_name(struct slice s)
{
	struct slice label;
	bool more = true;

	while (more) {
		more = slice_cut(s, '.', &label, &s);
		if (!label.len || !char_is_alnum(label.ptr[0]) ||
		    !char_is_alnum(label.ptr[label.len - 1]))
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!char_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
				return false;
	}
	return true;
}

/* A list of such names. */
static bool are_dns_names(struct slice s)
{
	return format_each(s, is_dns_name);
}

/* STORAGE:anything */
static bool is_volume_id(struct slice s)
{
	struct slice storage, name;

	return slice_cut(s, ':', &storage, &name) && name.len && is_storage_id(storage) &&
	       !memchr(name.ptr, '\n', name.len);
}

/* [a-z0-9_][a-z0-9_+.-]* in any case. */
static bool is_tag(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && !(i && memchr("-+.", s.ptr[i], 3)))
			return false;
	return s.len > 0;
}

/* A list of tags. */
static bool are_tags(struct slice s)
{
	return format_each(s, is_tag);
}

/* What stands behind the "order=", "up=" or "down=" that @s begins with, else @s. */
static struct slice behind_key(struct slice s)
{
	static const char *const keys[] = { "order=", "up=", "down=" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (slice_starts(s, keys[i]))
			return (struct slice){ s.ptr + strlen(keys[i]),
					       s.len - strlen(keys[i]) };
	return s;
}

/* [[order=]N][,up=N][,down=N]; "0" alone is not one, being false in Perl. */
static bool is_startup_order(struct slice s)
{
	bool more = true;
	struct slice part;

	if (slice_eq(s, "0"))
		return false;
	while (more) {
		more = slice_cut(s, ',', &part, &s);
		if (!slice_blank(part) && !format_digits(behind_key(part)))
			return false;
	}
	return true;
}

/* A number with or without fraction and unit. */
static bool is_disk_size(struct slice s)
{
	struct slice number;
	int unit;

	return split_size(s, &number, &unit);
}

/* Nothing that would need an escape in a URL. */
static bool is_urlencoded(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_word(s.ptr[i]) && !memchr("-%.!~*'()", s.ptr[i], 9))
			return false;
	return true;
}

const struct format format_configid = { "a name of letters, digits, - and _",
					is_configid };
const struct format format_storage_id = { "the name of a storage", is_storage_id };
const struct format format_bridge_id = { "a name of letters, digits, -, _ and .",
					 is_bridge_id };
const struct format format_dns_name = { "a DNS name", is_dns_name };
const struct format format_dns_names = { "a list of DNS names", are_dns_names };
const struct format format_volume_id = { "a volume, STORAGE:NAME", is_volume_id };
const struct format format_tags = { "a list of tags of letters, digits, _, -, + and .",
				    are_tags };
const struct format format_startup_order = { "[order=]N,up=SECONDS,down=SECONDS",
					     is_startup_order };
const struct format format_disk_size = { "a size such as 8G", is_disk_size };
const struct format format_urlencoded = { "URL-encoded text", is_urlencoded };
