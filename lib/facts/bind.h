/* SPDX-License-Identifier: MIT */
/*
 * bind - host paths that reach into a container, and the lxc.mount.entry lines that bring
 * them there.
 *
 * Paths are judged as text: nothing is looked up, so a link on the node can still lead
 * elsewhere. Those that every Proxmox VE node has are known: /var/run is /run, and the
 * root of the process that mounts (/proc/self/root, /dev/fd/../root) is the node's own.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

/*
 * The host path that @raw names: absolute (mounts are made from /), without "//", ".",
 * "..", a trailing "/" or the links above. Borrowed from @raw or made in @a; {NULL, 0}
 * only without memory.
 */
struct slice bind_path(struct slice raw, struct arena *a) __attribute__((nonnull));

/* Whether @outer is @inner or a directory above it; both as bind_path() gives them. */
bool bind_holds(struct slice outer, struct slice inner);

/* Whether @path is a device's: below /dev. */
bool bind_is_device(struct slice path);

/* What the first field of a mount entry is. */
enum mount_source {
	MOUNT_NOTHING, /* a name: none, proc, host:/export, or no entry at all */
	MOUNT_HOST,    /* a path of the node */
	MOUNT_INSIDE,  /* a path of the container's own root file system */
};

/* The value of one lxc.mount.entry, fields decoded. Absent fields are {NULL, 0}. */
struct mount_entry {
	enum mount_source kind;
	struct slice source; /* MOUNT_HOST: as bind_path() gives, else as written */
	struct slice written;
	struct slice opened; /* of a bind of a/b: /b, for LXC drops what is before '/' */
	struct slice target; /* in the container */
	struct slice type;
	struct slice options;
	bool overlay; /* .options name further host paths: mount_entry_layer() */
};

/*
 * Splits @value as getmntent(3) does for LXC: blanks, \040 and its like, comments. Memory
 * from @a. Source: LXC mount_entry(), parse_mount_attrs(), open_without_symlink().
 */
struct mount_entry mount_entry_parse(struct slice value, struct arena *a)
	__attribute__((nonnull));

/*
 * The next host path in the options of an overlay; @options is moved on. False, *@ret
 * untouched, when there is none.
 */
bool mount_entry_layer(struct slice *options, struct arena *a, struct slice *ret)
	__attribute__((nonnull));

/* The same, as it is written. */
bool mount_entry_layer_written(struct slice *options, struct slice *ret)
	__attribute__((nonnull));
