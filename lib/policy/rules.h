/* SPDX-License-Identifier: MIT */
/*
 * rules - the rules of one file, added to a policy in the making. For policy/compile alone.
 */
#pragma once

#include "base/arena.h"
#include "base/conf.h"
#include "base/problems.h"
#include "policy/policy.h"

enum { RULES_SLOTS = 2 * POLICY_MAX_RULES }; /* a power of two */

/* The rules found so far, and where their names are. */
struct rule_list {
	struct rule *rules; /* owned */
	size_t n, size;
	bool partial; /* a file could not be read: rules may be missing */
	unsigned short slots[RULES_SLOTS]; /* by hash of the name: index + 1; 0: free */
};

/*
 * Adds the rules of @root, a file called @file, to @list, and makes its adjustments of
 * those found so far. What is wrong goes to @problems; what is added is then not to be used.
 */
void rules_add(struct rule_list *list, const struct conf_node *root, const char *file,
	       struct arena *a, struct problems *problems);
