/* SPDX-License-Identifier: MIT */
/* Operations on names: what is there, whose it is, making and moving it. */
#include "ops.h"

#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Sets what stat shows of an entry that the file system makes. */
static int status_getattr(const struct fs *fs, const char *path, struct stat *st)
{
	AUTO_FREE char *target = status_link(fs, path);
	AUTO_FREE char *text = NULL;
	size_t len = 0;

	memset(st, 0, sizeof(*st));
	st->st_nlink = 1;
	st->st_gid = fs->gid;
	st->st_mode = S_IFLNK | 0755;
	if (target)
		return 0;
	text = status_text(fs, path, &len);
	if (!text)
		return -ENOMEM;
	st->st_mode = S_IFREG | 0440;
	st->st_size = (off_t)len;
	return 0;
}

int op_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();

	(void)fi;
	if (status_is_entry(path))
		return status_getattr(fs, path, st);
	if (fstatat(fs->data, path_below(path), st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	st->st_mode = (st->st_mode & S_IFMT) | path_mode(path, S_ISDIR(st->st_mode));
	st->st_uid = 0;
	st->st_gid = fs->gid;
	st->st_mtim.tv_nsec = st->st_ctim.tv_nsec = st->st_atim.tv_nsec = 0;
	return 0;
}

int op_readlink(const char *path, char *buf, size_t size)
{
	AUTO_FREE char *target = status_link(fs_here(), path);

	if (!target)
		return -EINVAL;
	snprintf(buf, size, "%s", target);
	return 0;
}

int op_mkdir(const char *path, mode_t mode)
{
	const struct fs *fs = fs_here();
	int refused = check_name(fs, path);

	(void)mode;
	return refused ? refused : result(mkdirat(fs->data, path_below(path), 0700));
}

/* Removes a file or, with AT_REMOVEDIR, an empty directory. */
static int remove_name(const char *path, int flags)
{
	const struct fs *fs = fs_here();
	int refused = check_name(fs, path);

	return refused ? refused
		       : changed(fs, path, unlinkat(fs->data, path_below(path), flags));
}

int op_unlink(const char *path)
{
	return remove_name(path, 0);
}

int op_rmdir(const char *path)
{
	return remove_name(path, AT_REMOVEDIR);
}

/* Renames over what is there, unless a second file for one VMID would result. */
static int rename_locked(const struct fs *fs, const char *from, const char *to)
{
	AUTO_CLOSE int lock = names_lock(fs);

	if (lock < 0 || names_vmid_taken(fs, to, from))
		return lock < 0 ? -EIO : -EEXIST;
	return result(renameat(fs->data, path_below(from), fs->data, path_below(to)));
}

int op_rename(const char *from, const char *to, unsigned flags)
{
	const struct fs *fs = fs_here();
	int rc = flags ? -EINVAL : check_name(fs, from);

	if (rc == 0)
		rc = check_name(fs, to);
	if (rc == 0)
		rc = rename_locked(fs, from, to);
	if (rc == 0) {
		status_changed(fs, from);
		status_changed(fs, to);
	}
	return rc;
}

int op_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	struct stat st;
	int rc = op_getattr(path, &st, fi);

	if (rc)
		return rc;
	return (mode & 07777) == (st.st_mode & 07777) ? 0 : -EPERM;
}

int op_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi)
{
	bool same = (uid == 0 || uid == (uid_t)-1) &&
		    (gid == fs_here()->gid || gid == (gid_t)-1);

	(void)path;
	(void)fi;
	return same ? 0 : -EPERM;
}

int op_utimens(const char *path, const struct timespec tv[2], struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	int refused = check_name(fs, path);

	(void)fi;
	if (refused)
		return refused;
	return result(utimensat(fs->data, path_below(path), tv, AT_SYMLINK_NOFOLLOW));
}

int op_statfs(const char *path, struct statvfs *st)
{
	(void)path;
	return result(fstatvfs(fs_here()->data, st));
}
