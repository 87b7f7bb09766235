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
 * Names of the block devices that VM @vmid has open, as below /sys/block, in the order in
 * which its QEMU opened them; memory from @a. Returns how many; 0 also where it does not run.
 */
size_t disks_open(int root, uint64_t vmid, struct arena *a, const struct slice **ret);
