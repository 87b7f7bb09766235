/* SPDX-License-Identifier: MIT */
/*
 * lines - the lines of a text file of PVE's, and errors that point at one.
 *
 * A line ends at a line feed; a carriage return stays in it, a blank like others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum { LINES_SHOWN_MAX = 60 };

struct lines {
	struct slice rest; /* what was not given out yet */
	unsigned line;     /* number of the line given last; 0: none yet */
};

/* Begins at the first line of @text. Errors: ERR_RANGE (over @max), ERR_SYNTAX (NUL). */
int lines_begin(struct lines *ret, struct slice text, size_t max, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Gives the next line without its line feed; false when there is none. */
static inline bool lines_next(struct lines *l, struct slice *ret)
{
	if (!l->rest.len)
		return false;
	(void)slice_cut(l->rest, '\n', ret, &l->rest);
	l->line++;
	return true;
}

/* The beginning of @s that fits into a message, whole characters of UTF-8. */
struct slice lines_shown(struct slice s);

/* For "%.*s" in a message. */
#define LINES_SHOWN(s) SLICE_ARG(lines_shown(s))

/* Sets an error of the whole line @line; is -1: `return LINES_REFUSE(...)`. */
#define LINES_REFUSE(e, line, code, ...) \
	((void)err_set((e), (code), __VA_ARGS__), err_at((e), (line), 0))
