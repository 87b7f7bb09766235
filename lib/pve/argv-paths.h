/* SPDX-License-Identifier: MIT */
/*
 * argv-paths - the files of the node that a command line names, by the column of the
 * tables (CLI_FILE, CLI_PATHS, …): Proxmox reads or writes them as root.
 *
 * A name is given as the tool would use it, relative ones included. What may name files in
 * a language that is not read here (QEMU's arguments, an option newer than our tables) is
 * given whole, as opaque.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pve/argv.h"

struct argv_path {
	const char *name; /* NUL-terminated; arena's or borrowed */
	bool writes;      /* the tool writes it, else it reads it or hands it on */
	bool opaque;      /* no name of one file, but words that may hold any */
};

struct argv_paths {
	const struct argv_path *items;
	size_t n;
};

/* Lists the files that @c names. Memory from @a. Errors: ERR_SYSTEM (memory). */
int argv_paths_find(const struct argv_command *c, struct arena *a, struct argv_paths *ret,
		    struct err *e) __attribute__((nonnull, warn_unused_result));
