/* SPDX-License-Identifier: MIT */
/*
 * conf-value - whether a value is one that its key takes, and the words if it is not.
 */
#pragma once

#include "base/conf.h"
#include "base/problems.h"

/*
 * Checks the values of @entry by its key and sets its number. 0, or -1 with what is wrong
 * added to @problems, in words that show what to write.
 */
int conf_check_entry(struct conf_entry *entry, bool is_list, const char *file,
		     struct problems *problems) __attribute__((nonnull));
