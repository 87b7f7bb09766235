/* SPDX-License-Identifier: MIT */
/*
 * walk-list - the guests of a cluster by the names of their files, without reading any.
 *
 * One row of eight bytes a guest: an audit of a hundred thousand of them holds no more.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "pve/guestconf.h"
#include "run/place.h"

/* One directory of guests, nodes/NODE/lxc or nodes/NODE/qemu-server. */
struct walk_dir {
	int fd; /* owned; -1: there is none, or it cannot be read */
	enum guest_kind kind;
	char node[PLACE_NODE_MAX];
	char path[PLACE_PATH_MAX]; /* below the root, for messages */
	int sys;                   /* errno: why it cannot be read; 0: it can */
};

/* A guest: the number of its directory and its VMID. */
struct walk_entry {
	uint32_t dir, vmid;
};

struct walk_list {
	struct walk_dir *dirs; /* by node, containers before VMs */
	size_t ndirs;
	struct walk_entry *entries; /* by directory and VMID */
	size_t n, cap;
};

/*
 * Lists the guests of @node, NULL for all nodes of the cluster at @p. Names that are no
 * VMID.conf are no guests. A directory that cannot be read has .sys. -1 when the cluster
 * cannot be read at all. walk_list_done() releases @ret either way.
 */
int walk_list_load(const struct place *p, const char *node, struct walk_list *ret,
		   struct err *e) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* Releases @l. Fit for AUTO(). */
void walk_list_done(struct walk_list *l);

/* A set of VMIDs. */
struct walk_set {
	uint32_t *slots; /* 0: free; owned */
	uint32_t mask, used;
};

/* Adds @vmid: 1 when it was not in @s, 0 when it was, -1 without memory. */
int walk_set_add(struct walk_set *s, uint32_t vmid, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether @vmid is in @s. */
bool walk_set_has(const struct walk_set *s, uint32_t vmid);

/* Releases @s. Fit for AUTO(). */
void walk_set_done(struct walk_set *s);
