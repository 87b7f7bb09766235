/* SPDX-License-Identifier: MIT */
/*
 * env - the clean start of every program: what a caller left around does not reach us.
 *
 * Signals, umask, limits and the working directory stay as found, for they are the real
 * tool's as well.
 */
#pragma once

#include "base/err.h"

/* PATH of ours and of every program we run. */
#define ENV_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * To be called first in main. Keeps of the environment TERM, COLORTERM, NO_COLOR, LANG,
 * LANGUAGE, LC_* and the names in @keep (NULL-terminated; NULL: none), each only with
 * printable text without '/'; sets PATH; opens /dev/null for a closed 0, 1 or 2; marks all
 * other descriptors close-on-exec. Errors: ERR_SYSTEM.
 */
int env_clean(const char *const *keep, struct err *e)
	__attribute__((nonnull(2), warn_unused_result));
