/* SPDX-License-Identifier: MIT */
/* Operations on open files and directories. */
#include "ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

int op_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	const struct handle *h = handle_of(fi);
	AUTO_CLOSE int fd = -1;
	int refused;

	path = path_of(path, fi);
	refused = control_check_write(fs, path);
	if (refused)
		return refused;
	if (size > FS_MAX_FILE_BYTES)
		return -EFBIG;
	if (h)
		return changed(fs, path, ftruncate(h->fd, size));
	fd = openat(fs->data, path_below(path), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : changed(fs, path, ftruncate(fd, size));
}

/* Hands an open file to the kernel, with no cache between it and the data. */
static int hand_out(const char *path, struct fuse_file_info *fi,
		    const struct handle *from)
{
	struct handle *h = malloc(sizeof(*h) + strlen(path) + 1);

	if (!h) {
		free(from->text);
		if (from->fd >= 0)
			close(from->fd);
		return -ENOMEM;
	}
	h->fd = from->fd;
	h->text = from->text;
	h->len = from->len;
	memcpy(h->path, path, strlen(path) + 1);
	fi->fh = (uint64_t)(uintptr_t)h;
	fi->direct_io = 1;
	return 0;
}

/* Opens the text of an entry that the file system makes, as it is now. */
static int open_status(const struct fs *fs, const char *path, struct fuse_file_info *fi)
{
	struct handle h = { .fd = -1 };

	if ((fi->flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	h.text = status_text(fs, path, &h.len);
	return h.text ? hand_out(path, fi, &h) : -ENOMEM;
}

int op_open(const char *path, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	int flags = fi->flags & (O_ACCMODE | O_TRUNC);
	int refused = flags & O_TRUNC ? check_name(fs, path) : control_check(fs, path);
	int fd;

	if (refused)
		return refused;
	if (status_is_entry(path))
		return open_status(fs, path, fi);
	fd = openat(fs->data, path_below(path), flags | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (flags & O_TRUNC)
		status_changed(fs, path);
	return hand_out(path, fi, &(struct handle){ .fd = fd });
}

int op_opendir(const char *path, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	int refused = control_check(fs, path);
	int fd;

	if (refused)
		return refused;
	fd = openat(fs->data, path_below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : hand_out(path, fi, &(struct handle){ .fd = fd });
}

/* Makes a file, unless a second one for its VMID would result; returns its descriptor. */
static int create_locked(const struct fs *fs, const char *path, int flags)
{
	AUTO_CLOSE int lock = names_lock(fs);
	int fd;

	if (lock < 0 || names_vmid_taken(fs, path, NULL))
		return lock < 0 ? -EIO : -EEXIST;
	fd = openat(fs->data, path_below(path), flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	return fd < 0 ? -errno : fd;
}

int op_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	int fd = check_name(fs, path);

	(void)mode;
	if (fd == 0)
		fd = create_locked(fs, path, fi->flags & (O_ACCMODE | O_TRUNC | O_EXCL));
	if (fd < 0)
		return fd;
	status_changed(fs, path);
	return hand_out(path, fi, &(struct handle){ .fd = fd });
}

int op_read(const char *path, char *buf, size_t size, off_t off,
	    struct fuse_file_info *fi)
{
	const struct handle *h = handle_of(fi);
	int refused = control_check(fs_here(), path_of(path, fi));
	ssize_t n;

	if (refused)
		return refused;
	if (h->text) {
		size_t from = (size_t)off < h->len ? (size_t)off : h->len;

		n = (ssize_t)(size < h->len - from ? size : h->len - from);
		memcpy(buf, h->text + from, (size_t)n);
		return (int)n;
	}
	n = pread(h->fd, buf, size, off);
	return n < 0 ? -errno : (int)n;
}

int op_write(const char *path, const char *buf, size_t size, off_t off,
	     struct fuse_file_info *fi)
{
	const struct fs *fs = fs_here();
	int refused = control_check_write(fs, path_of(path, fi));
	ssize_t n;

	if (refused)
		return refused;
	if (off > FS_MAX_FILE_BYTES || size > (size_t)(FS_MAX_FILE_BYTES - off))
		return -EFBIG;
	n = pwrite(handle_of(fi)->fd, buf, size, off);
	if (n < 0)
		return -errno;
	status_changed(fs, path_of(path, fi));
	return (int)n;
}

int op_fsync(const char *path, int datasync, struct fuse_file_info *fi)
{
	(void)datasync;
	return control_check(fs_here(), path_of(path, fi));
}

int op_release(const char *path, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);

	(void)path;
	if (h->fd >= 0)
		close(h->fd);
	free(h->text);
	free(h);
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
	struct listing l = { buf, fill };
	int fd = openat(handle_of(fi)->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	(void)off;
	(void)flags;
	if (!d)
		return -errno;
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		list_name(e->d_name, &l);
	closedir(d);
	if (strcmp(path_of(path, fi), "/") == 0)
		status_each(list_name, &l);
	return 0;
}
