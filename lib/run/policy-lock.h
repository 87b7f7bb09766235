/* SPDX-License-Identifier: MIT */
/*
 * policy-lock - one writer of the policy in the whole cluster.
 *
 * flock(2) holds within one node, also on /etc/pve; but mkdir has one winner in the
 * cluster. So the lock is the directory /etc/pve/pve-safe/policy.lock, and in it stands a
 * file NODE.PID, its owner. It is held for as long as it takes to write a file and read it
 * again, well under a second, so who sees the same owner for much longer knows that it is
 * dead: clocks of nodes are not compared. To break the lock is to remove the file of that
 * owner, again with one winner, and the directory, which then is empty. An owner that was
 * only asleep finds its file gone before it writes.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "run/place.h"

#define POLICY_LOCK_DIR "etc/pve/pve-safe/policy.lock"

enum {
	POLICY_LOCK_DEAD_MS = 10000, /* an owner that stays so long is dead */
	POLICY_LOCK_EMPTY_MS = 2000, /* one who makes the directory and no file, too */
	POLICY_LOCK_WAIT_MS = 30000, /* how long to wait for others that take turns */
	POLICY_LOCK_NAME_MAX = 256,  /* of any name in a directory */
};

/* The lock, held or not. */
struct policy_lock {
	int root; /* borrowed */
	bool held;
	char owner[POLICY_LOCK_NAME_MAX]; /* name of our file */
};

/*
 * Takes the lock at @p, whose node no other process takes it on meanwhile: one of this
 * node's is a dead one's. -1 with who holds it, or why it cannot be made.
 */
int policy_lock_take(const struct place *p, struct policy_lock *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether nobody has broken @l meanwhile. */
bool policy_lock_holds(const struct policy_lock *l);

/* Gives it back. Fit for AUTO(). */
void policy_lock_done(struct policy_lock *l);
