/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/num.c. */
#include "rows.h"

#include "base/num.h"

enum reader { PLAIN, ZEROS, HEX };

static struct row {
	const char *name;
	enum reader reader;
	const char *in;
	uint64_t min, max; /* of hexadecimal ones there are none */
	bool ok;
	uint64_t want;
} table[] = {
	{ "zero", PLAIN, "0", 0, 9, true, 0 },
	{ "the lower bound", PLAIN, "5", 5, 9, true, 5 },
	{ "the upper bound", PLAIN, "9", 5, 9, true, 9 },
	{ "below", PLAIN, "4", 5, 9, false },
	{ "above", PLAIN, "10", 5, 9, false },
	{ "the largest of all", PLAIN, "18446744073709551615", 0, UINT64_MAX, true,
	  UINT64_MAX },
	{ "one more than that", PLAIN, "18446744073709551616", 0, UINT64_MAX, false },
	{ "twenty digits too large", PLAIN, "99999999999999999999", 0, UINT64_MAX,
	  false },
	{ "a hundred digits", PLAIN,
	  "100000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "0"
	  "000000000000000000000",
	  0, UINT64_MAX, false },
	{ "nothing", PLAIN, "", 0, 9, false },
	{ "a leading zero", PLAIN, "07", 0, 9, false },
	{ "two zeros", PLAIN, "00", 0, 9, false },
	{ "a sign", PLAIN, "+7", 0, 9, false },
	{ "a negative number", PLAIN, "-7", 0, 9, false },
	{ "a blank before", PLAIN, " 7", 0, 9, false },
	{ "a blank behind", PLAIN, "7 ", 0, 9, false },
	{ "a line end behind", PLAIN, "7\n", 0, 9, false },
	{ "a fraction", PLAIN, "7.0", 0, 9, false },
	{ "a unit", PLAIN, "7G", 0, 9, false },
	{ "hexadecimal", PLAIN, "0x7", 0, 9, false },
	{ "the character before 0", PLAIN, "/", 0, 99, false },
	{ "the character behind 9", PLAIN, ":", 0, 99, false },
	{ "digits beyond ASCII", PLAIN, "\xd9\xa7", 0, 9, false },
	{ "leading zeros where they may be", ZEROS, "007", 0, 9, true, 7 },
	{ "many leading zeros", ZEROS, "0000000000000000000000000000009", 0, 9, true, 9 },
	{ "nothing, with zeros", ZEROS, "", 0, 9, false },
	{ "a sign, with zeros", ZEROS, "+07", 0, 9, false },
	{ "hexadecimal digits", HEX, "0aF", .ok = true, .want = 0xaf },
	{ "sixteen of them", HEX, "ffffffffffffffff", .ok = true, .want = UINT64_MAX },
	{ "seventeen of them", HEX, "0ffffffffffffffff" },
	{ "no digit at all", HEX, "" },
	{ "a prefix", HEX, "0x1" },
	{ "a letter behind f", HEX, "g" },
	{ "a letter behind F", HEX, "G" },
	{ "the character before a", HEX, "`" },
	{ "the character before A", HEX, "@" },
};

static void is_read(void **state)
{
	const struct row *t = *state;
	struct slice in = slice_of(t->in);
	uint64_t n = 4711;
	bool ok = false;

	switch (t->reader) {
	case PLAIN:
		ok = num_parse(in, t->min, t->max, &n);
		break;
	case ZEROS:
		ok = num_parse_zeros(in, t->min, t->max, &n);
		break;
	case HEX:
		ok = num_parse_hex(in, &n);
		break;
	}
	assert_int_equal(ok, t->ok);
	assert_int_equal(n, t->ok ? t->want : 4711);
}

static void absent_is_no_number(void **state)
{
	struct slice none = { 0 };
	uint64_t n = 4711;

	(void)state;
	assert_false(num_parse(none, 0, 9, &n));
	assert_false(num_parse_zeros(none, 0, 9, &n));
	assert_false(num_parse_hex(none, &n));
	assert_false(num_parse((struct slice){ "7\0", 2 }, 0, 9, &n));
	assert_int_equal(n, 4711);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, is_read);
	ROWS_ADD_ONE(&rows, "no text, a NUL behind: no number", absent_is_no_number);
	return rows_run(&rows, "num");
}
