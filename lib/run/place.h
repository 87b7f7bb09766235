/* SPDX-License-Identifier: MIT */
/*
 * place - where we are: the root that paths are looked up in, and which node this is.
 *
 * Everything that is read is opened below .root, so tests and `--root DIR` use a tree of
 * their own; hooks and wrappers always use "/".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "base/slice.h"

enum {
	PLACE_NODE_MAX = 64,  /* of a node's name, with the NUL */
	PLACE_PATH_MAX = 256, /* of a path below the root */
};

struct place {
	int root;                  /* descriptor of the root directory; owned */
	const char *prefix;        /* "" or the DIR of --root; for messages */
	char node[PLACE_NODE_MAX]; /* this node's name */
	bool live;                 /* "/" itself: records and state may be written */
	uint64_t opened_us;        /* of CLOCK_MONOTONIC; durations count from here */
	struct file_rules files;   /* who may own what we read */
};

/*
 * Opens the place at @dir, NULL for "/". The node is the one that /etc/pve/local points
 * to, else the host's name up to the first dot.
 */
int place_open(const char *dir, struct place *ret, struct err *e)
	__attribute__((nonnull(2, 3), warn_unused_result));

/* Releases @p. Fit for AUTO(). */
void place_close(struct place *p);

/* Whether @path (no leading '/') exists below the root. */
bool place_has(const struct place *p, const char *path);

/* Whether the cluster file system is there: /etc/pve/nodes is a directory. */
bool place_has_cluster(const struct place *p);

/* Whether @name may be a node's: then a path made of it is that of one directory. */
bool place_is_node_name(const char *name);

/* Whether @name is that of a node that the cluster has, or had: nodes/NAME is there. */
bool place_has_node_dir(const struct place *p, const char *name);

/*
 * Whether changes of /etc/pve can be made now, as far as the cluster itself says; where
 * nothing does this is a single node. A change may fail all the same.
 */
bool place_is_quorate(const struct place *p);

/*
 * Whether @node is one of the cluster, as far as that says; where nothing does, it is. The
 * directory of a node that was taken out stays below /etc/pve/nodes, and says nothing.
 */
bool place_has_node(const struct place *p, const char *node);

/* Whether the administrator has enabled this node: /etc/pve-safe/enabled exists. */
bool place_is_enabled(const struct place *p);
