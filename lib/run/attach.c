/* SPDX-License-Identifier: MIT */
#include "run/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "base/sha.h"
#include "base/text.h"
#include "run/attach-link.h"
#include "run/capture.h"
#include "run/exec.h"
#include "run/former.h"

enum { LOCK_MS = 60000, TOOL_SECONDS = 60, SAID_MAX = 300, SAID_MAX_BYTES = 64 << 10 };

static const char lock_dir[] = "run/pve-safe";
static const char lock_path[] = "run/pve-safe/attach.lock";

/* One guest that is being changed. */
struct change {
	const struct attach *a;
	struct guest guest;
	struct hookscript now;
	struct buf volume; /* to be set; empty: hookscript is to be deleted */
	struct buf link;   /* that must be there before */
	struct attach_report *report;
};

/* Releases @c. */
static void change_done(struct change *c)
{
	guest_done(&c->guest);
	buf_done(&c->volume);
	buf_done(&c->link);
}

void attach_report_done(struct attach_report *r)
{
	buf_done(&r->name);
	buf_done(&r->hookscript);
	buf_done(&r->former);
	buf_done(&r->link);
	buf_done(&r->command);
	buf_done(&r->message);
}

/* Ends with ATTACH_FAILED and why; returns -1. */
static int fail(struct attach_report *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(struct attach_report *r, const char *fmt, ...)
{
	char text[ERR_MSG_MAX * 2];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_reset(&r->message);
	buf_puts(&r->message, text);
	r->state = ATTACH_FAILED;
	return -1;
}

/* "pct" or "qm". */
static const char *tool_of(enum guest_kind kind)
{
	return kind == GUEST_CT ? "pct" : "qm";
}

/* Says where guest @vmid is, for it is not on this node. */
static int fail_elsewhere(struct change *c, uint64_t vmid, const char *verb)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };

	switch (guest_load_any(c->a->place, vmid, &g, &e)) {
	case GUEST_FOUND:
		return fail(c->report,
			    "it is on %s, and Proxmox changes it only there: ssh root@%s "
			    "pve-safe %s %" PRIu64,
			    g.node, g.node, verb, vmid);
	case GUEST_FAILED:
		return fail(c->report, "%s", e.msg);
	case GUEST_ABSENT:
		break;
	}
	return fail(c->report, "there is no such guest in /etc/pve/nodes");
}

/* Loads guest @vmid of this node into @c and looks at its hookscript. */
static int load(struct change *c, uint64_t vmid, const char *verb)
{
	const struct place *p = c->a->place;
	struct attach_report *r = c->report;
	const struct guestconf_entry *name;
	struct err e = { 0 };

	r->vmid = vmid;
	switch (guest_load_local(p, vmid, NULL, &c->guest, &e)) {
	case GUEST_FOUND:
		break;
	case GUEST_ABSENT:
		return fail_elsewhere(c, vmid, verb);
	case GUEST_FAILED:
		return fail(r, "%s", e.msg);
	}
	r->known = true;
	r->kind = c->guest.kind;
	name = guestconf_find(guestconf_current(&c->guest.conf),
			      r->kind == GUEST_CT ? "hostname" : "name");
	if (name)
		buf_slice(&r->name, name->value);
	hookscript_look(p, c->a->cluster, hookscript_of(&c->guest), p->node, &c->now);
	buf_slice(&r->hookscript, c->now.volume);
	r->local = !c->now.shared;
	return 0;
}

/* Refuses a guest whose configuration Proxmox has locked. */
static int check_lock(const struct change *c)
{
	const struct guestconf_entry *lock =
		guestconf_find(guestconf_current(&c->guest.conf), "lock");

	if (!lock)
		return 0;
	return fail(c->report,
		    "Proxmox has locked it (%.*s): try again when that has ended",
		    SLICE_SHOWN(lock->value));
}

/* Appends the words of @argv to @out as a shell reads them. */
static void quote(const char *const *argv, struct buf *out)
{
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_putc(out, ' ');
		text_shell_quote(out, slice_of(argv[i]));
	}
}

/* Appends what a tool said to @out: one line, safe to print. */
static void add_said(const struct buf *said, struct buf *out)
{
	struct slice line, rest = slice_trim(buf_as_slice(said));
	bool more = rest.len > 0;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		text_printable(out, slice_trim(line), SAID_MAX);
		if (more)
			buf_puts(out, "; ");
	}
}

/* Runs @argv; fails with what it says when it does not do it. */
static int run_tool(struct attach_report *r, const char *const *argv)
{
	static const struct capture_limits limits = { .seconds = TOOL_SECONDS,
						      .bytes = SAID_MAX_BYTES,
						      .errors = true };
	AUTO(buf_done) struct buf said = { 0 }, shown = { 0 };
	struct err e = { 0 };
	int status;

	if (exec_check(argv[0], &e) != 0)
		return fail(r, "%s", e.msg);
	switch (capture_run(argv, &limits, &said, &status, &e)) {
	case CAPTURE_ENDED:
		break;
	case CAPTURE_LATE:
		return fail(r, "%s set gave no answer in %d seconds", tool_of(r->kind),
			    TOOL_SECONDS);
	case CAPTURE_MUCH:
		return fail(r, "%s set printed without end", tool_of(r->kind));
	case CAPTURE_FAILED:
		return fail(r, "%s", e.msg);
	}
	if (status == 0)
		return 0;
	add_said(&said, &shown);
	return fail(r, "%s set failed: %s", tool_of(r->kind),
		    shown.len ? buf_text(&shown) : "it does not say why");
}

/* Sets or deletes the hookscript. */
static int set_hookscript(struct change *c)
{
	char vmid[24], digest[SHA1_HEX_SIZE], path[sizeof(EXEC_DIR) + 8];
	const char *argv[] = { path, "set", vmid, NULL, NULL, "--digest", digest, NULL };
	struct attach_report *r = c->report;

	(void)snprintf(path, sizeof(path), "%s%s", EXEC_DIR, tool_of(r->kind));
	(void)snprintf(vmid, sizeof(vmid), "%" PRIu64, r->vmid);
	sha1_hex(file_slice(&c->guest.text), digest);
	argv[3] = c->volume.len ? "--hookscript" : "--delete";
	argv[4] = c->volume.len ? buf_text(&c->volume) : "hookscript";
	quote(argv, &r->command);
	return c->a->dry_run ? 0 : run_tool(r, argv);
}

/* Checks that the guest's file now says what was set. */
static int verify(struct change *c)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };
	struct slice now;

	if (guest_load_local(c->a->place, c->report->vmid, NULL, &g, &e) != GUEST_FOUND)
		return fail(c->report, "it is not on this node any more");
	now = hookscript_of(&g);
	if (!slice_same(now, buf_as_slice(&c->volume)))
		return fail(c->report,
			    "%s set went well, but the hookscript is now '%.*s'",
			    tool_of(c->report->kind), SLICE_SHOWN(now));
	return 0;
}

/* Removes a link that nobody names; the lock is held. As attach_prune(). */
static int prune(const struct attach *a, const char *path, struct err *e)
{
	const struct place *p = a->place;
	const char *slash = strrchr(path, '/');
	int r;

	if (!slash)
		return 0;
	r = attach_link_is_named(p, slash + 1, e);
	if (r != 0 || a->dry_run)
		return r < 0 ? -1 : r == 0;
	r = attach_link_remove(p, path, e);
	if (r <= 0)
		return r;
	/* Another node may have named it meanwhile. */
	if (attach_link_is_named(p, slash + 1, e) == 0)
		return 1;
	return attach_link_make(p, path, e) < 0 ? -1 : 0;
}

/* Makes the link of @c, sets the volume, looks again. */
static int apply(struct change *c)
{
	struct attach_report *r = c->report;
	const struct place *p = c->a->place;
	struct err e = { 0 }, ignored = { 0 };
	int made = 0;

	if (c->link.len && c->a->dry_run)
		made = !hookscript_is_ours(p, buf_text(&c->link));
	else if (c->link.len)
		made = attach_link_make(p, buf_text(&c->link), &e);
	if (made < 0)
		return fail(r, "%s", e.msg);
	if (made)
		buf_slice(&r->link, buf_as_slice(&c->link));
	if (slice_same(c->now.volume, buf_as_slice(&c->volume)))
		return 0; /* the link is all that was missing */
	if (set_hookscript(c) == 0 && (c->a->dry_run || verify(c) == 0)) {
		buf_reset(&r->hookscript);
		buf_slice(&r->hookscript, buf_as_slice(&c->volume));
		return 0;
	}
	if (made && !c->a->dry_run && prune(c->a, buf_text(&c->link), &ignored) == 1)
		buf_reset(&r->link);
	return -1;
}

/* Plans the volume and link for a guest whose hookscript is @former ({NULL, 0}: none). */
static int want_link(struct change *c, struct slice storage, const char *dir,
		     struct slice former)
{
	buf_printf(&c->volume, "%.*s:snippets/%s%s%.*s", SLICE_ARG(storage), FORMER_HOOK,
		   former.len ? "@" : "", (int)former.len, former.len ? former.ptr : "");
	buf_printf(&c->link, "%s/%s%s%.*s", dir, FORMER_HOOK, former.len ? "@" : "",
		   (int)former.len, former.len ? former.ptr : "");
	if (former.len + strlen(FORMER_MARK) > NAME_MAX)
		return fail(c->report,
			    "the name of its hookscript is too long: with '%s' before it "
			    "it may have %d bytes",
			    FORMER_MARK, NAME_MAX);
	if (buf_failed(&c->volume) || buf_failed(&c->link))
		return fail(c->report, "out of memory");
	return 0;
}

/* Takes the lock; *@ret_fd holds it. */
static int take_lock(const struct attach *a, int *ret_fd, struct err *e)
{
	int got;

	if (a->dry_run)
		return 0;
	if (mkdirat(a->place->root, lock_dir, 0755) < 0 && errno != EEXIST)
		return err_set(e, ERR_SYSTEM, "/%s: %s", lock_dir, strerror(errno));
	got = lock_file(a->place->root, lock_path, LOCK_EXCLUSIVE, LOCK_MS, ret_fd, e);
	if (got != 1)
		return got;
	return err_set(e, ERR_SYSTEM,
		       "another pve-safe attach or detach has run for a minute: try "
		       "again when it has ended");
}

/* What a guest without a hookscript gets. */
static int want_plain(struct change *c)
{
	struct hookscript plain;
	const struct place *p = c->a->place;

	hookscript_look(p, c->a->cluster, slice_of(HOOKSCRIPT_VOLUME), p->node, &plain);
	if (!*plain.dir)
		return fail(c->report, "%s", plain.why);
	c->report->local = !plain.shared;
	return want_link(c, slice_of("local"), plain.dir, (struct slice){ 0 });
}

/* Whether @s is printable ASCII. */
static bool is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
			return false;
	return true;
}

/* What a guest with a script of its own gets: the link beside it. */
static int want_beside(struct change *c)
{
	const struct hookscript *now = &c->now;

	if (now->named_ours)
		return fail(c->report, "%s: move it away, then try again", now->why);
	if (!is_ascii(now->snippet.name))
		return fail(c->report,
			    "the name of its hookscript, %s, is not plain ASCII, and "
			    "Proxmox may write it otherwise than it reads it: rename it",
			    now->path);
	buf_slice(&c->report->former, now->volume);
	return want_link(c, now->snippet.storage, now->dir, now->snippet.name);
}

/* What a guest gets whose hookscript Proxmox cannot call: only a link of ours is made. */
static int want_mended(struct change *c)
{
	const struct hookscript *now = &c->now;

	if (now->named_ours && now->absent && *now->dir)
		return want_link(c, now->snippet.storage, now->dir, now->former);
	return fail(
		c->report,
		"Proxmox cannot start it with the hookscript '%.*s': %s: mend that, or "
		"%s set %" PRIu64 " --delete hookscript, then try again",
		SLICE_SHOWN(now->volume), now->why, tool_of(c->report->kind),
		c->report->vmid);
}

/* Warns where the former hookscript of an attached guest cannot be called. */
static void warn_of_former(struct change *c)
{
	AUTO(buf_done) struct buf path = { 0 };
	struct err e = { 0 };

	if (!c->now.former.len)
		return;
	buf_printf(&c->report->former, "%.*s:snippets/%.*s",
		   SLICE_ARG(c->now.snippet.storage), SLICE_ARG(c->now.former));
	buf_printf(&path, "%s/%.*s", c->now.dir, SLICE_ARG(c->now.former));
	if (hookscript_check(c->a->place, buf_text(&path), &e) < 0)
		buf_printf(&c->report->message,
			   "it does not start: its former hookscript %s %s",
			   buf_text(&path), e.msg);
}

/* Plans and does the attaching of a guest that was loaded. */
static int attach(struct change *c)
{
	int r = -1;

	switch (c->now.state) {
	case HOOKSCRIPT_OURS:
	case HOOKSCRIPT_FORMER:
		c->report->state = ATTACH_ALREADY;
		warn_of_former(c);
		return 0;
	case HOOKSCRIPT_NONE:
		r = want_plain(c);
		break;
	case HOOKSCRIPT_OTHER:
		r = want_beside(c);
		break;
	case HOOKSCRIPT_BROKEN:
		r = want_mended(c);
		break;
	case HOOKSCRIPT_UNSEEN:
		r = fail(c->report, "%s", c->now.why);
		break;
	}
	if (r < 0 || check_lock(c) < 0 || apply(c) < 0)
		return -1;
	warn_of_former(c);
	return 0;
}

/* Sets what the guest had before ours, which Proxmox must be able to call. */
static int want_former(struct change *c)
{
	const struct hookscript *now = &c->now;
	AUTO(buf_done) struct buf path = { 0 };
	struct err e = { 0 };

	buf_printf(&c->volume, "%.*s:snippets/%.*s", SLICE_ARG(now->snippet.storage),
		   SLICE_ARG(now->former));
	buf_slice(&c->report->former, buf_as_slice(&c->volume));
	buf_printf(&path, "%s/%.*s", now->dir, SLICE_ARG(now->former));
	if (hookscript_check(c->a->place, buf_text(&path), &e) == 0)
		return 0;
	return fail(
		c->report,
		"its former hookscript %s %s, and Proxmox would not set it: mend that, "
		"or %s set %" PRIu64 " --delete hookscript",
		buf_text(&path), e.msg, tool_of(c->report->kind), c->report->vmid);
}

/* Plans and does the detaching of a guest that was loaded. */
static int detach(struct change *c)
{
	const struct hookscript *now = &c->now;
	bool ours = now->state == HOOKSCRIPT_OURS || now->state == HOOKSCRIPT_FORMER ||
		    (now->state == HOOKSCRIPT_BROKEN && now->named_ours && *now->dir);

	if (now->state == HOOKSCRIPT_UNSEEN)
		return fail(c->report, "%s", now->why);
	if (!ours) {
		c->report->state = ATTACH_ALREADY;
		return 0;
	}
	if ((now->former.len && want_former(c) < 0) || check_lock(c) < 0 || apply(c) < 0)
		return -1;
	if (now->former.len)
		buf_puts(&c->report->link, now->path);
	return 0;
}

int attach_prune(const struct attach *a, const char *path, struct err *e)
{
	AUTO_CLOSE int lock = -1;

	return take_lock(a, &lock, e) < 0 ? -1 : prune(a, path, e);
}

/* Does @what with guest @vmid, one at a time on this node. */
static void change_guest(const struct attach *a, uint64_t vmid, const char *verb,
			 int (*what)(struct change *), struct attach_report *ret)
{
	AUTO(change_done) struct change c = { .a = a, .report = ret };
	AUTO_CLOSE int lock = -1;
	struct err e = { 0 };

	*ret = (struct attach_report){ .vmid = vmid };
	if (take_lock(a, &lock, &e) < 0)
		(void)fail(ret, "%s", e.msg);
	else if (load(&c, vmid, verb) == 0)
		(void)what(&c);
	if (buf_failed(&ret->hookscript) || buf_failed(&ret->command))
		(void)fail(ret, "out of memory");
}

/* attach(), once our hookscript is there at all. */
static int attach_installed(struct change *c)
{
	struct err e = { 0 };

	if (hookscript_check(c->a->place, HOOKSCRIPT_PATH, &e) == 0)
		return attach(c);
	return fail(c->report, "%s %s: install the package again", HOOKSCRIPT_PATH,
		    e.msg);
}

void attach_guest(const struct attach *a, uint64_t vmid, struct attach_report *ret)
{
	change_guest(a, vmid, "attach", attach_installed, ret);
}

void detach_guest(const struct attach *a, uint64_t vmid, struct attach_report *ret)
{
	change_guest(a, vmid, "detach", detach, ret);
}
