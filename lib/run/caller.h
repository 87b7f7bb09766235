/* SPDX-License-Identifier: MIT */
/*
 * caller - who typed the command: the login and its groups.
 */
#pragma once

#include "base/arena.h"
#include "facts/input.h"

struct caller {
	struct slice login;         /* {NULL, 0}: a process of no login */
	struct request_list groups; /* of the login */
};

/*
 * Finds out who asks: SUDO_USER, which sudo itself sets, else the loginuid, else the real
 * uid. Memory from @a.
 */
void caller_load(int root, struct arena *a, struct caller *ret);
