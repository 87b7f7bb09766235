/* SPDX-License-Identifier: MIT */
/*
 * noread - directories that cannot be read to their end: readdir(3), as the library calls it,
 * that fails now and then.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stddef.h>

static long noread_after = -1; /* entries until it fails; -1: it does not */

/* Reads the next entry, or fails as a disk does. */
struct dirent *readdir(DIR *dir)
{
	union {
		struct dirent64 *in;
		struct dirent *out;
	} entry;

	if (noread_after >= 0 && noread_after-- == 0) {
		errno = EIO;
		return NULL;
	}
	entry.in = readdir64(dir);
	return entry.out;
}
