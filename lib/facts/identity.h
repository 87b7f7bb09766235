/* SPDX-License-Identifier: MIT */
/*
 * identity - what tells a guest from another one that gets its VMID later.
 *
 * Of a container the root volume and the hardware addresses of its network devices; of a
 * VM the generation id, else the UUID of its SMBIOS, else its volumes and hardware
 * addresses. Proxmox gives freed VMIDs out again, so an approval that names only a number
 * would pass on to whoever comes next.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "facts/input.h"

struct identity {
	struct slice *items; /* "net0=BC:24:11:00:00:01", sorted; in @a's memory */
	size_t n;            /* 0: nothing tells it from another guest, or .why */
	const char *why;     /* not NULL: it cannot be read; one line */
};

/*
 * Computes the identity of the guest whose section @in has; memory from @a. Addresses are
 * in capitals, UUIDs in small letters; a network device without an address of its own has
 * an empty one. -1 only without memory.
 */
int identity_load(const struct facts_input *in, struct arena *a, struct identity *ret,
		  struct err *e) __attribute__((nonnull, warn_unused_result));
