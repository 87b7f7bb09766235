/* SPDX-License-Identifier: MIT */
#include "run/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/ended.h"
#include "run/exec.h"

/* A program that runs. */
struct running {
	pid_t pid;
	int process; /* pidfd: readable when it has ended */
	int output;  /* -1: it has closed its stdout */
	uint64_t end_us;
};

/* In the child: becomes the program, with @output as stdout, and as stderr if @errors. */
static void become(const char *const *argv, int output, bool errors)
	__attribute__((noreturn));
static void become(const char *const *argv, int output, bool errors)
{
	struct err ignored;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* A group of its own: what it starts ends with it. */
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    (errors && dup2(output, 2) < 0))
		_exit(EXIT_SYSTEM);
	(void)exec_replace(argv[0], argv, &ignored);
	_exit(EXIT_NO_TOOL);
}

/* Ends @r and all that it started, and reaps it. Its status as waitpid(2) has it, or -1. */
static int end(const struct running *r, bool kill_it)
{
	int status;

	if (kill_it && kill(-r->pid, SIGKILL) < 0)
		(void)kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* Starts @argv. 0, or -1 with @e set. */
static int start(const char *const *argv, bool errors, struct running *r, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_SYSTEM, "pipe: %s", strerror(errno));
	/* Ignored by a caller, there would be no status. */
	(void)signal(SIGCHLD, SIG_DFL);
	r->pid = fork();
	if (r->pid == 0)
		become(argv, ends[1], errors);
	(void)close(ends[1]);
	r->output = ends[0];
	if (r->pid < 0)
		return err_set(e, ERR_SYSTEM, "fork: %s", strerror(errno));
	r->process = pidfd_open(r->pid, 0);
	if (r->process >= 0)
		return 0;
	(void)err_set(e, ERR_SYSTEM, "pidfd_open: %s", strerror(errno));
	(void)end(r, true);
	return -1;
}

/* Milliseconds that are left until @end_us; 0: none. */
static int left_ms(uint64_t end_us)
{
	uint64_t now = clock_now().mono_us;

	return now >= end_us ? 0 : (int)((end_us - now) / 1000) + 1;
}

/* Takes what can be read into @out; notes the end of it. */
static void take(struct running *r, struct buf *out)
{
	char chunk[8192];
	ssize_t n = read(r->output, chunk, sizeof(chunk));

	if (n > 0) {
		buf_add(out, chunk, (size_t)n);
	} else if (n == 0 || errno != EINTR) {
		(void)close(r->output);
		r->output = -1;
	}
}

/*
 * Reads until @r has closed its stdout, then waits for its end. What it started may keep
 * stdout open when it has ended itself; that is waited for, too.
 */
static enum capture_end follow(struct running *r, size_t most, struct buf *out)
{
	while (out->len <= most && !buf_failed(out)) {
		bool reading = r->output >= 0;
		struct pollfd on = { .fd = reading ? r->output : r->process,
				     .events = POLLIN };
		int ready = poll(&on, 1, left_ms(r->end_us));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return CAPTURE_LATE;
		if (!reading)
			return CAPTURE_ENDED;
		take(r, out);
	}
	return CAPTURE_MUCH;
}

enum capture_end capture_run(const char *const *argv, const struct capture_limits *limits,
			     struct buf *out, int *ret_status, struct err *e)
{
	struct running r = { .process = -1, .output = -1 };
	enum capture_end how = CAPTURE_FAILED;

	r.end_us = clock_now().mono_us + (uint64_t)limits->seconds * 1000000;
	*ret_status = -1;
	if (start(argv, limits->errors, &r, e) == 0) {
		how = follow(&r, limits->bytes, out);
		*ret_status = end(&r, how != CAPTURE_ENDED);
	}
	if (r.output >= 0)
		(void)close(r.output);
	if (r.process >= 0)
		(void)close(r.process);
	return how;
}

/* Says why there is no answer of @what, which ended so; 0 where there is one. */
static int check_end(const char *what, const struct capture_limits *limits,
		     enum capture_end how, int status, struct err *e)
{
	char words[ENDED_MAX];

	switch (how) {
	case CAPTURE_FAILED:
		return -1;
	case CAPTURE_LATE:
		return err_set(e, ERR_SYSTEM, "%s gave no answer in %u seconds", what,
			       limits->seconds);
	case CAPTURE_MUCH:
		return err_set(e, ERR_RANGE,
			       "%s prints more than a guest's configuration can be",
			       what);
	case CAPTURE_ENDED:
		break;
	}
	return status == 0
		       ? 0
		       : err_set(e, ERR_SYSTEM, "%s %s", what, ended_text(status, words));
}

int capture_text(const char *const *argv, const struct capture_limits *limits,
		 const char *what, struct arena *a, struct slice *ret, struct err *e)
{
	AUTO(buf_done) struct buf out = { 0 };
	enum capture_end how;
	char *text;
	int status;

	how = capture_run(argv, limits, &out, &status, e);
	if (check_end(what, limits, how, status, e) < 0)
		return -1;
	text = arena_strdup(a, buf_as_slice(&out));
	if (!text)
		return err_nomem(e);
	*ret = (struct slice){ text, out.len };
	return 0;
}
