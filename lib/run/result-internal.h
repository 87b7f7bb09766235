/* SPDX-License-Identifier: MIT */
/*
 * result-internal - what the loaders of commands share; see run/result.h.
 */
#pragma once

#include "run/result.h"

/* What the loader of an event works on. */
struct loading {
	const struct result_world *world;
	struct argv_command *cmd;
	struct arena *arena;
	struct result *result;
};

/* Notes why there is nothing to judge, and the way out (NULL: none); returns -1. */
int result_stop(struct loading *l, const char *todo, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Value of option @name as a C string; NULL when it was not given, or without memory. */
const char *result_text(const struct loading *l, const char *name);

/* Kind of guest that the tool is for. */
enum guest_kind result_kind(const struct argv_command *c);

/* Loads the guest @vmid of this node, which must be of the tool's kind. */
int result_load_vmid(struct loading *l, uint64_t vmid);

/*
 * Loads the guest of this node that the command names, which must be of the tool's kind; for a
 * command that Proxmox refuses where the guest is locked.
 */
int result_load_unlocked(struct loading *l);

/* What the guest starts with next becomes @after. */
int result_become(struct loading *l, const struct guestconf_section *after);

/* Whether HA has the guest that the command names. */
bool result_is_of_ha(const struct loading *l);

/* Notes what the command line alone says. */
void result_note_request(struct loading *l);

/* Notes the keys in which @after differs from @before (NULL: nothing). */
int result_note_changes(struct loading *l, const struct guestconf_section *before,
			const struct guestconf_section *after);

/* The section of snapshot @name of the loaded guest, or NULL after stopping. */
const struct guestconf_section *result_find_snapshot(struct loading *l, const char *name);

/* Loaders of commands that make a guest. */
int result_load_clone(struct loading *l);
int result_load_create(struct loading *l);
int result_load_import(struct loading *l);
int result_load_restore(struct loading *l);

/* Loaders of commands about volumes. */
int result_load_disk_import(struct loading *l);
int result_load_migrate(struct loading *l);
int result_load_move(struct loading *l);
int result_load_resize(struct loading *l);
