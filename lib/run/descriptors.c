/* SPDX-License-Identifier: MIT */
#include "run/descriptors.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/num.h"

void descriptors_note(struct descriptors *ret)
{
	AUTO(dir_close) DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	ret->n = 0;
	while (dir && ret->n < DESCRIPTORS_MAX && (entry = dir_next(dir))) {
		uint64_t number;
		int flags;

		if (!num_parse(slice_of(entry->d_name), STDERR_FILENO + 1, INT32_MAX,
			       &number))
			continue;
		flags = fcntl((int)number, F_GETFD);
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			ret->fds[ret->n++] = (int)number;
	}
}

/* Whether @word names descriptor @fd behind @prefix. */
static bool names_behind(const char *word, const char *prefix, int fd)
{
	const char *at = word;
	char number[16];
	size_t n;

	(void)snprintf(number, sizeof(number), "%d", fd);
	n = strlen(number);
	while ((at = strstr(at, prefix))) {
		at += strlen(prefix);
		if (strncmp(at, number, n) == 0 && (at[n] < '0' || at[n] > '9'))
			return true;
	}
	return false;
}

/* Whether one of @words names descriptor @fd. */
static bool is_named(const char *const *words, int fd)
{
	for (; *words; words++)
		if (names_behind(*words, "/dev/fd/", fd) ||
		    names_behind(*words, "/proc/self/fd/", fd))
			return true;
	return false;
}

void descriptors_pass(const struct descriptors *d, const char *const *words)
{
	for (size_t i = 0; i < d->n; i++)
		if (!words || is_named(words, d->fds[i]))
			(void)fcntl(d->fds[i], F_SETFD, 0);
}

void descriptors_keep(const struct descriptors *d)
{
	for (size_t i = 0; i < d->n; i++)
		(void)fcntl(d->fds[i], F_SETFD, FD_CLOEXEC);
}
