/* SPDX-License-Identifier: MIT */
/*
 * snippet - the volume of a hookscript, "local:snippets/gpu.sh", and the directory of its
 * storage that it lies in.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "pve/cluster.h"

/* The parts of such a volume; borrowed from its text. */
struct snippet {
	struct slice storage, name;
};

/*
 * Reads all of @volume; false when Proxmox would not take it for a snippet. Source:
 * PVE::Storage::Plugin::parse_volume_id, parse_volname.
 */
bool snippet_parse(struct slice volume, struct snippet *ret);

/*
 * Appends the directory of snippets of @s. False when it has no directory at all. Source:
 * PVE::Storage::Plugin::get_subdir.
 */
bool snippet_dir(const struct cluster_storage *s, struct buf *out);
