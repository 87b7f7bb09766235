/* SPDX-License-Identifier: MIT */
/*
 * The operations that the kernel asks for: on names in ops-names.c, on what files hold
 * in ops-files.c. Each answers 0 or a count, or a negative errno.
 */
#pragma once

#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse.h>
#include <stdint.h>

#include "fs.h"

/* Returns the file system that this mount serves. */
static inline const struct fs *fs_here(void)
{
	return fuse_get_context()->private_data;
}

/* Returns 0, or the negative errno of the call that returned rc. */
static inline int result(int rc)
{
	return rc < 0 ? -errno : 0;
}

/* Answers after a modification, and counts it when it succeeded. */
static inline int changed(const struct fs *fs, const char *path, int rc)
{
	int answer = result(rc);

	if (answer == 0)
		status_changed(fs, path);
	return answer;
}

/* Refuses to make, replace or remove what only the file system makes. */
static inline int check_name(const struct fs *fs, const char *path)
{
	return status_is_entry(path) ? -EACCES : control_check_write(fs, path);
}

/* Sets what stat shows: the owner and permissions are always the same. */
int op_getattr(const char *path, struct stat *st, struct fuse_file_info *fi);
/* Reads a link of the root. */
int op_readlink(const char *path, char *buf, size_t size);
/* Makes a directory. */
int op_mkdir(const char *path, mode_t mode);
/* Removes a file. */
int op_unlink(const char *path);
/* Removes an empty directory. */
int op_rmdir(const char *path);
/* Renames; no flags are known. */
int op_rename(const char *from, const char *to, unsigned flags);
/* Accepts the permissions that the entry has, and no others. */
int op_chmod(const char *path, mode_t mode, struct fuse_file_info *fi);
/* Accepts root and www-data, and no others. */
int op_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi);
/* Sets the time of a file. */
int op_utimens(const char *path, const struct timespec tv[2], struct fuse_file_info *fi);
/* Tells the size of the file system. */
int op_statfs(const char *path, struct statvfs *st);
/* Cuts or extends a file. */
int op_truncate(const char *path, off_t size, struct fuse_file_info *fi);
/* Opens a file that exists. */
int op_open(const char *path, struct fuse_file_info *fi);
/* Makes a file and opens it; with O_EXCL there is one winner in the cluster. */
int op_create(const char *path, mode_t mode, struct fuse_file_info *fi);
/* Reads of an open file. */
int op_read(const char *path, char *buf, size_t size, off_t off,
	    struct fuse_file_info *fi);
/* Writes to an open file: stored at once, up to the limit. */
int op_write(const char *path, const char *buf, size_t size, off_t off,
	     struct fuse_file_info *fi);
/* Has nothing to bring to the disk. */
int op_fsync(const char *path, int datasync, struct fuse_file_info *fi);
/* Closes a file. */
int op_release(const char *path, struct fuse_file_info *fi);
/* Lists a directory. */
int op_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t off,
	       struct fuse_file_info *fi, enum fuse_readdir_flags flags);
