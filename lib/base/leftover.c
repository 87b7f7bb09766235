/* SPDX-License-Identifier: MIT */
#include "base/leftover.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { NUMBER_DIGITS = 16 };

/* Whether @name is @base followed by ".tmp." and a number as file_write_atomic() makes it. */
static bool is_temporary(const char *name, const char *base)
{
	static const char infix[] = ".tmp.";
	size_t n = strlen(base);

	if (strncmp(name, base, n) != 0 ||
	    strncmp(name + n, infix, sizeof(infix) - 1) != 0)
		return false;
	name += n + sizeof(infix) - 1;
	return strlen(name) == NUMBER_DIGITS &&
	       strspn(name, "0123456789abcdef") == NUMBER_DIGITS;
}

/* Whether @name of @dir was last written @age_s seconds ago, or in the future. */
static bool is_old(int dir, const char *name, int age_s)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (age_s == 0 || llabs((long long)time(NULL) - st.st_mtim.tv_sec) >= age_s);
}

void leftover_remove(int dirfd, const char *path, int age_s)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char where[PATH_MAX] = ".";
	struct dirent *d;
	DIR *dir;
	int fd;

	if (slash && snprintf(where, sizeof(where), "%.*s", (int)(slash - path) + 1,
			      path) >= (int)sizeof(where))
		return;
	fd = openat(dirfd, where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		cleanup_close(&fd);
		return;
	}
	while ((d = readdir(dir)))
		if (is_temporary(d->d_name, base) && is_old(fd, d->d_name, age_s))
			(void)unlinkat(fd, d->d_name, 0);
	(void)closedir(dir);
}
