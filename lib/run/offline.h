/* SPDX-License-Identifier: MIT */
/*
 * offline - judging on demand: check and explain, on a node or on copies of files. Nothing
 * is recorded, nothing is written, nothing is refused.
 */
#pragma once

#include "policy/store.h"
#include "run/judge.h"
#include "run/options.h"
#include "run/select.h"

/* One run of such a sub-command. */
struct offline {
	struct options options;
	struct place place;
	struct store_policy policy;
	struct cluster cluster;
	const struct fact_set *also; /* facts to be shown besides the policy's; or NULL */
	struct settings *settings;   /* templates that starts are judged by; or NULL */
	struct limits_world limits;  /* of the policy; counted where they are judged */
};

/*
 * Reads the command line, opens place, policy and the cluster's files. 0 to go on; else
 * what is wrong was printed and *@ret_status is the exit status. offline_done() either way.
 */
int offline_open(int argc, char **argv, unsigned known, const char *usage,
		 struct offline *ret, int *ret_status);

/* Releases @o. Fit for AUTO(). */
void offline_done(struct offline *o);

/* Loads the templates of this node into @ret, and what the cluster says of their facts. */
int offline_read_settings(struct offline *o, struct settings *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The same for templates by which starts of its guests are judged; says what is wrong. */
int offline_load_settings(struct offline *o, struct settings *ret)
	__attribute__((nonnull, warn_unused_result));

/* Visits the guests that the command line names; the exit status. */
int offline_each(struct offline *o, select_visit visit);

/* Judges @g by what the command line says, assumed facts included. */
int offline_judge(struct offline *o, const struct guest *g, struct judgement *j,
		  struct err *e) __attribute__((nonnull, warn_unused_result));

/* Exit status for @d: 2 where it rests on an unknown fact, 1 where it denies, else 0. */
int offline_status(const struct decision *d);
