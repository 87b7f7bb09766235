/* SPDX-License-Identifier: MIT */
/*
 * lint - what is odd about a policy that loads: rules that cannot do what they look like.
 *
 * Pure: only what the texts say. What is reported is certain; a condition that is too large
 * or too rich to be decided is passed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "policy/policy.h"
#include "pve/cluster.h"

enum lint_kind {
	LINT_NEVER,          /* no guest ever meets `when` at the rule's events */
	LINT_EXEMPTS_ITSELF, /* `unless` holds wherever `when` does */
	LINT_SHADOWED,       /* another rule, no laxer, fires wherever it does */
	LINT_CONTRADICTS,    /* the same condition, another action or placement */
	LINT_SELF_GRANT,     /* who may edit the guest may exempt it */
	LINT_MODE,           /* the policy's mode keeps rules from refusing */
	LINT_UNPINNED,       /* what is included is a file, not a shipped version */
	LINT_NOWHERE,        /* no guest of today meets `when` */
	LINT_NOBODY,         /* `override` names whom there is not */
	LINT_NO_TEMPLATE,    /* `settings` names a template that there is not */
};

/* One thing that was found. */
struct lint_finding {
	enum lint_kind kind;
	struct slice rule; /* {NULL, 0}: of the file */
	const char *file;
	unsigned line;
	const char *what, *todo; /* one line each */
};

/* All of them; memory from the caller's arena. */
struct lint_findings {
	struct lint_finding *rows;
	size_t n, room;
};

/* Word for JSON and people: "never-matches". */
const char *lint_kind_name(enum lint_kind k);

/* Adds a finding about @r, NULL for the policy file @file. */
void lint_add(struct lint_findings *l, struct arena *a, enum lint_kind kind,
	      const struct rule *r, const char *file, const char *what, const char *todo);

/*
 * Adds all that is odd about @p by itself; memory from @a. @tags: which tags users may write,
 * NULL when that is not known.
 */
void lint_policy(const struct policy *p, const struct cluster_tags *tags, struct arena *a,
		 struct lint_findings *ret) __attribute__((nonnull(1, 3, 4)));

/* One condition that shall hold, or shall not. */
struct lint_term {
	const struct expr *x;
	bool holds;
};

/*
 * Whether some guest of facts that are all known or none could give all @n terms the value
 * that they shall have, at one of @events. False is certain; true is not.
 */
bool lint_possible(const struct lint_term *terms, size_t n,
		   const struct event_set *events);
