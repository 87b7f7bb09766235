/* SPDX-License-Identifier: MIT */
#include "record/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "base/sha.h"
#include "record/tell.h"

enum { AUDIT_LOCK_MS = 2000 };

void audit_line(const struct decision *d, struct buf *out)
{
	struct json j;

	json_begin(&j, out);
	json_open_object(&j);
	decision_emit(d, &j);
	json_close(&j);
	if (!json_is_complete(&j))
		out->failed = true;
}

/* Opens the record's file for appending, making directory and file where missing. */
static int open_file(int root, struct err *e)
{
	AUTO_CLOSE int dir = -1;
	struct stat st;
	int fd;

	if (mkdirat(root, AUDIT_DIR, 0750) < 0 && errno != EEXIST)
		return err_set(e, ERR_SYSTEM, "/" AUDIT_DIR ": %s", strerror(errno));
	dir = openat(root, AUDIT_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return err_set(e, ERR_SYSTEM, "/" AUDIT_DIR ": %s", strerror(errno));
	fd = openat(dir, AUDIT_FILE,
		    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
			    O_CLOEXEC,
		    0640);
	if (fd < 0)
		return err_set(e, ERR_SYSTEM, "/" AUDIT_DIR "/" AUDIT_FILE ": %s",
			       strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return err_set(e, ERR_TRUST,
			       "/" AUDIT_DIR "/" AUDIT_FILE ": is no regular file");
	}
	return fd;
}

/*
 * Writes @line whatever size a caller lets files have. Where that limit cannot be lifted
 * the write fails, rather than that SIGXFSZ ends us unrecorded.
 */
static ssize_t write_unlimited(int fd, struct slice line)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction handled;
	struct rlimit before;
	bool lifted = getrlimit(RLIMIT_FSIZE, &before) == 0 &&
		      setrlimit(RLIMIT_FSIZE, &none) == 0;
	bool ignored = sigaction(SIGXFSZ, &ignore, &handled) == 0;
	ssize_t n;
	int saved;

	do
		n = write(fd, line.ptr, line.len);
	while (n < 0 && errno == EINTR);
	saved = errno;
	if (ignored)
		(void)sigaction(SIGXFSZ, &handled, NULL);
	if (lifted)
		(void)setrlimit(RLIMIT_FSIZE, &before);
	errno = saved;
	return n;
}

/* Whether the record at @fd, of @size bytes, ends within a line, as power that fails leaves it. */
static bool ends_cut(int fd, off_t size)
{
	AUTO_CLOSE int in = -1;
	char path[32], last = '\n';

	if (!size)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	in = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return in >= 0 && pread(in, &last, 1, size - 1) == 1 && last != '\n';
}

/*
 * Writes the whole of @line to @fd, or nothing: a short write on a full disk is undone. Its
 * first byte ends what was cut, and is left out where nothing was.
 */
static int append_whole(int fd, struct slice line, struct err *e)
{
	struct stat before;
	ssize_t n;

	/* The lock only keeps undoing one line from cutting another one's. */
	int locked = lock_fd(fd, LOCK_EXCLUSIVE, AUDIT_LOCK_MS, e);

	if (locked < 0)
		return -1;
	if (fstat(fd, &before) < 0)
		return err_set(e, ERR_SYSTEM, "/" AUDIT_DIR "/" AUDIT_FILE ": %s",
			       strerror(errno));
	if (!ends_cut(fd, before.st_size))
		line = (struct slice){ line.ptr + 1, line.len - 1 };
	n = write_unlimited(fd, line);
	if (n == (ssize_t)line.len)
		return 0;
	if (n >= 0) {
		if (locked == 0) /* else the end of the file may be another one's line */
			(void)!ftruncate(fd, before.st_size);
		errno = ENOSPC;
	}
	return err_set(e, ERR_SYSTEM, "/" AUDIT_DIR "/" AUDIT_FILE ": %s",
		       strerror(errno));
}

/* Appends @line and a newline to the record's file. */
static int append_line(int root, struct slice line, struct err *e)
{
	AUTO(buf_done) struct buf whole = { 0 };
	AUTO_CLOSE int fd = open_file(root, e);

	if (fd < 0)
		return -1;
	buf_putc(&whole, '\n');
	buf_slice(&whole, line);
	buf_putc(&whole, '\n');
	if (buf_failed(&whole))
		return err_nomem(e);
	return append_whole(fd, buf_as_slice(&whole), e);
}

/* Tells syslog of @line: @summary, and with @why it is not in the file all of it. */
static bool tell(int priority, const char *summary, struct slice line, const char *why)
{
	AUTO(buf_done) struct buf text = { 0 };
	char digest[SHA256_HEX_SIZE];

	sha256_hex(line, digest);
	buf_printf(&text, "%s sha256=%s", summary, digest);
	if (why) {
		buf_printf(&text, " not in the file (%s): ", why);
		buf_slice(&text, line);
	}
	return !buf_failed(&text) && tell_syslog(priority, buf_text(&text));
}

enum audit_result audit_write(int root, struct slice line, const char *summary, bool deny,
			      struct err *e)
{
	if (append_line(root, line, e) < 0)
		return tell(LOG_AUTHPRIV | LOG_ERR, summary, line, e->msg)
			       ? AUDIT_SYSLOG
			       : AUDIT_NOWHERE;
	/* The file has it; where nobody listens doctor says so. */
	(void)!tell(LOG_AUTHPRIV | (deny ? LOG_WARNING : LOG_INFO), summary, line, NULL);
	return AUDIT_WRITTEN;
}

/* The short line for syslog: id, what, whom, verdict, rules. */
static void summarize(const struct decision *d, struct buf *out)
{
	buf_printf(out, "id=%s %.*s %s", d->id, SLICE_ARG(d->event),
		   d->kind == GUEST_CT ? "CT" : "VM");
	if (d->vmid)
		buf_printf(out, " %" PRIu64, d->vmid);
	buf_printf(out, " %s", verdict_name(decision_verdict(d)));
	for (size_t i = 0; !d->nfailures && i < d->evaluation.n; i++)
		buf_printf(out, " %.*s:%s",
			   SLICE_ARG(d->evaluation.findings[i].rule->name),
			   effect_name(d->evaluation.findings[i].effect));
	if (d->nfailures)
		buf_printf(out, " could not be judged: %s", d->failures[0].what);
	if (d->actor.pve_user.len)
		buf_printf(out, " user=%.*s", SLICE_ARG(d->actor.pve_user));
}

/* Tells syslog that the policy is not the one in force: nobody may miss that. */
static void alert_policy(const struct decision *d)
{
	AUTO(buf_done) struct buf text = { 0 };

	buf_printf(&text, "id=%s the policy cannot be used, judged by %s (%s): %s", d->id,
		   d->policy.name ? d->policy.name : "none", d->policy.source,
		   d->policy.problem);
	if (!buf_failed(&text))
		(void)!tell_syslog(LOG_AUTHPRIV | LOG_ALERT, buf_text(&text));
}

enum audit_result audit_decision(int root, const struct decision *d, struct err *e)
{
	AUTO(buf_done) struct buf line = { 0 }, summary = { 0 };

	audit_line(d, &line);
	summarize(d, &summary);
	if (buf_failed(&line) || buf_failed(&summary)) {
		(void)err_nomem(e);
		return AUDIT_NOWHERE;
	}
	if (d->policy.problem)
		alert_policy(d);
	return audit_write(root, buf_as_slice(&line), buf_text(&summary),
			   decision_verdict(d) == VERDICT_DENY, e);
}

enum audit_result audit_outcome(int root, const char *id, const char *text, int status,
				struct err *e)
{
	AUTO(buf_done) struct buf line = { 0 }, summary = { 0 };
	struct json j;
	char time[CLOCK_TEXT_SIZE];

	clock_render(clock_now().unix_ms, time);
	json_begin(&j, &line);
	json_open_object(&j);
	json_member_text(&j, "type", "outcome");
	json_member_text(&j, "id", id);
	json_member_text(&j, "time", time);
	json_member_text(&j, "outcome", text);
	json_member_number(&j, "status", (uint64_t)(unsigned)status);
	json_close(&j);
	buf_printf(&summary, "id=%s outcome status=%d %s", id, status, text);
	if (!json_is_complete(&j) || buf_failed(&line) || buf_failed(&summary)) {
		(void)err_nomem(e);
		return AUDIT_NOWHERE;
	}
	return audit_write(root, buf_as_slice(&line), buf_text(&summary), false, e);
}
