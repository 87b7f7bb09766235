/* SPDX-License-Identifier: MIT */
#include "pve/disks.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/running.h"

enum { DESCRIPTORS_MAX = 4096 };

/* Orders descriptors by their numbers, for qsort. */
static int by_number(const void *x, const void *y)
{
	unsigned a = *(const unsigned *)x, b = *(const unsigned *)y;

	return (a > b) - (a < b);
}

/* Reads the numbers of the descriptors in the directory @fd, in order. */
static size_t read_numbers(int fd, unsigned ret[static DESCRIPTORS_MAX])
{
	DIR *d = fdopendir(fd);
	const struct dirent *entry;
	size_t n = 0;

	if (!d) {
		(void)close(fd);
		return 0;
	}
	while (n < DESCRIPTORS_MAX && (entry = readdir(d))) {
		uint64_t number;

		if (num_parse(slice_of(entry->d_name), 0, INT_MAX, &number))
			ret[n++] = (unsigned)number;
	}
	(void)closedir(d);
	qsort(ret, n, sizeof(*ret), by_number);
	return n;
}

/* Name below /sys/block of the device of @st; {NULL, 0} when it has none. Memory from @a. */
static struct slice name_of(int root, const struct stat *st, struct arena *a)
{
	char path[64], target[PATH_MAX];
	const char *slash, *name;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "sys/dev/block/%u:%u", major(st->st_rdev),
		       minor(st->st_rdev));
	n = readlinkat(root, path, target, sizeof(target) - 1);
	if (n <= 0)
		return (struct slice){ 0 };
	target[n] = '\0';
	slash = strrchr(target, '/');
	name = arena_strdup(a, slice_of(slash ? slash + 1 : target));
	return name ? slice_of(name) : (struct slice){ 0 };
}

size_t disks_open(int root, uint64_t vmid, struct arena *a, const struct slice **ret)
{
	struct slice *names = arena_array(a, DISKS_MAX, sizeof(*names));
	unsigned *numbers = arena_array(a, DESCRIPTORS_MAX, sizeof(*numbers));
	pid_t pid = guest_machine(root, vmid);
	dev_t seen[DISKS_MAX];
	size_t n = 0, count;
	char path[64];
	int fd;

	*ret = names;
	(void)snprintf(path, sizeof(path), "proc/%d/fd", (int)pid);
	fd = pid && names && numbers
		     ? openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		     : -1;
	count = fd < 0 ? 0 : read_numbers(fd, numbers);
	for (size_t i = 0; i < count && n < DISKS_MAX; i++) {
		struct stat st;
		size_t k = 0;

		(void)snprintf(path, sizeof(path), "proc/%d/fd/%u", (int)pid, numbers[i]);
		if (fstatat(root, path, &st, 0) < 0 || !S_ISBLK(st.st_mode))
			continue;
		while (k < n && seen[k] != st.st_rdev)
			k++;
		if (k < n)
			continue;
		names[n] = name_of(root, &st, a);
		seen[n] = st.st_rdev;
		n += names[n].ptr != NULL;
	}
	return n;
}
