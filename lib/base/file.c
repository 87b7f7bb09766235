/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

enum {
	FIRST_ROOM = 4096,   /* for files that do not tell their size, as in /proc */
	STALE_SECONDS = 300, /* a temporary file older than this has lost its writer */
	AHEAD_SECONDS = 24 * 3600, /* or one that is so new that the clock was wrong */
	TEMPORARY_TRIES = 8,       /* names to try; they are random */
};

/* Opens @path, called @shown, to be judged; 1 when there is none. */
static int open_to_read(int dirfd, const char *path, const char *shown, bool nofollow,
			int *ret_fd, struct err *e)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = openat(dirfd, path, flags | (nofollow ? O_NOFOLLOW : 0));

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	if (errno == ENOENT || errno == ENOTDIR)
		return 1;
	if (errno == ELOOP)
		return err_set(e, ERR_TRUST,
			       "'%s' is a symbolic link: put the file itself there",
			       shown);
	if (errno == ENXIO)
		return err_set(e, ERR_TYPE, "'%s' is no regular file", shown);
	return err_set(e, ERR_SYSTEM, "cannot open '%s': %s", shown, strerror(errno));
}

/* Refuses what is no regular file, or one that somebody else could have written. */
static int judge(const struct stat *st, const char *path, const struct file_rules *rules,
		 struct err *e)
{
	bool caller = rules->owner == FILE_OWNER_ROOT_OR_CALLER;

	if (S_ISDIR(st->st_mode))
		return err_set(e, ERR_TYPE, "'%s' is a directory, not a file", path);
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_TYPE, "'%s' is no regular file", path);
	if (rules->owner == FILE_OWNER_ANY)
		return 0;
	if (st->st_uid != 0 && !(caller && st->st_uid == getuid()))
		return err_set(e, ERR_TRUST,
			       "'%s' belongs to uid %u, not to root%s: chown root", path,
			       st->st_uid, caller ? " or you" : "");
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_TRUST,
			       "'%s' is writable by others (mode %04o): chmod go-w", path,
			       st->st_mode & 07777);
	return 0;
}

/* Reports that @path is longer than @max. */
static int too_long(const char *path, size_t max, struct err *e)
{
	return err_set(e, ERR_RANGE,
		       "'%s' is longer than %zu bytes, the most it may have", path, max);
}

/* A text being read, in memory that may have room already. */
struct reading {
	char *ptr;
	size_t len, room; /* a NUL fits behind .room bytes */
};

/* Makes @r at least @room bytes big, and a NUL; false when memory is gone. */
static bool make_room(struct reading *r, size_t room)
{
	char *p;

	if (r->ptr && r->room >= room)
		return true;
	p = realloc(r->ptr, room + 1);
	if (!p)
		return false;
	r->ptr = p;
	r->room = room;
	return true;
}

/* One read(2) that a signal does not end. */
static ssize_t read_some(int fd, char *to, size_t room)
{
	ssize_t n;

	do
		n = read(fd, to, room);
	while (n < 0 && errno == EINTR);
	return n;
}

/*
 * Reads @fd to its end. It has ended where read(2) says so, or, which saves a turn to the
 * file system, where a read came back short at the very size that fstat(2) had told.
 */
static int read_all(int fd, size_t told, size_t max, const char *path, struct reading *f,
		    struct err *e)
{
	size_t room = (told ? told : FIRST_ROOM) + 1;

	for (;;) {
		ssize_t n;

		if (!make_room(f, room))
			return err_nomem(e);
		n = read_some(fd, f->ptr + f->len, room - f->len);
		if (n < 0)
			return err_set(e, ERR_SYSTEM, "cannot read '%s': %s", path,
				       strerror(errno));
		f->len += (size_t)n;
		if (f->len > max)
			return too_long(path, max, e);
		if (n == 0 || (f->len == told && f->len < room))
			break;
		if (f->len == room)
			room = room < max / 2 ? room * 2 : max + 1;
	}
	f->ptr[f->len] = '\0';
	return 0;
}

/* Opens @path by @rules and reads it into @f, whose memory stays its caller's. */
static int read_into(int dirfd, const char *path, const struct file_rules *rules,
		     struct reading *f, struct stat *ret_st, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	size_t max = rules->max_bytes ? rules->max_bytes : FILE_MAX_BYTES;
	const char *shown = rules->shown ? rules->shown : path;
	int r = open_to_read(dirfd, path, shown, rules->nofollow, &fd, e);

	if (r != 0)
		return r;
	if (fstat(fd, ret_st) < 0)
		return err_set(e, ERR_SYSTEM, "cannot stat '%s': %s", shown,
			       strerror(errno));
	if (judge(ret_st, shown, rules, e) < 0)
		return -1;
	if ((uintmax_t)ret_st->st_size > max)
		return too_long(shown, max, e);
	return read_all(fd, (size_t)ret_st->st_size, max, shown, f, e);
}

int file_read(int dirfd, const char *path, const struct file_rules *rules,
	      struct file_text *ret, struct err *e)
{
	struct reading f = { 0 };
	struct stat st;
	int r = read_into(dirfd, path, rules, &f, &st, e);

	if (r != 0) {
		free(f.ptr);
		return r;
	}
	*ret = (struct file_text){ .ptr = f.ptr,
				   .len = f.len,
				   .mtime = st.st_mtim,
				   .dev = st.st_dev,
				   .ino = st.st_ino,
				   .uid = st.st_uid };
	return 0;
}

int file_read_again(int dirfd, const char *path, const struct file_rules *rules,
		    struct file_text *f, size_t *room, struct err *e)
{
	struct reading again = { .ptr = f->ptr, .room = *room };
	struct stat st;
	int r = read_into(dirfd, path, rules, &again, &st, e);

	f->ptr = again.ptr;
	f->len = r == 0 ? again.len : 0;
	*room = again.room;
	if (r != 0)
		return r;
	f->mtime = st.st_mtim;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->uid = st.st_uid;
	return 0;
}

void file_text_done(struct file_text *f)
{
	free(f->ptr);
	f->ptr = NULL;
	f->len = 0;
}

/* A file that is being written under another name. */
struct temporary {
	int dirfd;           /* borrowed */
	const char *path;    /* where it will be; borrowed */
	char name[PATH_MAX]; /* where it is; "" when it is not there */
	int fd;
};

/* Reports that @path could not be written, and why: the reasons are those of pmxcfs. */
static int cannot_write(const char *path, struct err *e)
{
	const char *hint = "";

	if (errno == EACCES && geteuid() == 0)
		hint = " (no quorum?)"; /* nothing else denies root */
	else if (errno == EFBIG)
		hint = " (/etc/pve takes 1 MiB)";
	return err_set(e, ERR_SYSTEM, "cannot write '%s': %s%s", path, strerror(errno),
		       hint);
}

/* Removes the temporary file if it is still there. For AUTO(). */
static void temporary_done(struct temporary *t)
{
	cleanup_close(&t->fd);
	if (t->name[0])
		(void)unlinkat(t->dirfd, t->name, 0);
}

/* Creates the file @path + @suffix; 1 when it exists. */
static int temporary_open(struct temporary *t, const char *suffix, mode_t mode,
			  struct err *e)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s%s", t->path, suffix);

	if (n < 0 || (size_t)n >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return cannot_write(t->path, e);
	}
	t->fd = openat(t->dirfd, name,
		       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		       mode);
	if (t->fd < 0)
		return errno == EEXIST ? 1 : cannot_write(t->path, e);
	memcpy(t->name, name, sizeof(name));
	return 0;
}

/* Creates the temporary file under a random name. */
static int temporary_open_random(struct temporary *t, mode_t mode, struct err *e)
{
	for (int i = 0; i < TEMPORARY_TRIES; i++) {
		uint64_t chance;
		char suffix[32];
		int r;

		if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
			return cannot_write(t->path, e);
		(void)snprintf(suffix, sizeof(suffix), ".tmp.%016" PRIx64, chance);
		r = temporary_open(t, suffix, mode, e);
		if (r <= 0)
			return r;
	}
	errno = EEXIST;
	return cannot_write(t->path, e);
}

/* Writes all of @text to @fd; false with errno. */
static bool write_all(int fd, struct slice text)
{
	while (text.len) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			return false;
		}
		text.ptr += n;
		text.len -= (size_t)n;
	}
	return true;
}

/* Gives @fd the mode asked for; pmxcfs, which gives out its own, answers EPERM. */
static bool set_mode(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	return (st.st_mode & 07777) == mode || fchmod(fd, mode) == 0 || errno == EPERM;
}

/* Makes the names in the directory of @path last; file systems without it say EINVAL. */
static bool sync_directory(int dirfd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";
	AUTO_CLOSE int fd = -1;

	if (slash) /* keeps the slash: "/" stays the root */
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path) + 1, path);
	fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
}

/* Fills the temporary file and moves it to its place. */
static int temporary_commit(struct temporary *t, struct slice text, mode_t mode,
			    struct err *e)
{
	int fd;

	if (!set_mode(t->fd, mode) || !write_all(t->fd, text) || fsync(t->fd) < 0)
		return cannot_write(t->path, e);
	fd = STEAL_FD(t->fd);
	if (close(fd) < 0)
		return cannot_write(t->path, e);
	if (renameat(t->dirfd, t->name, t->dirfd, t->path) < 0)
		return cannot_write(t->path, e);
	t->name[0] = '\0';
	if (!sync_directory(t->dirfd, t->path))
		return err_set(e, ERR_SYSTEM,
			       "'%s' is written but may not outlive a crash: %s", t->path,
			       strerror(errno));
	return 0;
}

int file_write_atomic(int dirfd, const char *path, struct slice text, mode_t mode,
		      struct err *e)
{
	AUTO(temporary_done)
	struct temporary t = { .dirfd = dirfd, .path = path, .fd = -1 };

	if (temporary_open_random(&t, mode, e) < 0)
		return -1;
	return temporary_commit(&t, text, mode, e);
}

/* Takes away the temporary file @path.new if its writer must be dead. */
static bool remove_stale(int dirfd, const char *path)
{
	char name[PATH_MAX];
	struct stat st;
	time_t age;

	(void)snprintf(name, sizeof(name), "%s.new", path);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	age = time(NULL) - st.st_mtim.tv_sec;
	return (age > STALE_SECONDS || age < -AHEAD_SECONDS) &&
	       unlinkat(dirfd, name, 0) == 0;
}

/*
 * The temporary name is the same for everybody: who creates it may look whether @path is
 * there and rename, while nobody else can. So no RENAME_NOREPLACE is needed.
 */
int file_create_excl(int dirfd, const char *path, struct slice text, mode_t mode,
		     struct err *e)
{
	AUTO(temporary_done)
	struct temporary t = { .dirfd = dirfd, .path = path, .fd = -1 };
	struct stat st;
	int r = temporary_open(&t, ".new", mode, e);

	if (r == 1 && remove_stale(dirfd, path))
		r = temporary_open(&t, ".new", mode, e);
	if (r != 0)
		return r;
	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	if (errno != ENOENT)
		return cannot_write(path, e);
	return temporary_commit(&t, text, mode, e);
}
