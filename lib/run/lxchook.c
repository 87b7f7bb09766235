/* SPDX-License-Identifier: MIT */
/*
 * pve-safe-lxc-hook, as lxc.hook.start-host: LXC runs it on the node after the container's
 * namespaces exist and before its init. What it prints nobody sees, so the message goes to
 * the file whose lines Proxmox prints in the task log.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/env.h"
#include "base/num.h"
#include "pve/process.h"
#include "pve/vmid.h"
#include "run/hook.h"
#include "run/say.h"
#include "run/start.h"

/* How LXC called us, by lxc.hook.version: arguments (0) or variables (1). */
struct lxc_call {
	const char *name; /* of the container */
	const char *hook; /* "start-host" */
};

/* Finds out how LXC called us; false when it was not LXC. */
static bool read_call(int argc, char **argv, struct lxc_call *ret)
{
	if (argc == 4 && strcmp(argv[2], "lxc") == 0) {
		*ret = (struct lxc_call){ argv[1], argv[3] };
		return true;
	}
	*ret = (struct lxc_call){ getenv("LXC_NAME"), getenv("LXC_HOOK_TYPE") };
	return argc == 1 && ret->name && ret->hook;
}

/* Appends @message as Proxmox is to print it: it puts a "WARN: " before every line. */
static void put_warnings(struct slice message, struct buf *out)
{
	static const char warn[] = "WARN: ";
	struct slice line, rest = message;

	while (slice_cut(rest, '\n', &line, &rest)) {
		if (slice_starts(line, warn)) {
			line.ptr += sizeof(warn) - 1;
			line.len -= sizeof(warn) - 1;
		}
		buf_slice(out, line);
		buf_putc(out, '\n');
	}
}

/* Adds @message, whole lines, to what Proxmox prints as warnings of this start. */
static void tell_proxmox(const struct place *p, uint64_t vmid, struct slice message)
{
	AUTO(buf_done) struct buf lines = { 0 };
	AUTO_CLOSE int fd = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), "run/pve/ct-%" PRIu64 ".warnings", vmid);
	fd = openat(p->root, path,
		    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
			    O_CLOEXEC,
		    0644);
	put_warnings(message, &lines);
	if (fd >= 0)
		(void)!write(fd, lines.ptr, lines.len);
}

/*
 * Whether the lxc-start above us is that of Proxmox's service, which starts a container again
 * after a reboot from inside. One that a person sent to the background is init's child, too.
 */
static bool is_service(const struct place *p)
{
	AUTO(buf_done) struct buf title = { 0 };
	pid_t lxc = getppid();

	process_title(p->root, lxc, &title);
	return process_parent(p->root, lxc) == 1 &&
	       !slice_starts(buf_as_slice(&title), "[lxc monitor]");
}

/* The process that becomes the container's init, as LXC tells us; 0 where it does not. */
static pid_t container_init(void)
{
	const char *text = getenv("LXC_PID");
	uint64_t pid;

	return text && num_parse(slice_of(text), 1, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

/* Judges the start of container @vmid, then sets what templates set. */
static int start_host(const struct place *p, uint64_t vmid)
{
	AUTO(buf_done) struct buf task = { 0 }, above = { 0 }, message = { 0 };
	AUTO(start_world_freep) struct start_world *w = NULL;
	struct start s = { .layer = LAYER_LXC_HOOK, .vmid = vmid, .worker = getppid() };
	char lock[64];
	pid_t holder;
	int status;

	(void)snprintf(lock, sizeof(lock), "run/lock/lxc/pve-config-%" PRIu64 ".lock",
		       vmid);
	holder = process_lock_holder(p->root, lock);
	if (holder > 0) {
		process_title(p->root, holder, &task);
		process_title(p->root, process_parent(p->root, holder), &above);
	} else {
		s.by_init = is_service(p);
	}
	s.task = buf_as_slice(&task);
	s.above = buf_as_slice(&above);
	status = start_judge(p, &s, &w, &message);
	if (status == EXIT_FINE)
		status = start_apply(p, &s, w, container_init(), &message);
	if (message.len || buf_failed(&message)) {
		tell_proxmox(p, vmid, buf_as_slice(&message));
		(void)say(&message, stderr);
	}
	return status;
}

/* Says on stderr what failed; returns the exit status for it. */
static int fail(const struct err *e)
{
	(void)fprintf(stderr, "pve-safe-lxc-hook: %s\n", e->msg);
	return err_exit_code(e->code);
}

int lxc_hook_main(int argc, char **argv)
{
	static const char *const keep[] = { "LXC_NAME", "LXC_HOOK_TYPE", "LXC_PID",
					    NULL };
	AUTO(place_close) struct place p = { .root = -1 };
	struct lxc_call call;
	struct err e = { 0 };
	uint64_t vmid;

	if (env_clean(keep, &e) < 0)
		return fail(&e);
	if (!read_call(argc, argv, &call)) {
		(void)fputs("pve-safe-lxc-hook: LXC runs it, as lxc.hook.start-host\n"
			    "usage: pve-safe-lxc-hook NAME lxc start-host\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (strcmp(call.hook, "start-host") != 0 ||
	    !vmid_parse(slice_of(call.name), &vmid))
		return EXIT_FINE; /* another hook, or no container of Proxmox's */
	if (place_open(NULL, &p, &e) < 0)
		return fail(&e);
	return place_is_enabled(&p) ? start_host(&p, vmid) : EXIT_FINE;
}
