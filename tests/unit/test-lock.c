/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/lock.c, against a second process. */
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"

enum { SHORT_MS = 60, LONG_MS = 20000 };

static char path[] = "/tmp/test-lock-XXXXXX";

/* Another process that holds the lock. */
struct holder {
	pid_t pid;
	int go; /* closing it lets the lock go */
};

/* Starts a holder of @kind that lets go when told, or @after_ms after that. */
static struct holder hold(enum lock_kind kind, unsigned after_ms)
{
	int ready[2], go[2];
	struct holder h;
	char c = 0;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	h.pid = fork();
	assert_true(h.pid >= 0);
	if (h.pid == 0) {
		struct err e = { 0 };
		int fd = -1;

		(void)close(go[1]);
		if (lock_file(AT_FDCWD, path, kind, 0, &fd, &e) != 0 ||
		    write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 0)
			_exit(1);
		(void)usleep(after_ms * 1000);
		_exit(0);
	}
	(void)close(go[0]);
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	h.go = go[1];
	return h;
}

/* Lets the holder end. */
static void let_go(struct holder h)
{
	int status;

	(void)close(h.go);
	assert_int_equal(waitpid(h.pid, &status, 0), h.pid);
	assert_int_equal(status, 0);
}

static struct row {
	const char *name;
	enum lock_kind theirs, ours;
	int want;
} table[] = {
	{ "two that share", LOCK_SHARED, LOCK_SHARED, 0 },
	{ "one alone keeps another out", LOCK_EXCLUSIVE, LOCK_EXCLUSIVE, 1 },
	{ "one alone keeps readers out", LOCK_EXCLUSIVE, LOCK_SHARED, 1 },
	{ "a reader keeps one alone out", LOCK_SHARED, LOCK_EXCLUSIVE, 1 },
};

static void excludes(void **state)
{
	const struct row *t = *state;
	struct holder h = hold(t->theirs, 0);
	struct err e = { 0 };
	AUTO_CLOSE int fd = -1;
	uint64_t from = clock_now().mono_us, took;

	assert_int_equal(lock_file(AT_FDCWD, path, t->ours, SHORT_MS, &fd, &e), t->want);
	took = clock_now().mono_us - from;
	assert_int_equal(fd >= 0, t->want == 0);
	if (t->want)
		assert_in_range(took, SHORT_MS * 1000, LONG_MS * 1000);
	let_go(h);
}

static void waits_for_its_turn(void **state)
{
	struct holder h = hold(LOCK_EXCLUSIVE, SHORT_MS);
	struct err e = { 0 };
	AUTO_CLOSE int fd = -1;

	(void)state;
	(void)close(h.go);
	assert_int_equal(lock_file(AT_FDCWD, path, LOCK_EXCLUSIVE, LONG_MS, &fd, &e), 0);
	assert_int_equal(waitpid(h.pid, NULL, 0), h.pid);
}

static void closing_unlocks(void **state)
{
	struct err e = { 0 };
	int fd = -1;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(lock_file(AT_FDCWD, path, LOCK_EXCLUSIVE, 0, &fd, &e),
				 0);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		assert_int_equal(close(fd), 0);
	}
}

/* Does nothing but interrupt. */
static void on_alarm(int sig)
{
	(void)sig;
}

static void signals_do_not_matter(void **state)
{
	struct holder h = hold(LOCK_EXCLUSIVE, 0);
	struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, never = { 0 };
	struct sigaction act = { .sa_handler = on_alarm }, old;
	struct err e = { 0 };
	uint64_t from = clock_now().mono_us;
	int fd = -1;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(lock_file(AT_FDCWD, path, LOCK_EXCLUSIVE, SHORT_MS, &fd, &e), 1);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_true(clock_now().mono_us - from >= SHORT_MS * 1000);
	let_go(h);
}

static void makes_its_file(void **state)
{
	struct err e = { 0 };
	struct stat st;
	AUTO_CLOSE int fd = -1;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lock_file(AT_FDCWD, path, LOCK_EXCLUSIVE, 0, &fd, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void follows_no_link(void **state)
{
	char name[sizeof(path) + 8];
	struct err e = { 0 };
	int fd = -1;

	(void)state;
	(void)snprintf(name, sizeof(name), "%s.link", path);
	assert_int_equal(symlink(path, name), 0);
	assert_int_equal(lock_file(AT_FDCWD, name, LOCK_EXCLUSIVE, 0, &fd, &e), -1);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(e.sys, ELOOP);
	assert_int_equal(fd, -1);
}

static void names_what_it_cannot_open(void **state)
{
	struct err e = { 0 };
	int fd = -1;

	(void)state;
	assert_int_equal(
		lock_file(AT_FDCWD, "/nonexistent/lock", LOCK_SHARED, 0, &fd, &e), -1);
	assert_string_equal(e.msg, "cannot open lock file '/nonexistent/lock': "
				   "No such file or directory");
}

static void bad_descriptor_is_an_error(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(lock_fd(-1, LOCK_SHARED, LONG_MS, &e), -1);
	assert_string_equal(e.msg, "cannot lock: Bad file descriptor");
}

int main(void)
{
	static struct rows rows;
	int fd = mkstemp(path), r;

	if (fd < 0)
		return 1;
	(void)close(fd);
	ROWS_ADD(&rows, table, excludes);
	ROWS_ADD_ONE(&rows, "who waits gets it when it is free", waits_for_its_turn);
	ROWS_ADD_ONE(&rows, "closing the descriptor unlocks", closing_unlocks);
	ROWS_ADD_ONE(&rows, "signals make the wait neither shorter nor fail",
		     signals_do_not_matter);
	ROWS_ADD_ONE(&rows, "a missing lock file is made, for us alone", makes_its_file);
	ROWS_ADD_ONE(&rows, "a symbolic link is refused", follows_no_link);
	ROWS_ADD_ONE(&rows, "the message names the file", names_what_it_cannot_open);
	ROWS_ADD_ONE(&rows, "a bad descriptor is an error at once",
		     bad_descriptor_is_an_error);
	r = rows_run(&rows, "lock");
	(void)unlink(path);
	return r;
}
