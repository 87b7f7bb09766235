/* SPDX-License-Identifier: MIT */
/*
 * value - texts with placeholders: "{memory_bytes / 2}", "/sys/block/{disk0.dev}/queue".
 *
 *	text  = { any but { and } | "{" sum "}" } .
 *	sum   = term { ( "+" | "-" ) term } .
 *	term  = prim { ( "*" | "/" ) prim } .
 *	prim  = NUMBER | NAME | "(" sum ")" .
 *
 * with blanks between the words. Numbers are whole, from 0 to 2^64 - 1; what leaves that
 * range, or divides by zero, fails when it is rendered. A name that stands for a text takes
 * no part in arithmetic. Compiled once, with every name checked; rendering is pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "facts/facts.h"

enum {
	VALUE_MAX_BYTES = 1024,
	VALUE_MAX_PARTS = 32, /* texts and placeholders */
	VALUE_MAX_OPS = 64,   /* numbers, names and signs in one placeholder */
	VALUE_MAX_DEPTH = 16, /* parentheses in each other */
};

struct value;

/* What a value is rendered for. */
struct value_world {
	const struct facts_input *in;
	const struct facts *facts; /* those of value_facts() are loaded */
	const struct slice *disks; /* kernel names of the guest's disks, "sda" */
	size_t ndisks;
	bool running; /* .disks are known; else what needs them is known later */
	bool dotted;  /* of a sysctl between dots: a dot in a text is written as '/' */
};

enum value_state {
	VALUE_KNOWN,
	VALUE_LATER,  /* once the guest runs */
	VALUE_FAILED, /* never, for this guest */
};

/*
 * Compiles @text; memory from @a, parts borrow from @text. Errors: ERR_SYNTAX, ERR_UNKNOWN
 * (a name, with a suggestion), ERR_TYPE, ERR_RANGE; e->col is the 1-based byte in @text.
 */
int value_compile(struct slice text, struct arena *a, const struct value **ret,
		  struct err *e) __attribute__((nonnull, warn_unused_result));

/* The text that @v was compiled from; borrowed. */
struct slice value_text_of(const struct value *v);

/* Whether @v has no placeholder. */
bool value_is_plain(const struct value *v);

/* Adds the facts that @v names to @set. */
void value_facts(const struct value *v, struct fact_set *set);

/*
 * Renders @v into @ret, memory from @a. Where it is not VALUE_KNOWN, *@ret is the text as
 * it was written and *@ret_why says, in one line, what is missing.
 */
enum value_state value_render(const struct value *v, const struct value_world *w,
			      struct arena *a, struct slice *ret, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));
