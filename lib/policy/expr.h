/* SPDX-License-Identifier: MIT */
/*
 * expr - the conditions of rules: "ct and privileged and not tag ~ 'just-*'".
 *
 *   expr  = conj { "or" conj } .    conj = term { "and" term } .    term = "not" term | prim .
 *   prim  = "(" expr ")" | FACT | [ "every" ] FACT test .
 *   test  = ("="|"!="|"~"|"!~") value | ("<"|"<="|">"|">=") NUMBER |
 *           [ "not" ] "in" "(" value {"," value} ")" .
 *
 * Compiled once with all types checked; evaluation is pure, three-valued and cannot fail.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "facts/facts.h"

enum {
	EXPR_MAX_BYTES = 2048,
	EXPR_MAX_TOKENS = 256,
	EXPR_MAX_DEPTH = 16,
};

enum tri { TRI_FALSE = 0, TRI_UNKNOWN, TRI_TRUE }; /* and is min, or is max */

struct expr;

/*
 * Compiles @text into @ret; memory from @a, literals borrow from @text. Errors: ERR_SYNTAX,
 * ERR_UNKNOWN (a fact or literal, with a suggestion), ERR_TYPE, ERR_RANGE; e->col is the
 * 1-based byte in @text.
 */
int expr_compile(struct slice text, struct arena *a, const struct expr **ret,
		 struct err *e) __attribute__((nonnull, warn_unused_result));

/* The value of @x for @facts. */
enum tri expr_eval(const struct expr *x, const struct facts *facts)
	__attribute__((nonnull));

/* Adds the facts that @x names to @set. */
void expr_facts(const struct expr *x, struct fact_set *set) __attribute__((nonnull));

/*
 * The condition "@fact and (@x)", of a boolean @fact; memory from @a, NULL when there is
 * none. It may be longer than those that are compiled.
 */
const struct expr *expr_and(const struct expr *x, enum fact_id fact, struct arena *a)
	__attribute__((nonnull));

/*
 * Whether some word of @words, NULL-terminated, passes each value that @x compares the
 * texts of @fact with; else -1, with a suggestion and e->col as of expr_compile().
 */
int expr_check_words(const struct expr *x, enum fact_id fact, const char *const *words,
		     struct err *e) __attribute__((nonnull, warn_unused_result));

/* The source text of @x; borrowed. */
struct slice expr_text(const struct expr *x);

enum { EXPR_MAX_EVIDENCE = 32 };

/* What made an expression true: a fact, or one element of a list. */
struct expr_evidence {
	enum fact_id fact;
	const struct fact_item *item; /* NULL: the whole fact; borrowed from the facts */
};

/*
 * Lists what speaks for @x being true, for messages: of a list the elements that passed,
 * each fact once, in order of the expression; at most EXPR_MAX_EVIDENCE. Returns how many.
 */
size_t expr_evidence(const struct expr *x, const struct facts *facts,
		     struct expr_evidence ret[static EXPR_MAX_EVIDENCE])
	__attribute__((nonnull));

/* A text that makes a condition true all by itself. */
struct expr_grant {
	struct slice text; /* as the condition has it */
	bool is_pattern;   /* any of those that match it does */
};

/*
 * Lists the texts of the list @fact, one of which alone makes @x true whatever else is not
 * there: who may write such a text decides. Returns how many.
 */
size_t expr_granted(const struct expr *x, enum fact_id fact,
		    struct expr_grant ret[static EXPR_MAX_EVIDENCE])
	__attribute__((nonnull));
