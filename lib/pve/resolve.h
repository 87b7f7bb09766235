/* SPDX-License-Identifier: MIT */
/*
 * resolve - where a path of the node leads to now, link by link, and whether somebody other
 * than root could make it lead elsewhere. Below a root, so tests bring a tree of their own.
 *
 * Nothing on the way is opened but as a name (O_PATH). Links of /proc are not followed: they
 * lead elsewhere for each process, and who mounts is another one.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum { RESOLVE_MAX_LINKS = 40 }; /* as the kernel has it */

struct resolved {
	struct slice path; /* absolute, without links, ".", ".." and "//" */
	/* The first directory in which others than root may put what comes next; or {NULL, 0}. */
	struct slice loose;
};

/*
 * Follows @path, which is taken from the root. What does not exist counts as it is written,
 * with all that would be below it. Memory from @a. Errors: ERR_SYSTEM (cannot be looked at,
 * memory), ERR_SYNTAX (too long, too many links, a link of /proc, a way up out of what does
 * not exist).
 */
int resolve_path(int root, struct slice path, struct arena *a, struct resolved *ret,
		 struct err *e) __attribute__((nonnull, warn_unused_result));
