/* SPDX-License-Identifier: MIT */
/* result-new - what commands that make a guest would make. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/change.h"
#include "run/archive-kind.h"
#include "run/archive.h"
#include "run/attach-new.h"
#include "run/hookscript.h"
#include "run/preview.h"
#include "run/result-internal.h"

/* Says that the VMID is taken, unless the command may overwrite. */
static int check_free(struct loading *l, uint64_t vmid)
{
	AUTO(guest_done) struct guest taken = { 0 };
	struct err e = { 0 };

	if (argv_true(l->cmd, "force") ||
	    guest_load_any(l->world->place, vmid, &taken, &e) != GUEST_FOUND)
		return 0;
	return result_stop(l, "pvesh get /cluster/nextid",
			   "VMID %" PRIu64 " is taken by a %s on node %s", vmid,
			   taken.kind == GUEST_CT ? "container" : "VM", taken.node);
}

/*
 * Makes the new guest @vmid out of @after, whose lines are shown as of @shown. It counts as
 * one of the node that it is to be on.
 */
static int new_guest(struct loading *l, uint64_t vmid, struct guestconf_section after,
		     const char *shown)
{
	struct guest *g = &l->result->guest;
	struct guestconf_section *only = arena_alloc(l->arena, sizeof(*only));
	const char *target = result_text(l, "target");

	if (check_free(l, vmid) < 0)
		return -1;
	if (!only)
		return result_stop(l, NULL, "out of memory");
	*only = after;
	g->kind = result_kind(l->cmd);
	g->vmid = vmid;
	g->conf = (struct guestconf){ .kind = g->kind,
				      .text = g->conf.text, /* the source's lines */
				      .sections = only,
				      .nsections = 1 };
	g->start = after;
	(void)snprintf(g->node, sizeof(g->node), "%s",
		       target ? target : l->world->place->node);
	(void)snprintf(g->path, sizeof(g->path), "%s", shown);
	return result_note_changes(l, NULL, &g->start);
}

/* Adds our hookscript to a command that does not name one; @former: what would be set. */
static int add_hookscript(struct loading *l, struct slice former)
{
	struct attach_new choice;
	struct err e = { 0 };

	if (argv_find(l->cmd, "hookscript") ||
	    !cli_option_find(l->cmd->command, "hookscript"))
		return 0;
	attach_new_choose(l->world->place, l->world->cluster, result_kind(l->cmd),
			  argv_vmid(l->cmd), former, l->arena, &choice);
	l->result->note = choice.note;
	if (!choice.volume)
		return 0;
	l->result->added = arena_printf(l->arena, "--hookscript %s", choice.volume);
	if (argv_set(l->cmd, l->arena, "hookscript", slice_of(choice.volume), &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return 0;
}

/* What @change makes of the options is the guest, with our hookscript where they may name it. */
static int load_options(struct loading *l,
			int (*change)(const struct argv_command *c, struct arena *a,
				      struct guestconf_section *ret, struct err *e))
{
	struct guestconf_section after;
	struct err e = { 0 };

	if (add_hookscript(l, (struct slice){ 0 }) < 0)
		return -1;
	if (change(l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return new_guest(l, argv_vmid(l->cmd), after, "command line");
}

int result_load_create(struct loading *l)
{
	return load_options(l, change_create);
}

/* The options are judged first; then what the source says: result_load_source(). */
int result_load_import(struct loading *l)
{
	return load_options(l, change_import);
}

void result_load_source(const struct result_world *world, struct argv_command *c,
			struct arena *a, struct result *r)
{
	struct loading l = { .world = world, .cmd = c, .arena = a, .result = r };
	const char *shown = arena_printf(a, "qm %s --dryrun", argv_event(c));
	struct guestconf *conf = &r->guest.conf;
	struct err e = { 0 };
	struct slice text;

	if (preview_config(c, a, &text, &e) < 0 ||
	    guestconf_parse(GUEST_VM, text, a, conf, &e) < 0)
		(void)result_stop(&l,
				  "see what it says: qm import|importovf … --dryrun 1",
				  "%s", e.msg);
	else
		(void)new_guest(&l, argv_vmid(c), *guestconf_current(conf),
				shown ? shown : "dry run");
}

/*
 * Puts the pending changes of @conf on top of @after: a VM takes them along into what is
 * restored, and has them at its first start. A container leaves them behind, and so does a
 * clone of either. Source: PVE::QemuServer, restore_merge_config; PVE::API2::Qemu, clone_vm.
 */
static int take_pending(struct loading *l, const struct guestconf *conf,
			struct guestconf_section *after)
{
	const struct guestconf_section *pending = guestconf_pending(conf);
	struct guestconf_section both[2];
	struct guestconf taken = { .kind = GUEST_VM, .sections = both, .nsections = 2 };
	struct err e = { 0 };

	if (conf->kind != GUEST_VM || !pending)
		return 0;
	both[0] = *after;
	both[1] = *pending;
	if (guestconf_merge_pending(&taken, l->arena, after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return 0;
}

/* A clone is what the source is now, without its pending changes, or one of its snapshots. */
int result_load_clone(struct loading *l)
{
	const char *snapname = result_text(l, "snapname");
	const struct guestconf_section *from;
	struct guestconf_section after;
	struct guest *g = &l->result->guest;
	struct err e = { 0 };
	char path[sizeof(g->path)];
	uint64_t newid;

	if (result_load_unlocked(l) < 0)
		return -1;
	from = snapname ? result_find_snapshot(l, snapname) : guestconf_current(&g->conf);
	if (!from)
		return -1;
	if (!num_parse_zeros(argv_value(l->cmd, "newid"), 1, UINT64_MAX, &newid))
		return result_stop(l, NULL, "newid: no VMID");
	if (change_clone(from, g->kind, l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	(void)snprintf(path, sizeof(path), "%s", g->path);
	return new_guest(l, newid, after, path);
}

/* Says that the archive is of the other kind; returns -1. */
static int stop_other_kind(struct loading *l, const char *volume, const char *found)
{
	bool ct = result_kind(l->cmd) == GUEST_CT;

	return result_stop(
		l, ct ? "qmrestore-safe ARCHIVE VMID" : "pct-safe restore VMID ARCHIVE",
		"archive '%s' is of a %s, %s", volume, ct ? "VM" : "container", found);
}

/* What comes out of a pipe: judged now as far as the options say. */
static int piped(struct loading *l, const struct guestconf_section **ret)
{
	static const struct guestconf_section unread = { 0 };
	static struct guestconf_entry unprivileged = { .key = { "unprivileged", 12 },
						       .value = { "1", 1 } };
	static const struct guestconf_section ct = { .entries = &unprivileged,
						     .nentries = 1 };

	*ret = result_kind(l->cmd) == GUEST_CT ? &ct : &unread;
	l->result->note = "what is in the archive is judged when Proxmox has written it";
	l->result->no_start =
		"what comes through a pipe cannot be judged before it is started";
	return 0;
}

/* The section that is in the archive @volume. */
static int archived(struct loading *l, const char *volume,
		    const struct guestconf_section **ret)
{
	enum guest_kind kind = result_kind(l->cmd);
	struct guest *g = &l->result->guest;
	struct slice text, key;
	struct err e = { 0 };

	if (strcmp(volume, "-") == 0)
		return piped(l, ret);
	if (archive_is_named_other(slice_of(volume), kind))
		return stop_other_kind(l, volume, "by its name");
	if (archive_config(volume, kind, l->arena, &text, &e) < 0)
		return result_stop(
			l,
			archive_is_file(volume)
				? "is it a whole backup, called as vzdump calls them: "
				  "vzdump-lxc-*.tar*, vzdump-qemu-*.vma*?"
				: "see what is in it: pvesm extractconfig VOLUME",
			"%s", e.msg);
	if (guestconf_parse(kind, text, l->arena, &g->conf, &e) < 0)
		return result_stop(l, NULL, "archive '%s': %s", volume, e.msg);
	if (archive_holds_other(&g->conf, l->arena, &key)) {
		const char *found = arena_printf(l->arena, "by what it holds ('%.*s')",
						 SLICE_SHOWN(key));

		return stop_other_kind(l, volume, found ? found : "by what it holds");
	}
	*ret = guestconf_current(&g->conf);
	return 0;
}

/* The configuration in the archive, with the options on top. */
int result_load_restore(struct loading *l)
{
	const char *volume = result_text(l, "archive"), *shown;
	const struct guestconf_section *from = NULL;
	struct guestconf_section after;
	struct err e = { 0 };

	if (!volume)
		volume = result_text(l, "ostemplate");
	if (!volume)
		return result_stop(l, NULL, "restore: which archive?");
	if (archived(l, volume, &from) < 0 || !from)
		return -1;
	if (!l->result->no_start && add_hookscript(l, hookscript_in(from)) < 0)
		return -1;
	if (change_restore(from, result_kind(l->cmd), l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	if (take_pending(l, &l->result->guest.conf, &after) < 0)
		return -1;
	shown = arena_printf(l->arena, "archive %s", volume);
	return new_guest(l, argv_vmid(l->cmd), after, shown ? shown : "archive");
}
