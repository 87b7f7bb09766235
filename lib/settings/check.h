/* SPDX-License-Identifier: MIT */
/*
 * check - what of a plan the guest or the node does not have, found before the start: with
 * the line that says so and the command that mends it.
 *
 * Looks at the node (device nodes, modules); changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "facts/facts.h"
#include "settings/credential.h"
#include "settings/plan.h"

/* Something that is not as the plan wants it. */
struct shortfall {
	const struct plan_item *item;
	const char *reason, *remedy;
	struct fact_origin found; /* the line to look at; .text {NULL, 0}: none */
	bool harmless;            /* the guest runs without it: a warning */
};

/* Checks under way, and what they found. */
struct check {
	int root; /* descriptor of the root directory */
	const struct facts_input *in;
	const struct plan *plan;
	struct arena *arena;
	struct shortfall *rows;
	size_t n, size;
	struct credential given; /* to a VM, by its option args */
	bool has_credential;     /* it has one, read or not */
	const char *unreadable;  /* why not; NULL: it could be read */
	const char *leftover;    /* what of it no template wants; NULL: nothing */
	struct fact_origin leftover_at;
};

/* Checks @plan for the guest of @in on the node below @root; memory from @a. */
int check_plan(int root, const struct facts_input *in, const struct plan *plan,
	       struct arena *a, struct check *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Adds what @item lacks; both texts are made by the arena (NULL: out of memory). */
void check_add(struct check *c, const struct plan_item *item, bool harmless,
	       struct fact_origin found, const char *reason, const char *remedy);

/* Whether the module @name is loaded, or part of the kernel. */
bool module_is_there(int root, struct slice name);

/* Whether the plan loads the module @name (NULL: any) and it is not there yet. */
bool check_loads_module(const struct check *c, const char *name);
