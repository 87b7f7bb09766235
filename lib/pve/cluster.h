/* SPDX-License-Identifier: MIT */
/*
 * cluster - what the cluster's own files say about guests: pools, HA resources,
 * registered tags, guests and their nodes, quorum, storages, backup jobs.
 *
 * Each reader takes a text and gives rows from an arena that borrow from the text; an
 * error has a position, and its caller makes the facts that need it unknown. What PVE
 * reads but warns about is an error, unless the head of the reader's file says otherwise:
 * what PVE would do then is not what whoever wrote it meant.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "pve/guestconf.h"

enum {
	CLUSTER_MAX_BYTES = 16 << 20, /* .vmlist of more guests than a cluster can hold */
	CLUSTER_POOL_MAX_DEPTH = 3,   /* "a/b/c" */
};

/* user.cfg: which guest is in which pool. */
struct cluster_pool_member {
	uint64_t vmid;
	struct slice pool;
	unsigned line;
};
struct cluster_pools {
	struct cluster_pool_member *members; /* sorted by vmid, one row each */
	size_t n;
};

/* ha/resources.cfg: "ct: 101" sections. */
struct cluster_ha_resource {
	uint64_t vmid;
	enum guest_kind kind;
	struct slice state; /* started (the default), stopped, disabled, ignored */
	unsigned line;
};
struct cluster_ha {
	struct cluster_ha_resource *resources; /* sorted by vmid, then kind */
	size_t n;
};

/* Which tags a user may give to guests that he may configure, beside those of the list. */
enum cluster_tag_access {
	TAG_ACCESS_FREE,     /* all; the default */
	TAG_ACCESS_EXISTING, /* those that some guest has */
	TAG_ACCESS_LIST,     /* no others */
	TAG_ACCESS_NONE,     /* nor those of the list */
};

/*
 * datacenter.cfg: registered-tags as they are spelled there, for PVE compares them so:
 * one in capitals does not protect the tag in lower case.
 */
struct cluster_tags {
	struct slice *tags; /* sorted */
	size_t n;
	unsigned line;                  /* of the option; 0 when it is not there */
	enum cluster_tag_access access; /* of user-tag-access */
	struct slice allowed;           /* its list, "a;b"; {NULL, 0}: it has none */
};

/* .vmlist: every VMID of the cluster. */
struct cluster_guest {
	uint64_t vmid;
	enum guest_kind kind;
	struct slice node;
};
struct cluster_guests {
	struct cluster_guest *guests; /* sorted by vmid */
	size_t n;
};

/* .members: whether this node may write. Absent `quorate` is a single node: true. */
struct cluster_members {
	bool quorate;
	struct slice *nodes; /* names, sorted; our own alone without a cluster */
	size_t nnodes;
};

/* storage.cfg, with what PVE fills in: see the head of cluster-storage.c. */
struct cluster_storage {
	struct slice type; /* lower case */
	struct slice id;
	struct slice path;    /* {NULL, 0} when it has none */
	struct slice content; /* a list; {NULL, 0} when none is known */
	struct slice dirs;    /* content-dirs, a list; {NULL, 0} when not given */
	bool disabled, shared;
	unsigned line; /* 0: PVE's own `local` */
};
struct cluster_storages {
	struct cluster_storage *storages;
	size_t n;
};

/* The storage called @id; borrowed, NULL when there is none. */
const struct cluster_storage *cluster_find_storage(const struct cluster_storages *s,
						   struct slice id);

/* What a type of storage can make snapshots of. */
struct cluster_snapshots {
	const char *type;
	enum { SNAPSHOTS_NONE, SNAPSHOTS_QCOW2, SNAPSHOTS_ALL } of;
	const char *why; /* volumes go without them, for people; NULL: not worth a word */
};

/* The row of @type, NULL for one that is not known. Source: PVE::Storage volume_has_feature. */
const struct cluster_snapshots *cluster_snapshots_of(struct slice type);

/* jobs.cfg: vzdump jobs. One that is enabled takes pool, else vmids, else all. */
struct cluster_job {
	struct slice id;
	bool enabled;
	bool all;                   /* all but .excluded */
	struct slice pool, node;    /* {NULL, 0}: not restricted */
	uint64_t *vmids, *excluded; /* sorted */
	size_t nvmids, nexcluded;
	unsigned line;
};
struct cluster_jobs {
	struct cluster_job *jobs;
	size_t n;
};

int cluster_read_pools(struct slice text, struct arena *a, struct cluster_pools *ret,
		       struct err *e) __attribute__((nonnull, warn_unused_result));
int cluster_read_ha(struct slice text, struct arena *a, struct cluster_ha *ret,
		    struct err *e) __attribute__((nonnull, warn_unused_result));
int cluster_read_tags(struct slice text, struct arena *a, struct cluster_tags *ret,
		      struct err *e) __attribute__((nonnull, warn_unused_result));

/* Whether @tag is registered, in this spelling. */
bool cluster_tag_is_registered(const struct cluster_tags *t, struct slice tag)
	__attribute__((nonnull));

/*
 * Whether a user without Sys.Modify on / may give a guest the tag @tag, or, if @is_pattern, one
 * that it fits; {vmid} and the like in it stand for anything. Of TAG_ACCESS_EXISTING true: what
 * one guest has others can be given.
 */
bool cluster_tag_is_free(const struct cluster_tags *t, struct slice tag, bool is_pattern)
	__attribute__((nonnull));

int cluster_read_guests(struct slice text, struct arena *a, struct cluster_guests *ret,
			struct err *e) __attribute__((nonnull, warn_unused_result));
int cluster_read_members(struct slice text, struct arena *a, struct cluster_members *ret,
			 struct err *e) __attribute__((nonnull, warn_unused_result));
int cluster_read_storages(struct slice text, struct arena *a,
			  struct cluster_storages *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
int cluster_read_jobs(struct slice text, struct arena *a, struct cluster_jobs *ret,
		      struct err *e) __attribute__((nonnull, warn_unused_result));

/* Rows by VMID; borrowed, NULL when there is none. */
const struct cluster_pool_member *cluster_find_pool(const struct cluster_pools *p,
						    uint64_t vmid);
const struct cluster_ha_resource *cluster_find_ha(const struct cluster_ha *h,
						  enum guest_kind kind, uint64_t vmid);
const struct cluster_guest *cluster_find_guest(const struct cluster_guests *g,
					       uint64_t vmid);
