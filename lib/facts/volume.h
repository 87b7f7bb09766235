/* SPDX-License-Identifier: MIT */
/*
 * volume - the disks and mount points of a guest, one after the other: rootfs and mpN, or
 * the drives of every bus, efidisk0 and tpmstate0; unusedN of both.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "facts/getter.h"

struct volume {
	const struct guestconf_entry *entry;
	struct props props;
	struct slice source; /* STORAGE:NAME, a path, none, cdrom */
	bool unused;
};

/*
 * Splits the volume after *@at (0 at first) into @v. False after the last, and when one
 * cannot be read, which makes @f unknown.
 */
bool volume_next(struct getting *g, size_t *at, struct volume *v, struct fact *f);

/*
 * The same for those whose source is a path of the node alone. What cannot be read counts
 * only if it may have one.
 */
bool volume_next_path(struct getting *g, size_t *at, struct volume *v, struct fact *f);

/* Storage of @v, {NULL, 0} when it is none's. */
struct slice volume_storage(const struct volume *v);

/* Whether @v is a VM's drive with media=cdrom, cloud-init's included. */
bool volume_is_cdrom(const struct volume *v);

/* Whether @v is the drive that Proxmox makes for cloud-init. */
bool volume_is_cloudinit(const struct volume *v);
