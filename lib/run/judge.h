/* SPDX-License-Identifier: MIT */
/*
 * judge - from a loaded guest and a policy to a decision; the one path that hooks,
 * wrappers, check, audit and tick share, so that all of them say the same.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "facts/identity.h"
#include "policy/memo.h"
#include "policy/store.h"
#include "record/decision.h"
#include "run/limits.h"
#include "run/load.h"
#include "run/options.h"
#include "run/settings.h"
#include "run/waiver-file.h"

/* What is asked. */
struct ask {
	enum layer layer;
	struct request request; /* .event is always set */
	struct actor actor;
	bool start;  /* judged on the section that a start uses */
	bool inside; /* a container that runs is looked into: no start is to be decided */
	const struct options
		*assume; /* facts that shall hold (check, explain); or NULL */
	bool bulk;       /* one of thousands: no digest of the guest's file is taken */
	const struct fact_set
		*also;             /* facts to be loaded besides the policy's; or NULL */
	struct policy_memo *memo;  /* of the policy, for .bulk; or NULL */
	struct settings *settings; /* templates, for a start on this node; or NULL */
	struct limits_world *limits; /* those of the policy; NULL: not judged */
};

/* A decision and what it points to. */
struct judgement {
	struct arena arena;
	uint64_t began_us; /* of CLOCK_MONOTONIC: when the program opened its place */
	struct facts_input input;
	struct facts facts;
	const struct facts *at_start; /* what waivers are compared by; NULL: .facts */
	const struct place *place;    /* borrowed; where waivers are looked for */
	/* Waivers that there are; NULL: looked for at each guest. Borrowed. */
	const struct waiver_names *waivers;
	struct identity identity; /* of the guest, once .has_identity */
	bool has_identity;
	struct decision decision;
};

/* Begins a decision of @layer about @event: id, time, actor, policy. */
int judge_begin(const struct place *p, const struct store_policy *policy,
		const struct ask *ask, struct judgement *ret, struct err *e);

/* Judges @g. Errors of memory only; what cannot be read is in the decision. */
int judge_guest(const struct store_policy *policy, const struct cluster *c,
		const struct guest *g, const struct ask *ask, struct judgement *j,
		struct err *e);

/*
 * Forgets what @j found of one guest, so that judge_guest() may take on the next: with the
 * same id and time, in the same memory.
 */
void judge_next(struct judgement *j);

/* Adds a reason why nothing could be judged, and the way out (NULL: none). */
void judge_fail(struct judgement *j, const char *todo, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Ends the measuring of time. */
void judge_end(struct judgement *j);

/* Releases @j. Fit for AUTO(). */
void judge_done(struct judgement *j);
