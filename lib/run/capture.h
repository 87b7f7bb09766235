/* SPDX-License-Identifier: MIT */
/*
 * capture - runs a program for what it prints, within limits of time and size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct capture_limits {
	unsigned seconds; /* until the program must have ended */
	size_t bytes;     /* of what it prints */
	bool errors;      /* its stderr is read as well, and is not ours */
};

/* How it went. */
enum capture_end {
	CAPTURE_ENDED,  /* by itself */
	CAPTURE_LATE,   /* it was killed: no end in time */
	CAPTURE_MUCH,   /* it was killed: it prints more than that */
	CAPTURE_FAILED, /* not run; @e has the reason */
};

/*
 * Runs @argv, whose first word is the program's path, with no input, its stdout into @out
 * and its stderr ours, unless .errors says so. *@ret_status is its status as waitpid(2) has
 * it, for ended_text(). It and all that it started are killed where they break a limit, and
 * when we end before it.
 */
enum capture_end capture_run(const char *const *argv, const struct capture_limits *limits,
			     struct buf *out, int *ret_status, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Runs @argv like it and returns all that it prints, made in @a. Fails where there is no
 * such answer, also when it does not exit with 0; messages begin with @what.
 */
int capture_text(const char *const *argv, const struct capture_limits *limits,
		 const char *what, struct arena *a, struct slice *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
