/* SPDX-License-Identifier: MIT */
/*
 * result - what a command of pct or qm would make of its guest: loaded, not yet judged.
 */
#pragma once

#include "base/arena.h"
#include "facts/input.h"
#include "pve/argv.h"
#include "run/load.h"

struct result {
	struct guest guest;          /* .start is the configuration that would result */
	struct request_list given;   /* options that were named */
	struct request_list changes; /* keys that get another value */
	const char *problem, *todo;  /* why there is nothing to judge, and the way out */
};

/* Loads what @c would result in. What fails is in @ret->problem. Memory from @a. */
void result_load(const struct place *p, const struct argv_command *c, struct arena *a,
		 struct result *ret);

/* Loads the guest that @c names, as it is; none is fine. */
void result_load_named(const struct place *p, const struct argv_command *c,
		       struct arena *a, struct result *ret);

/* Releases @r. */
void result_done(struct result *r);
