/* SPDX-License-Identifier: MIT */
/* result-volumes - what commands that are about volumes would make of a guest. */
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/change.h"
#include "run/result-internal.h"

/* A command that makes one change to the volumes of a guest. */
static int load_changed(struct loading *l,
			int (*change)(const struct guestconf_section *from,
				      enum guest_kind kind, const struct argv_command *c,
				      struct arena *a, struct guestconf_section *ret,
				      struct err *e))
{
	struct guest *g = &l->result->guest;
	struct guestconf_section after;
	struct err e = { 0 };

	if (result_load_unlocked(l) < 0)
		return -1;
	if (change(&g->start, g->kind, l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return result_become(l, &after);
}

/* move-volume, disk move. */
int result_load_move(struct loading *l)
{
	return load_changed(l, change_move);
}

/* resize, disk resize. */
int result_load_resize(struct loading *l)
{
	return load_changed(l, change_resize);
}

/* Stops where a file cannot be read that says which volumes a migration leaves in place. */
static int check_kept(struct loading *l)
{
	static const enum source sources[] = { SOURCE_STORAGE, SOURCE_HA };

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		const struct source_status *s = &l->world->cluster->sources[sources[i]];

		if (s->state == SOURCE_STATE_FAILED)
			return result_stop(
				l, "mend this file, then try again",
				"%s: which volumes stay in place is not known: %s",
				s->file, s->why ? s->why : "cannot be read");
	}
	return 0;
}

/*
 * remote-migrate; migrate where it says on which storages the volumes are to lie. HA is asked
 * for the node alone. Source: PVE::API2::Qemu and PVE::API2::LXC, migrate_vm.
 */
int result_load_migrate(struct loading *l)
{
	const struct cluster *c = l->world->cluster;
	bool leaves = strcmp(argv_event(l->cmd), "remote-migrate") == 0;
	struct guest *g = &l->result->guest;
	struct guestconf_section after;
	struct err e = { 0 };

	if (result_load_unlocked(l) < 0)
		return -1;
	if (!leaves && (!result_needs_storages(l->cmd) || result_is_of_ha(l)))
		return 0;
	if (!leaves && check_kept(l) < 0)
		return -1;
	if (change_migrate(&g->start, g->kind, l->cmd, leaves ? NULL : &c->storages,
			   l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return result_become(l, &after);
}

/* disk import: one disk more, on the storage that is named. */
int result_load_disk_import(struct loading *l)
{
	struct guest *g = &l->result->guest;
	struct guestconf_section after;
	struct err e = { 0 };

	if (result_load_unlocked(l) < 0)
		return -1;
	if (change_disk(&g->start, l->cmd, l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return result_become(l, &after);
}

/* Loads the guest that gets the volume, once the one that gives it is loaded. */
static int load_receiver(struct loading *l)
{
	struct result *r = l->result;
	struct guestconf_section after;
	struct err e = { 0 };
	uint64_t target;

	if (result_load_unlocked(l) < 0)
		return -1;
	r->giver = r->guest;
	r->guest = (struct guest){ .kind = r->giver.kind };
	if (!num_parse(argv_value(l->cmd, "target-vmid"), 1, UINT64_MAX, &target))
		return result_stop(l, NULL, "target-vmid: no VMID");
	if (result_load_vmid(l, target) < 0)
		return -1;
	if (change_receive(&r->guest.start, &r->giver.start, r->guest.kind, l->cmd,
			   l->arena, &after, &e) < 0)
		return result_stop(l, NULL, "%s", e.msg);
	return result_become(l, &after);
}

void result_load_receiver(const struct result_world *world, struct argv_command *c,
			  struct arena *a, struct result *ret)
{
	struct loading l = { .world = world, .cmd = c, .arena = a, .result = ret };

	*ret = (struct result){ .guest.kind = result_kind(c),
				.guest.vmid = argv_vmid(c) };
	result_note_request(&l);
	(void)load_receiver(&l);
}
