/* SPDX-License-Identifier: MIT */
/*
 * node - the name of the node that we are on.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

/*
 * Writes the host's name up to its first dot to @ret. Errors: ERR_SYSTEM, ERR_RANGE (no
 * name, or longer than @size). Source: PVE::INotify::nodename.
 */
int node_name(char *ret, size_t size, struct err *e)
	__attribute__((nonnull, warn_unused_result));
