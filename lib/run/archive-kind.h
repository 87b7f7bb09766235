/* SPDX-License-Identifier: MIT */
/*
 * archive-kind - whether a backup archive is of the kind of guest that is to be restored.
 * Proxmox finds out while it restores; what is read as the wrong kind cannot be judged.
 */
#pragma once

#include "pve/guestconf.h"

/*
 * Whether @volume (a volume id or a path) is named as a backup of the other kind than
 * @kind. Source: PVE::Storage::Common, names of vzdump and of Proxmox Backup Server.
 */
bool archive_is_named_other(struct slice volume, enum guest_kind kind);

/*
 * Whether @c, which was read as of its kind, is the other kind's: it has keys that only
 * that one knows, the first of them in *@ret_key, and none that only its own does. Memory
 * from @a.
 */
bool archive_holds_other(const struct guestconf *c, struct arena *a,
			 struct slice *ret_key);
