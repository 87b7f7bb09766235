/* SPDX-License-Identifier: MIT */
/*
 * expr-lex - the words and signs of an expression, one at a time. For policy/expr alone.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* a fact or a value; no keyword */
	TOKEN_QUOTED, /* 'a value' */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_EQUAL,
	TOKEN_UNEQUAL,
	TOKEN_MATCH,
	TOKEN_MISMATCH,
	TOKEN_LESS,
	TOKEN_AT_MOST,
	TOKEN_GREATER,
	TOKEN_AT_LEAST,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_EVERY,
	TOKEN_IN,
};

struct token {
	enum token_kind kind;
	struct slice source; /* as it stands, with quotes */
	struct slice text;   /* the value without quotes */
	unsigned col;        /* 1-based byte of .source */
};

struct lexer {
	struct slice text;
	size_t at;      /* bytes consumed */
	size_t ntokens; /* tokens given, without the end */
};

/* Reads the next token of @l into @ret. Errors: ERR_SYNTAX, ERR_RANGE; e->col is set. */
int lexer_next(struct lexer *l, struct token *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
