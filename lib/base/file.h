/* SPDX-License-Identifier: MIT */
/*
 * file - reads files that must be trusted, writes files that must never be seen half.
 *
 * A file is opened first and then judged through its descriptor, so what was judged is
 * what is read. Writing goes to a temporary name in the same directory, fsync, rename:
 * the one way that is atomic on local disks and on pmxcfs (/etc/pve) alike. pmxcfs knows
 * no links, no O_TMPFILE, no RENAME_NOREPLACE and no modes of ours; O_EXCL has one winner
 * in the whole cluster there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "base/slice.h"

/* Who may own a file, and so decide what it says. */
enum file_owner {
	FILE_OWNER_ROOT,           /* root; nobody else may write it */
	FILE_OWNER_ROOT_OR_CALLER, /* root or the real user; nobody else may write it */
	FILE_OWNER_ANY,            /* anybody; its mode is not judged either */
};

/* What a file must be like to be read. */
struct file_rules {
	enum file_owner owner;
	size_t max_bytes;  /* longer files are refused; 0: FILE_MAX_BYTES */
	bool nofollow;     /* its last component may not be a symbolic link */
	const char *shown; /* what messages call it; NULL: its path */
};

enum { FILE_MAX_BYTES = 64 << 20 };

/* A file that was read. */
struct file_text {
	char *ptr; /* NUL-terminated; NULL when nothing was read; owned */
	size_t len;
	struct timespec mtime;
	dev_t dev;
	ino_t ino;
	uid_t uid;
};

/*
 * Reads @path beneath @dirfd by @rules. 0; 1 when there is no such file (ENOENT, ENOTDIR);
 * -1 otherwise, with an error that names it and says what to do. @ret is filled on 0
 * only; the caller releases it by file_text_done().
 */
int file_read(int dirfd, const char *path, const struct file_rules *rules,
	      struct file_text *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Like file_read(), in the memory that @f, zeroed at first, has from the call before: *@room
 * bytes. For one who reads thousands of files. Whatever it returns, file_text_done()
 * releases @f in the end.
 */
int file_read_again(int dirfd, const char *path, const struct file_rules *rules,
		    struct file_text *f, size_t *room, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The text that was read, as a slice; borrowed. */
static inline struct slice file_slice(const struct file_text *f)
{
	return (struct slice){ f->ptr, f->len };
}

/* Releases what file_read() gave. Fit for AUTO(). */
void file_text_done(struct file_text *f);

/*
 * Puts @text at @path beneath @dirfd in place of what was there: wholly or not at all,
 * also through a crash. The mode becomes @mode whatever the umask, but on pmxcfs.
 */
int file_write_atomic(int dirfd, const char *path, struct slice text, mode_t mode,
		      struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Like file_write_atomic(), but only where no @path exists yet: 0 made, 1 there is one or
 * another process is just making it, -1 failed. One winner, on pmxcfs in the whole cluster.
 */
int file_create_excl(int dirfd, const char *path, struct slice text, mode_t mode,
		     struct err *e) __attribute__((nonnull, warn_unused_result));
