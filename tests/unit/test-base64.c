/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/base64: the vectors of RFC 4648, and what is no base64. */
#include "rows.h"

#include "base/base64.h"

static struct pair_row {
	const char *name, *data, *text;
} pair_rows[] = {
	{ "nothing", "", "" },
	{ "one byte", "f", "Zg==" },
	{ "two bytes", "fo", "Zm8=" },
	{ "three bytes", "foo", "Zm9v" },
	{ "four bytes", "foob", "Zm9vYg==" },
	{ "five bytes", "fooba", "Zm9vYmE=" },
	{ "six bytes", "foobar", "Zm9vYmFy" },
	{ "the last two digits", "\xff\xef\xbe", "/+++" },
	{ "bytes over 127", "\xff\xff\xff", "////" },
};

/* The row's data become its text, and the text its data. */
static void pair_is(void **state)
{
	const struct pair_row *row = *state;
	struct buf text = { 0 }, data = { 0 };

	base64_encode(slice_of(row->data), &text);
	assert_string_equal(buf_text(&text), row->text);
	assert_true(base64_decode(slice_of(row->text), &data));
	assert_string_equal(buf_text(&data), row->data);
	buf_done(&text);
	buf_done(&data);
}

static struct bad_row {
	const char *name, *text;
} bad_rows[] = {
	{ "a digit too few", "Zg=" },
	{ "no padding", "Zg" },
	{ "padding alone", "====" },
	{ "three of padding", "Z===" },
	{ "padding in the middle", "Zg==Zm9v" },
	{ "padding before a digit", "Zm=v" },
	{ "a blank", "Zm 9" },
	{ "a line end", "Zm9v\nZm9" },
	{ "a digit of the other alphabet", "Zm9-" },
	{ "bits left over after one byte", "Zh==" },
	{ "bits left over after two bytes", "Zm9=" },
	{ "wrong only at its end", "Zm9vZm9vZm9." },
};

/* The row's text is refused, and leaves what was there. */
static void is_refused(void **state)
{
	const struct bad_row *row = *state;
	struct buf out = { 0 };

	buf_puts(&out, "kept");
	assert_false(base64_decode(slice_of(row->text), &out));
	assert_string_equal(buf_text(&out), "kept");
	buf_done(&out);
}

/* Any bytes come back as they were. */
static void all_bytes_come_back(void **state)
{
	struct buf text = { 0 }, back = { 0 };
	char all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	base64_encode((struct slice){ all, sizeof(all) }, &text);
	assert_true(base64_decode(buf_as_slice(&text), &back));
	assert_int_equal(back.len, sizeof(all));
	assert_memory_equal(back.ptr, all, sizeof(all));
	buf_done(&text);
	buf_done(&back);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, pair_rows, pair_is);
	ROWS_ADD(&r, bad_rows, is_refused);
	ROWS_ADD_ONE(&r, "all bytes come back", all_bytes_come_back);
	return rows_run(&r, "base64");
}
