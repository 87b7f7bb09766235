/* SPDX-License-Identifier: MIT */
/*
 * select - the guests that a command line names: VMIDs, files, or all of this node.
 */
#pragma once

#include <stddef.h>

#include "run/load.h"

/* What is done with each guest; returns an exit status of pve-safe. */
typedef int (*select_visit)(const struct guest *g, void *context);

/* What is said of an argument that gives no guest. */
typedef void (*select_fail)(const char *argument, const char *message, void *context);

struct select {
	const struct place *place;
	int kind; /* of files: enum guest_kind, or -1 for "by the path" */
	select_visit visit;
	select_fail fail; /* may be NULL: to stderr */
	void *context;
};

/*
 * Visits the @n guests named by @args, in their order; with @n 0 all of this node, by
 * VMID. Returns the highest status: EXIT_CANNOT where one could not be read; EXIT_USAGE
 * at once where a file does not tell its kind.
 */
int select_each(const struct select *s, char *const *args, int n);

/* Visits all guests of all nodes, node by node; the highest status. */
int select_cluster(const struct select *s);

/*
 * Lists all of this node, for one who changes their files meanwhile: *@ret_n VMIDs, which the
 * caller frees. Says on stderr what cannot be read; the exit status.
 */
int select_vmids(const struct place *p, uint64_t **ret, size_t *ret_n)
	__attribute__((nonnull, warn_unused_result));
