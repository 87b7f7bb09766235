/* SPDX-License-Identifier: MIT */
/*
 * load - brings in what a judgement needs: the cluster's files once, a guest's file each
 * time. The only code between a request and its facts that does I/O; whatever fails is kept
 * as a failed source, which makes the facts that need it unknown.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "facts/facts.h"
#include "facts/input.h"
#include "run/place.h"

struct shared_ids;

/* The cluster's files. */
struct cluster {
	struct arena arena;
	struct file_text texts[SOURCE_COUNT];
	struct source_status sources[SOURCE_COUNT];
	struct cluster_pools pools;
	struct cluster_ha ha;
	struct cluster_tags registered;
	struct cluster_storages storages;
	struct cluster_jobs jobs;
	struct shared_ids *ids; /* NULL: no fact of them is wanted */
};

/* Reads the files of @sources (mask of 1 << enum source) below @p. */
void cluster_load(const struct place *p, unsigned sources, struct cluster *ret);

/* Reads those of @sources, too, that @c has not yet. */
void cluster_load_more(const struct place *p, unsigned sources, struct cluster *c);

/* Releases @c. Fit for AUTO(). */
void cluster_done(struct cluster *c);

/* One guest's file. */
struct guest {
	enum guest_kind kind;
	uint64_t vmid;             /* 0: the file's name is no VMID.conf */
	char node[PLACE_NODE_MAX]; /* "": outside a cluster */
	char path[PATH_MAX];       /* as shown to people */
	bool migrated;             /* VM on its way in: the file is the source node's */
	struct file_text text;
	struct guestconf_known *known; /* lines of earlier guests, or NULL; borrowed */
	struct arena arena;
	struct guestconf conf;
	struct guestconf_section start; /* as a start uses it: pending merged */
};

/* Where a guest's file is. */
enum guest_where { GUEST_FOUND, GUEST_ABSENT, GUEST_FAILED };

/*
 * Finds the file of @vmid on this node and reads it; with @migrated_from (NULL: none) also
 * a VM whose file is still under that node (pve-facts: live migration). GUEST_ABSENT when
 * there is none; GUEST_FAILED with @e naming the file.
 */
enum guest_where guest_load_local(const struct place *p, uint64_t vmid,
				  const char *migrated_from, struct guest *ret,
				  struct err *e);

/* Like it, for a guest of any node of the cluster. */
enum guest_where guest_load_any(const struct place *p, uint64_t vmid, struct guest *ret,
				struct err *e);

/* Reads the guest file of @vmid and @kind on @node. */
enum guest_where guest_load_at(const struct place *p, const char *node,
			       enum guest_kind kind, uint64_t vmid, struct guest *ret,
			       struct err *e);

/*
 * Reads the file at @path, which is not looked up below the root. @kind < 0: from the
 * component lxc or qemu-server of the path; ERR_USAGE when that does not say.
 */
enum guest_where guest_load_file(const struct place *p, const char *path, int kind,
				 struct guest *ret, struct err *e);

/*
 * Parses the text that @g holds, with .kind and .path set; memory from its arena. GUEST_FOUND,
 * or GUEST_FAILED with @e naming the file.
 */
enum guest_where guest_parse(struct guest *g, struct err *e);

/* VMID that the last component of @path names, VMID.conf; 0 when it is no such name. */
uint64_t guest_vmid_of(const char *path);

/* Releases @g. Fit for AUTO(). */
void guest_done(struct guest *g);

/* The input of facts for @g (the section that a start uses if @start) in @c. */
void input_fill(const struct cluster *c, const struct guest *g, bool start,
		struct facts_input *ret);

/*
 * Adds to @ret what other files tell of @g, as far as @wanted names it: of a guest of this
 * node the storage controllers that a VM may have, where host paths of a container lead to,
 * and, if @inside, which engines run in it, for those who have the time; of any container
 * with an id map of its own, who shares its ids. Memory from @a.
 */
void input_look(const struct place *p, const struct cluster *c, const struct guest *g,
		bool inside, const struct fact_set *wanted, struct arena *a,
		struct facts_input *ret);
