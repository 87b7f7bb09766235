/* SPDX-License-Identifier: MIT */
/*
 * dir - the next entry of a directory, in the one way that tells the end from a failure: what
 * could not be listed must not be taken for what is not there.
 */
#pragma once

#include <dirent.h>
#include <errno.h>

/* Reads the next entry of @dir. NULL with errno 0 at the end, or with errno. */
static inline struct dirent *dir_next(DIR *dir)
{
	errno = 0;
	return readdir(dir);
}
