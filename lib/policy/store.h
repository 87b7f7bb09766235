/* SPDX-License-Identifier: MIT */
/*
 * store - where the policy comes from: the file of the cluster, else that of the node; the
 * last good copy when neither can be used; the built-in baseline when that cannot either.
 *
 * A broken policy must neither open the gate nor stop a cluster (design: "A broken
 * policy"). What was used and why is in the result; saying it loudly is its caller's part.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "policy/policy.h"

/* What loading may leave behind. */
enum store_mode {
	STORE_KEEP, /* hooks, wrappers, tick: keeps the last good copy up to date */
	STORE_LOOK, /* check, explain, --dry-run: as enforced here, but writes nothing */
	STORE_OFFLINE, /* --root: files may be the caller's; no last good copy, no state */
};

struct store_policy {
	struct policy *policy; /* owned; never NULL after success */
	const char *source;    /* "file", "last-good" or "builtin" */
	char *name;            /* path of the file, or baseline@N; owned */
	char *problem;      /* why the current policy is not used; NULL: it is. owned */
	char *warning;      /* why no last good copy could be kept; NULL: fine. owned */
	bool report_starts; /* no policy was ever known here: starts are only reported */
};

/*
 * A policy that `policy install` wrote has STORE_FIRST_LINE as its first line and must end
 * with STORE_LAST_LINE: one that was cut short, at whatever byte, is then refused. People
 * may edit between the two, and write files without either.
 */
#define STORE_FIRST_LINE "# pve-safe policy; its last line says that it is whole"
#define STORE_LAST_LINE  "# end of the policy"

/*
 * Loads the policy in force below @root by @mode. 0, or -1 for want of memory only: what
 * cannot be read or understood ends in the last good copy or the baseline, with .problem.
 *
 * Not used, though it can be read, is also a policy whose serial is older than that of the
 * last good copy, and one that is just the beginning of it: nobody removes rules so. Where
 * neither a policy nor a copy of one is found the baseline holds without .problem; off a
 * node (STORE_OFFLINE), where nobody can tell what was known, it holds for starts, too.
 */
int store_load(int root, enum store_mode mode, struct store_policy *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Loads the policy file at @path, named by the caller, with its includes from beside it.
 * -1 with the first problem and their number in @e, all of them in @problems.
 */
int store_load_file(const char *path, struct store_policy *ret, struct problems *problems,
		    struct err *e) __attribute__((nonnull, warn_unused_result));

/* Releases what loading gave. Fit for AUTO(). */
void store_policy_done(struct store_policy *p);
