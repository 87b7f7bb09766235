/* SPDX-License-Identifier: MIT */
/*
 * caller-file - which files named on a command line the login itself could not use.
 *
 * The kernel answers, not modes read by us: a child takes on the login's user, group and
 * groups for good and opens each file as the tool will, from the same directory. What
 * cannot be asked counts as "could not". The answer holds for the moment: who may write
 * the directories on the way can put another file there before the tool opens it.
 */
#pragma once

#include "pve/argv.h"
#include "run/caller.h"

/*
 * Fills @caller->files with the names, as typed, of the files that @c names and the login
 * may not read, or write where the tool writes. Root, and what has no login, has none.
 * Memory from @a.
 */
void caller_load_files(const struct argv_command *c, struct arena *a,
		       struct caller *caller) __attribute__((nonnull));
