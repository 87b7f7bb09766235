/* SPDX-License-Identifier: MIT */
/*
 * engine - the container engines that run in a container, seen from the node: the names of
 * the processes in its control group. All below a root, so tests bring a /sys and a /proc.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	ENGINE_MAX_GROUPS = 2048,     /* control groups of one container that are read, */
	ENGINE_MAX_PROCESSES = 32768, /* and processes in them */
};

/* One engine. */
struct engine {
	struct slice name; /* "dockerd"; no more than once in a list */
	pid_t pid;         /* one of its processes */
};

struct engines {
	struct engine *items;
	size_t n;
};

/*
 * Lists the engines in the control group lxc/@vmid, in its groups' groups as well; the
 * processes that watch over the container from outside are in another. 0; 1 when there is
 * no such group, so the container does not run; -1 when it cannot be read, or is too large
 * to be read as a whole and no engine was found in what was. Memory from @a.
 */
int engine_list(int root, uint64_t vmid, struct arena *a, struct engines *ret,
		struct err *e) __attribute__((nonnull, warn_unused_result));
