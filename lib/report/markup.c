/* SPDX-License-Identifier: MIT */
#include "report/markup.h"

#include <string.h>

#include "base/text.h"

/* What stands for @c in markup; NULL: itself. */
static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Bytes of the character that @s begins with if XML takes it and it is safe, else 0. */
static size_t character(struct slice s)
{
	size_t n = text_safe_length(s);

	/* U+nFFFE and U+nFFFF are no characters; XML refuses the first two of them. */
	if (n >= 3 && (text_code_point(s, n) & 0xfffe) == 0xfffe)
		return 0;
	return n;
}

void markup_text(struct buf *out, struct slice s, size_t max)
{
	size_t i = 0;

	while (i < s.len) {
		size_t n = character((struct slice){ s.ptr + i, s.len - i });
		const char *as = n == 1 ? entity(s.ptr[i]) : NULL;

		if (i + (n ? n : 1) > max) {
			buf_puts(out, "\xe2\x80\xa6");
			return;
		}
		if (as)
			buf_puts(out, as);
		else if (n)
			buf_add(out, s.ptr + i, n);
		else
			buf_printf(out, "\\x%02x", (unsigned char)s.ptr[i]);
		i += n ? n : 1;
	}
}

void markup_uri_path(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || (c && strchr("/._~-", c)))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}
