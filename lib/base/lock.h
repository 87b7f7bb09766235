/* SPDX-License-Identifier: MIT */
/*
 * lock - one at a time on this node: flock(2) with a time limit.
 *
 * The lock lives as long as its descriptor (AUTO_CLOSE releases it) and ends with the
 * process, so nothing is ever left locked. A lock file is never unlinked. On pmxcfs flock
 * holds within one node only.
 */
#pragma once

#include "base/err.h"

enum lock_kind { LOCK_SHARED, LOCK_EXCLUSIVE };

/*
 * Locks the open @fd, waiting at most @timeout_ms. 0 locked, 1 another one held it to the
 * end, -1 failed.
 */
int lock_fd(int fd, enum lock_kind kind, unsigned timeout_ms, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Opens @path beneath @dirfd, making it (0600) where it is missing, and locks it as
 * lock_fd() does. On 0 the caller owns the descriptor in *@ret_fd; closing it unlocks.
 */
int lock_file(int dirfd, const char *path, enum lock_kind kind, unsigned timeout_ms,
	      int *ret_fd, struct err *e) __attribute__((nonnull, warn_unused_result));
