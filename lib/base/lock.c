/* SPDX-License-Identifier: MIT */
/*
 * flock(2) has no time limit, and a signal would need state of the whole process: so it
 * is tried again after pauses that grow from 1 to 50 ms.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"

enum { PAUSE_FIRST_US = 1000, PAUSE_MAX_US = 50000 };

/* Sleeps for @us; a signal may end it early. */
static void pause_us(uint64_t us)
{
	struct timespec t = { (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };

	(void)nanosleep(&t, NULL);
}

int lock_fd(int fd, enum lock_kind kind, unsigned timeout_ms, struct err *e)
{
	int op = (kind == LOCK_EXCLUSIVE ? LOCK_EX : LOCK_SH) | LOCK_NB;
	uint64_t end_us = clock_now().mono_us + (uint64_t)timeout_ms * 1000;
	uint64_t pause = PAUSE_FIRST_US;

	while (flock(fd, op) < 0) {
		uint64_t now_us = clock_now().mono_us;

		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(e, ERR_SYSTEM, "cannot lock: %s", strerror(errno));
		if (now_us >= end_us)
			return 1;
		pause_us(pause < end_us - now_us ? pause : end_us - now_us);
		pause = pause * 2 < PAUSE_MAX_US ? pause * 2 : PAUSE_MAX_US;
	}
	return 0;
}

int lock_file(int dirfd, const char *path, enum lock_kind kind, unsigned timeout_ms,
	      int *ret_fd, struct err *e)
{
	AUTO_CLOSE int fd = openat(
		dirfd, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return err_set(e, ERR_SYSTEM, "cannot open lock file '%s': %s", path,
			       strerror(errno));
	r = lock_fd(fd, kind, timeout_ms, e);
	if (r < 0)
		return err_wrap(e, "'%s'", path);
	if (r == 0)
		*ret_fd = STEAL_FD(fd);
	return r;
}
