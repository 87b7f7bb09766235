/* SPDX-License-Identifier: MIT */
#include "run/archive-kind.h"

#include <string.h>

#include "base/cleanup.h"
#include "pve/option.h"

/* How volumes of backups are named, at the beginning of a component. */
static const struct {
	const char *name;
	enum guest_kind kind;
} names[] = {
	{ "vzdump-lxc-", GUEST_CT },  { "vzdump-openvz-", GUEST_CT },
	{ "vzdump-qemu-", GUEST_VM }, { "backup/ct/", GUEST_CT },
	{ "backup/vm/", GUEST_VM },
};

/* The last component of @path. */
static struct slice last_part(struct slice path)
{
	struct slice part;

	while (slice_cut(path, '/', &part, &path))
		continue;
	return part;
}

bool archive_is_named_other(struct slice volume, enum guest_kind kind)
{
	struct slice last = last_part(volume), storage, rest;
	bool is_volume =
		!slice_starts(volume, "/") && slice_cut(volume, ':', &storage, &rest);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_starts(last, names[i].name) ||
		    (is_volume && slice_starts(rest, names[i].name)))
			return kind != names[i].kind;
	return false;
}

/* The first key of @s, read as of @kind, that guests of the other kind do not have. */
static struct slice own_key(const struct guestconf_section *s, enum guest_kind kind)
{
	enum guest_kind other = kind == GUEST_CT ? GUEST_VM : GUEST_CT;

	for (size_t i = 0; i < s->nentries; i++)
		if (s->entries[i].option && !option_find(other, s->entries[i].key))
			return s->entries[i].key;
	return s->nraws ? s->raws[0].key : (struct slice){ 0 };
}

bool archive_holds_other(const struct guestconf *c, struct arena *a,
			 struct slice *ret_key)
{
	enum guest_kind other = c->kind == GUEST_CT ? GUEST_VM : GUEST_CT;
	struct guestconf as_other;
	struct err ignored = { 0 };

	if (own_key(guestconf_current(c), c->kind).ptr ||
	    guestconf_parse(other, c->text, a, &as_other, &ignored) < 0)
		return false;
	*ret_key = own_key(guestconf_current(&as_other), other);
	return ret_key->ptr;
}
