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
	struct guest giver;          /* of a volume that .guest is to get */
	struct request_list given;   /* options that were named */
	struct request_list changes; /* keys that get another value */
	struct request_list sources; /* storages that templates and images come from */
	struct slice target;         /* the node that it is sent to; {NULL, 0}: none */
	const char *problem, *todo;  /* why there is nothing to judge, and the way out */
	const char *no_start;        /* why a start cannot be judged; NULL: it can */
	const char *added;           /* option that we added to the command, or NULL */
	const char *note;            /* what else its user should know, or NULL */
	bool is_new;                 /* the command is to make the guest */
};

/* Where the loading looks. */
struct result_world {
	const struct place *place;
	const struct cluster *cluster;
};

/*
 * Loads what @c would result in, and adds to @c what a new guest is to have beside it. What
 * fails is in @ret->problem. Memory from @a.
 */
void result_load(const struct result_world *world, struct argv_command *c,
		 struct arena *a, struct result *ret);

/*
 * Loads what an import, loaded by result_load(), would make of its source, which qm is asked
 * for; see preview.h. What fails is in @r->problem. Memory from @a.
 */
void result_load_source(const struct result_world *world, struct argv_command *c,
			struct arena *a, struct result *r);

/*
 * Loads what @c, which change_gives_away(), would make of the guest that gets the volume.
 * What fails is in @ret->problem. Memory from @a.
 */
void result_load_receiver(const struct result_world *world, struct argv_command *c,
			  struct arena *a, struct result *ret);

/* Whether @event makes a new guest. */
bool result_makes_guest(const char *event);

/* Whether the storages must be loaded to tell what @c results in. */
bool result_needs_storages(const struct argv_command *c);

/* Loads the guest that @c names, as it is; none is fine. */
void result_load_named(const struct result_world *world, struct argv_command *c,
		       struct arena *a, struct result *ret);

/* Releases @r. */
void result_done(struct result *r);
