/* SPDX-License-Identifier: MIT */
/*
 * conf-token - words, quoted values and punctuation out of a file that people write.
 *
 * Comments and CR are blanked on the way, so that libconfuse sees none: it miscounts lines
 * behind comments and takes them for errors where people put them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/problems.h"
#include "base/slice.h"

/* A place in a text. */
struct conf_mark {
	unsigned line, col; /* from 1, columns in bytes */
};

/* One token. */
struct conf_token {
	char kind;             /* 'w' word, 'q' quoted, one of "{}=,", '\0' at the end */
	struct slice text;     /* without quotes */
	struct conf_mark mark; /* of its first byte, the quote if quoted */
};

/* The reading of a text. */
struct conf_lexer {
	const char *file;          /* for messages; borrowed */
	struct problems *problems; /* borrowed */
	char *text;        /* checked by conf_check_bytes(), ended by NUL; borrowed */
	size_t at;         /* what is read next */
	size_t line_start; /* offset of its line */
	unsigned line;
};

/* Takes the next token; 0, or -1 with an error of form added to the problems. */
int conf_take(struct conf_lexer *l, struct conf_token *ret)
	__attribute__((nonnull, warn_unused_result));

/* Whether @t is a value: a word or quoted. */
static inline bool conf_is_value(const struct conf_token *t)
{
	return t->kind == 'w' || t->kind == 'q';
}
