/* SPDX-License-Identifier: MIT */
/*
 * ct - what a container's options mean: mount points and features.
 * Source: PVE::LXC::Config::{parse_volume,classify_mountpoint,parse_features}.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "pve/guestconf.h"
#include "pve/props-ct.h"

/* What is mounted: a storage's volume, a directory or file of the host, its device. */
enum ct_mount_type { CT_MOUNT_VOLUME, CT_MOUNT_BIND, CT_MOUNT_DEVICE };

struct ct_mount {
	enum ct_mount_type type;
	struct slice volume; /* "local:101/disk.raw" or the host's path */
	struct slice mp;     /* where; "/" for rootfs */
	struct slice values[CT_MP_COUNT];
};

/* "volume", "bind" or "device". */
const char *ct_mount_type_name(enum ct_mount_type type);

/* Whether @entry is rootfs or an mpN that PVE mounts. */
bool ct_is_mount(const struct guestconf_entry *entry) __attribute__((nonnull));

/* Reads a mount point, for which ct_is_mount() holds. Errors: as of propstr_parse(). */
int ct_mount_parse(const struct guestconf_entry *entry, struct ct_mount *ret,
		   struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Reads the option `features` of @s into @ret_values, by slot; all are absent when it is
 * not there or false in Perl. Errors: as of propstr_parse(), with the line, and then
 * @ret_values are unspecified; PVE does not start such a container.
 */
int ct_features_parse(const struct guestconf_section *s,
		      struct slice ret_values[CT_FEATURE_COUNT], struct err *e)
	__attribute__((nonnull, warn_unused_result));
