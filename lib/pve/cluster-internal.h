/* SPDX-License-Identifier: MIT */
/*
 * cluster-internal - what the readers of the cluster's files share; nobody else's.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

/*
 * Gives the next item of a list, whose separators are ',', ';' and blanks; false when
 * there is none. The bytes 0x85 and 0xa0, blanks to PVE, stay in the item, where no number
 * may have them. Source: PVE::ParseUtils::split_list.
 */
static inline bool cluster_next_item(struct slice *rest, struct slice *ret)
{
	size_t n = 0;

	while (rest->len &&
	       (slice_is_space(*rest->ptr) || *rest->ptr == ',' || *rest->ptr == ';'))
		*rest = (struct slice){ rest->ptr + 1, rest->len - 1 };
	while (n < rest->len && !slice_is_space(rest->ptr[n]) && rest->ptr[n] != ',' &&
	       rest->ptr[n] != ';')
		n++;
	if (!n)
		return false;
	*ret = (struct slice){ rest->ptr, n };
	*rest = (struct slice){ rest->ptr + n, rest->len - n };
	return true;
}

/* Whether @s is a pool's name. Source: PVE::AccessControl::verify_poolname. */
bool cluster_is_pool_name(struct slice s);

/* @s in lower case: itself, or made in @a when it is not; absent without memory. */
struct slice cluster_folded(struct slice s, struct arena *a);

/* What a pool's name is, for messages. */
#define CLUSTER_POOL_NAME_IS \
	"up to three names joined by '/', of letters, digits, '.', '-' and '_'"
