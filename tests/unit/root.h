/* SPDX-License-Identifier: MIT */
/*
 * root - a root directory of a test's own below /tmp, with a few files.
 */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A root directory. */
struct root {
	char path[32];
	int fd;
};

/* Makes the directories above @path. */
static inline void make_parents(const struct root *r, const char *path)
{
	char part[128];

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		(void)mkdirat(r->fd, part, 0755);
	}
}

/* Writes @len bytes of @text to @path, in place. */
static inline void put(const struct root *r, const char *path, const char *text,
		       size_t len)
{
	AUTO_CLOSE int fd = -1;

	make_parents(r, path);
	fd = openat(r->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
}

/* Reads @path; the caller frees it. */
static inline char *get(const struct root *r, const char *path, size_t *ret_len)
{
	AUTO_CLOSE int fd = openat(r->fd, path, O_RDONLY | O_CLOEXEC);
	char *text = calloc(1, 65536);
	ssize_t n;

	if (fd < 0 || !text || (n = read(fd, text, 65535)) < 0)
		abort();
	*ret_len = (size_t)n;
	return text;
}

/* Makes an empty root. */
static inline struct root root_make(void)
{
	struct root r = { "/tmp/test-root.XXXXXX", -1 };

	if (!mkdtemp(r.path))
		abort();
	r.fd = open(r.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.fd < 0 || mkdirat(r.fd, "var", 0755) || mkdirat(r.fd, "var/lib", 0755))
		abort();
	return r;
}

/* Removes one file or directory for nftw(3). */
static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

/* Removes it. For AUTO(). */
static inline void root_done(struct root *r)
{
	(void)close(r->fd);
	if (nftw(r->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}
