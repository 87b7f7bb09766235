/* SPDX-License-Identifier: MIT */
/*
 * Operations on files and directories. Every read and write goes by the path, as in the
 * real file system: who reads a file that another node replaces reads on in the new one.
 */
#include "ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What is read of a status file: its text when it was opened. */
struct text {
	size_t len;
	char bytes[];
};

/* Returns the text of an open status file, NULL for every other file. */
static struct text *text_of(const struct fuse_file_info *fi)
{
	return (struct text *)(uintptr_t)fi->fh;
}

/* Opens what is stored at a path. */
static int stored(const struct fs *fs, const char *path, int flags)
{
	return openat(fs->data, path_below(path), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int op_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	AUTO_CLOSE int fd = -1;
	int refused = check_name(fs, path);

	(void)fi;
	if (refused)
		return refused;
	if (size > FS_MAX_FILE_BYTES)
		return -EFBIG;
	fd = stored(fs, path, O_WRONLY);
	return fd < 0 ? -errno : changed(fs, path, ftruncate(fd, size));
}

/* Opens the text of an entry that the file system makes, as it is now. */
static int open_status(const struct fs *fs, const char *path, struct fuse_file_info *fi)
{
	AUTO_FREE char *bytes = NULL;
	struct text *text;
	size_t len = 0;

	if ((fi->flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	bytes = status_text(fs, path, &len);
	text = bytes ? malloc(sizeof(*text) + len) : NULL;
	if (!text)
		return -ENOMEM;
	text->len = len;
	memcpy(text->bytes, bytes, len);
	fi->fh = (uint64_t)(uintptr_t)text;
	return 0;
}

int op_open(const char *path, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	AUTO_CLOSE int fd = -1;
	int flags = fi->flags & (O_ACCMODE | O_TRUNC);
	int refused = flags & O_TRUNC ? check_name(fs, path) : control_check(fs, path);

	if (refused)
		return refused;
	fi->direct_io = 1;
	if (status_is_entry(path))
		return open_status(fs, path, fi);
	fd = stored(fs, path, flags);
	if (fd < 0)
		return -errno;
	return flags & O_TRUNC ? changed(fs, path, 0) : 0;
}

/* Makes a file, unless a second one for its VMID would result. */
static int create_locked(const struct fs *fs, const char *path, int flags)
{
	AUTO_CLOSE int lock = names_lock(fs);
	AUTO_CLOSE int fd = -1;

	if (lock < 0 || names_vmid_taken(fs, path, NULL))
		return lock < 0 ? -EIO : -EEXIST;
	fd = stored(fs, path, flags | O_CREAT);
	return fd < 0 ? -errno : 0;
}

int op_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	int rc = check_name(fs, path);

	(void)mode;
	if (rc == 0)
		rc = create_locked(fs, path, fi->flags & (O_ACCMODE | O_TRUNC | O_EXCL));
	if (rc < 0)
		return rc;
	fi->direct_io = 1;
	return changed(fs, path, 0);
}

/* Reads of a text, from an offset. */
static int read_text(const struct text *text, char *buf, size_t size, off_t off)
{
	size_t from = (size_t)off < text->len ? (size_t)off : text->len;
	size_t n = size < text->len - from ? size : text->len - from;

	memcpy(buf, text->bytes + from, n);
	return (int)n;
}

int op_read(const char *path, char *buf, size_t size, off_t off,
	    struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	AUTO_CLOSE int fd = -1;
	int refused = control_check(fs, path);
	ssize_t n;

	if (refused)
		return refused;
	if (text_of(fi))
		return read_text(text_of(fi), buf, size, off);
	fd = stored(fs, path, O_RDONLY);
	n = fd < 0 ? -1 : pread(fd, buf, size, off);
	return n < 0 ? -errno : (int)n;
}

int op_write(const char *path, const char *buf, size_t size, off_t off,
	     struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	AUTO_CLOSE int fd = -1;
	int refused = control_check_write(fs, path);
	ssize_t n;

	(void)fi;
	if (refused)
		return refused;
	if (off > FS_MAX_FILE_BYTES || size > (size_t)(FS_MAX_FILE_BYTES - off))
		return -EFBIG;
	fd = stored(fs, path, O_WRONLY);
	n = fd < 0 ? -1 : pwrite(fd, buf, size, off);
	if (n < 0)
		return -errno;
	status_changed(fs, path);
	return (int)n;
}

int op_fsync(const char *path, int datasync, struct fuse_file_info *fi)
{
	(void)datasync;
	(void)fi;
	return control_check(fs_here(), path);
}

int op_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	free(text_of(fi));
	return 0;
}

struct listing {
	void *buf;
	fuse_fill_dir_t fill;
};

/* Adds one name to a listing. */
static void list_name(const char *name, void *arg)
{
	const struct listing *l = arg;

	l->fill(l->buf, name, NULL, 0, 0);
}

int op_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t off,
	       struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	const struct fs *fs = fs_here();
	struct listing l = { buf, fill };
	int refused = control_check(fs, path);
	int fd = refused ? -1 : stored(fs, path, O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	(void)off;
	(void)fi;
	(void)flags;
	if (!d)
		return refused ? refused : -errno;
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		list_name(e->d_name, &l);
	closedir(d);
	if (strcmp(path, "/") == 0)
		status_each(list_name, &l);
	return 0;
}
