/* SPDX-License-Identifier: MIT */
/*
 * caller - who typed the command: the login and its groups.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "facts/input.h"

struct caller {
	struct slice login;         /* NUL-terminated; {NULL, 0}: a process of no login */
	bool has_account;           /* .uid and .gid are known */
	uid_t uid;                  /* the login's own */
	gid_t gid;                  /* its primary group */
	struct request_list groups; /* of the login, once loaded */
	struct request_list files;  /* run/caller-file; NULL: not loaded, or root's */
};

/* The variables that say who asks; sudo sets them, whatever its caller had in them. */
#define CALLER_VARIABLES "SUDO_USER", "SUDO_UID"

/*
 * Finds out who asks: for root what sudo says, else the loginuid, else the real uid. A
 * login whose account cannot be found is one all the same, by what is known of it: its
 * name, or "#1000". Memory from @a.
 */
void caller_load(int root, struct arena *a, struct caller *ret);

/*
 * Adds the login's groups. Apart, since asking for them may load libraries of the system's
 * name service: only where a rule or an override wants to know.
 */
void caller_load_groups(struct arena *a, struct caller *c);
