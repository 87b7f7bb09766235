/* SPDX-License-Identifier: MIT */
#include "run/attach-internal.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "run/former.h"
#include "run/tool.h"

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

/* Says where guest @vmid is, for it is not on this node. */
static int fail_elsewhere(struct change *c, uint64_t vmid, const char *verb)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };

	switch (guest_load_any(c->a->place, vmid, &g, &e)) {
	case GUEST_FOUND:
		return attach_fail(
			c->report,
			"it is on %s, and Proxmox changes it only there: ssh root@%s "
			"pve-safe %s %" PRIu64,
			g.node, g.node, verb, vmid);
	case GUEST_FAILED:
		return attach_fail(c->report, "%s", e.msg);
	case GUEST_ABSENT:
		break;
	}
	return attach_fail(c->report, "there is no such guest in /etc/pve/nodes");
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
		return attach_fail(r, "%s", e.msg);
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
	return attach_fail(c->report,
			   "Proxmox has locked it (%.*s): try again when that has ended",
			   SLICE_SHOWN(lock->value));
}

/* Plans the volume and link for a guest whose hookscript is @former ({NULL, 0}: none). */
static int want_link(struct change *c, struct slice storage, const char *dir,
		     struct slice former)
{
	AUTO(buf_done) struct buf name = { 0 };

	buf_puts(&name, former.len ? FORMER_MARK : FORMER_HOOK);
	buf_slice(&name, former);
	buf_printf(&c->volume, "%.*s:snippets/%s", SLICE_ARG(storage), buf_text(&name));
	buf_printf(&c->link, "%s/%s", dir, buf_text(&name));
	if (name.len > NAME_MAX)
		return attach_fail(
			c->report,
			"the name of its hookscript is too long: with '%s' before it "
			"it may have %d bytes",
			FORMER_MARK, NAME_MAX);
	if (buf_failed(&name) || buf_failed(&c->volume) || buf_failed(&c->link))
		return attach_fail(c->report, "out of memory");
	return 0;
}

/* What a guest without a hookscript gets. */
static int want_plain(struct change *c)
{
	struct hookscript plain;
	const struct place *p = c->a->place;

	hookscript_look(p, c->a->cluster, slice_of(HOOKSCRIPT_VOLUME), p->node, &plain);
	if (!*plain.dir)
		return attach_fail(c->report, "%s", plain.why);
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
		return attach_fail(c->report, "%s: move it away, then try again",
				   now->why);
	if (!is_ascii(now->snippet.name))
		return attach_fail(
			c->report,
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
	return attach_fail(
		c->report,
		"Proxmox cannot start it with the hookscript '%.*s': %s: mend that, or "
		"%s set %" PRIu64 " --delete hookscript, then try again",
		SLICE_SHOWN(now->volume), now->why, tool_name(c->report->kind),
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
	if (hookscript_check_former(c->a->place, &c->now, &path, &e) < 0)
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
		r = attach_fail(c->report, "%s", c->now.why);
		break;
	}
	if (r < 0 || check_lock(c) < 0 || attach_apply(c) < 0)
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
	if (hookscript_check_former(c->a->place, now, &path, &e) == 0)
		return 0;
	return attach_fail(
		c->report,
		"its former hookscript %s %s, and Proxmox would not set it: mend that, "
		"or %s set %" PRIu64 " --delete hookscript",
		buf_text(&path), e.msg, tool_name(c->report->kind), c->report->vmid);
}

/* Plans and does the detaching of a guest that was loaded. */
static int detach(struct change *c)
{
	const struct hookscript *now = &c->now;
	bool ours = hookscript_judges(now) ||
		    (now->state == HOOKSCRIPT_BROKEN && now->named_ours && *now->dir);

	if (now->state == HOOKSCRIPT_UNSEEN)
		return attach_fail(c->report, "%s", now->why);
	if (!ours) {
		c->report->state = ATTACH_ALREADY;
		return 0;
	}
	if ((now->former.len && want_former(c) < 0) || check_lock(c) < 0 ||
	    attach_apply(c) < 0)
		return -1;
	if (now->former.len)
		buf_puts(&c->report->link, now->path);
	return 0;
}

/* Does @what with guest @vmid, one at a time on this node. */
static void change_guest(const struct attach *a, uint64_t vmid, const char *verb,
			 int (*what)(struct change *), struct attach_report *ret)
{
	AUTO(change_done) struct change c = { .a = a, .report = ret };
	AUTO_CLOSE int lock = -1;
	struct err e = { 0 };

	*ret = (struct attach_report){ .vmid = vmid };
	if (attach_lock(a, &lock, &e) < 0)
		(void)attach_fail(ret, "%s", e.msg);
	else if (load(&c, vmid, verb) == 0)
		(void)what(&c);
	if (buf_failed(&ret->hookscript) || buf_failed(&ret->command))
		(void)attach_fail(ret, "out of memory");
}

/* attach(), once our hookscript is there at all. */
static int attach_installed(struct change *c)
{
	struct err e = { 0 };

	if (hookscript_check(c->a->place, HOOKSCRIPT_PATH, &e) == 0)
		return attach(c);
	return attach_fail(c->report, "%s %s: install the package again", HOOKSCRIPT_PATH,
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
