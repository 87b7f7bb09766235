/* SPDX-License-Identifier: MIT */
#include "pve/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"

enum {
	STAT_MAX = 4096,
	LOCKS_MAX = 1 << 20,   /* of /proc/locks */
	NO_LOGINUID = -1,      /* (uid_t)-1: the process belongs to no login */
	STAT_FIELD_PARENT = 1, /* counted from the state, which follows the name */
	STAT_FIELD_START = 19,
};

/* Reads at most @max bytes of @path below @root into @out, however long it says it is. */
static bool read_proc(int root, const char *path, size_t max, struct buf *out)
{
	AUTO_CLOSE int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char chunk[4096];
	ssize_t n = -1;

	if (fd < 0)
		return false;
	while (out->len < max) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(out, chunk, (size_t)n);
	}
	return n >= 0 && !buf_failed(out);
}

void process_title(int root, pid_t pid, struct buf *out)
{
	AUTO(buf_done) struct buf text = { 0 };
	char path[64];
	size_t n;

	(void)snprintf(path, sizeof(path), "proc/%d/cmdline", (int)pid);
	if (pid <= 0 || !read_proc(root, path, PROCESS_TITLE_MAX, &text))
		return;
	n = text.len < PROCESS_TITLE_MAX ? text.len : PROCESS_TITLE_MAX;
	while (n && text.ptr[n - 1] == '\0')
		n--;
	for (size_t i = 0; i < n; i++)
		buf_putc(out, text.ptr[i] ? text.ptr[i] : ' ');
}

/* Field @field of /proc/PID/stat, counted from the state; 0 when it cannot be read. */
static uint64_t stat_field(int root, pid_t pid, int field)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice part = { 0 }, rest;
	const char *end;
	char path[64];
	uint64_t n;

	(void)snprintf(path, sizeof(path), "proc/%d/stat", (int)pid);
	if (pid <= 0 || !read_proc(root, path, STAT_MAX, &text))
		return 0;
	end = strrchr(buf_text(&text), ')'); /* the name may hold anything, also ')' */
	if (!end || end[1] != ' ')
		return 0;
	rest = slice_of(end + 2);
	for (int i = 0; i <= field; i++)
		if (!slice_cut(rest, ' ', &part, &rest))
			return 0;
	return num_parse(part, 0, UINT64_MAX, &n) ? n : 0;
}

pid_t process_parent(int root, pid_t pid)
{
	return (pid_t)stat_field(root, pid, STAT_FIELD_PARENT);
}

uint64_t process_start_time(int root, pid_t pid)
{
	return stat_field(root, pid, STAT_FIELD_START);
}

/* Next word of @line, blanks before it skipped; {NULL, 0} at the end. */
static struct slice next_word(struct slice *line)
{
	struct slice word;

	*line = slice_trim(*line);
	if (!line->len)
		return (struct slice){ 0 };
	if (!slice_cut(*line, ' ', &word, line))
		*line = (struct slice){ 0 };
	return word;
}

/*
 * Holder of the flock on the file @want ("08:01:1234") by one line of /proc/locks,
 * "1: FLOCK ADVISORY WRITE PID DEV:INO 0 EOF"; 0 when it is another lock or a waiter.
 */
static pid_t holder_of_line(struct slice line, const char *want)
{
	struct slice kind, pid, file;
	uint64_t n;

	(void)next_word(&line);
	kind = next_word(&line);
	if (!slice_eq(kind, "FLOCK"))
		return 0; /* "->" stands here for one that waits */
	(void)next_word(&line);
	(void)next_word(&line);
	pid = next_word(&line);
	file = next_word(&line);
	if (!slice_eq(file, want) || !num_parse(pid, 1, INT32_MAX, &n))
		return 0;
	return (pid_t)n;
}

/* Whether root itself started @pid: anybody may flock a file that they can read. */
static bool is_of_root(int root, pid_t pid)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice line, name, rest;
	char path[64];

	(void)snprintf(path, sizeof(path), "proc/%d/status", (int)pid);
	if (!read_proc(root, path, STAT_MAX, &text))
		return false;
	rest = buf_as_slice(&text);
	while (slice_cut(rest, '\n', &line, &rest)) {
		if (!slice_cut(line, '\t', &name, &line) || !slice_eq(name, "Uid:"))
			continue;
		(void)slice_cut(line, '\t', &name, &line);
		return slice_eq(name, "0");
	}
	return false;
}

pid_t process_lock_holder(int root, const char *path)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct slice line, rest;
	struct stat st;
	char want[64];
	bool more = true;

	if (fstatat(root, path, &st, 0) < 0 ||
	    !read_proc(root, "proc/locks", LOCKS_MAX, &text))
		return 0;
	(void)snprintf(want, sizeof(want), "%02x:%02x:%ju", major(st.st_dev),
		       minor(st.st_dev), (uintmax_t)st.st_ino);
	rest = buf_as_slice(&text);
	while (more) {
		pid_t holder;

		more = slice_cut(rest, '\n', &line, &rest);
		holder = holder_of_line(line, want);
		if (holder && is_of_root(root, holder))
			return holder;
	}
	return 0;
}

bool process_loginuid(int root, uid_t *ret)
{
	AUTO(buf_done) struct buf text = { 0 };
	uint64_t uid;

	if (!read_proc(root, "proc/self/loginuid", STAT_MAX, &text) ||
	    !num_parse(slice_trim(buf_as_slice(&text)), 0, UINT32_MAX, &uid) ||
	    (uid_t)uid == (uid_t)NO_LOGINUID)
		return false;
	*ret = (uid_t)uid;
	return true;
}
