/* SPDX-License-Identifier: MIT */
/*
 * workload - classes of guests, and where they belong. For policy/rules alone.
 */
#pragma once

#include "policy/keys.h"

enum { WORKLOAD_NAME_MAX = 39 }; /* "workload-" before it must be a rule's name */

/* Reads @node into @ret and @rule; what is wrong goes to the problems. */
void workload_read(struct builder *b, const struct conf_node *node, struct workload *ret,
		   struct rule *rule);

/*
 * Gives @rule, that of @w, its condition and the texts that were not given; one of a
 * workload that may be anywhere stays without. False without memory.
 */
bool workload_finish(const struct workload *w, struct arena *a, struct rule *rule);
