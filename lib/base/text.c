/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdint.h>

#include "base/num.h"

void text_printable(struct buf *out, struct slice s, size_t max)
{
	size_t n = s.len < max ? s.len : max;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
	if (n < s.len)
		buf_puts(out, "\xe2\x80\xa6");
}

/* Whether @c may stand in a file name or option unquoted, in shell and percent form. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("_./:-", c));
}

void text_shell_quote(struct buf *out, struct slice s)
{
	bool plain = s.len > 0;

	for (size_t i = 0; i < s.len && plain; i++)
		plain = is_plain(s.ptr[i]) || strchr("=,@%+", s.ptr[i]);
	if (plain) {
		buf_slice(out, s);
		return;
	}
	buf_putc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, s.ptr[i]);
	}
	buf_putc(out, '\'');
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
			size_t best = up[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);

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
