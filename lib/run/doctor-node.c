/* SPDX-License-Identifier: MIT */
/* doctor-node - the checks of what lies on this node's own disk. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/num.h"
#include "record/audit.h"
#include "record/log.h"
#include "run/doctor.h"
#include "run/hookscript.h"
#include "run/lxcconf.h"
#include "run/setup.h"

enum {
	LATE_S = 300,         /* without a tick */
	LEFTOVER_S = 600,     /* a temporary file that old has lost its writer */
	FUTURE_MS = 300000,   /* a record may be ahead of the clock */
	RECORD_MAX = 1 << 30, /* bytes, before somebody should look */
	TAIL = 64 << 10,      /* of the record that is looked at */
	KNOWN_PVE = 9,        /* major version whose options are in our tables */
};

static const char again[] = "install the package again";
static const char setup[] = "pve-safe setup";

/* Looks at one program: root's alone, and executable. */
static void check_program(struct doctor *d, const char *path)
{
	struct stat st;

	if (fstatat(d->place->root, path + 1, &st, 0) < 0)
		doctor_say(d, DOCTOR_PROBLEM, again, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & S_IXUSR))
		doctor_say(d, DOCTOR_PROBLEM, again, "%s is not executable", path);
	else if (st.st_uid != 0 || st.st_mode & (S_IWGRP | S_IWOTH))
		doctor_say(
			d, DOCTOR_PROBLEM, again,
			"%s (owner %u, mode %04o) could be written by others than root",
			path, st.st_uid, st.st_mode & 07777);
}

/* Our programs. */
static void check_programs(struct doctor *d)
{
	static const char *const paths[] = {
		HOOKSCRIPT_PATH,
		LXCCONF_HOOK,
		PVE_SAFE_PREFIX "/sbin/pve-safe",
		PVE_SAFE_PREFIX "/sbin/pct-safe",
		PVE_SAFE_PREFIX "/sbin/qm-safe",
	};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		check_program(d, paths[i]);
}

/* The link by which Proxmox finds our hookscript. */
static void check_link(struct doctor *d)
{
	struct hookscript h;

	hookscript_look(d->place, d->cluster, slice_of(HOOKSCRIPT_VOLUME), d->place->node,
			&h);
	if (h.state != HOOKSCRIPT_OURS)
		doctor_say(d, DOCTOR_PROBLEM, setup, "%s",
			   *h.why ? h.why : "local:snippets/pve-safe-hook is not ours");
}

/* The file by which LXC asks us. */
static void check_lxc(struct doctor *d)
{
	const struct file_rules rules = d->place->files;
	AUTO(file_text_done) struct file_text shipped = { 0 }, now = { 0 };
	AUTO(buf_done) struct buf why = { 0 };
	struct err e = { 0 };
	int got = file_read(d->place->root, &LXCCONF_FILE[1], &rules, &now, &e);

	if (got < 0)
		doctor_say(d, DOCTOR_PROBLEM, setup, "%s", e.msg);
	if (!lxcconf_covers_all(d->place, &why))
		doctor_say(d, DOCTOR_PROBLEM, setup, "%s", buf_text(&why));
	if (file_read(d->place->root, &SETUP_LXC_SHIPPED[1], &rules, &shipped, &e) != 0)
		doctor_say(d, DOCTOR_PROBLEM, again,
			   SETUP_LXC_SHIPPED
			   " cannot be read, so nobody can tell whether "
			   "the node-wide file is that of this version");
	else if (got == 0 && !slice_same(file_slice(&shipped), file_slice(&now)))
		doctor_say(d, DOCTOR_PROBLEM, setup,
			   LXCCONF_FILE " is not the shipped one");
}

/* Whether hooks refuse anything. */
static void check_marker(struct doctor *d)
{
	if (!place_is_enabled(d->place))
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe setup --enable",
			   "this node is not enabled: every hook passes");
}

/* The timer, and when it last did its work. */
static void check_timer(struct doctor *d)
{
	struct stat st;

	if (place_has(d->place, &SETUP_SYSTEMD[1]) &&
	    !place_has(d->place, &SETUP_TIMER_WANTED[1]))
		doctor_say(d, DOCTOR_PROBLEM, setup, SETUP_TIMER " is not enabled");
	if (fstatat(d->place->root, "var/lib/pve-safe/tick", &st, AT_SYMLINK_NOFOLLOW) <
	    0)
		doctor_say(d, DOCTOR_PROBLEM, "pve-safe tick",
			   "no tick has run on this node: guests that are made past the "
			   "wrappers are not seen");
	else if (d->place->live && (uint64_t)st.st_mtim.tv_sec + LATE_S < d->now_s)
		doctor_say(d, DOCTOR_PROBLEM,
			   "systemctl status pve-safe.timer; journalctl -u pve-safe",
			   "the last tick ended %" PRIu64 " minutes ago",
			   (d->now_s - (uint64_t)st.st_mtim.tv_sec) / 60);
}

/* What the timer said and still holds. */
static void check_said(struct doctor *d)
{
	static const char *const keys[] = { "cluster",  "read",   "guests", "waivers",
					    "settings", "report", "copy" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		AUTO(file_text_done) struct file_text text = { 0 };
		char path[PLACE_PATH_MAX];
		struct err e;

		(void)snprintf(path, sizeof(path), "run/pve-safe/tick/said-%s", keys[i]);
		if (file_read(d->place->root, path, &d->place->files, &text, &e) == 0)
			doctor_say(d, DOCTOR_PROBLEM, "pve-safe tick",
				   "the timer says: %.*s", (int)text.len, text.ptr);
	}
}

/* The time of the last record in @tail, the end of the file; 0 when there is none. */
static uint64_t last_time(struct slice tail)
{
	struct slice line, rest = tail;
	uint64_t last = 0;

	while (slice_cut(rest, '\n', &line, &rest)) {
		AUTO(log_line_done) struct log_line l = { 0 };
		struct err e = { 0 };

		if (log_line_read(line, &l, &e) == 0)
			last = l.time_ms;
	}
	return last;
}

/* Reads the end of the record, and looks whether its clock is ours. */
static void check_clock_of(struct doctor *d, int fd, off_t size)
{
	AUTO_FREE char *tail = malloc(TAIL);
	off_t from = size > TAIL ? size - TAIL : 0;
	ssize_t n = tail ? pread(fd, tail, TAIL, from) : -1;
	uint64_t last = n > 0 ? last_time((struct slice){ tail, (size_t)n }) : 0;

	if (d->place->live && last > d->now_s * 1000 + FUTURE_MS)
		doctor_say(d, DOCTOR_PROBLEM, "timedatectl; then see pve-safe log",
			   "the newest record is of a time %" PRIu64
			   " minutes ahead of the clock: that was set back, or is wrong",
			   (last / 1000 - d->now_s) / 60);
}

/* The record: its directory, its file, its rotation, syslog. */
static void check_record(struct doctor *d)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (fstatat(d->place->root, AUDIT_DIR, &st, AT_SYMLINK_NOFOLLOW) < 0)
		doctor_say(d, DOCTOR_PROBLEM, setup, "/" AUDIT_DIR ": %s",
			   strerror(errno));
	else if (!S_ISDIR(st.st_mode) || st.st_uid != 0 || st.st_mode & 027)
		doctor_say(d, DOCTOR_PROBLEM, setup,
			   "/" AUDIT_DIR " (owner %u, mode %04o) is not root's alone",
			   st.st_uid, st.st_mode & 07777);
	if (!place_has(d->place, &SETUP_LOGROTATE[1]))
		doctor_say(d, DOCTOR_PROBLEM, setup,
			   SETUP_LOGROTATE " is missing, so the record only grows");
	if (d->place->live && !place_has(d->place, "dev/log"))
		doctor_say(d, DOCTOR_PROBLEM, "systemctl status systemd-journald",
			   "/dev/log is not there: no syslog carries the record");
	fd = openat(d->place->root, AUDIT_DIR "/" AUDIT_FILE,
		    (d->place->live ? O_RDWR | O_APPEND : O_RDONLY) | O_NOFOLLOW |
			    O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return; /* nothing was decided yet */
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		doctor_say(d, DOCTOR_PROBLEM, "df /var/log; ls -l /" AUDIT_DIR,
			   "/" AUDIT_DIR "/" AUDIT_FILE " cannot be written: %s",
			   fd < 0 ? strerror(errno) : "it is no regular file");
		return;
	}
	if (st.st_size > RECORD_MAX)
		doctor_say(d, DOCTOR_PROBLEM, "logrotate -d " SETUP_LOGROTATE,
			   "/" AUDIT_DIR "/" AUDIT_FILE " has %jd MiB: is it rotated?",
			   (intmax_t)st.st_size >> 20);
	check_clock_of(d, fd, st.st_size);
}

/* Whether @name is that of a temporary file of ours. */
static bool is_temporary(const char *name)
{
	const char *mark = strstr(name, ".tmp.");

	return mark && strspn(mark + 5, "0123456789abcdef") == strlen(mark + 5);
}

/* Temporary files in @path whose writers are gone. */
static void check_leftovers_in(struct doctor *d, const char *path)
{
	AUTO(dir_close) DIR *dir = dir_open(d->place->root, path);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = dir_next(dir)))
		if (is_temporary(entry->d_name) &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (uint64_t)st.st_mtim.tv_sec + LEFTOVER_S < d->now_s)
			doctor_say(d, DOCTOR_PROBLEM, "remove it",
				   "/%s/%s was left by a writer that was killed", path,
				   entry->d_name);
}

/* What was left behind: temporary files, the lock of a policy's install. */
static void check_leftovers(struct doctor *d)
{
	static const char *const dirs[] = {
		"etc/pve/pve-safe",       "etc/pve/pve-safe/waivers",
		"etc/pve/pve-safe/nodes", "etc/pve/pve-safe/settings",
		"etc/pve-safe",           "var/lib/pve-safe",
		"var/lib/pve-safe/good",
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		check_leftovers_in(d, dirs[i]);
	if (fstatat(d->place->root, "etc/pve/pve-safe/policy.lock", &st, 0) == 0 &&
	    (uint64_t)st.st_mtim.tv_sec + LEFTOVER_S < d->now_s)
		doctor_say(
			d, DOCTOR_NOTE, NULL,
			"/etc/pve/pve-safe/policy.lock was left by a policy install that "
			"was killed; the next one takes it over");
}

/* Commands in front of Proxmox's own. */
static void check_shadows(struct doctor *d)
{
	static const char *const names[][2] = {
		{ "pct", PVE_SAFE_PREFIX "/sbin/pct-safe" },
		{ "qm", PVE_SAFE_PREFIX "/sbin/qm-safe" },
		{ "qmrestore", PVE_SAFE_PREFIX "/sbin/qmrestore-safe" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[PLACE_PATH_MAX], target[PLACE_PATH_MAX] = "";

		(void)snprintf(path, sizeof(path), "usr/local/sbin/%s", names[i][0]);
		if (!place_has(d->place, path))
			continue;
		(void)!readlinkat(d->place->root, path, target, sizeof(target) - 1);
		if (strcmp(target, names[i][1]) == 0)
			doctor_say(d, DOCTOR_NOTE, NULL,
				   "/%s leads to %s: every %s of root's is judged, also "
				   "those that Proxmox runs on other nodes by ssh",
				   path, target, names[i][0]);
		else
			doctor_say(d, DOCTOR_PROBLEM, "look what it is, and whose",
				   "/%s stands before /usr/sbin/%s and is none of ours",
				   path, names[i][0]);
	}
}

/* Whether Proxmox VE is newer than our tables of commands and options. */
static void check_version(struct doctor *d)
{
	static const char before[] = "'version' => '";
	const struct file_rules rules = { .owner = FILE_OWNER_ANY,
					  .max_bytes = 64 << 10 };
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice version, rest;
	const char *at;
	uint64_t major;
	struct err e;

	if (file_read(d->place->root, "usr/share/perl5/PVE/pvecfg.pm", &rules, &text,
		      &e) != 0)
		return; /* off a node */
	at = memmem(text.ptr, text.len, before, sizeof(before) - 1);
	if (!at)
		return;
	at += sizeof(before) - 1;
	rest = (struct slice){ at, (size_t)(text.ptr + text.len - at) };
	(void)slice_cut(rest, '\'', &version, &rest);
	(void)slice_cut(version, '.', &rest, &(struct slice){ 0 });
	if (num_parse(rest, 0, 1000, &major) && major != KNOWN_PVE)
		doctor_say(
			d, DOCTOR_PROBLEM,
			major > KNOWN_PVE ? "upgrade pve-safe"
					  : "upgrade Proxmox VE, or judge with care",
			"this is Proxmox VE %.*s; the commands and options that are "
			"known here are those of %d: others are refused, or let through "
			"where the policy says unknown_option = warn",
			SLICE_SHOWN(version), KNOWN_PVE);
}

const struct doctor_check doctor_node_checks[] = {
	{ "programs", check_programs },
	{ "hookscript", check_link },
	{ "containers", check_lxc },
	{ "enforced", check_marker },
	{ "timer", check_timer },
	{ "tick", check_said },
	{ "record", check_record },
	{ "leftovers", check_leftovers },
	{ "shadow", check_shadows },
	{ "version", check_version },
	{ NULL, NULL },
};
