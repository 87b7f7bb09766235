/* SPDX-License-Identifier: MIT */
/*
 * expr-private - what an expression is compiled to: one flat array in postfix order. For
 * policy/expr alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "facts/facts.h"
#include "policy/expr-lex.h"
#include "policy/expr.h"

enum relation {
	RELATION_SET, /* the bare fact */
	RELATION_EQUAL,
	RELATION_MATCH,
	RELATION_LESS,
	RELATION_AT_MOST,
	RELATION_GREATER,
	RELATION_AT_LEAST,
};

/* How a text is compared with a literal. */
enum shape {
	SHAPE_EXACT,  /* the same bytes */
	SHAPE_PREFIX, /* begins with .text (the pattern was "text*") */
	SHAPE_HOLDS,  /* .text but its ends is part of it (the pattern is "*text*") */
	SHAPE_GLOB,   /* fnmatch(3) */
};

struct literal {
	union {
		struct slice text; /* borrowed from the expression */
		uint64_t number;   /* of a number fact */
	};
	unsigned char shape; /* enum shape */
	bool holes;          /* has {vmid} or {node} */
};

enum step_code { STEP_TEST, STEP_NOT, STEP_AND, STEP_OR };

/* One step; a test pushes a value, the others work on those pushed before. */
struct step {
	unsigned char code;       /* enum step_code */
	unsigned char relation;   /* enum relation */
	bool every;               /* all elements of a list, not some */
	bool negate;              /* != !~ not in */
	unsigned short fact;      /* enum fact_id */
	unsigned short nliterals; /* `in` has several; any of them will do */
	unsigned short left_of;   /* `and`, `or` whose left side ends here; 0: none */
	const struct literal *literals;
};

enum {
	/* Open words and signs at once: each level may wait with one `and` and one `or`. */
	EXPR_MAX_OPEN = 3 * EXPR_MAX_DEPTH + 2,
	/* Values at once: one more than waiting `and`s and `or`s, that of expr_and() too. */
	EXPR_MAX_VALUES = 2 * (EXPR_MAX_DEPTH + 1) + 2,
	/* Steps: at most one a token, and those that expr_and() adds. */
	EXPR_MAX_STEPS = EXPR_MAX_TOKENS + 2,
};

struct expr {
	struct slice text;
	struct fact_set facts;
	const struct step *steps;
	size_t nsteps;
};

/* What is put into a value: {vmid}, {node}. */
struct hole {
	const char *text; /* with the braces */
	size_t len;
	enum fact_id fact;
};

/* The hole that @text begins with, or NULL. */
const struct hole *hole_at(struct slice text);

/*
 * Reads the value @t as a plain number for @row. Errors: ERR_TYPE, ERR_RANGE, with the
 * number that was meant; without position.
 */
int number_read(const struct fact_row *row, const struct token *t, uint64_t *ret,
		struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Checks the value @t for a test of @fact by @relation and fills @ret; adds the facts of
 * its holes to @used. Errors: ERR_TYPE, ERR_UNKNOWN, ERR_RANGE, at t->col.
 */
int literal_read(enum fact_id fact, enum relation relation, const struct token *t,
		 struct literal *ret, struct fact_set *used, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Whether some word of @words, NULL-terminated, passes @l, a value for @row. Errors:
 * ERR_UNKNOWN, with a suggestion; without position.
 */
int literal_check(const struct fact_row *row, const char *const *words,
		  const struct literal *l, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Whether @text passes @l, which is no number; its holes take {vmid} and {node} of @facts
 * (NULL: @l has none). A hole whose fact is none matches nothing.
 */
enum tri literal_match(const struct literal *l, struct slice text,
		       const struct facts *facts);

/* The value of the test @s. */
enum tri step_value(const struct step *s, const struct facts *facts);

/* Whether @text passes one of the values of the test @s, before its negation. */
enum tri step_text_value(const struct step *s, struct slice text,
			 const struct facts *facts);
