/* SPDX-License-Identifier: MIT */
/*
 * running - whether a guest runs on this node, by what the kernel says of it.
 *
 * A container runs where its lxc-start listens on the socket of its commands: that is how
 * Proxmox VE itself tells. A VM runs where the process in its pid file is one of that id.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether container or VM @vmid runs here. Where that cannot be read: yes. */
bool guest_runs(int root, uint64_t vmid);

/* The process 1 of container @vmid, as the node counts it; 0 where it is not found. */
pid_t guest_init(int root, uint64_t vmid);

/* The QEMU of VM @vmid; 0 where it does not run, or cannot be found. */
pid_t guest_machine(int root, uint64_t vmid);
