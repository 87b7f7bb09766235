/* SPDX-License-Identifier: MIT */
/*
 * The cluster file system of the tests: what its parts share.
 *
 * One directory stands for the whole cluster, and every node mounts it in its own
 * namespace, so that three processes serve one tree:
 *
 *   DIR/data/      the files and directories below /etc/pve
 *   DIR/control    orders of the tests, read at every operation (see control.c)
 *   DIR/versions   the counters of .version
 *   DIR/lock       held while names are made or moved
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#define FS_MAX_FILE_BYTES (1024 * 1024)

struct fs {
	int dir;          /* DIR */
	int data;         /* DIR/data */
	const char *node; /* name of the node that mounts it */
	gid_t gid;        /* www-data */
	time_t started;   /* when this node mounted it */
};

/* Returns the path below data/ of an absolute path of the mount, "." for its root. */
const char *path_below(const char *path);
/* Tells whether the path is priv/ or below it. */
bool path_is_private(const char *path);
/* Returns the VMID of a guest's configuration file, 0 for every other path. */
unsigned path_vmid(const char *path);
/* Returns the only permissions that this kind of entry has there. */
mode_t path_mode(const char *path, bool directory);

/* Returns 0, or the negative errno that the tests ordered for this path. */
int control_check(const struct fs *fs, const char *path);
/* Likewise for a modification: EACCES without quorum. */
int control_check_write(const struct fs *fs, const char *path);
/* Tells whether the cluster has quorum. */
bool control_quorate(const struct fs *fs);

/* Takes the lock of the shared directory; closing the descriptor gives it back. */
int names_lock(const struct fs *fs);
/* Tells whether a guest's VMID exists under another path than the two given. */
bool names_vmid_taken(const struct fs *fs, const char *path, const char *except);
/* Is told of one guest's configuration file; true ends the search. */
typedef bool names_guest_fn(unsigned vmid, const char *node, const char *type,
			    const struct stat *st, void *arg);
/* Calls each for every guest's configuration file, until it returns true. */
bool names_each_guest(const struct fs *fs, names_guest_fn *each, void *arg);

/* Tells whether the path is one of the entries that only the file system makes. */
bool status_is_entry(const char *path);
/* Returns the target of a link in the root, to be freed, or NULL. */
char *status_link(const struct fs *fs, const char *path);
/* Returns the text of .version, .members or .vmlist, to be freed, or NULL. */
char *status_text(const struct fs *fs, const char *path, size_t *ret_len);
/* Calls each for the name of every such entry. */
void status_each(void (*each)(const char *name, void *arg), void *arg);
/* Counts a change of a path for .version. */
void status_changed(const struct fs *fs, const char *path);
