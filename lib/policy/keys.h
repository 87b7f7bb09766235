/* SPDX-License-Identifier: MIT */
/*
 * keys - what the keys of rules, workloads, limits and adjustments set. For policy/rules,
 * policy/workload and policy/limits alone.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/problems.h"
#include "policy/policy.h"
#include "policy/rules.h"

/* The rules of one file, being added. */
struct builder {
	struct rule_list *list;
	const char *file;
	struct arena *arena;
	struct problems *problems;
	const struct event_set *default_set; /* of keys_default_events */
};

/* What the setter of a key sets; .set NULL: its reader sees to it. */
struct setter {
	void (*set)(struct builder *b, const struct conf_entry *entry, void *field);
	size_t offset; /* of the field in the object */
};

/* Adds a problem at @v, which has .line and .col. */
#define keys_problem(b, v, ...) \
	((void)problems_add((b)->problems, (b)->file, (v)->line, (v)->col, __VA_ARGS__))

/* Adds "out of memory". */
void keys_nomem(struct builder *b);

/* Sets a `const struct expr *`; one that names classes is noted, to be checked at the end. */
void keys_expr(struct builder *b, const struct conf_entry *entry, void *field);
/* Sets a `struct slice`. */
void keys_text(struct builder *b, const struct conf_entry *entry, void *field);
/* Sets an `enum action`. */
void keys_action(struct builder *b, const struct conf_entry *entry, void *field);
/* Sets a `uint64_t`. */
void keys_number(struct builder *b, const struct conf_entry *entry, void *field);
/* Sets a `struct policy_words`. */
void keys_words(struct builder *b, const struct conf_entry *entry, void *field);

/* Sets what @node says of @object; @setters in the order of the section's keys. */
void keys_set(struct builder *b, const struct conf_node *node,
	      const struct setter *setters, void *object);
