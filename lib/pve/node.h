/* SPDX-License-Identifier: MIT */
/*
 * node - names of nodes, and that of the one that we are on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Whether @s may be the name of a node: letters, digits and inner hyphens, so that as part
 * of a path it is one directory. Source: PVE::JSONSchema::pve_verify_node_name.
 */
bool node_is_name(struct slice s);

/*
 * Writes the host's name up to its first dot to @ret. Errors: ERR_SYSTEM, ERR_RANGE (no
 * name, or longer than @size). Source: PVE::INotify::nodename.
 */
int node_name(char *ret, size_t size, struct err *e)
	__attribute__((nonnull, warn_unused_result));
