/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdint.h>

#include "base/cleanup.h"
#include "base/num.h"

/* Characters that do something to the text around them, by code point. */
static const struct {
	unsigned first, last;
	const char *why;
} steering[] = {
	{ 0x0000, 0x001f, "is a control character" },
	{ 0x007f, 0x009f, "is a control character" },
	{ 0x061c, 0x061c, "turns the direction of text" },
	{ 0x200e, 0x200f, "turns the direction of text" },
	{ 0x2028, 0x2029, "looks like a line end but is none" },
	{ 0x202a, 0x202e, "turns the direction of text" },
	{ 0x2066, 0x2069, "turns the direction of text" },
	{ 0xfeff, 0xfeff, "is a byte order mark" },
};

const char *text_steers(unsigned code)
{
	for (size_t i = 0; i < ARRAY_LEN(steering); i++)
		if (code >= steering[i].first && code <= steering[i].last)
			return steering[i].why;
	return NULL;
}

size_t text_safe_length(struct slice s)
{
	unsigned char c = (unsigned char)*s.ptr;
	size_t n;

	if (c >= ' ' && c <= '~')
		return 1;
	n = text_utf8_length(s);
	return n && !text_steers(text_code_point(s, n)) ? n : 0;
}

void text_printable(struct buf *out, struct slice s, size_t max)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n = text_safe_length((struct slice){ s.ptr + i, s.len - i });

		if (i + (n ? n : 1) > max) {
			buf_puts(out, "\xe2\x80\xa6");
			return;
		}
		if (n)
			buf_add(out, s.ptr + i, n);
		else
			buf_printf(out, "\\x%02x", (unsigned char)s.ptr[i]);
		i += n ? n : 1;
	}
}

/* Whether @c may stand in a file name or option unquoted, in shell and percent form. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("_./:-", c));
}

/* How a word must be quoted. */
enum quoting { QUOTE_NONE, QUOTE_SINGLE, QUOTE_DOLLAR };

/* The least quoting that @s needs. */
static enum quoting quoting_of(struct slice s)
{
	enum quoting need = s.len ? QUOTE_NONE : QUOTE_SINGLE;

	for (size_t i = 0; i < s.len;) {
		size_t n = text_safe_length((struct slice){ s.ptr + i, s.len - i });

		if (!n)
			return QUOTE_DOLLAR;
		if (!is_plain(s.ptr[i]) && !strchr("=,@%+", s.ptr[i]))
			need = QUOTE_SINGLE;
		i += n;
	}
	return need;
}

/* Appends @s in $'...', everything but printable ASCII in octal. */
static void quote_dollar(struct buf *out, struct slice s)
{
	buf_puts(out, "$'");
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < ' ' || c > '~')
			buf_printf(out, "\\%03o", c);
		else if (c == '\'' || c == '\\')
			buf_printf(out, "\\%c", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '\'');
}

/* Appends @s in '...'. */
static void quote_single(struct buf *out, struct slice s)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, s.ptr[i]);
	}
	buf_putc(out, '\'');
}

void text_shell_quote(struct buf *out, struct slice s)
{
	switch (quoting_of(s)) {
	case QUOTE_NONE:
		buf_slice(out, s);
		break;
	case QUOTE_SINGLE:
		quote_single(out, s);
		break;
	case QUOTE_DOLLAR:
		quote_dollar(out, s);
		break;
	}
}

void text_percent_encode(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_plain(s.ptr[i]))
			buf_putc(out, s.ptr[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)s.ptr[i]);
	}
}

void text_percent_decode(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint64_t c;

		if (s.ptr[i] == '%' && i + 2 < s.len &&
		    num_parse_hex((struct slice){ s.ptr + i + 1, 2 }, &c)) {
			buf_putc(out, (char)c);
			i += 2;
		} else {
			buf_putc(out, s.ptr[i]);
		}
	}
}

enum { NEAR_MAX = 64 };

/* Whether two bytes are one letter, in whichever case. */
static bool is_same_letter(char x, char y)
{
	char lower = (char)(x | 0x20);

	return x == y || (lower == (y | 0x20) && lower >= 'a' && lower <= 'z');
}

/* Edit distance of @a and @b (insert, delete, replace, swap of neighbours). */
static size_t distance(struct slice a, struct slice b)
{
	size_t rows[3][NEAR_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = rows[i % 3], *up = rows[(i + 2) % 3],
		       *up2 = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t best =
				up[j - 1] + !is_same_letter(a.ptr[i - 1], b.ptr[j - 1]);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1] && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[a.len % 3][b.len];
}

int text_nearest(struct slice word, const char *const *names, size_t n)
{
	size_t best = word.len / 3 + 1;
	int found = -1;

	if (word.len > NEAR_MAX)
		return -1;
	for (size_t i = 0; i < n && names[i]; i++) {
		struct slice name = slice_of(names[i]);
		size_t d = name.len > NEAR_MAX ? NEAR_MAX : distance(word, name);

		if (d < best) {
			best = d;
			found = (int)i;
		}
	}
	return found;
}

size_t text_utf8_length(struct slice in)
{
	const unsigned char *s = (const unsigned char *)in.ptr;
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;

	if (len == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || in.len < len || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

unsigned text_code_point(struct slice s, size_t n)
{
	unsigned c = (unsigned char)s.ptr[0];

	if (n > 1)
		c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s.ptr[i] & 0x3f);
	return c;
}

bool text_is_utf8(struct slice s)
{
	for (size_t i = 0; i < s.len;) {
		size_t n = text_utf8_length((struct slice){ s.ptr + i, s.len - i });

		if (!n)
			return false;
		i += n;
	}
	return true;
}
