/* SPDX-License-Identifier: MIT */
#include "record/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "base/num.h"
#include "base/text.h"
#include "record/audit.h"

#define HOUR_US (UINT64_C(3600) * 1000000)

enum { STAMP_SIZE = 32 };

static const struct {
	const char *name;
	uint64_t interval_us;
} kinds[MAIL_KINDS] = {
	[MAIL_DENIED] = { "denied", HOUR_US },
	[MAIL_POLICY] = { "policy", HOUR_US },
	[MAIL_WAIVER] = { "waiver", 24 * HOUR_US },
};

const char *mail_kind_name(enum mail_kind k)
{
	return kinds[k].name;
}

/* Whether a waiver that @d rests on ends soon. */
static bool has_ending(const struct decision *d)
{
	for (size_t i = 0; i < d->evaluation.n; i++)
		if (d->evaluation.findings[i].ending)
			return true;
	return false;
}

bool mail_is_news(const struct decision *d, enum mail_kind k)
{
	switch (k) {
	case MAIL_DENIED:
		return decision_verdict(d) == VERDICT_DENY;
	case MAIL_POLICY:
		return d->policy.problem != NULL;
	case MAIL_WAIVER:
		return has_ending(d);
	case MAIL_KINDS:
		break;
	}
	return false;
}

/* Opens the stamp of @k; -1 when it cannot be. */
static int open_stamp(int root, enum mail_kind k)
{
	char path[64];

	(void)mkdirat(root, "run/pve-safe", 0755);
	(void)mkdirat(root, MAIL_DIR, 0700);
	(void)snprintf(path, sizeof(path), MAIL_DIR "/%s", kinds[k].name);
	return openat(root, path,
		      O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		      0600);
}

/* When the last mail went, in *@ret; false when none did, or nobody can tell. */
static bool read_stamp(int fd, uint64_t *ret)
{
	char text[STAMP_SIZE];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	return n > 1 && text[n - 1] == '\n' &&
	       num_parse((struct slice){ text, (size_t)n - 1 }, 0, UINT64_MAX, ret);
}

/* Notes that a mail goes now; false when that cannot be kept. */
static bool write_stamp(int fd, uint64_t now_us)
{
	char text[STAMP_SIZE];
	int n = snprintf(text, sizeof(text), "%" PRIu64 "\n", now_us);

	return n > 0 && ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

bool mail_claim(int root, enum mail_kind k, uint64_t now_us)
{
	AUTO_CLOSE int fd = open_stamp(root, k);
	struct err e;
	uint64_t then;

	/* Who finds it locked is too late: another one is just sending. */
	if (fd < 0 || lock_fd(fd, LOCK_EXCLUSIVE, 0, &e) != 0)
		return false;
	if (read_stamp(fd, &then) && then <= now_us &&
	    now_us - then < kinds[k].interval_us)
		return false;
	return write_stamp(fd, now_us);
}

/* Appends what the mail is about, on one line. */
static void put_subject(const struct decision *d, enum mail_kind k, struct buf *out)
{
	const char *kind = d->kind == GUEST_CT ? "CT" : "VM";

	switch (k) {
	case MAIL_DENIED:
		text_printable(out, d->event, 32);
		buf_printf(out, " of %s %" PRIu64 " denied", kind, d->vmid);
		break;
	case MAIL_POLICY:
		buf_puts(out, "the policy cannot be used");
		break;
	case MAIL_WAIVER:
		buf_printf(out, "a waiver of %s %" PRIu64 " ends soon", kind, d->vmid);
		break;
	case MAIL_KINDS:
		break;
	}
}

/* Appends the headers of a mail from @node about @subject, and the line that ends them. */
static void put_headers(const char *node, struct slice subject, struct buf *out)
{
	buf_puts(out, "To: root\nSubject: pve-safe on ");
	text_printable(out, slice_of(node), 64);
	buf_puts(out, ": ");
	text_printable(out, subject, 128);
	buf_puts(out, "\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
		      "Content-Type: text/plain; charset=UTF-8\n"
		      "Content-Transfer-Encoding: 8bit\n\n");
}

/* Appends what every mail of kind @k ends with. */
static void put_foot(enum mail_kind k, struct buf *out)
{
	buf_printf(out,
		   "\nThe next mail of this kind from this node comes in %" PRIu64
		   " hour%s at the earliest.\nAll decisions are in /" AUDIT_DIR
		   "/" AUDIT_FILE "; pve-safe log shows them.\n",
		   kinds[k].interval_us / HOUR_US,
		   kinds[k].interval_us == HOUR_US ? "" : "s");
}

void mail_render(const struct decision *d, enum mail_kind k, const char *node,
		 struct buf *out)
{
	AUTO(buf_done) struct buf subject = { 0 };

	put_subject(d, k, &subject);
	put_headers(node, buf_as_slice(&subject), out);
	decision_render(d, out);
	put_foot(k, out);
}

/* A descriptor that @text can be read from; -1 without memory. */
static int text_as_file(struct slice text)
{
	AUTO_CLOSE int fd = memfd_create("pve-safe-mail", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, text.ptr, text.len, 0) != (ssize_t)text.len)
		return -1;
	return STEAL_FD(fd);
}

/* Becomes the mail program, with @text as its input and nothing else of ours. */
static void become_mailer(int root, int text)
{
	static char program[] = "sendmail", oi[] = "-oi", to[] = "root";
	char *const argv[] = { program, oi, to, NULL };
	int null = openat(root, "dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(text, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return;
	(void)execv("/" MAIL_PROGRAM, argv);
}

/*
 * Leaves the control group that we were started in; false when that cannot be done. A
 * node-wide hook runs in that of LXC's monitor, and LXC refuses the next start of the
 * container while it is not empty. The timer runs in that of its service, and systemd kills
 * what is left there when it ends.
 */
static bool leave_cgroup(int root)
{
	AUTO_CLOSE int fd = openat(root, "sys/fs/cgroup/cgroup.procs",
				   O_WRONLY | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && write(fd, "0", 1) == 1;
}

/* Sends @text by a process of its own, whose parent is soon process 1. */
static void send_detached(int root, struct slice text, enum layer layer)
{
	AUTO_CLOSE int fd = text_as_file(text);
	pid_t pid = fd < 0 ? -1 : fork();

	if (pid == 0) {
		bool left = (layer == LAYER_LXC_HOOK || layer == LAYER_TICK) &&
			    leave_cgroup(root);

		if ((layer != LAYER_LXC_HOOK || left) && setsid() >= 0 && fork() == 0)
			become_mailer(root, fd);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Whether there is a program to mail with; without one that is no fault. */
static bool can_mail(int root)
{
	return faccessat(root, MAIL_PROGRAM, X_OK, 0) == 0;
}

void mail_decision(int root, const char *node, const struct decision *d)
{
	if (!can_mail(root))
		return;
	for (enum mail_kind k = MAIL_DENIED; k < MAIL_KINDS; k++) {
		AUTO(buf_done) struct buf text = { 0 };

		if (!mail_is_news(d, k) || !mail_claim(root, k, clock_now().mono_us))
			continue;
		mail_render(d, k, node, &text);
		if (!buf_failed(&text))
			send_detached(root, buf_as_slice(&text), d->layer);
	}
}

void mail_notice(int root, const char *node, enum mail_kind k, const char *subject,
		 struct slice text)
{
	AUTO(buf_done) struct buf out = { 0 };

	if (!can_mail(root) || !mail_claim(root, k, clock_now().mono_us))
		return;
	put_headers(node, slice_of(subject), &out);
	buf_slice(&out, text);
	put_foot(k, &out);
	if (!buf_failed(&out))
		send_detached(root, buf_as_slice(&out), LAYER_TICK);
}
