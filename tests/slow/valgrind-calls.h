/* SPDX-License-Identifier: MIT */
/*
 * Two system calls that the valgrind of Debian 12 does not know, made of others, so that what
 * comes after them is looked at, too. Included before each source of the build for valgrind.
 * What openat2(2) refuses is not refused here: that is for the other builds to show.
 */
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* syscall(2); of openat2(2) the restrictions are left out. */
static inline long valgrind_syscall(long number, ...)
{
	long word[6];
	va_list words;

	va_start(words, number);
	for (int i = 0; i < 6; i++)
		word[i] = va_arg(words, long);
	va_end(words);
	if (number == SYS_openat2) {
		const char *path = (const char *)word[1];
		const struct open_how *how = (const struct open_how *)word[2];

		if (how->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH))
			path += strspn(path, "/");
		return openat((int)word[0], *path ? path : ".", (int)how->flags,
			      (mode_t)how->mode);
	}
	return syscall(number, word[0], word[1], word[2], word[3], word[4], word[5]);
}

/* A descriptor that becomes readable when @pid has ended: the end of a pipe to a shell. */
static inline int valgrind_pidfd_open(pid_t pid)
{
	char script[128];
	int ends[2];
	pid_t waiting;

	(void)snprintf(
		script, sizeof(script),
		"while grep -qs '^State:.[^Z]' /proc/%d/status; do sleep 0.02; done",
		(int)pid);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	waiting = fork();
	if (waiting == 0) {
		(void)dup2(ends[1], 1);
		(void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	if (waiting > 0)
		return ends[0];
	(void)close(ends[0]);
	return -1;
}

#define pidfd_open(pid, flags) valgrind_pidfd_open(pid)
#define syscall                valgrind_syscall
