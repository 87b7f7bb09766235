/* SPDX-License-Identifier: MIT */
/*
 * waiver - one rule waived for one guest, with a reason and an end, as a file says it.
 *
 * Pure: the file's text, what it says, and whether it counts for this guest, rule, facts and
 * time. A waiver is for the guest as it was when it was granted: its identity, and every
 * fact of it that the rule's `when` names, stand in the file as canonical text and must be
 * the same today. Whatever differs makes it void; it is never half a waiver.
 *
 *	version    = 1
 *	guest      = 120
 *	name       = "nfs01"
 *	rule       = "privileged"
 *	ticket     = "CHG-1234"
 *	reason     = "kernel NFS server"
 *	granted_by = "alice"
 *	granted    = "2026-11-21T05:00:00.000Z"
 *	until      = "2027-03-31"
 *	identity   = { "net0=BC:24:11:00:00:01", "rootfs=local-lvm:vm-120-disk-0" }
 *	covers     = { "ct=yes", "privileged=yes" }
 *
 * In identity and covers a byte that cannot stand in such a file is %NN; a fact that was
 * unknown is "bind?", which only a once-waiver may hold.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/problems.h"
#include "facts/facts.h"
#include "facts/identity.h"
#include "policy/policy.h"

enum {
	WAIVER_VERSION = 1,
	WAIVER_MAX_BYTES = 64 << 10,
	WAIVER_TICKET_MAX = 128, /* bytes */
	WAIVER_REASON_MAX = 512, /* bytes */
	WAIVER_ONCE_MS = 15 * 60 * 1000,
	WAIVER_ENDING_DAYS = 7, /* from so many days before its end it warns */
};

/* How a file's name ends says what it is. */
enum waiver_kind {
	WAIVER_LASTING, /* VMID.RULE.conf, by `pve-safe waive` */
	WAIVER_ONCE,    /* VMID.RULE.once, by --override */
};

/*
 * The identity of a guest that is only being created: a once-waiver may say so until the
 * guest is there. What Proxmox fills in by itself is not compared then: a name or facts
 * that the command line did not give.
 */
#define WAIVER_NEW "new"

struct waiver {
	uint64_t guest;
	struct slice name; /* canonical text; "": it had none */
	struct slice rule, ticket, reason, granted_by;
	uint64_t granted_ms;
	struct slice until; /* as it is written */
	uint64_t until_ms;  /* the last millisecond that it holds */
	struct policy_words identity, covers;
};

/*
 * Reads @text, called @file in messages. Memory from @a. 0, or -1 with every problem found
 * in @problems.
 */
int waiver_parse(const char *file, struct slice text, struct arena *a, struct waiver *ret,
		 struct problems *problems) __attribute__((nonnull, warn_unused_result));

/* Appends the file of @w. */
void waiver_render(const struct waiver *w, struct buf *out) __attribute__((nonnull));

/*
 * Why @text, at most @max bytes, cannot stand in a waiver (a phrase: "is empty"), or NULL.
 */
const char *waiver_text_problem(struct slice text, size_t max);

/* What a waiver is asked for: a guest as it is today, a rule, a time. */
struct waiver_case {
	enum waiver_kind kind;
	uint64_t vmid;
	const struct rule *rule;
	const struct facts
		*facts; /* .name, and all that the rule's `when` names, loaded */
	const struct identity *identity;
	uint64_t now_ms;
};

/*
 * Fills the part of @ret that describes the guest and the rule of @c: guest, name, rule,
 * identity, covers. Memory from @a; -1 without.
 */
int waiver_describe(const struct waiver_case *c, struct arena *a, struct waiver *ret,
		    struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Whether @w counts for @c; else appends to @why in which way it first differs, for people:
 * "bind was /srv/a, now /srv/a, /etc".
 */
bool waiver_counts(const struct waiver *w, const struct waiver_case *c, struct buf *why)
	__attribute__((nonnull));

/* Whole days that @w has left at @now_ms, not after its end; 0 on its last. */
unsigned waiver_days_left(const struct waiver *w, uint64_t now_ms);
