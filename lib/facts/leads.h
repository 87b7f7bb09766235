/* SPDX-License-Identifier: MIT */
/*
 * leads - where the host paths bound into a container lead to: facts of a look at the node,
 * which run/load takes, at each path that leads_sources() names.
 */
#pragma once

#include "base/arena.h"
#include "facts/facts.h"
#include "facts/input.h"

/*
 * Lists the host paths of the container @in as they are written, not below /dev, as @ret: a
 * list, or unknown. Memory from @a.
 */
void leads_sources(const struct facts_input *in, struct arena *a, struct fact *ret)
	__attribute__((nonnull));
