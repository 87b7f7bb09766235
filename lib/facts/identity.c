/* SPDX-License-Identifier: MIT */
#include "facts/identity.h"

#include <stdlib.h>

#include "facts/getter.h"
#include "facts/volume.h"

/* An identity in the making. */
struct making {
	struct getting g;
	struct identity *identity;
	size_t size;     /* items that there is room for */
	struct fact bad; /* unknown: what cannot be read, and why */
};

/* Adds "@key=@value", its letters changed by @fold. */
static void add(struct making *m, struct slice key, struct slice value, int (*fold)(int))
{
	struct identity *i = m->identity;
	char *text = arena_printf(m->g.arena, "%.*s=%.*s", SLICE_ARG(key), (int)value.len,
				  value.ptr ? value.ptr : "");

	if (!text || i->n == m->size)
		return;
	for (char *p = text + key.len + 1; fold && *p; p++)
		*p = (char)fold((unsigned char)*p);
	i->items[i->n++] = slice_of(text);
}

/* @c as a capital, in ASCII alone. */
static int to_capital(int c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* @c as a small letter, in ASCII alone. */
static int to_small(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Splits @entry into @p; false, noting why, when it cannot be. */
static bool read_props(struct making *m, const struct guestconf_entry *entry,
		       struct props *p)
{
	props_read(&m->g, entry, p);
	if (p->bad)
		value_unknown(&m->g, &m->bad, origin_entry(&m->g, entry), "%.*s: %s",
			      SLICE_ARG(entry->key), p->why);
	return !p->bad;
}

/* Adds the hardware address of every network device. */
static void add_addresses(struct making *m)
{
	const char *key = m->g.in->kind == GUEST_CT ? "hwaddr" : "macaddr";
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	while ((entry = getting_family(&m->g, slice_of("net"), &at)) &&
	       read_props(m, entry, &p))
		add(m, entry->key, props_get(&p, key), to_capital);
}

/* Adds a container's root volume. */
static void add_rootfs(struct making *m)
{
	const struct guestconf_entry *entry = ENTRY(&m->g, "rootfs");
	struct props p;

	if (entry && read_props(m, entry, &p))
		add(m, entry->key, props_get(&p, "volume"), NULL);
}

/* Adds a VM's volumes: not what is inserted, nor what is attached to nothing. */
static void add_volumes(struct making *m)
{
	struct volume v;
	size_t at = 0;

	while (volume_next(&m->g, &at, &v, &m->bad))
		if (!v.unused && !volume_is_cdrom(&v))
			add(m, v.entry->key, v.source, NULL);
}

/* Adds a VM's generation id; 0 means that it has none. Whether it did. */
static bool add_generation(struct making *m)
{
	const struct guestconf_entry *entry = ENTRY(&m->g, "vmgenid");

	if (!entry || !entry->value.len || slice_eq(entry->value, "0") ||
	    slice_eq(entry->value, "1"))
		return false;
	add(m, entry->key, entry->value, to_small);
	return true;
}

/* Adds the UUID of a VM's SMBIOS. Whether it did, or cannot read it. */
static bool add_smbios(struct making *m)
{
	const struct guestconf_entry *entry = ENTRY(&m->g, "smbios1");
	struct slice uuid;
	struct props p;

	if (!entry)
		return false;
	if (!read_props(m, entry, &p))
		return true;
	uuid = props_get(&p, "uuid");
	if (!uuid.len)
		return false;
	add(m, slice_of("uuid"), uuid, to_small);
	return true;
}

int identity_load(const struct facts_input *in, struct arena *a, struct identity *ret,
		  struct err *e)
{
	struct making m = { .g = { .in = in, .arena = a }, .identity = ret };

	*ret = (struct identity){ 0 };
	m.size = in->section->nentries + in->section->nnewer;
	ret->items = arena_array(a, m.size + 1, sizeof(*ret->items));
	if (!ret->items)
		return err_nomem(e);
	if (in->kind == GUEST_CT) {
		add_rootfs(&m);
		add_addresses(&m);
	} else if (!add_generation(&m) && !add_smbios(&m)) {
		add_volumes(&m);
		add_addresses(&m);
	}
	if (m.bad.state == FACT_STATE_UNKNOWN) {
		ret->n = 0;
		ret->why = m.bad.why;
	}
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), slice_order);
	return arena_failed(a) ? err_nomem(e) : 0;
}
