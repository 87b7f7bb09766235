/* SPDX-License-Identifier: MIT */
/*
 * change-internal - what the files of change share; see pve/change.h.
 */
#pragma once

#include "pve/change.h"

/* Index of @key in @s, or -1. */
ptrdiff_t change_index(const struct guestconf_section *s, struct slice key);

/* Copies @from into @ret with room for @more further entries. 0 or -1. */
int change_begin(const struct guestconf_section *from, size_t more, struct arena *a,
		 struct guestconf_section *ret, struct err *e);

/* Removes @key from @s. */
void change_remove(struct guestconf_section *s, struct slice key);

/* Sets @key to @value, as from the command line; there is room for it. */
void change_put(struct guestconf_section *s, enum guest_kind kind, struct slice key,
		struct slice value);

/* Where @c puts the volumes of a new container that name no storage. */
struct slice change_default_storage(const struct argv_command *c);

/* @value of @o as @c makes it of what was typed. {NULL, 0} without memory. */
struct slice change_volume(const struct argv_command *c, const struct option *o,
			   struct slice value, struct arena *a);

/* Sets the disk @key to a new volume on the storage that @c names; there is room for it. */
int change_add_disk(const struct argv_command *c, struct slice key, struct arena *a,
		    struct guestconf_section *s, struct err *e);

/* Puts the volumes of the guest in @s on @storage; nothing where that is empty. 0 or -1. */
int change_place(struct guestconf_section *s, enum guest_kind kind, struct slice storage,
		 struct arena *a, struct err *e);

/* The storage of the volume that @entry names, if it is one of the guest; else absent. */
struct slice change_storage_of(const struct guestconf_entry *entry);

/* Puts @text in the place of @old, a part of the value of entry @i of @s. 0 or -1. */
int change_splice(struct guestconf_section *s, enum guest_kind kind, size_t i,
		  struct slice old, struct slice text, struct arena *a, struct err *e);

/* Removes the drives of a VM in @s that a backup leaves out. */
void change_drop_unsaved(struct guestconf_section *s);
