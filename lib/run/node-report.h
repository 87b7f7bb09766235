/* SPDX-License-Identifier: MIT */
/*
 * node-report - what each node says of itself: /etc/pve/pve-safe/nodes/NODE, which its own
 * timer writes, and only when it changes:
 *
 *	version  = 1                              newest version of a policy that it reads
 *	keys     = { "mode", "rule", "rule.when" }  and every key and section of it
 *	enabled  = yes                            its hooks refuse what the policy denies
 *	lxc_hook = yes                            LXC asks them at every container's start
 *	source   = "file"                         of its policy: file, last-good or builtin
 *	policy   = "SHA-256"                      and what that is
 *
 * All but the first two may be missing, as in a file that somebody wrote by hand. What else
 * a newer version says of its node is passed over: while a cluster is upgraded its nodes
 * read each other.
 */
#pragma once

#include "base/conf.h"
#include "policy/store.h"
#include "run/place.h"

#define NODE_REPORT_DIR "etc/pve/pve-safe/nodes"

enum node_says { NODE_SAYS_NOTHING = 0, NODE_SAYS_NO, NODE_SAYS_YES };

struct node_report {
	struct conf *conf; /* owned; NULL: nothing was read */
	uint64_t version;  /* newest of a policy */
	enum node_says enabled, lxc_hook;
	struct slice source, policy; /* {NULL, 0}: not said; borrowed from .conf */
};

/*
 * Reads what @node said. 0; 1 when it said nothing yet; -1 with an error that names the
 * file.
 */
int node_report_load(const struct place *p, const char *node, struct node_report *ret,
		     struct err *e) __attribute__((nonnull, warn_unused_result));

/* Whether the node knows the key or section @name of a policy. */
bool node_report_knows(const struct node_report *r, const char *name);

/*
 * Warns on stderr of each other node of the cluster that said nothing yet: our hookscript is
 * not there, and what Proxmox cannot find it does not start.
 */
void node_report_warn(const struct place *p) __attribute__((nonnull));

/* Releases @r. Fit for AUTO(). */
void node_report_done(struct node_report *r);

/*
 * Writes what this node has to say, with @policy in force, if it is not what stands there:
 * 1 when it was written, or with @dry_run would be; 0; -1 with @e set.
 */
int node_report_update(const struct place *p, const struct store_policy *policy,
		       bool dry_run, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether all our directories below /etc/pve are there; makes those that are not: 0, or -1. */
bool node_report_has_dirs(const struct place *p);
int node_report_make_dirs(const struct place *p, struct err *e)
	__attribute__((nonnull, warn_unused_result));
