/* SPDX-License-Identifier: MIT */
/*
 * caller - who typed the command: the login and its groups.
 */
#pragma once

#include <sys/types.h>

#include "base/arena.h"
#include "facts/input.h"

struct caller {
	struct slice login;         /* {NULL, 0}: a process of no login */
	gid_t gid;                  /* its primary group */
	struct request_list groups; /* of the login, once loaded */
};

/*
 * Finds out who asks: SUDO_USER, which sudo itself sets, else the loginuid, else the real
 * uid. Memory from @a.
 */
void caller_load(int root, struct arena *a, struct caller *ret);

/*
 * Adds the login's groups. Apart, since asking for them may load libraries of the system's
 * name service: only where a rule or an override wants to know.
 */
void caller_load_groups(struct arena *a, struct caller *c);
