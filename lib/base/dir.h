/* SPDX-License-Identifier: MIT */
/*
 * dir - the entries of a directory, in the one way that tells the end from a failure: what
 * could not be listed must not be taken for what is not there.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Opens the directory @path beneath @dirfd for reading. NULL with errno. */
static inline DIR *dir_open(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int sys = errno;

	if (!dir && fd >= 0)
		(void)close(fd);
	errno = sys;
	return dir;
}

/* Closes the directory at @dir unless it is NULL. For AUTO(). */
static inline void dir_close(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Reads the next entry of @dir. NULL with errno 0 at the end, or with errno. */
static inline struct dirent *dir_next(DIR *dir)
{
	errno = 0;
	return readdir(dir);
}
