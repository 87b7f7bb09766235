/* SPDX-License-Identifier: MIT */
/*
 * walk - visits every guest of the cluster, once, while the cluster goes on.
 *
 * Guests come, go and move between nodes meanwhile. One that was there throughout is
 * visited exactly once, wherever it is found; one that vanished is no error. Where .version
 * says that no guest came, went or moved, one look at the directories is enough; else they
 * are listed again until nothing new is there, and .vmlist says who was missed.
 */
#pragma once

#include "run/load.h"

struct walk {
	const struct place *place;
	const char *node; /* the guests of this node alone; NULL: of all */
	/* What is done with a guest, which is gone when it returns; an exit status. */
	int (*visit)(const struct guest *g, void *context);
	/* What is said of a file or directory that cannot be read; NULL: on stderr. */
	void (*fail)(const char *path, const char *message, void *context);
	void *context;
};

/*
 * Visits them, by node, containers before VMs, by VMID; those that moved or came meanwhile
 * at the end. Returns the highest status: EXIT_CANNOT where one could not be read.
 */
int walk_guests(const struct walk *w) __attribute__((nonnull, warn_unused_result));
