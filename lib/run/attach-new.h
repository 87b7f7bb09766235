/* SPDX-License-Identifier: MIT */
/*
 * attach-new - which hookscript a guest gets that a command is about to make.
 */
#pragma once

#include "base/arena.h"
#include "run/load.h"

struct attach_new {
	const char *volume; /* to be set; NULL: none */
	const char *note;   /* why ours is not, and what to do; NULL: nothing to say */
};

/*
 * Chooses for the guest @vmid of @kind, whose configuration has the hookscript @former
 * ({NULL, 0}: none) so far. Ours, where it is installed on this node and can be called as
 * local:snippets/pve-safe-hook; for a guest that has another one only the link beside that
 * one, if it is there: making it is what `pve-safe attach` does. @c was loaded with
 * SOURCE_STORAGE; memory from @a.
 */
void attach_new_choose(const struct place *p, const struct cluster *c,
		       enum guest_kind kind, uint64_t vmid, struct slice former,
		       struct arena *a, struct attach_new *ret);
