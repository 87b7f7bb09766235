/* SPDX-License-Identifier: MIT */
/*
 * shared-ids - which containers of the cluster map the same host ids. All containers are
 * read once, when the first is asked about that has an id map of its own; where none has,
 * nothing is read.
 */
#pragma once

#include "base/arena.h"
#include "facts/input.h"
#include "run/load.h"
#include "run/place.h"

struct shared_ids;

/* Memory for what is found, from @a; NULL when it is gone. */
struct shared_ids *shared_ids_new(struct arena *a);

/* Releases what @s found; NULL is fine. */
void shared_ids_done(struct shared_ids *s);

/*
 * Sets the source of the ids of @in, and the containers that share some with its section, if
 * that has lxc.idmap lines. One that cannot be read makes the source a failed one. A
 * privileged one without any is on no list: its ids are all of the node's. Memory from @a.
 */
void shared_ids_find(struct shared_ids *s, const struct place *p, struct arena *a,
		     struct facts_input *in) __attribute__((nonnull));
