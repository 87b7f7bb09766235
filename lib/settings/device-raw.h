/* SPDX-License-Identifier: MIT */
/*
 * device-raw - devices that raw LXC lines give: lxc.mount.entry brings the node in,
 * lxc.cgroup2.devices.allow lets it be used.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "facts/getter.h"

/* A line that brings a device in. */
struct raw_mount {
	const struct guestconf_raw *line;
	struct slice
		source; /* the device, also where the line binds a directory above it */
	bool other;     /* .source is another file, which the line puts in its place */
};

/* Which line allows a device. */
struct raw_allow {
	bool covers;                      /* one allows it */
	const struct guestconf_raw *near; /* else: one that was meant to, or NULL */
};

/* Finds the line that brings in what @target, a path or pattern, asks for. */
bool raw_mount_get(struct getting *g, const char *target, struct raw_mount *ret);

/* Whether there is one; the device to *@ret_path. */
bool raw_mount_find(struct getting *g, const char *target, struct slice *ret_path);

/* Whether the lines allow the device of @st. Source: LXC, lxc.cgroup2.devices.allow. */
struct raw_allow raw_allow_find(struct getting *g, const struct stat *st);
