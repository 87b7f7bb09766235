/* SPDX-License-Identifier: MIT */
/*
 * pci - which PCI devices of this node are storage controllers. Below a root, so tests
 * bring a /sys of their own.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum { PCI_MAX_DEVICES = 1024 }; /* of one node that are looked at */

/* Addresses of PCI devices, "0000:01:00.0". */
struct pci_devices {
	struct slice *items;
	size_t n;
};

/* Lists the storage controllers; none where there is no PCI. -1 when it cannot be read. */
int pci_storage_list(int root, struct arena *a, struct pci_devices *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
