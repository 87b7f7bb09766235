/* SPDX-License-Identifier: MIT */
/*
 * conf-bytes - what may not stand anywhere in a file that people write.
 *
 * Refused: more than CONF_MAX_BYTES, NUL and other control characters but tab, line feed
 * and a CR just before it, what is not UTF-8, and the characters of text_steers(): with
 * those that turn the direction of text a rule can be shown as another than it is.
 */
#pragma once

#include <stddef.h>

#include "base/problems.h"
#include "base/slice.h"

/*
 * Checks all of @text; 0, or -1 with the first bad byte added to @problems. *@ret_marks is
 * how many '=', '{' and ',' there are: what a file can hold is bounded by it.
 */
int conf_check_bytes(struct slice text, const char *file, size_t *ret_marks,
		     struct problems *problems)
	__attribute__((nonnull, warn_unused_result));
