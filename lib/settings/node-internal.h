/* SPDX-License-Identifier: MIT */
/*
 * node-internal - what setting and undoing share: the states, and the values of now.
 */
#pragma once

#include "settings/node.h"

/* What is done with each state, found in the file @name. */
typedef void (*node_visit)(struct node *n, const char *name, struct state *s,
			   void *context);

/*
 * Calls @f for every state there is; one that is none is put aside. -1, after all that can be
 * read, where something cannot: their directory, or a file. Errors: ERR_SYSTEM.
 */
int node_for_each(struct node *n, node_visit f, void *context, struct err *e)
	__attribute__((nonnull(1, 2, 4)));

/*
 * Names the state of the setting @path: by its path, or where that is unknown, by another path
 * that leads to the same file, as /sys/class/net/X and /sys/devices/virtual/net/X do.
 */
void node_find_state(struct node *n, struct slice path, char ret[static SHA256_HEX_SIZE]);

/* Reads the state in the file @name; as file_read() returns. */
int node_read_state(const struct node *n, const char *name, struct state *ret,
		    struct err *e) __attribute__((nonnull, warn_unused_result));

/* Writes @s to the file @name. */
int node_write_state(const struct node *n, const char *name, const struct state *s,
		     struct err *e) __attribute__((nonnull, warn_unused_result));

/* Reads the value that the setting @path has now. 1: its file is gone. */
int node_read_now(const struct node *n, struct slice path, enum setting_form *form,
		  struct slice *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Copies @text as a C string into the memory of the rows. */
const char *node_shown(const struct node *n, struct slice text);
