/* SPDX-License-Identifier: MIT */
#include "run/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "run/exec.h"

static const char pvesm[] = EXEC_DIR "pvesm";

/* Starts pvesm with its output in *@ret_fd. Its process, or -1. */
static pid_t start(const char *volume, int *ret_fd, struct err *e)
{
	const char *argv[] = { pvesm, "extractconfig", volume, NULL };
	struct err ignored;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		/* A group of its own: what it started ends with it. */
		(void)setpgid(0, 0);
		if (null < 0 || dup2(null, 0) < 0 || dup2(ends[1], 1) < 0)
			_exit(EXIT_SYSTEM);
		(void)exec_replace(pvesm, argv, &ignored);
		_exit(EXIT_NO_TOOL);
	}
	(void)close(ends[1]);
	if (pid > 0) {
		*ret_fd = ends[0];
		return pid;
	}
	(void)close(ends[0]);
	return err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
}

/* Milliseconds that are left until @end_us; 0: none. */
static int left_ms(uint64_t end_us)
{
	uint64_t now = clock_now().mono_us;

	return now >= end_us ? 0 : (int)((end_us - now) / 1000) + 1;
}

/* Reads all of @fd into @out. 0, or -1: late, or too much. */
static int read_all(int fd, const char *volume, struct buf *out, struct err *e)
{
	uint64_t end = clock_now().mono_us + (uint64_t)ARCHIVE_SECONDS * 1000000;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char chunk[8192];
	ssize_t n;

	for (;;) {
		int ready = poll(&p, 1, left_ms(end));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return err_set(e, ERR_SYSTEM,
				       "archive '%s': pvesm extractconfig gave no answer "
				       "in %d seconds",
				       volume, ARCHIVE_SECONDS);
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		buf_add(out, chunk, (size_t)n);
		if (out->len > ARCHIVE_MAX_BYTES || buf_failed(out))
			return err_set(
				e, ERR_RANGE,
				"archive '%s': pvesm extractconfig prints more than "
				"a guest's configuration can be",
				volume);
	}
}

/* Waits for @pid, after ending it where @kill_it. Its exit status, or -1. */
static int end(pid_t pid, bool kill_it)
{
	int status;

	if (kill_it && kill(-pid, SIGKILL) < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int archive_config(const char *volume, struct arena *a, struct slice *ret, struct err *e)
{
	AUTO(buf_done) struct buf out = { 0 };
	AUTO_CLOSE int fd = -1;
	char *text;
	pid_t pid;
	int status, got;

	if (*volume == '-')
		return err_set(e, ERR_USAGE, "archive '%s': this is no volume", volume);
	if (exec_check(pvesm, e) != 0)
		return -1;
	pid = start(volume, &fd, e);
	if (pid < 0)
		return -1;
	got = read_all(fd, volume, &out, e);
	status = end(pid, got < 0);
	if (got < 0)
		return -1;
	if (status != 0)
		return err_set(
			e, ERR_SYSTEM,
			"archive '%s': pvesm extractconfig failed (exit status %d)",
			volume, status);
	text = arena_strdup(a, buf_as_slice(&out));
	if (!text)
		return err_nomem(e);
	*ret = (struct slice){ text, out.len };
	return 0;
}
