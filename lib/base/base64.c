/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct slice data, struct buf *out)
{
	for (size_t i = 0; i < data.len; i += 3) {
		size_t n = data.len - i < 3 ? data.len - i : 3;
		unsigned char three[3] = { 0 };
		uint32_t bits;
		char four[4];

		memcpy(three, data.ptr + i, n);
		bits = (uint32_t)three[0] << 16 | (uint32_t)three[1] << 8 | three[2];
		for (size_t k = 0; k < 4; k++)
			four[k] = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
		buf_add(out, four, sizeof(four));
	}
}

/* Value of the digit @c, or -1. */
static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Decodes the four digits at @four, of which the last @pad are '='; false if they are none. */
static bool decode_four(const char *four, size_t pad, char ret[static 3])
{
	uint32_t bits = 0;

	for (size_t k = 0; k < 4; k++) {
		int value = k < 4 - pad ? value_of(four[k]) : 0;

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	for (size_t k = 0; k < 3; k++)
		ret[k] = (char)(bits >> (16 - 8 * k) & 0xff);
	return (pad < 1 || !ret[2]) && (pad < 2 || !ret[1]);
}

/* How many '=' end @text. */
static size_t padding(struct slice text)
{
	if (!text.len || text.ptr[text.len - 1] != '=')
		return 0;
	return text.ptr[text.len - 2] == '=' ? 2 : 1;
}

bool base64_decode(struct slice text, struct buf *out)
{
	size_t before = out->len, pad;
	char three[3];

	if (text.len % 4)
		return false;
	pad = padding(text);
	for (size_t i = 0; i < text.len; i += 4) {
		size_t last = i + 4 == text.len ? pad : 0;

		if (!decode_four(text.ptr + i, last, three)) {
			out->len = before;
			if (out->ptr)
				out->ptr[before] = '\0';
			return false;
		}
		buf_add(out, three, 3 - last);
	}
	return true;
}
