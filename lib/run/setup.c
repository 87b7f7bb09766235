/* SPDX-License-Identifier: MIT */
#include "run/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/ended.h"
#include "base/json.h"
#include "base/text.h"
#include "record/audit.h"
#include "run/attach-link.h"
#include "run/capture.h"
#include "run/lxcconf.h"
#include "run/node-report.h"

enum {
	FILE_MAX = 64 << 10, /* of what is copied */
	SYSTEMCTL_SECONDS = 60,
	SAID_MAX = 300,
};

enum setup_state setup_already(struct setup_result *r, const char *how)
{
	r->verb = how;
	return SETUP_ALREADY;
}

enum setup_state setup_done(struct setup_result *r, const char *verb)
{
	r->verb = verb;
	return SETUP_DONE;
}

/* Notes why a step ended as it did. */
__attribute__((format(printf, 2, 0))) static void note_why(struct setup_result *r,
							   const char *fmt, va_list ap)
{
	char text[ERR_MSG_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	buf_puts(&r->text, text);
}

enum setup_state setup_skip(struct setup_result *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note_why(r, fmt, ap);
	va_end(ap);
	return SETUP_SKIPPED;
}

enum setup_state setup_fail(struct setup_result *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note_why(r, fmt, ap);
	va_end(ap);
	return SETUP_FAILED;
}

/* Says for people what became of a step. */
static void say_text(const struct setup *s, const char *name,
		     const struct setup_result *r)
{
	AUTO(buf_done) struct buf out = { 0 };

	buf_printf(&out, "%s: ", name);
	if (r->what.len)
		buf_printf(&out, "%s: ", buf_text(&r->what));
	switch (r->state) {
	case SETUP_ALREADY:
		buf_puts(&out, r->verb);
		break;
	case SETUP_DONE:
		buf_printf(&out, "%s%s", s->dry_run ? "would be " : "", r->verb);
		break;
	case SETUP_SKIPPED:
	case SETUP_FAILED:
		break;
	}
	if (r->text.len) {
		if (r->verb)
			buf_puts(&out, "; ");
		text_printable(&out, buf_as_slice(&r->text), ERR_MSG_MAX);
	}
	(void)fflush(stdout);
	(void)fprintf(r->state == SETUP_FAILED ? stderr : stdout, "%s%s\n",
		      r->state == SETUP_FAILED ? "pve-safe: setup: " : "",
		      buf_text(&out));
}

/* Writes the same as one line of JSON. */
static void say_json(const struct setup *s, const char *name,
		     const struct setup_result *r)
{
	static const char *const states[] = { "already", "done", "skipped", "failed" };
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "step", name);
	json_member_text(&j, "state", states[r->state]);
	json_member_bool(&j, "dry_run", s->dry_run);
	json_member_text(&j, "what", r->what.len ? buf_text(&r->what) : NULL);
	json_member_text(&j, "message", r->text.len ? buf_text(&r->text) : r->verb);
	json_close(&j);
	if (json_is_complete(&j))
		(void)printf("%s\n", buf_text(&out));
}

void setup_run(struct setup *s, const struct setup_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct setup_result r = { 0 };

		r.state = steps[i].run(s, &r);
		if (r.state == SETUP_FAILED)
			s->status = EXIT_CANNOT;
		(s->json ? say_json : say_text)(s, steps[i].name, &r);
		buf_done(&r.what);
		buf_done(&r.text);
	}
}

/* The directory of the record, for root alone. */
static enum setup_state do_log(struct setup *s, struct setup_result *r)
{
	struct stat st;

	buf_puts(&r->what, "/" AUDIT_DIR);
	if (fstatat(s->place->root, AUDIT_DIR, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (!s->dry_run && mkdirat(s->place->root, AUDIT_DIR, 0750) < 0)
			return setup_fail(r, "%s", strerror(errno));
		return setup_done(r, "made");
	}
	if (!S_ISDIR(st.st_mode))
		return setup_fail(r, "is no directory: move it away");
	if (!(st.st_mode & 027) && st.st_uid == 0)
		return setup_already(r, "is there");
	if (!s->dry_run &&
	    (fchownat(s->place->root, AUDIT_DIR, 0, 0, AT_SYMLINK_NOFOLLOW) < 0 ||
	     fchmodat(s->place->root, AUDIT_DIR, 0750, 0) < 0))
		return setup_fail(r, "%s", strerror(errno));
	return setup_done(r, "closed to other users");
}

/* Copies the shipped file @from to @to; as it is where it is @keep and somebody's own. */
static enum setup_state copy(struct setup *s, const char *from, const char *to, bool keep,
			     struct setup_result *r)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
					  .max_bytes = FILE_MAX };
	AUTO(file_text_done) struct file_text shipped = { 0 }, now = { 0 };
	struct err e = { 0 };
	int got;

	buf_puts(&r->what, to);
	got = file_read(s->place->root, from + 1, &rules, &shipped, &e);
	if (got != 0)
		return setup_fail(r, "%s%s: install the package again",
				  got < 0 ? e.msg : from, got < 0 ? "" : " is not there");
	got = file_read(s->place->root, to + 1, &rules, &now, &e);
	if (got == 0 && slice_same(file_slice(&shipped), file_slice(&now)))
		return setup_already(r, "is there");
	if (got == 0 && keep)
		return setup_already(r, "is there, and not as it is shipped; left so");
	if (!s->dry_run &&
	    file_write_atomic(s->place->root, to + 1, file_slice(&shipped), 0644, &e) < 0)
		return setup_fail(r, "%s", e.msg);
	return setup_done(r, got == 1 ? "made" : "written anew");
}

/* How the record is rotated, for the administrator to change. */
static enum setup_state do_logrotate(struct setup *s, struct setup_result *r)
{
	if (place_has(s->place, "etc/logrotate.d"))
		return copy(s, SETUP_SHARE "/logrotate/pve-safe", SETUP_LOGROTATE, true,
			    r);
	buf_puts(&r->what, SETUP_LOGROTATE);
	return setup_skip(r, "logrotate is not installed, so nothing rotates /" AUDIT_DIR
			     "/" AUDIT_FILE);
}

/* The link by which Proxmox finds our hookscript. */
static enum setup_state do_link(struct setup *s, struct setup_result *r)
{
	struct hookscript h;
	struct err e = { 0 };

	hookscript_look(s->place, s->cluster, slice_of(HOOKSCRIPT_VOLUME), s->place->node,
			&h);
	if (!*h.path)
		return setup_fail(r, "%s", h.why);
	buf_puts(&r->what, h.path);
	if (h.state == HOOKSCRIPT_OURS)
		return setup_already(r, "is there");
	if (hookscript_check(s->place, HOOKSCRIPT_PATH, &e) < 0)
		return setup_fail(r, HOOKSCRIPT_PATH " %s: install the package again",
				  e.msg);
	if (place_has(s->place, h.path + 1))
		return setup_fail(r, "is no link to " HOOKSCRIPT_PATH
				     ": move it away, then try again");
	if (!s->dry_run && attach_link_make(s->place, h.path, &e) < 0)
		return setup_fail(r, "%s", e.msg);
	return setup_done(r, "made");
}

/* The file by which LXC asks us before every start of a container. */
static enum setup_state do_lxc(struct setup *s, struct setup_result *r)
{
	AUTO(buf_done) struct buf why = { 0 };
	struct err e = { 0 };
	enum setup_state state;

	if (!place_has(s->place, "usr/share/lxc/config/common.conf.d")) {
		buf_puts(&r->what, LXCCONF_FILE);
		return setup_fail(r, "its directory is missing: is lxc-pve installed?");
	}
	/* Without the program every start of every container would fail. */
	if (hookscript_check(s->place, LXCCONF_HOOK, &e) < 0) {
		buf_puts(&r->what, LXCCONF_FILE);
		return setup_fail(r, LXCCONF_HOOK " %s: install the package again",
				  e.msg);
	}
	state = copy(s, SETUP_LXC_SHIPPED, LXCCONF_FILE, false, r);
	if (state == SETUP_FAILED || (s->dry_run && state == SETUP_DONE) ||
	    lxcconf_covers_all(s->place, &why))
		return state;
	return setup_fail(r, "%s", buf_text(&why));
}

bool setup_is_writable(const struct setup *s, struct setup_result *r)
{
	if (!place_has_cluster(s->place))
		(void)setup_fail(r, "the cluster file system is not mounted");
	else if (!place_is_quorate(s->place))
		(void)setup_fail(r, "no quorum: pvecm status; then try again");
	return !r->text.len;
}

/* The directories of policy, waivers, settings and nodes. */
static enum setup_state do_cluster(struct setup *s, struct setup_result *r)
{
	struct err e = { 0 };

	buf_puts(&r->what, "/etc/pve/pve-safe");
	if (node_report_has_dirs(s->place))
		return setup_already(r, "is there");
	if (!setup_is_writable(s, r))
		return SETUP_FAILED;
	if (!s->dry_run && node_report_make_dirs(s->place, &e) < 0)
		return setup_fail(r, "%s", e.msg);
	return setup_done(r, "made, with nodes, waivers and settings");
}

bool setup_has_systemd(const struct place *p)
{
	return place_has(p, &SETUP_SYSTEMD[1]) && place_has(p, &SETUP_SYSTEMCTL[1]);
}

int setup_systemctl(const char *verb, struct err *e)
{
	const char *const argv[] = { SETUP_SYSTEMCTL, verb, "--now", SETUP_TIMER, NULL };
	const struct capture_limits limits = { .seconds = SYSTEMCTL_SECONDS,
					       .bytes = FILE_MAX,
					       .errors = true };
	AUTO(buf_done) struct buf out = { 0 }, shown = { 0 };
	char words[ENDED_MAX];
	int status = 0;

	switch (capture_run(argv, &limits, &out, &status, e)) {
	case CAPTURE_ENDED:
		if (status == 0)
			return 0;
		text_printable(&shown, slice_trim(buf_as_slice(&out)), SAID_MAX);
		return err_set(e, ERR_SYSTEM, "systemctl %s %s: %s", verb,
			       ended_text(status, words), buf_text(&shown));
	case CAPTURE_LATE:
	case CAPTURE_MUCH:
		return err_set(e, ERR_SYSTEM, "systemctl %s did not end in a minute",
			       verb);
	case CAPTURE_FAILED:
		break;
	}
	return -1;
}

/* The timer. */
static enum setup_state do_timer(struct setup *s, struct setup_result *r)
{
	struct err e = { 0 };
	bool enabled = place_has(s->place, &SETUP_TIMER_WANTED[1]);

	buf_puts(&r->what, SETUP_TIMER);
	if (!setup_has_systemd(s->place))
		return setup_skip(r,
				  "systemd does not run this machine: run pve-safe tick "
				  "each minute by other means");
	if (!place_has(s->place, &SETUP_TIMER_UNIT[1]))
		return setup_fail(r, SETUP_TIMER_UNIT
				  " is not there: install the package again");
	/* Also where it is enabled: it may be stopped. */
	if (!s->dry_run && setup_systemctl("enable", &e) < 0)
		return setup_fail(r, "%s", e.msg);
	return enabled ? setup_already(r, "is enabled")
		       : setup_done(r, "enabled and started");
}

/* Says whether hooks refuse anything. */
static enum setup_state tell_marker(struct setup *s, struct setup_result *r)
{
	buf_puts(&r->what, SETUP_MARKER);
	if (place_is_enabled(s->place))
		return setup_already(r, "is there: hooks refuse what the policy denies");
	return setup_skip(r,
			  "is not there: every hook passes; pve-safe setup --enable ends "
			  "that");
}

int setup_apply(struct setup *s)
{
	static const struct setup_step steps[] = {
		{ "record", do_log },        { "rotation", do_logrotate },
		{ "hookscript", do_link },   { "containers", do_lxc },
		{ "cluster", do_cluster },   { "timer", do_timer },
		{ "enforced", tell_marker },
	};

	setup_run(s, steps, ARRAY_LEN(steps));
	return s->status;
}
