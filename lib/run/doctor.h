/* SPDX-License-Identifier: MIT */
/*
 * doctor - what is wrong with this node's installation, all at once, and how to mend it.
 * Looks only; what can be mended by `pve-safe setup` says so.
 */
#pragma once

#include "policy/store.h"
#include "run/load.h"

enum doctor_level {
	DOCTOR_NOTE,    /* worth knowing; nothing is wrong */
	DOCTOR_PROBLEM, /* to be mended */
	DOCTOR_UNKNOWN, /* could not be looked at */
};

/* One run; all borrowed but the counts. */
struct doctor {
	const struct place *place;
	const struct cluster *cluster; /* loaded with SOURCE_STORAGE */
	const struct store_policy *policy;
	bool json;
	const char *check; /* that is running */
	size_t counts[3];  /* by enum doctor_level */
	uint64_t now_s;    /* since 1970 */
};

/* Runs all checks, prints what they find; the exit status. */
int doctor_run(struct doctor *d);

/* For the checks: says what was found, and what to do about it (NULL: nothing). */
void doctor_say(struct doctor *d, enum doctor_level level, const char *todo,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A check. */
struct doctor_check {
	const char *name;
	void (*run)(struct doctor *d);
};

/* Those of this node's files, and those of the policy and the cluster; end with NULL. */
extern const struct doctor_check doctor_node_checks[], doctor_cluster_checks[],
	doctor_sudo_checks[];
