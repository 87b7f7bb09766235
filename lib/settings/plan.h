/* SPDX-License-Identifier: MIT */
/*
 * plan - what the templates of a guest come to: a sorted list of things to set, each with
 * where it is asked for, and what is wrong with them. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "settings/template.h"

/* Why a template is used. */
enum chosen_by { CHOSEN_BY_MATCH, CHOSEN_BY_WORKLOAD, CHOSEN_BY_HAND };

/* A template that is used for the guest. */
struct chosen {
	const struct template *t;
	enum chosen_by by;
	struct slice workload; /* CHOSEN_BY_WORKLOAD */
};

/* One thing to set. */
struct plan_item {
	enum setting_kind kind;
	struct slice target, value; /* rendered; as written while .state is VALUE_LATER */
	enum value_state state;     /* VALUE_KNOWN or VALUE_LATER */
	const char *why;            /* VALUE_LATER: what it waits for */
	const struct setting *setting;
	const struct template *t; /* the first that asks for it */
};

/* What keeps a setting from being applied. */
struct plan_problem {
	const struct template *t;
	const struct setting *setting;
	const struct template *other; /* of two that differ: the second; or NULL */
	const char *what;             /* one line, without the place */
	bool required;                /* one of the templates is */
};

struct plan {
	struct plan_item *items; /* by kind, then target */
	size_t n;
	struct plan_problem *problems;
	size_t nproblems;
};

/*
 * The value of @item as it is shown: of a device without the comma that puts it behind the
 * path; {NULL, 0} where it is empty.
 */
struct slice plan_item_value(const struct plan_item *item) __attribute__((nonnull));

/* Adds the facts that rendering @t needs to @set. */
void plan_facts(const struct template *t, struct fact_set *set);

/*
 * Makes the plan of the @n templates @chosen for @w; memory from @a. What two of them set
 * alike is one thing; what they set differently is a problem that names both, and not set.
 * -1 only without memory.
 */
int plan_make(const struct chosen *chosen, size_t n, const struct value_world *w,
	      struct arena *a, struct plan *ret, struct err *e)
	__attribute__((nonnull(3, 4, 5, 6), warn_unused_result));
