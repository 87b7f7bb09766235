/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/json.c: every text written is read back by jansson. */
#include "rows.h"

#include <jansson.h>

#include "base/json.h"

static struct row {
	const char *name;
	struct slice in;
	const char *want;
} strings[] = {
	{ "plain text stays", { "web01", 5 }, "\"web01\"" },
	{ "the empty text", { "", 0 }, "\"\"" },
	{ "an absent text is null", { NULL, 0 }, "null" },
	{ "quote and backslash", { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
	{ "control bytes with names", { "\b\f\n\r\t", 5 }, "\"\\b\\f\\n\\r\\t\"" },
	{ "control bytes without", { "\x01\x1f\x1b", 3 }, "\"\\u0001\\u001f\\u001b\"" },
	{ "NUL", { "a\0b", 3 }, "\"a\\u0000b\"" },
	{ "what steers a terminal, or turns text round, is no raw byte",
	  { "\x7f\xc2\x9b\xe2\x80\xae\xd8\x9c\xef\xbb\xbf", 11 },
	  "\"\\u007f\\u009b\\u202e\\u061c\\ufeff\"" },
	{ "a solidus stays", { "/dev/net/tun", 12 }, "\"/dev/net/tun\"" },
	{ "two, three and four bytes of UTF-8",
	  { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9 },
	  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "a lone byte of Latin-1", { "caf\xe9!", 5 }, "\"caf\xef\xbf\xbd!\"" },
	{ "UTF-8 cut short", { "x\xe2\x82", 3 }, "\"x\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "an overlong slash", { "\xc0\xaf", 2 }, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a surrogate",
	  { "\xed\xa0\x80", 3 },
	  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "beyond U+10FFFF",
	  { "\xf4\x90\x80\x80", 4 },
	  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "text after a bad byte is kept",
	  { "\xff\"\xff", 3 },
	  "\"\xef\xbf\xbd\\\"\xef\xbf\xbd\"" },
};

/* Whether jansson reads @text. */
static bool is_json(const char *text, size_t len)
{
	json_t *v = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	bool ok = v != NULL;

	json_decref(v);
	return ok;
}

static void writes_string(void **state)
{
	const struct row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_put_string(&j, t->in);
	assert_true(json_is_complete(&j));
	assert_string_equal(buf_text(&out), t->want);
	assert_true(is_json(out.ptr, out.len));
}

/* Writes {"a":[]} and the like: everything that can follow everything. */
static void write_all_kinds(struct json *j)
{
	json_open_object(j);
	json_put_key(j, "n");
	json_put_number(j, UINT64_MAX);
	json_put_key(j, "t");
	json_put_bool(j, true);
	json_put_key(j, "f");
	json_put_bool(j, false);
	json_put_key(j, "z");
	json_put_null(j);
	json_put_key(j, "list");
	json_open_array(j);
	json_put_text(j, "x");
	json_put_text(j, NULL);
	json_open_object(j);
	json_close(j);
	json_open_array(j);
	json_put_number(j, 0);
	json_put_number(j, 1);
	json_close(j);
	json_close(j);
	json_put_key(j, "a\"b");
	json_open_object(j);
	json_put_key(j, "in");
	json_put_text(j, "out");
	json_close(j);
	json_close(j);
}

static void nests(void **state)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	(void)state;
	json_begin(&j, &out);
	write_all_kinds(&j);
	assert_true(json_is_complete(&j));
	assert_string_equal(buf_text(&out),
			    "{\"n\":18446744073709551615,\"t\":true,\"f\":false,"
			    "\"z\":null,\"list\":[\"x\",null,{},[0,1]],"
			    "\"a\\\"b\":{\"in\":\"out\"}}");
}

static void follows_other_text(void **state)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	(void)state;
	for (int i = 0; i < 2; i++) {
		json_begin(&j, &out);
		json_open_array(&j);
		json_close(&j);
		assert_true(json_is_complete(&j));
		buf_putc(&out, '\n');
	}
	assert_string_equal(buf_text(&out), "[]\n[]\n");
}

/* Opens @n arrays and closes them. */
static bool fits(unsigned n)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	for (unsigned i = 0; i < n; i++)
		json_open_array(&j);
	for (unsigned i = 0; i < n; i++)
		json_close(&j);
	return json_is_complete(&j);
}

static void has_a_depth(void **state)
{
	(void)state;
	assert_true(fits(JSON_MAX_DEPTH));
	assert_false(fits(JSON_MAX_DEPTH + 1));
}

/* Each writes something that is no JSON. */
static void value_without_key(struct json *j)
{
	json_open_object(j);
	json_put_number(j, 1);
	json_close(j);
}

static void key_without_value(struct json *j)
{
	json_open_object(j);
	json_put_key(j, "a");
	json_close(j);
}

static void two_keys(struct json *j)
{
	json_open_object(j);
	json_put_key(j, "a");
	json_put_key(j, "b");
	json_put_null(j);
	json_close(j);
}

static void key_in_array(struct json *j)
{
	json_open_array(j);
	json_put_key(j, "a");
	json_put_null(j);
	json_close(j);
}

static void key_alone(struct json *j)
{
	json_put_key(j, "a");
	json_put_null(j);
}

static void two_values(struct json *j)
{
	json_put_null(j);
	json_put_null(j);
}

static void end_too_many(struct json *j)
{
	json_open_array(j);
	json_close(j);
	json_close(j);
}

static void end_missing(struct json *j)
{
	json_open_array(j);
}

static struct misuse {
	const char *name;
	void (*write)(struct json *j);
} misuses[] = {
	{ "a value without key in an object", value_without_key },
	{ "a key without value", key_without_value },
	{ "two keys in a row", two_keys },
	{ "a key in an array", key_in_array },
	{ "a key outside", key_alone },
	{ "two values", two_values },
	{ "one end too many", end_too_many },
	{ "an end that is missing", end_missing },
};

static void is_not_complete(void **state)
{
	const struct misuse *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	t->write(&j);
	assert_false(json_is_complete(&j));
}

static void failure_stays(void **state)
{
	AUTO(buf_done) struct buf out = { .cap = 8 };
	struct json j;

	(void)state;
	json_begin(&j, &out);
	json_put_text(&j, "longer than the cap");
	assert_false(json_is_complete(&j));
	assert_true(buf_failed(&out));
}

/* Random bytes come out as JSON and, when they are UTF-8, as themselves. */
static void reads_back(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		AUTO(buf_done) struct buf out = { 0 };
		char in[24];
		struct json j;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (char)(seed >> 24);
		}
		json_begin(&j, &out);
		json_put_string(&j, (struct slice){ in, sizeof(in) });
		assert_true(is_json(out.ptr, out.len));
	}
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, strings, writes_string);
	ROWS_ADD(&rows, misuses, is_not_complete);
	ROWS_ADD_ONE(&rows, "all kinds of values nest, commas fall in place", nests);
	ROWS_ADD_ONE(&rows, "one value after the other, a line each", follows_other_text);
	ROWS_ADD_ONE(&rows, "as deep as it may be, and no deeper", has_a_depth);
	ROWS_ADD_ONE(&rows, "a text that did not fit is not complete", failure_stays);
	ROWS_ADD_ONE(&rows, "whatever the bytes, it is JSON", reads_back);
	return rows_run(&rows, "json");
}
