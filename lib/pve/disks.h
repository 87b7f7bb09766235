/* SPDX-License-Identifier: MIT */
/*
 * disks - the block devices of the node that a running VM has open: logical volumes, ZFS
 * volumes, RBD and whole disks. A disk that is a file has none.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum { DISKS_MAX = 64 };

/*
 * Names of the block devices that VM @vmid has open as disks, as below /sys/block: in the
 * order of its command line, which is that of ideN, scsiN, virtioN, sataN; then those that
 * were plugged in since. Not those of CD drives and of the EFI disk. Of a partition, its disk.
 * Memory from @a. Returns how many; 0 also where it does not run.
 */
size_t disks_open(int root, uint64_t vmid, struct arena *a, const struct slice **ret);
