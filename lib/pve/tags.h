/* SPDX-License-Identifier: MIT */
/*
 * tags - a guest's tags: separated by ';', ',' or blanks. Source:
 * PVE::ParseUtils::split_list.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

struct tags {
	struct slice *tags; /* sorted by bytes */
	size_t n;
};

/* The tags in @value as they stand, repeats kept. Made in @a, borrowing from @value. */
int tags_parse(struct slice value, struct arena *a, struct tags *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The tags in @value in lower case, each once. Made in @a. */
int tags_parse_folded(struct slice value, struct arena *a, struct tags *ret,
		      struct err *e) __attribute__((nonnull, warn_unused_result));
