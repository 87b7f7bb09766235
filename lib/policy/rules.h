/* SPDX-License-Identifier: MIT */
/*
 * rules - the rules, workloads and limits of one file, added to a policy in the making. For
 * policy/compile alone.
 */
#pragma once

#include "base/arena.h"
#include "base/conf.h"
#include "base/problems.h"
#include "policy/policy.h"

enum { RULES_SLOTS = 2 * POLICY_MAX_RULES }; /* a power of two */

/* A condition that names classes, which may be defined further on. */
struct class_use {
	const struct expr *expr;
	const struct conf_value *at;
	const char *file;
	struct class_use *next;
};

/* A workload, or limits, in the making; their rule stands among the others till the end. */
struct workload_draft {
	struct workload workload;
	size_t rule; /* its index */
};
struct limits_draft {
	struct limits limits;
	size_t rule;
};

/* What was found so far, and where the names are. */
struct rule_list {
	struct rule *rules; /* owned */
	size_t n, size;
	struct workload_draft *workloads; /* owned */
	size_t nworkloads;
	struct limits_draft *limits; /* owned */
	size_t nlimits;
	struct class_use *uses;
	bool partial; /* a file could not be read: rules may be missing */
	unsigned short slots[RULES_SLOTS]; /* by hash of the name: index + 1; 0: free */
};

/*
 * Adds what @root, a file called @file, defines to @list, and makes its adjustments of what
 * was found so far. What is wrong goes to @problems; what is added is then not to be used.
 */
void rules_add(struct rule_list *list, const struct conf_node *root, const char *file,
	       struct arena *a, struct problems *problems);

/* Checks the classes that conditions name, once all files are read. */
void rules_check_classes(struct rule_list *list, struct arena *a,
			 struct problems *problems);

/*
 * Gives @p the rules, workloads and limits of @list, which is without fault and keeps the
 * memory of the rules. False without memory.
 */
bool rules_finish(struct rule_list *list, struct arena *a, struct policy *p);

/* Releases @list. */
void rules_done(struct rule_list *list);
