/* SPDX-License-Identifier: MIT */
/*
 * nomem - what a function does when memory runs out: it is run again and again with the
 * first, second, third ... allocation refused, each time in a process of its own. It must
 * say that it failed, or have done all it should; never crash, never half.
 *
 * The allocator stands in front of libc's. Sanitizers bring their own, so there the
 * functions are run once, without faults.
 */
#pragma once

#include "rows.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TRIES_MAX = 3000,
	ALL_DONE = 0, /* exit status of a child: nothing was refused */
	SAID_SO = 10, /* refused, and the function said so */
	DID_ALL = 11, /* refused, and it did not matter */
	WRONG = 12,   /* refused, and the result is wrong */
	EXITED = 2,   /* libconfuse's scanner ended the process */
	DIED = -1,    /* by a signal */
};

static long left = -1; /* allocations until one is refused; -1: none will be */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* gcc's way to say so */
#endif
#endif

#if !defined(__SANITIZE_ADDRESS__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

/* Whether the allocation that is asked for is the one to refuse; with errno. */
static bool is_refused(void)
{
	bool refused = left >= 0 && left-- == 0;

	if (refused)
		errno = ENOMEM;
	return refused;
}

void *malloc(size_t size)
{
	return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return is_refused() ? NULL : __libc_realloc(p, size);
}
#endif

/*
 * One function: -1 when it said that it failed, 1 when it did what it should, 0 otherwise.
 *
 * Without memory libconfuse 3.3 ends the process or frees what it does not own. Either way
 * the program is gone with a status that refuses; there it must not say that all is well.
 */
struct nomem_row {
	const char *name;
	int (*run)(void);
	bool may_die;
};

/* Runs @t with the allocation @n refused; the exit status of the child. */
static int try(const struct nomem_row *t, long n)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		bool refused;
		int r;

		(void)signal(SIGSEGV,
			     SIG_DFL); /* cmocka's would go on with the next test */
		(void)signal(SIGABRT, SIG_DFL);
		left = n;
		r = t->run();
		refused = left < 0 && n >= 0;
		left = -1; /* make coverage writes its counts at the end, and needs memory */
		if (!refused)
			_exit(r == 1 ? ALL_DONE : WRONG);
		_exit(r < 0 ? SAID_SO : r ? DID_ALL : WRONG);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void survives(void **state)
{
	const struct nomem_row *t = *state;
	int status;

#if defined(__SANITIZE_ADDRESS__)
	assert_int_equal(try(t, -1), ALL_DONE);
	return;
#endif
	for (long n = 0; n < TRIES_MAX; n++) {
		status = try(t, n);
		if (status == ALL_DONE) {
			assert_true(n > 0);
			return;
		}
		if (t->may_die && (status == EXITED || status == DIED))
			continue;
		if (status != SAID_SO && status != DID_ALL)
			fail_msg("allocation %ld refused: status %d", n, status);
	}
	fail_msg("the allocations never end");
}
