/* SPDX-License-Identifier: MIT */
/*
 * attach-internal - what planning (attach.c) and doing (attach-apply.c) share.
 */
#pragma once

#include "run/attach.h"

/* One guest that is being changed. */
struct change {
	const struct attach *a;
	struct guest guest;
	struct hookscript now;
	struct buf volume; /* to be set; empty: hookscript is to be deleted */
	struct buf link;   /* that must be there before */
	struct attach_report *report;
};

/* Ends with ATTACH_FAILED and why; returns -1. */
int attach_fail(struct attach_report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Takes the lock, unless it is a dry run; closing *@ret_fd gives it back. */
int attach_lock(const struct attach *a, int *ret_fd, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Makes the link of @c, sets the volume, looks again. 0, or -1 with the report filled. */
int attach_apply(struct change *c);
