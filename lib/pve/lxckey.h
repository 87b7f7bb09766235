/* SPDX-License-Identifier: MIT */
/*
 * lxckey - which raw "lxc.…" keys PVE takes into a container's configuration. A key that
 * it does not take has no effect. Source: PVE::LXC::Config::is_valid_lxc_conf_key.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Whether PVE takes @key, which begins with "lxc.". */
bool lxckey_is_taken(struct slice key);

/* The present name of the old name @key, or NULL: it is not an old name. */
const char *lxckey_renamed(struct slice key);

/* Whether @key is of cgroup v1, taken but without effect since Proxmox VE 7. */
bool lxckey_is_cgroup_v1(struct slice key);
