/* SPDX-License-Identifier: MIT */
/*
 * override - break glass: who may, lets pass what the policy refuses, for 15 minutes.
 *
 * The wrapper judges, marks what is overridden, records that, and writes a once-waiver for
 * each rule (VMID.RULE.once) before it runs the tool; so every later layer, on whatever
 * node, finds it. Where one of these cannot be done nothing is overridden.
 *
 * A guest that is only being created has no identity yet: its once-waiver says "new", and
 * gets the identity of what Proxmox made when the tool is done. If the tool fails it is
 * taken away, for no guest is left that it was for.
 */
#pragma once

#include "run/caller.h"
#include "run/judge.h"

struct override {
	const char *reason; /* NULL: nothing is to be overridden */
	bool is_new;        /* the command makes a new guest */
	const struct caller *caller;
	const struct rule **rules; /* that are overridden */
	size_t n, nwritten;        /* the first .nwritten have their file */
	uint64_t vmid;             /* of the guest that they are for */
};

/*
 * Begins an override for @reason (NULL: none) of the command @event by @caller, of rules
 * of @p. Memory from @a. Errors: ERR_USAGE, ERR_SYSTEM.
 */
int override_begin(const char *reason, const char *event, const struct caller *caller,
		   const struct policy *p, struct arena *a, struct override *ret,
		   struct err *e) __attribute__((nonnull(2, 3, 4, 5, 6, 7)));

/*
 * Marks what @j refuses as overridden, if the caller may override all of it; else notes at
 * every finding why it is not. Touches nothing but @j and @o.
 */
void override_mark(struct override *o, struct judgement *j);

/* Whether @o has marked rules that have no file yet. */
static inline bool override_is_open(const struct override *o)
{
	return o->n > o->nwritten;
}

/* Writes the files of what was marked, for the guest of @j. -1: some could not be. */
int override_write(struct override *o, struct judgement *j, struct err *e);

/* Takes back in @j what was marked and has no file, for the reason @why. */
void override_refuse(struct override *o, struct judgement *j, const char *why);

/* Removes the files that were written: the command is not run, or made no guest. */
void override_drop(struct override *o, const struct place *p);

/*
 * After the command: gives the files of a guest that has changed its identity, or has only
 * now got one, the one that it has. -1 with @e set: they count for 15 minutes as they are.
 */
int override_bind(const struct override *o, const struct place *p,
		  const struct store_policy *policy, struct cluster *c, struct err *e);
