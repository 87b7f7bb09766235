/* SPDX-License-Identifier: MIT */
/*
 * applied - what became of the things to set: with the values before and after, for the
 * record and for people.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "settings/plan.h"

enum applied_result {
	APPLIED_NOT = 0, /* .why says why not */
	APPLIED_SET,     /* written, and read back */
	APPLIED_ALREADY, /* it was so before */
	APPLIED_LATER,   /* what it is set in is not there yet */
	APPLIED_UNDONE,  /* the value before is back */
	APPLIED_LEFT,    /* somebody else changed it since: not touched; .why says it */
};

/* One of them. Texts are NULL where there is nothing to say. */
struct applied {
	enum setting_kind kind;
	struct slice target, value;
	const struct plan_item *item; /* NULL: undone, so its template is not known */
	enum applied_result result;
	const char *before, *after;
	const char *why, *todo;
};

/* All of one run; memory from .arena. */
struct applied_list {
	struct arena *arena;
	struct applied *rows;
	size_t n, size;
};

/* Adds a row about @item; the list's arena remembers when memory is gone (NULL). */
struct applied *applied_add(struct applied_list *l, const struct plan_item *item);

/* Adds a row about what was undone, or could not be: the node's @target. */
struct applied *applied_add_undone(struct applied_list *l, struct slice target);

/* Notes that @row was not applied for @why; both texts are made by the arena. */
void applied_fail(struct applied *row, const char *why, const char *todo);

/* "applied", "unchanged", "failed", "later", "undone", "left". */
const char *applied_name(enum applied_result result);

/* Whether @row is worth telling people: something that did not become as it was meant. */
bool applied_is_worth_saying(const struct applied *row);

/*
 * Whether the kernel shows @a for @b: word by word, whatever blanks are between them, and
 * whatever zeros a number or a mask ("00000000,0000000f") begins with.
 */
bool applied_same_value(struct slice a, struct slice b);
