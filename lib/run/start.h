/* SPDX-License-Identifier: MIT */
/*
 * start - the judgement of a start, as both hooks make it: load, judge, record, say.
 */
#pragma once

#include <stdint.h>

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
};

/*
 * Judges the start @s; the record is written before it returns. Appends to @message what
 * people must read, "" when there is nothing to say. Exit status of the hook: 0 (goes
 * on), 77, 78 or 71.
 */
int start_judge(const struct place *p, const struct start *s, struct buf *message);
