/* SPDX-License-Identifier: MIT */
/*
 * start - the judgement of a start, as both hooks make it: load, judge, record, say.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"
#include "record/decision.h"
#include "run/place.h"

/* A start, as the hook that was called sees it. Absent texts are {NULL, 0}. */
struct start {
	enum layer layer;
	uint64_t vmid;
	const char *migrated_from; /* VMs: PVE_MIGRATED_FROM, not yet believed; or NULL */
	struct slice task;         /* title of the process that asked: "task UPID:…" */
	struct slice above;        /* title of the process above it */
	bool by_init;              /* container restarted from inside, as a service */
	pid_t worker;              /* that starts it, and ends when it has */
};

/* What a judgement leaves for start_apply(). */
struct start_world;

/*
 * Judges the start @s; the record is written before it returns. Appends to @message what
 * people must read, "" when there is nothing to say. Exit status of the hook: 0 (goes
 * on), 77, 78 or 71. *@ret_world is for start_apply(), NULL where nothing is to be applied;
 * the caller releases it by start_world_freep().
 */
int start_judge(const struct place *p, const struct start *s,
		struct start_world **ret_world, struct buf *message);

/*
 * Applies what templates set for the guest of @w (NULL: nothing): settings of the node, and
 * at the node-wide hook sysctls in the container whose process is @init (0: it was not found).
 * Status as start_judge()'s.
 */
int start_apply(const struct place *p, const struct start *s, const struct start_world *w,
		pid_t init, struct buf *message);

/* Applies what can only be once the guest runs; judges nothing, refuses nothing. */
void start_settle(const struct place *p, const struct start *s, struct buf *message);

/* Releases *@w. Fit for AUTO(). */
void start_world_freep(struct start_world **w);
