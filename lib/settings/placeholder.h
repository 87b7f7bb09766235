/* SPDX-License-Identifier: MIT */
/*
 * placeholder - the names that may stand in a value's braces, and what they stand for.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "settings/value.h"

struct placeholder_row;

/* A name that was found: a row, and its number where it is one of a family. */
struct placeholder {
	const struct placeholder_row *row;
	unsigned index; /* 1 of "net1.dev" */
};

/* What a placeholder stands for. */
struct placeholder_value {
	enum value_state state;
	uint64_t number;
	struct slice text;
	const char *why; /* not VALUE_KNOWN */
};

/* Finds @name; false, and in @hint what may have been meant, when there is none. */
bool placeholder_find(struct slice name, struct placeholder *ret, struct buf *hint);

/* Whether @p stands for a number. */
bool placeholder_is_number(const struct placeholder *p);

/* Adds the fact that @p is made of to @set. */
void placeholder_facts(const struct placeholder *p, struct fact_set *set);

/* What @p stands for in @w; memory from @a. */
struct placeholder_value placeholder_get(const struct placeholder *p,
					 const struct value_world *w, struct arena *a);
