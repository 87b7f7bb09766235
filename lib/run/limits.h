/* SPDX-License-Identifier: MIT */
/*
 * limits - judges a guest by the policy's limits, beside all others of the cluster, which
 * are counted only where limits that match the guest need that.
 */
#pragma once

#include "base/arena.h"
#include "policy/limits-eval.h"
#include "policy/policy.h"
#include "run/load.h"

enum limits_use {
	LIMITS_COMMAND, /* a guest that a command makes or changes */
	LIMITS_LOOK,    /* one as it is, or would be: check, explain */
	/*
	 * All guests as they are, one after the other, whatever the event: what all of
	 * them exceed is shown at one of them, and no start is refused for it.
	 */
	LIMITS_AUDIT,
};

/* One program's use of limits. */
struct limits_world {
	const struct place *place;     /* borrowed, as those below */
	const struct policy *policy;   /* its limits */
	const struct cluster *cluster; /* with the sources of .wanted loaded */
	enum limits_use use;
	struct fact_set wanted; /* facts that limits name and measure */
	/* What was counted, a row for each of the limits; NULL: nothing yet. */
	struct limits_tally *tallies;
	struct limits_guest *before;   /* what the guest .vmid counts for as it is */
	uint64_t vmid;                 /* who is not among .tallies */
	const struct request *request; /* while others are counted */
	struct arena arena;            /* of the tallies */
	struct arena scratch;          /* of one guest */
};

/* Begins; limits_done() ends it. */
void limits_begin(const struct place *place, const struct policy *p,
		  const struct cluster *c, enum limits_use use, struct limits_world *ret)
	__attribute__((nonnull));

/* A guest that is judged. */
struct limits_ask {
	const struct request *request;
	enum guest_kind kind;
	uint64_t vmid;
	bool in_cluster; /* false: a file that lies anywhere; only its own size counts */
	const struct facts *facts;
};

/*
 * Adds to @ev a finding for each bound that the guest of @ask exceeds, alone or with the
 * others. Memory from @a; -1 without.
 */
int limits_judge(struct limits_world *w, const struct limits_ask *ask, struct arena *a,
		 struct evaluation *ev, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Releases @w. Fit for AUTO(). */
void limits_done(struct limits_world *w);
