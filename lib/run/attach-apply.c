/* SPDX-License-Identifier: MIT */
#include "run/attach-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "base/sha.h"
#include "run/attach-link.h"
#include "run/tool.h"

enum { LOCK_MS = 60000 };

static const char lock_dir[] = "run/pve-safe";
static const char lock_path[] = "run/pve-safe/attach.lock";

int attach_fail(struct attach_report *r, const char *fmt, ...)
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

/* Sets or deletes the hookscript. */
static int set_hookscript(struct change *c)
{
	struct attach_report *r = c->report;
	const char *path = tool_path(r->kind);
	char vmid[24], digest[SHA1_HEX_SIZE];
	const char *argv[] = { path, "set", vmid, NULL, NULL, "--digest", digest, NULL };
	struct err e = { 0 };

	(void)snprintf(vmid, sizeof(vmid), "%" PRIu64, r->vmid);
	sha1_hex(file_slice(&c->guest.text), digest);
	argv[3] = c->volume.len ? "--hookscript" : "--delete";
	argv[4] = c->volume.len ? buf_text(&c->volume) : "hookscript";
	tool_quote(argv, &r->command);
	if (c->a->dry_run || tool_set(r->kind, argv, &e) == 0)
		return 0;
	return attach_fail(r, "%s", e.msg);
}

/* Checks that the guest's file now says what was set. */
static int verify(struct change *c)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };
	struct slice now;

	if (guest_load_local(c->a->place, c->report->vmid, NULL, &g, &e) != GUEST_FOUND)
		return attach_fail(c->report, "it is not on this node any more");
	now = hookscript_of(&g);
	if (!slice_same(now, buf_as_slice(&c->volume)))
		return attach_fail(c->report,
				   "%s set went well, but the hookscript is now '%.*s'",
				   tool_name(c->report->kind), SLICE_SHOWN(now));
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

/* Sets it; once more where another node has taken the link away at this moment. */
static int set_with_link(struct change *c)
{
	const struct place *p = c->a->place;
	struct attach_report *r = c->report;
	struct err ignored = { 0 };

	if (set_hookscript(c) == 0)
		return 0;
	if (!c->link.len || hookscript_is_ours(p, buf_text(&c->link)) ||
	    attach_link_make(p, buf_text(&c->link), &ignored) < 0)
		return -1;
	r->state = ATTACH_DONE;
	buf_reset(&r->message);
	buf_reset(&r->command);
	return set_hookscript(c);
}

int attach_apply(struct change *c)
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
		return attach_fail(r, "%s", e.msg);
	if (made)
		buf_slice(&r->link, buf_as_slice(&c->link));
	if (slice_same(c->now.volume, buf_as_slice(&c->volume)))
		return 0; /* the link is all that was missing */
	if (set_with_link(c) == 0 && (c->a->dry_run || verify(c) == 0)) {
		buf_reset(&r->hookscript);
		buf_slice(&r->hookscript, buf_as_slice(&c->volume));
		return 0;
	}
	if (made && !c->a->dry_run && prune(c->a, buf_text(&c->link), &ignored) == 1)
		buf_reset(&r->link);
	return -1;
}

int attach_lock(const struct attach *a, int *ret_fd, struct err *e)
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

int attach_prune(const struct attach *a, const char *path, struct err *e)
{
	AUTO_CLOSE int lock = -1;

	return attach_lock(a, &lock, e) < 0 ? -1 : prune(a, path, e);
}
