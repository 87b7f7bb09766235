/* SPDX-License-Identifier: MIT */
#include "record/tell.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

enum { TELL_MS = 1000, RETRY_MS = 20 };

static const char ident[] = "pve-safe";

static const struct sockaddr_un daemon_at = { .sun_family = AF_UNIX,
					      .sun_path = "/dev/log" };

/* Connects @fd to the daemon. 0, or -1 with errno. */
static int reach(int fd)
{
	return connect(fd, (const struct sockaddr *)&daemon_at, sizeof(daemon_at));
}

/* Whether @fd takes something before @end_us. */
static bool has_room(int fd, uint64_t end_us)
{
	struct pollfd on = { .fd = fd, .events = POLLOUT };
	uint64_t now_us = clock_now().mono_us;
	int ready = -1;

	while (ready < 0 && now_us < end_us) {
		ready = poll(&on, 1, (int)((end_us - now_us) / 1000) + 1);
		if (ready < 0 && errno != EINTR)
			return false;
		now_us = clock_now().mono_us;
	}
	return ready > 0;
}

/* What syslog(3) makes of @text: "<86>Nov  7 09:30:00 pve-safe[812]: text". */
static void render(int priority, const char *text, struct buf *out)
{
	char when[32] = "";
	struct tm now;
	time_t t = time(NULL);

	if (localtime_r(&t, &now))
		(void)strftime(when, sizeof(when), "%b %e %H:%M:%S", &now);
	buf_printf(out, "<%d>%s %s[%d]: %s", priority, when, ident, (int)getpid(), text);
	buf_putc(out, '\0'); /* what ends a line of a stream */
}

/* Connects to a daemon that reads a stream, once it accepts. The socket, or -1. */
static int open_stream(uint64_t end_us)
{
	AUTO_CLOSE int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	while (reach(fd) < 0) {
		if (errno != EAGAIN || clock_now().mono_us >= end_us)
			return -1;
		(void)poll(NULL, 0, RETRY_MS);
	}
	return STEAL_FD(fd);
}

/* Sends all of @line to a daemon that reads a stream. */
static bool send_stream(struct slice line, uint64_t end_us)
{
	AUTO_CLOSE int fd = open_stream(end_us);

	while (fd >= 0 && line.len && has_room(fd, end_us)) {
		ssize_t n = send(fd, line.ptr, line.len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n > 0)
			line = (struct slice){ line.ptr + n, line.len - (size_t)n };
	}
	return !line.len;
}

bool tell_syslog(int priority, const char *text)
{
	uint64_t end_us = clock_now().mono_us + (uint64_t)TELL_MS * 1000;
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	AUTO(buf_done) struct buf line = { 0 };

	if (fd < 0)
		return false;
	if (reach(fd) == 0) {
		if (!has_room(fd, end_us))
			return false;
		openlog(ident, LOG_PID, LOG_AUTHPRIV);
		syslog(priority, "%s", text);
		return true;
	}
	if (errno != EPROTOTYPE)
		return false;
	render(priority, text, &line);
	return !buf_failed(&line) && send_stream(buf_as_slice(&line), end_us);
}
