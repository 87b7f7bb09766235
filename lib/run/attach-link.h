/* SPDX-License-Identifier: MIT */
/*
 * attach-link - the links to our hookscript beside the scripts that guests had before.
 */
#pragma once

#include "run/hookscript.h"

/*
 * Makes the link at @path, in an existing directory or one more, unless it is there. 1:
 * made, 0: there already, -1 with what is in its place or why it cannot be made.
 */
int attach_link_make(const struct place *p, const char *path, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Removes the link at @path if it is one to our hookscript. 1: removed, 0: there is none
 * such, -1 failed.
 */
int attach_link_remove(const struct place *p, const char *path, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Whether a guest of the cluster, or a snapshot or pending change of one, names a
 * hookscript by the file name @name: 1, 0, -1 when not all of them could be read.
 */
int attach_link_is_named(const struct place *p, const char *name, struct err *e)
	__attribute__((nonnull, warn_unused_result));
