/* SPDX-License-Identifier: MIT */
#include "run/say.h"

bool say(const struct buf *text, FILE *to)
{
	if (buf_failed(text)) {
		(void)fputs("pve-safe: out of memory: what was to be said here is lost\n",
			    stderr);
		return false;
	}
	(void)fputs(buf_text(text), to);
	return true;
}

bool say_line(const struct buf *text, FILE *to)
{
	if (!say(text, to))
		return false;
	(void)fputc('\n', to);
	return true;
}
