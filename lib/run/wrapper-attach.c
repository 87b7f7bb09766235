/* SPDX-License-Identifier: MIT */
/*
 * wrapper-attach - our hookscript for guests that are made by commands without an option
 * for it: set when the guest is there.
 */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/attach-new.h"
#include "run/attach.h"
#include "run/wrapper-internal.h"

/* Whether the command makes a guest and takes no hookscript for it. */
static bool comes_after(const struct wrapper *w)
{
	const char *event = argv_event(&w->cmd);

	if (!w->result.is_new || argv_true(&w->cmd, "dryrun") ||
	    argv_find(&w->cmd, "hookscript"))
		return false;
	/* What stands in a pipe is not known before. */
	return !cli_option_find(w->cmd.command, "hookscript") ||
	       (strcmp(event, "restore") == 0 && w->result.no_start);
}

/* Chooses for the guest @g, as it is or would be; .volume is NULL where nothing is set. */
static void choose(struct wrapper *w, const struct guest *g, struct attach_new *ret)
{
	struct slice now = hookscript_of(g);

	*ret = (struct attach_new){ 0 };
	/* A clone has the one of its source. */
	if (!now.len || strcmp(argv_event(&w->cmd), "clone") != 0)
		attach_new_choose(&w->place, &w->cluster, g->kind, g->vmid, now,
				  &w->arena, ret);
}

const char *wrapper_attaches(struct wrapper *w)
{
	struct attach_new choice = { 0 };

	if (comes_after(w))
		choose(w, &w->result.guest, &choice);
	return choice.volume;
}

/* Says and records that the guest is there and the hookscript is not attached. */
static void say_partial(struct wrapper *w, const char *why)
{
	const char *todo =
		arena_printf(&w->arena, "pve-safe attach %" PRIu64, w->result.guest.vmid);

	wrapper_say_partial(w, "pve-safe-hook is not attached to it", why,
			    todo ? todo : "pve-safe attach VMID",
			    "the guest is made; pve-safe-hook is not attached to it");
}

/* Runs pct or qm set for guest @vmid. */
static void attach(struct wrapper *w, uint64_t vmid)
{
	const struct attach how = { .place = &w->place, .cluster = &w->cluster };
	AUTO(attach_report_done) struct attach_report report = { 0 };

	attach_guest(&how, vmid, &report);
	if (report.state == ATTACH_FAILED)
		say_partial(w, buf_text(&report.message));
	else if (report.state == ATTACH_DONE)
		wrapper_note("added", buf_text(&report.command));
}

void wrapper_attach(struct wrapper *w)
{
	AUTO(guest_done) struct guest g = { 0 };
	uint64_t vmid = w->result.guest.vmid;
	struct attach_new choice;
	struct err e = { 0 };

	if (!comes_after(w))
		return;
	switch (guest_load_any(&w->place, vmid, &g, &e)) {
	case GUEST_ABSENT:
		return; /* the outcome says so */
	case GUEST_FAILED:
		say_partial(w, e.msg);
		return;
	case GUEST_FOUND:
		break;
	}
	choose(w, &g, &choice);
	wrapper_note("note", choice.note);
	if (choice.volume && strcmp(g.node, w->place.node) != 0)
		say_partial(w, arena_printf(&w->arena, "it is on node %s", g.node));
	else if (choice.volume)
		attach(w, vmid);
}
