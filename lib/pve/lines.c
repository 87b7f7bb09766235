/* SPDX-License-Identifier: MIT */
#include "pve/lines.h"

/* Number of the line that holds the byte @at of @text. */
static unsigned line_of(struct slice text, const char *at)
{
	unsigned line = 1;

	for (const char *p = text.ptr; p < at; p++)
		line += *p == '\n';
	return line;
}

int lines_begin(struct lines *ret, struct slice text, size_t max, struct err *e)
{
	const char *nul = text.len ? memchr(text.ptr, '\0', text.len) : NULL;

	if (text.len > max)
		return err_set(e, ERR_RANGE,
			       "%zu bytes are too many: expected at most %zu", text.len,
			       max);
	if (nul)
		return LINES_REFUSE(e, line_of(text, nul), ERR_SYNTAX,
				    "a NUL byte: expected text");
	*ret = (struct lines){ .rest = text };
	return 0;
}

struct slice lines_shown(struct slice s)
{
	if (s.len <= LINES_SHOWN_MAX)
		return s;
	s.len = LINES_SHOWN_MAX;
	while (s.len > LINES_SHOWN_MAX - 3 &&
	       ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}
