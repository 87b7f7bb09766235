/* SPDX-License-Identifier: MIT */
/* Numbers in expressions; what looks like one shows the number that was meant. */
#include <inttypes.h>

#include "base/num.h"
#include "policy/expr-private.h"

enum {
	NUMBER_MAX_DIGITS = 15,
	SIZE_MAX_COUNT = 1 << 20, /* "8G": most that is worked out */
	VALUE_SHOWN = 40,         /* bytes of a value in a message */
};

static const uint64_t number_max = 999999999999999; /* NUMBER_MAX_DIGITS nines */

/* Number of decimal digits that @s begins with. */
static size_t count_digits(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
		n++;
	return n;
}

/* Bits of one unit of @unit, 0 when it is none that sizes are given in. */
static unsigned unit_bits(const char *unit)
{
	if (strcmp(unit, "MiB") == 0)
		return 20;
	return strcmp(unit, "GiB") == 0 ? 30 : 0;
}

/* Bits of the unit that the suffix @s ("G", "gb", "GiB") stands for, 0 when it is none. */
static unsigned suffix_bits(struct slice s)
{
	static const char letters[] = "kmgt";
	const char *at = s.len ? memchr(letters, s.ptr[0] | 0x20, 4) : NULL;
	size_t n = 1;

	if (!at)
		return 0;
	if (n < s.len && (s.ptr[n] | 0x20) == 'i')
		n++;
	if (n < s.len && (s.ptr[n] | 0x20) == 'b')
		n++;
	return n == s.len ? 10 * (unsigned)(at - letters + 1) : 0;
}

/* Whether @s is a size like "8G"; *@ret is it in units of 2^@bits, or 0 if not whole. */
static bool read_size(struct slice s, unsigned bits, uint64_t *ret)
{
	size_t digits = count_digits(s);
	unsigned shift = suffix_bits((struct slice){ s.ptr + digits, s.len - digits });
	uint64_t n;

	if (!bits || !shift ||
	    !num_parse((struct slice){ s.ptr, digits }, 0, SIZE_MAX_COUNT, &n))
		return false;
	n <<= shift;
	*ret = n >> bits << bits == n ? n >> bits : 0;
	return true;
}

/* Whether @s is a number, but not in plain decimal form: "010", "+5", "0x10". */
static bool read_odd(struct slice s, uint64_t *ret)
{
	if (s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x')
		return num_parse_hex((struct slice){ s.ptr + 2, s.len - 2 }, ret) &&
		       *ret <= number_max;
	if (s.len && s.ptr[0] == '+')
		s = (struct slice){ s.ptr + 1, s.len - 1 };
	return num_parse_zeros(s, 0, number_max, ret);
}

/* Says why @t is no number that @row can be compared with. */
static int refuse_number(const struct fact_row *row, const struct token *t, struct err *e)
{
	struct slice shown = { t->text.ptr,
			       t->text.len < VALUE_SHOWN ? t->text.len : VALUE_SHOWN };
	uint64_t n;

	if (t->kind == TOKEN_QUOTED && num_parse(t->text, 0, number_max, &n))
		return err_set(e, ERR_TYPE, "a number is not quoted: write %" PRIu64, n);
	if (read_odd(t->text, &n))
		return err_set(e, ERR_TYPE, "'%.*s' is no plain number: write %" PRIu64,
			       SLICE_ARG(shown), n);
	if (read_size(t->text, unit_bits(row->unit), &n))
		return n ? err_set(e, ERR_TYPE,
				   "%s counts %s: instead of '%.*s' write %" PRIu64,
				   row->name, row->unit, SLICE_ARG(shown), n)
			 : err_set(e, ERR_TYPE,
				   "%s counts %s, and '%.*s' is no whole number of them",
				   row->name, row->unit, SLICE_ARG(shown));
	if (t->text.len && count_digits(t->text) == t->text.len)
		return err_set(e, ERR_RANGE, "a number has at most %d digits",
			       NUMBER_MAX_DIGITS);
	if (fact_find(t->text) >= 0)
		return err_set(
			e, ERR_TYPE,
			"%s is compared with a number, not with another fact, '%.*s'",
			row->name, SLICE_ARG(shown));
	return err_set(e, ERR_TYPE, "%s is compared with a whole number, not with '%.*s'",
		       row->name, SLICE_ARG(shown));
}

int number_read(const struct fact_row *row, const struct token *t, uint64_t *ret,
		struct err *e)
{
	if (t->kind == TOKEN_WORD && num_parse(t->text, 0, number_max, ret))
		return 0;
	return refuse_number(row, t, e);
}
