/* SPDX-License-Identifier: MIT */
/*
 * setup-remove - undoes what setup did on this node. In this order, so that whatever ends it
 * halfway, no start fails for a hook that is gone: first nothing attaches and nothing
 * refuses any more, then guests lose the hook, then what it set for those that run is undone,
 * then the hook's links go.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/apply.h"
#include "run/attach-link.h"
#include "run/attach-say.h"
#include "run/lxcconf.h"
#include "run/node-report.h"
#include "run/select.h"
#include "run/setup.h"

/* The timer. */
static enum setup_state undo_timer(struct setup *s, struct setup_result *r)
{
	struct err e = { 0 };

	buf_puts(&r->what, SETUP_TIMER);
	if (!place_has(s->place, &SETUP_TIMER_WANTED[1]))
		return setup_already(r, "is not enabled");
	if (!setup_has_systemd(s->place))
		return setup_fail(r,
				  "is enabled, and systemd cannot be asked to end that");
	if (!s->dry_run && setup_systemctl("disable", &e) < 0)
		return setup_fail(r, "%s", e.msg);
	return setup_done(r, "disabled and stopped");
}

/* Removes the file at @path (with its leading slash), if there is one. */
static enum setup_state remove_file(struct setup *s, const char *path,
				    struct setup_result *r)
{
	buf_puts(&r->what, path);
	if (!place_has(s->place, path + 1))
		return setup_already(r, "is not there");
	if (!s->dry_run && unlinkat(s->place->root, path + 1, 0) < 0 && errno != ENOENT)
		return setup_fail(r, "%s", strerror(errno));
	return setup_done(r, "removed");
}

/* The marker: every hook passes. */
static enum setup_state undo_marker(struct setup *s, struct setup_result *r)
{
	return remove_file(s, SETUP_MARKER, r);
}

/* Detaches guest @vmid; what it was called by goes, once no guest names it. */
static bool detach(struct setup *s, uint64_t vmid, size_t *ret_n)
{
	const struct attach how = { .place = s->place,
				    .cluster = s->cluster,
				    .dry_run = s->dry_run };
	AUTO(attach_report_done) struct attach_report report = { 0 };
	struct err e = { 0 };

	detach_guest(&how, vmid, &report);
	if (report.state == ATTACH_ALREADY)
		return true;
	*ret_n += report.state == ATTACH_DONE;
	if (s->json)
		attach_say_json(&report, s->place->node, s->dry_run);
	else
		attach_say_text(&report, &words_of_detach, s->dry_run);
	if (report.state == ATTACH_DONE && report.link.len && !s->dry_run &&
	    attach_prune(&how, buf_text(&report.link), &e) < 0)
		(void)fprintf(stderr, "pve-safe: setup: %s is left there: %s\n",
			      buf_text(&report.link), e.msg);
	return report.state == ATTACH_DONE;
}

/* Our hookscript in the guests of this node. */
static enum setup_state undo_guests(struct setup *s, struct setup_result *r)
{
	AUTO_FREE uint64_t *vmids = NULL;
	size_t all = 0, failed = 0, n = 0;

	buf_printf(&r->what, "guests of %s", s->place->node);
	if (!setup_is_writable(s, r))
		return SETUP_FAILED;
	if (select_vmids(s->place, &vmids, &all) != EXIT_FINE)
		failed++;
	for (size_t i = 0; i < all; i++)
		failed += !detach(s, vmids[i], &n);
	if (failed)
		return setup_fail(r, "not all could be detached");
	return n ? setup_done(r, "detached") : setup_already(r, "none is attached");
}

/* The file by which LXC asks us. */
static enum setup_state undo_lxc(struct setup *s, struct setup_result *r)
{
	return remove_file(s, LXCCONF_FILE, r);
}

/* What is set on the node for guests that run: no hook of theirs will undo it any more. */
static enum setup_state undo_settings(struct setup *s, struct setup_result *r)
{
	AUTO(arena_done) struct arena arena = { 0 };
	AUTO(buf_done) struct buf message = { 0 };
	struct applied_list l = { .arena = &arena };
	struct err e = { 0 };
	bool failed = false;

	buf_puts(&r->what, "settings of the node");
	if (apply_undo_all(s->place, s->dry_run, &l, &message, &e) < 0)
		return setup_fail(r, "%s", e.msg);
	(void)fputs(buf_text(&message), stderr);
	for (size_t i = 0; i < l.n; i++) {
		const struct applied *row = &l.rows[i];

		failed |= row->result == APPLIED_NOT;
		buf_printf(&r->text, "%s%.*s%s%s", i ? "; " : "", SLICE_ARG(row->target),
			   row->why ? " " : "", row->why ? row->why : "");
	}
	if (failed)
		return SETUP_FAILED;
	return l.n ? setup_done(r, "undone") : setup_already(r, "none is set");
}

/* The link to our hookscript, unless a guest of the cluster still names it. */
static enum setup_state undo_link(struct setup *s, struct setup_result *r)
{
	const struct attach how = { .place = s->place,
				    .cluster = s->cluster,
				    .dry_run = s->dry_run };
	struct hookscript h;
	struct err e = { 0 };
	int got;

	hookscript_look(s->place, s->cluster, slice_of(HOOKSCRIPT_VOLUME), s->place->node,
			&h);
	if (!*h.path)
		return setup_fail(r, "%s", h.why);
	buf_puts(&r->what, h.path);
	if (!place_has(s->place, h.path + 1))
		return setup_already(r, "is not there");
	if (s->dry_run) /* guests that would be detached name it still */
		return setup_skip(r, "would be removed, unless a guest of the cluster "
				     "names it");
	got = attach_prune(&how, h.path, &e);
	if (got < 0)
		return setup_fail(r, "left there: %s", e.msg);
	if (got > 0)
		return setup_done(r, "removed");
	return setup_fail(
		r, "left there: a guest or a snapshot of the cluster names it, and "
		   "could not start here without: pve-safe coverage");
}

/* What this node told the others. */
static enum setup_state undo_report(struct setup *s, struct setup_result *r)
{
	char path[PLACE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/" NODE_REPORT_DIR "/%s", s->place->node);
	return remove_file(s, path, r);
}

/* What the timer knew of the guests. */
static enum setup_state undo_state(struct setup *s, struct setup_result *r)
{
	return remove_file(s, "/var/lib/pve-safe/tick", r);
}

int setup_remove(struct setup *s)
{
	static const struct setup_step steps[] = {
		{ "timer", undo_timer },       { "enforced", undo_marker },
		{ "guests", undo_guests },     { "containers", undo_lxc },
		{ "settings", undo_settings }, { "hookscript", undo_link },
		{ "cluster", undo_report },    { "tick", undo_state },
	};

	setup_run(s, steps, ARRAY_LEN(steps));
	if (!s->json)
		(void)puts("policy, waivers, settings, /var/log/pve-safe and its "
			   "rotation stay");
	return s->status;
}
