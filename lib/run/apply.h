/* SPDX-License-Identifier: MIT */
/*
 * apply - applies what templates set, and undoes it: the sysctls of a container, the
 * settings of the node. What became of each is in the record, with the value before.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/uuid7.h"
#include "policy/policy.h"
#include "run/place.h"
#include "settings/applied.h"
#include "settings/plan.h"
#include "settings/state.h"

/* What is to be applied now, and for whom. */
struct apply {
	const struct place *place;
	const struct policy *policy; /* says what of the node may be set */
	const struct plan *plan;
	const char *id; /* of the decision that this belongs to */
	struct state_user user;
	bool inside;      /* the container's sysctls are set now, or never */
	pid_t init;       /* its first process; 0: it was not found */
	bool no_hook;     /* there is nothing that would set them later */
	bool by_hand;     /* no judgement has said which sysctls are the node's */
	bool must_exist;  /* what they are set in is there by now */
	bool can_refuse;  /* what a template requires refuses the start if it fails */
	const char *head; /* first line of such a refusal */
};

/*
 * Applies @a, adds what became of each thing to @l and records it; appends to @message what
 * people must read. EXIT_FINE, or EXIT_DENIED when something that a template requires
 * failed; then nothing of the node stays set for the guest.
 */
int apply_plan(const struct apply *a, struct applied_list *l, struct buf *message);

/*
 * Undoes what guest @vmid has set on the node by the @plan, under the id @id of a decision:
 * as apply_plan() does.
 */
void apply_undo_plan(const struct place *p, const struct plan *plan, uint64_t vmid,
		     const char *id, struct applied_list *l, struct buf *message);

/* Undoes what guest @vmid has set on the node, as it has ended, and what others left. */
void apply_undo(const struct place *p, uint64_t vmid, struct buf *message);

/*
 * Undoes what guests left that run here no more, adds what became of it to @l, and records
 * what has changed; what cannot be recorded is in @message. For the timer.
 */
int apply_tidy(const struct place *p, struct applied_list *l, struct buf *message,
	       struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Undoes all that is set on the node, also for guests that run on, as no hook will: adds what
 * became of it to @l, as apply_tidy() does. A @dry_run says what would be undone.
 */
int apply_undo_all(const struct place *p, bool dry_run, struct applied_list *l,
		   struct buf *message, struct err *e)
	__attribute__((nonnull, warn_unused_result));
