/* SPDX-License-Identifier: MIT */
/*
 * policy-diff - what another policy would change for the guests that are there today.
 */
#pragma once

#include "policy/store.h"
#include "record/decision.h"
#include "run/judge.h"
#include "run/load.h"
#include "run/place.h"
#include "run/settings.h"

/* Two policies, and the cluster, HA included, whose guests both judge. */
struct policy_diff {
	const struct place *place;
	const struct store_policy *before, *after;
	struct settings of_before, of_after; /* the templates, by each policy's classes */
	struct cluster cluster;
	bool json;
	size_t guests, changed; /* counted by policy_diff_print() */
};

/*
 * Prepares comparing @before with @after at @p, all of which must outlive @ret. -1 for want
 * of memory only. policy_diff_done() either way.
 */
int policy_diff_begin(const struct place *p, const struct store_policy *before,
		      const struct store_policy *after, struct policy_diff *ret,
		      struct err *e);

/* Releases @d. Fit for AUTO(). */
void policy_diff_done(struct policy_diff *d);

/*
 * Prints each guest of the cluster whose verdict at a start changes, and on stderr where the
 * policy in force cannot be used; the exit status: EXIT_FOUND when there is one, EXIT_CANNOT
 * when a guest could not be read.
 */
int policy_diff_print(struct policy_diff *d);

/*
 * Judges a start of @g for @cause by @policy, one of the two of @d. -1 after saying what failed,
 * which is memory. The caller releases @j by judge_done() either way.
 */
int policy_diff_judge(struct policy_diff *d, const struct store_policy *policy,
		      const struct guest *g, const char *cause, struct judgement *j);

/* Appends the verdict of @d with the rules it comes from: "deny (privileged)". */
void policy_diff_verdict(const struct decision *d, struct buf *out);

/* pve-safe policy diff NEW; the exit status. */
int policy_diff(int argc, char **argv);
