/* SPDX-License-Identifier: MIT */
/*
 * vmid - the number of a guest: [1-9][0-9]{2,8}, unique in the cluster.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"

enum { VMID_MIN = 100, VMID_MAX = 999999999 };

/* Reads all of @s as a VMID. Source: pve-vmid of PVE::JSONSchema. */
static inline bool vmid_parse(struct slice s, uint64_t *ret)
{
	return num_parse(s, VMID_MIN, VMID_MAX, ret);
}
