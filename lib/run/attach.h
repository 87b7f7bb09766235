/* SPDX-License-Identifier: MIT */
/*
 * attach - gives a guest of this node our hookscript, or takes it away: always through
 * pct or qm, with the digest of the file that was looked at, never by writing the file.
 *
 * A script that the guest has stays in the name of ours: a link pve-safe-hook@gpu.sh beside
 * gpu.sh, in the same directory of the same storage.
 */
#pragma once

#include "base/buf.h"
#include "run/hookscript.h"

enum attach_state {
	ATTACH_DONE,    /* changed, or with .dry_run: would be */
	ATTACH_ALREADY, /* it is so; nothing was changed */
	ATTACH_FAILED,  /* .message says why, and what to do */
};

struct attach {
	const struct place *place;
	const struct cluster *cluster; /* loaded with SOURCE_STORAGE */
	bool dry_run;
};

/* What became of one guest. */
struct attach_report {
	enum attach_state state;
	bool known; /* the guest is on this node, and its file was read */
	enum guest_kind kind;
	uint64_t vmid;
	struct buf name;       /* of the guest */
	struct buf hookscript; /* the volume that it has now; empty: none */
	struct buf former;     /* the former hookscript's volume; empty: none */
	struct buf link;    /* link that was made, or is now not this guest's any more */
	struct buf command; /* the command that sets it, for a shell; empty: none ran */
	bool local;         /* the link is on this node alone */
	struct buf message; /* one line; with ATTACH_FAILED always */
};

/* Attaches our hookscript to guest @vmid; one at a time on this node. */
void attach_guest(const struct attach *a, uint64_t vmid, struct attach_report *ret);

/* Sets the former hookscript of guest @vmid back, or deletes ours. */
void detach_guest(const struct attach *a, uint64_t vmid, struct attach_report *ret);

/*
 * Removes the link at @path, once guests were detached from it, unless a guest of the
 * cluster or a snapshot of one still names it, or what guests name could not be read. 1:
 * removed (or would be), 0: kept, -1 failed.
 */
int attach_prune(const struct attach *a, const char *path, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Releases @r. Fit for AUTO(). */
void attach_report_done(struct attach_report *r);
