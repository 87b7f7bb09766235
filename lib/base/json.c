/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

_Static_assert(JSON_MAX_DEPTH == 32, "one bit a level");

/* Marks the text as not to be used: the caller's calls do not nest. */
static void fail(struct json *j)
{
	j->out->failed = true;
}

/* The bit of the innermost object or array. */
static uint32_t level(const struct json *j)
{
	return j->depth ? UINT32_C(1) << (j->depth - 1) : 0;
}

/* Writes what must stand before a value and notes that one follows. */
static void before_value(struct json *j)
{
	bool in_object = j->objects & level(j);

	if (j->done || in_object != j->after_key)
		fail(j);
	if (!in_object && (j->members & level(j)))
		buf_putc(j->out, ',');
	j->members |= level(j);
	j->after_key = false;
	j->done = j->depth == 0;
}

/* Opens one more level. */
static void open_level(struct json *j, char bracket, bool object)
{
	before_value(j);
	if (j->depth == JSON_MAX_DEPTH) {
		fail(j);
		return;
	}
	buf_putc(j->out, bracket);
	j->done = false;
	j->depth++;
	j->members &= ~level(j);
	if (object)
		j->objects |= level(j);
	else
		j->objects &= ~level(j);
}

void json_begin(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

void json_open_object(struct json *j)
{
	open_level(j, '{', true);
}

void json_open_array(struct json *j)
{
	open_level(j, '[', false);
}

void json_close(struct json *j)
{
	if (!j->depth || j->after_key) {
		fail(j);
		return;
	}
	buf_putc(j->out, j->objects & level(j) ? '}' : ']');
	j->depth--;
	j->done = j->depth == 0;
}

/*
 * Length of the run at @s that stands in a string as it is: what is safe to print, for JSON
 * is read on terminals, too, and needs no escape.
 */
static size_t plain_run(struct slice s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != '"' && s.ptr[i] != '\\') {
		bool plain = s.ptr[i] >= ' ' && s.ptr[i] <= '~';
		size_t n =
			plain ? 1
			      : text_safe_length((struct slice){ s.ptr + i, s.len - i });

		if (!n)
			break;
		i += n;
	}
	return i;
}

/* Writes the character that @s begins with and that cannot stand as it is; its length. */
static size_t escape(struct buf *out, struct slice s)
{
	static const char *const escapes[128] = {
		['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
		['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t",
	};
	unsigned char c = (unsigned char)*s.ptr;
	size_t n = text_utf8_length(s);

	if (!n)
		buf_puts(out, "\xef\xbf\xbd");
	else if (n == 1 && escapes[c])
		buf_puts(out, escapes[c]);
	else /* all that steers is below U+10000 */
		buf_printf(out, "\\u%04x", text_code_point(s, n));
	return n ? n : 1;
}

/* Writes @s as a string. */
static void put_string(struct buf *out, struct slice s)
{
	buf_putc(out, '"');
	while (s.len) {
		size_t n = plain_run(s);

		buf_add(out, s.ptr, n);
		if (n < s.len)
			n += escape(out, (struct slice){ s.ptr + n, s.len - n });
		s.ptr += n;
		s.len -= n;
	}
	buf_putc(out, '"');
}

void json_put_key(struct json *j, const char *key)
{
	if (!(j->objects & level(j)) || j->after_key) {
		fail(j);
		return;
	}
	if (j->members & level(j))
		buf_putc(j->out, ',');
	j->members |= level(j);
	put_string(j->out, slice_of(key));
	buf_putc(j->out, ':');
	j->after_key = true;
}

void json_put_string(struct json *j, struct slice s)
{
	if (!s.ptr) {
		json_put_null(j);
		return;
	}
	before_value(j);
	put_string(j->out, s);
}

void json_put_text(struct json *j, const char *s)
{
	json_put_string(j, s ? slice_of(s) : (struct slice){ 0 });
}

void json_put_number(struct json *j, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	before_value(j);
	buf_add(j->out, digits, (size_t)len);
}

void json_put_bool(struct json *j, bool value)
{
	before_value(j);
	buf_puts(j->out, value ? "true" : "false");
}

void json_put_null(struct json *j)
{
	before_value(j);
	buf_puts(j->out, "null");
}

bool json_is_complete(const struct json *j)
{
	return j->done && !buf_failed(j->out);
}

void json_member(struct json *j, const char *key, struct slice value)
{
	json_put_key(j, key);
	json_put_string(j, value);
}

void json_member_text(struct json *j, const char *key, const char *value)
{
	json_put_key(j, key);
	json_put_text(j, value);
}

void json_member_number(struct json *j, const char *key, uint64_t value)
{
	json_put_key(j, key);
	json_put_number(j, value);
}

void json_member_bool(struct json *j, const char *key, bool value)
{
	json_put_key(j, key);
	json_put_bool(j, value);
}

void json_member_filled(struct json *j, const char *key, const char *value)
{
	json_member_text(j, key, value && *value ? value : NULL);
}

void json_member_nonzero(struct json *j, const char *key, uint64_t value)
{
	json_put_key(j, key);
	if (value)
		json_put_number(j, value);
	else
		json_put_null(j);
}

void json_member_object(struct json *j, const char *key)
{
	json_put_key(j, key);
	json_open_object(j);
}

void json_member_array(struct json *j, const char *key)
{
	json_put_key(j, key);
	json_open_array(j);
}
