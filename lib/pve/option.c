/* SPDX-License-Identifier: MIT */
#include "pve/option.h"

#include "pve/chars.h"
#include "pve/option-rows.h"

/* The table of @kind. */
static const struct option_table *table_of(enum guest_kind kind)
{
	return kind == GUEST_CT ? &options_ct : &options_vm;
}

const struct option *option_rows(enum guest_kind kind, size_t *ret_n)
{
	const struct option_table *t = table_of(kind);

	*ret_n = t->n;
	return t->rows;
}

/* The row called @name, a family or not, or NULL. */
static const struct option *find_row(const struct option_table *t, struct slice name,
				     bool family)
{
	unsigned letter;

	if (!name.len || !char_is_lower(name.ptr[0]))
		return NULL;
	letter = (unsigned)(name.ptr[0] - 'a');
	for (size_t i = t->first[letter]; i < t->first[letter + 1]; i++) {
		const struct option *o = &t->rows[i];

		if (o->len == name.len && (o->count > 0) == family &&
		    memcmp(o->name, name.ptr, name.len) == 0)
			return o;
	}
	return NULL;
}

/* Reads @digits, one to three of them and no zero in front, as a number. */
static bool read_index(struct slice digits, unsigned *ret)
{
	unsigned n = 0;

	if (digits.len > 3 || (digits.len > 1 && digits.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < digits.len; i++)
		n = n * 10 + (unsigned)(digits.ptr[i] - '0');
	*ret = n;
	return true;
}

const struct option *option_find_index(enum guest_kind kind, struct slice key,
				       unsigned *ret_index)
{
	const struct option_table *t = table_of(kind);
	struct slice stem = key;
	const struct option *o;
	unsigned index;

	*ret_index = 0;
	while (stem.len && char_is_digit(stem.ptr[stem.len - 1]))
		stem.len--;
	if (stem.len == key.len)
		return find_row(t, key, false);
	o = find_row(t, stem, true);
	if (!o)
		return find_row(t, key, false); /* smbios1 */
	if (!read_index((struct slice){ key.ptr + stem.len, key.len - stem.len },
			&index) ||
	    index >= o->count)
		return NULL;
	*ret_index = index;
	return o;
}

const struct option *option_find(enum guest_kind kind, struct slice key)
{
	unsigned index;

	return option_find_index(kind, key, &index);
}

/* Fails with "'VALUE' is not WHAT". */
static int is_not(struct slice value, const char *what, struct err *e)
{
	return err_set(e, ERR_TYPE, "'%.*s' is not %s", SLICE_ARG(value), what);
}

/* A boolean, as "0" or "1". */
static int check_bool(struct slice value, struct slice *ret, struct err *e)
{
	bool truth;

	if (!format_bool(value, &truth))
		return is_not(value, "a boolean (1, on, yes, true, 0, off, no, false)",
			      e);
	*ret = (struct slice){ truth ? "1" : "0", 1 };
	return 0;
}

/* Digits, without zeros in front. */
static int check_integer(struct slice value, struct slice *ret, struct err *e)
{
	if (!format_digits(value))
		return is_not(value, "a whole number", e);
	while (value.len > 1 && value.ptr[0] == '0')
		value = (struct slice){ value.ptr + 1, value.len - 1 };
	*ret = value;
	return 0;
}

/* Digits, may be with a point and digits behind it. */
static int check_number(struct slice value, struct err *e)
{
	struct slice whole, fraction;
	bool has_point = slice_cut(value, '.', &whole, &fraction);

	if (format_digits(whole) && (!has_point || format_digits(fraction)))
		return 0;
	return is_not(value, "a number", e);
}

/* A property string; what its keys stand for is not looked at here. */
static int check_props(const struct propstr_schema *schema, struct slice value,
		       struct err *e)
{
	/* Clearing all of it for each line would cost a seventh of the reading. */
	__attribute__((uninitialized)) struct slice vals[PROPSTR_MAX_KEYS];

	return propstr_parse(schema, value, vals, e);
}

/* @value without the double quotes around it, if there are two. */
static struct slice unquote(struct slice value)
{
	if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"')
		return value;
	return (struct slice){ value.ptr + 1, value.len - 2 };
}

int option_check(const struct option *o, struct slice value, struct slice *ret_value,
		 struct err *e)
{
	if (value.len &&
	    (memchr(value.ptr, '\r', value.len) || memchr(value.ptr, '\n', value.len)))
		return err_set(e, ERR_TYPE, "the value holds a line break");
	return option_check_line(o, value, ret_value, e);
}

int option_check_line(const struct option *o, struct slice value, struct slice *ret_value,
		      struct err *e)
{
	*ret_value = value;
	switch (o->type) {
	case OPTION_TEXT:
		if (!o->format || o->format->check(value))
			return 0;
		return is_not(value, o->format->what, e);
	case OPTION_QUOTED:
		*ret_value = unquote(value);
		return 0;
	case OPTION_BOOL:
		return check_bool(value, ret_value, e);
	case OPTION_INTEGER:
		return check_integer(value, ret_value, e);
	case OPTION_NUMBER:
		return check_number(value, e);
	case OPTION_PROPS:
		return check_props(o->props, value, e);
	}
	return err_set(e, ERR_TYPE, "no such type");
}
