/* SPDX-License-Identifier: MIT */
/*
 * node - settings of the node that guests want: set while one of them runs, the value
 * before put back when the last has gone.
 *
 * What is to be undone stands in /run/pve-safe/node, one file a setting, all under one
 * lock; it is written before the value is, and what cannot be written there is not applied.
 * So nothing is lost to a process that is killed, nor to guests that end without a word:
 * whoever comes next finds users that are gone and undoes what was theirs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "policy/policy.h"
#include "settings/applied.h"
#include "settings/state.h"

#define NODE_STATE_DIR "run/pve-safe/node"

enum { NODE_LOCK_MS = 10000 };

/* The settings of this node, locked. */
struct node {
	int root;                 /* borrowed */
	int dir;                  /* the states; -1: there are none */
	int lock;                 /* held while it is open */
	bool dry_run;             /* nothing is changed, the states' files included */
	struct applied_list *out; /* what is done and undone; borrowed */
};

/*
 * Opens and locks the node's settings below @root; where nothing was ever set, and not
 * @create, there is nothing to lock and .dir is -1. Errors: ERR_SYSTEM, also when another
 * one holds the lock too long. node_close() either way.
 */
int node_open(int root, bool create, struct applied_list *out, struct node *ret,
	      struct err *e) __attribute__((nonnull, warn_unused_result));

/* Releases @n. Fit for AUTO(). */
void node_close(struct node *n);

/*
 * Drops @leaving (0: none) and every user that neither runs here nor is being started, and
 * undoes what has no user any more. A row of .out for each setting that is undone, or that
 * cannot be.
 */
void node_reconcile(struct node *n, uint64_t leaving);

/*
 * Undoes every setting, whoever still wants it, with rows as node_reconcile() adds, and one
 * for what cannot be read; where .dry_run is set only adds a row for each.
 */
void node_undo_all(struct node *n);

/* Drops @vmid from those who want the setting @path, and undoes it as node_reconcile() does. */
void node_drop(struct node *n, struct slice path, uint64_t vmid);

/* Notes that guest @vmid has started, in all that it uses. */
void node_mark_running(struct node *n, uint64_t vmid);

/*
 * Sets @item, of kind SETTING_HOST, for @user, if one of the patterns @allowed fits its
 * path; adds a row. @must_exist: the file should be there by now; else it may come later.
 */
void node_apply(struct node *n, const struct policy_words *allowed,
		const struct plan_item *item, const struct state_user *user,
		bool must_exist);
