/* SPDX-License-Identifier: MIT */
/*
 * waiver-state - what has become of the waivers that were granted, and of those whose guest
 * is gone.
 */
#pragma once

#include "policy/store.h"
#include "run/load.h"
#include "run/waiver-file.h"

enum waiver_state {
	WAIVER_USED = 0, /* it counts, and the rule would refuse the guest without it */
	WAIVER_EXPIRING, /* the same, but not for much longer */
	WAIVER_UNUSED,   /* nothing needs it */
	WAIVER_VOID,     /* it does not count: the guest, the rule or the time differ */
	WAIVER_BROKEN,   /* its file, or that of its guest, cannot be used */
	WAIVER_GONE,     /* there is no such guest */
};

/* Word for people and JSON: used, expiring, unused, void, broken, gone. */
const char *waiver_state_name(enum waiver_state s);

/* One waiver. */
struct waiver_row {
	struct waiver_name name;
	enum waiver_state state;
	const char *why;      /* one line; NULL when used */
	bool readable;        /* .waiver is filled */
	struct waiver waiver; /* as its file says */
	bool found;           /* the guest is there: .kind, .node, .guest hold */
	enum guest_kind kind;
	struct slice node, guest; /* {NULL, 0}: it has no name */
};

/* The cluster and the policy that waivers are looked at in; all borrowed. */
struct waiver_view {
	const struct place *place;
	const struct store_policy *policy;
	struct cluster *cluster; /* more of it is read where a rule looks at more */
	const struct waiver_dir *dir;
};

/* Finds out the state of @name. Memory from @a. -1 only without memory. */
int waiver_state_load(const struct waiver_view *v, const struct waiver_name *name,
		      struct arena *a, struct waiver_row *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether the guest @vmid is on no node; asked twice, for one may be migrating. */
bool waiver_guest_is_gone(const struct place *p, uint64_t vmid);

/*
 * Takes out of force the waivers of guests that are gone, and overrides that are over;
 * appends to @said a line for each. Without quorum nothing is done. For the timer, too.
 */
int waiver_tidy(const struct place *p, struct buf *said, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Takes the waivers of guest @vmid out of force, which has just been destroyed. */
int waiver_tidy_guest(const struct place *p, uint64_t vmid, struct buf *said,
		      struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Mails to root which waivers of this node's guests end soon: a guest that runs for months
 * would else hear of it when its node boots and its start is refused. For the timer, too.
 * -1 with @e set.
 */
int waiver_mail_expiring(const struct waiver_view *v, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Appends @row for people, on a line: "CT 120 (nfs01) on pve1: privileged waived until …". */
void waiver_row_render(const struct waiver_row *row, struct buf *out);
