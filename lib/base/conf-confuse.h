/* SPDX-License-Identifier: MIT */
/*
 * conf-confuse - the second reader: libconfuse reads the same text by the same schema.
 *
 * Neither reader is trusted more than the other: every value passes through a callback,
 * where the n-th must be the n-th of the scan, and when libconfuse is done its tree must
 * be the scan's tree, section by section, title by title, value by value. Any difference,
 * and any answer of libconfuse's but success, refuses the file.
 */
#pragma once

#include "base/arena.h"
#include "base/conf-scan.h"
#include "base/conf.h"
#include "base/problems.h"

/*
 * Reads what @scan holds once more. @nodes are the sections made of its items, which are
 * without fault (NULL: the item is an entry). 0, or -1 with the difference added to
 * @problems. Memory for the time of the call, and longer, comes out of @a.
 */
int conf_confuse(const struct conf_scan *scan, struct conf_node *const *nodes,
		 const char *file, struct arena *a, struct problems *problems)
	__attribute__((nonnull, warn_unused_result));
