/* SPDX-License-Identifier: MIT */
/*
 * former - the hookscript that a guest had before ours: it stands in the name of the link
 * by which Proxmox calls us, pve-safe-hook@gpu.sh beside gpu.sh, and so it travels with the
 * guest through clone, restore and migration.
 */
#pragma once

#include <limits.h>

#include "base/err.h"
#include "base/slice.h"

/* Name of our hookscript, and of a link to it up to the former one's name. */
#define FORMER_HOOK "pve-safe-hook"
#define FORMER_MARK FORMER_HOOK "@"

/* A former hookscript, and how Proxmox called us in its place. */
struct former {
	char path[PATH_MAX]; /* absolute; "": there is none */
	const char *vmid, *phase;
	char *const *envp; /* the environment as Proxmox gave it */
};

/* The former hookscript's name in the name of a link; {NULL, 0} when it is none such. */
struct slice former_name(struct slice link);

/* Whether @name is our hookscript's, or that of a link to it, also one that names no former. */
bool former_is_ours(struct slice name);

/*
 * Finds by @self, our argv[0], which script stood there before; .path is "" when there is
 * none. Errors: ERR_USAGE (@self has no directory to look in, or no name after the mark).
 */
int former_find(const char *self, struct former *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether Proxmox would call the script at @path: 0, or -1 with @e saying what is wrong. */
int former_check(const char *path, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Runs the script as a child with our input, output and signals, and waits. Returns the
 * status for Proxmox: the script's own, 128 + the signal that ended it, EXIT_UNUSABLE when it
 * cannot be called. What is not 0 was said on stderr.
 */
int former_run(const struct former *f);

/*
 * Becomes the script, where nothing of ours follows. Returns only when it cannot be
 * called: EXIT_FINE, for in these phases that stops nothing, after a warning on stderr.
 */
int former_become(const struct former *f);
