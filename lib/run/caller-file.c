/* SPDX-License-Identifier: MIT */
#include "run/caller-file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "pve/argv-paths.h"

enum {
	ANSWER_MS = 5000, /* for all files; a login's own file system may never answer */
	ANSWERS_MAX = 4096, /* files more than that count as not to be used */
};

/* How a file is opened to ask, without waiting for it or taking a terminal. */
#define ASKING (O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* What the child answers, a byte each. */
enum answer { MAY_NOT = 0, MAY = 1 };

/* Becomes the login for good; false when that did not work out. */
static bool become(const struct caller *c)
{
	return initgroups(c->login.ptr, c->gid) == 0 &&
	       setresgid(c->gid, c->gid, c->gid) == 0 &&
	       setresuid(c->uid, c->uid, c->uid) == 0 && setresuid(0, 0, 0) < 0;
}

/* Whether @flags open @path. */
static bool opens(const char *path, int flags)
{
	AUTO_CLOSE int fd = open(path, flags | ASKING, 0600);

	return fd >= 0;
}

/* Whether a file @path, which is not there, could be made; nothing is left behind. */
static bool may_create(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];
	struct stat st;
	int len;

	if (lstat(path, &st) == 0 || errno != ENOENT || (slash && !slash[1]))
		return false;
	if (!slash)
		return opens(".", O_TMPFILE | O_WRONLY);
	len = snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
	return len > 0 && (size_t)len < sizeof(dir) && opens(dir, O_TMPFILE | O_WRONLY);
}

/* Whether this process may do with @p what the tool does. */
static enum answer ask(const struct argv_path *p)
{
	bool may;

	if (p->opaque)
		may = false;
	else if (p->writes)
		may = opens(p->name, O_WRONLY) || may_create(p->name);
	else
		may = opens(p->name, O_RDONLY);
	return may ? MAY : MAY_NOT;
}

/* The child: as the login, answers for each of @paths. */
static void answer(const struct caller *c, const struct argv_paths *paths, int to)
{
	unsigned char byte;

	if (!become(c))
		return;
	for (size_t i = 0; i < paths->n; i++) {
		byte = (unsigned char)ask(&paths->items[i]);
		if (write(to, &byte, 1) != 1)
			return;
	}
}

/* Reads up to @n answers from @from; what does not come in time stays as it is. */
static void collect(int from, unsigned char *answers, size_t n)
{
	uint64_t until = clock_now().mono_us / 1000 + ANSWER_MS;

	for (size_t have = 0; have < n;) {
		struct pollfd p = { .fd = from, .events = POLLIN };
		uint64_t now = clock_now().mono_us / 1000;
		int ready = now < until ? poll(&p, 1, (int)(until - now)) : 0;
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return;
		got = read(from, answers + have, n - have);
		if (got <= 0)
			return;
		have += (size_t)got;
	}
}

/* Asks about @paths in a child; @answers are MAY_NOT where none came. */
static void ask_all(const struct caller *c, const struct argv_paths *paths,
		    unsigned char *answers, size_t n)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	(void)signal(SIGCHLD,
		     SIG_DFL); /* ignored by a caller, there would be no status */
	pid = fork();
	if (pid == 0) {
		answer(c, paths, fds[1]);
		_exit(0);
	}
	(void)close(fds[1]);
	if (pid > 0) {
		collect(fds[0], answers, n);
		(void)kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	(void)close(fds[0]);
}

/* The list when there is no memory for one: it is not empty. */
static void list_nomem(struct caller *caller)
{
	static const struct slice unknown = { "(out of memory)", 15 };

	caller->files = (struct request_list){ &unknown, 1 };
}

void caller_load_files(const struct argv_command *c, struct arena *a,
		       struct caller *caller)
{
	unsigned char answers[ANSWERS_MAX] = { MAY_NOT };
	struct argv_paths paths;
	struct slice *names;
	struct err e = { 0 };
	size_t n = 0;

	if (!caller->login.ptr || (caller->has_account && caller->uid == 0))
		return;
	if (argv_paths_find(c, a, &paths, &e) < 0 ||
	    !(names = arena_array(a, paths.n + 1, sizeof(*names)))) {
		list_nomem(caller);
		return;
	}
	if (caller->has_account && paths.n)
		ask_all(caller, &paths, answers,
			paths.n < ANSWERS_MAX ? paths.n : ANSWERS_MAX);
	for (size_t i = 0; i < paths.n; i++)
		if (i >= ANSWERS_MAX || answers[i] != MAY)
			names[n++] = slice_of(paths.items[i].name);
	caller->files = (struct request_list){ names, n };
}
