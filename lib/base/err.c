/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"

/* Replaces what text_printable() would not show, so that no name steers a terminal. */
static void make_printable(char *text)
{
	struct slice left = slice_of(text);

	while (left.len) {
		size_t n = text_safe_length(left);

		if (!n)
			text[left.ptr - text] = '?';
		n += !n;
		left.ptr += n;
		left.len -= n;
	}
}

/* Appends what fits of @more to the message @msg. */
static void append(char msg[static ERR_MSG_MAX], const char *more)
{
	size_t len = strlen(msg), n = strlen(more), room = ERR_MSG_MAX - 1 - len;

	memcpy(msg + len, more, n < room ? n : room);
	msg[len + (n < room ? n : room)] = '\0';
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	*e = (struct err){ .code = code, .sys = code == ERR_SYSTEM ? sys : 0 };
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	make_printable(e->msg);
	return -1;
}

int err_at(struct err *e, unsigned line, unsigned col)
{
	if (!e->line)
		e->line = line;
	if (!e->col)
		e->col = col;
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[ERR_MSG_MAX];
	va_list ap;

	memcpy(inner, e->msg, sizeof(inner));
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	append(e->msg, ": ");
	append(e->msg, inner);
	make_printable(e->msg);
	return -1;
}

int err_nomem(struct err *e)
{
	errno = ENOMEM;
	return err_set(e, ERR_SYSTEM, "out of memory");
}

bool err_is_nomem(const struct err *e)
{
	return e->code == ERR_SYSTEM && e->sys == ENOMEM;
}

int err_exit_code(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return EXIT_FINE;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_SYSTEM:
		return EXIT_SYSTEM;
	case ERR_SYNTAX:
	case ERR_UNKNOWN:
	case ERR_DUPLICATE:
	case ERR_RANGE:
	case ERR_TYPE:
	case ERR_TRUST:
		break;
	}
	return EXIT_UNUSABLE;
}
