/* SPDX-License-Identifier: MIT */
/*
 * device - getters of what of the node reaches into a container: directories and devices,
 * by rootfs, mpN, devN and raw lines alike.
 */
#include <stdlib.h>

#include "facts/bind.h"
#include "facts/getter.h"
#include "facts/volume.h"

/* Which host paths are asked for. */
enum wanted { WANT_BINDS, WANT_DEVICES, WANT_WRITTEN };

/* Adds the host path that is written @raw if it is one of the wanted. */
static void add(struct getting *g, struct fact *f, enum wanted wanted, struct slice raw,
		struct fact_origin origin)
{
	struct slice path = bind_path(raw, g->arena);

	if (path.len && bind_is_device(path) == (wanted == WANT_DEVICES))
		value_add_once(g, f, wanted == WANT_WRITTEN ? raw : path, origin);
}

/* Adds what rootfs and mpN bring in by path. */
static void add_volumes(struct getting *g, struct fact *f, enum wanted wanted)
{
	struct volume v;
	size_t at = 0;

	while (volume_next_path(g, &at, &v, f))
		if (!v.unused)
			add(g, f, wanted, v.source, origin_entry(g, v.entry));
}

/* Adds what lxc.mount.entry lines bring in. */
static void add_entries(struct getting *g, struct fact *f, enum wanted wanted)
{
	const struct guestconf_raw *raw;
	size_t at = 0;

	while ((raw = raw_next(g, LITERAL("lxc.mount.entry"), &at))) {
		struct mount_entry m = mount_entry_parse(raw_value(raw), g->arena);
		struct fact_origin origin = origin_raw(g, raw);
		struct slice layer;

		if (m.kind == MOUNT_HOST)
			add(g, f, wanted, m.written, origin);
		if (m.opened.ptr)
			add(g, f, wanted, m.opened, origin);
		while (m.overlay && mount_entry_layer_written(&m.options, &layer))
			add(g, f, wanted, layer, origin);
	}
}

/* Adds the directories that lxc.mount.auto's shmounts:PATH[:TARGET] share. */
static void add_shared(struct getting *g, struct fact *f, enum wanted wanted)
{
	static const char word[] = "shmounts:";
	const size_t len = sizeof(word) - 1;
	const struct guestconf_raw *raw;
	size_t at = 0;

	while ((raw = raw_next(g, LITERAL("lxc.mount.auto"), &at))) {
		struct slice v = raw_value(raw), path, rest;
		const char *found;

		while (v.len && (found = memmem(v.ptr, v.len, word, len))) {
			size_t n = 0;

			v = (struct slice){ found + len,
					    (size_t)(v.ptr + v.len - found) - len };
			while (n < v.len && !slice_is_space(v.ptr[n]))
				n++;
			(void)slice_cut((struct slice){ v.ptr, n }, ':', &path, &rest);
			if (path.len)
				add(g, f, wanted, path, origin_raw(g, raw));
		}
	}
}

void bind_list(struct getting *g, struct fact *f, enum bind_form form)
{
	enum wanted wanted = form == BIND_AS_WRITTEN ? WANT_WRITTEN : WANT_BINDS;

	value_list(f);
	add_volumes(g, f, wanted);
	if (f->state == FACT_STATE_UNKNOWN)
		return;
	add_entries(g, f, wanted);
	add_shared(g, f, wanted);
}

void ct_bind(struct getting *g, struct fact *f)
{
	bind_list(g, f, BIND_AS_PATH);
}

/* Adds the paths of devN; whether all could be read. */
static bool add_devs(struct getting *g, struct fact *f)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	while ((entry = FAMILY_NEXT(g, "dev", &at))) {
		props_read(g, entry, &p);
		if (!p.bad && !props_get(&p, "path").len) {
			p.bad = true;
			p.why = "no path";
		}
		if (p.bad) {
			value_unknown(g, f, origin_entry(g, entry), "%.*s: %s",
				      SLICE_ARG(entry->key), p.why);
			return false;
		}
		value_add(g, f, bind_path(props_get(&p, "path"), g->arena),
			  origin_entry(g, entry));
	}
	return true;
}

void ct_device(struct getting *g, struct fact *f)
{
	value_list(f);
	if (!add_devs(g, f))
		return;
	add_volumes(g, f, WANT_DEVICES);
	if (f->state != FACT_STATE_UNKNOWN)
		add_entries(g, f, WANT_DEVICES);
}

/* Order of list elements by their text, for qsort(3) and bsearch(3). */
static int compare_items(const void *a, const void *b)
{
	const struct fact_item *x = a, *y = b;
	size_t n = x->text.len < y->text.len ? x->text.len : y->text.len;
	int diff = n ? memcmp(x->text.ptr, y->text.ptr, n) : 0;

	return diff ? diff : (x->text.len > y->text.len) - (x->text.len < y->text.len);
}

/* devN makes a node; a second one, or a mount upon it, makes the start fail. */
void ct_duplicate_device(struct getting *g, struct fact *f)
{
	struct fact devs = { .state = FACT_STATE_KNOWN };
	struct fact raws = { .state = FACT_STATE_KNOWN };

	value_list(f);
	if (!add_devs(g, &devs)) {
		(void)value_unknown_as(f, &devs);
		return;
	}
	if (!devs.nitems)
		return;
	add_entries(g, &raws, WANT_DEVICES);
	qsort(devs.items, devs.nitems, sizeof(*devs.items), compare_items);
	for (size_t i = 1; i < devs.nitems; i++)
		if (slice_same(devs.items[i].text, devs.items[i - 1].text))
			value_add_once(g, f, devs.items[i].text, devs.items[i].origin);
	for (size_t i = 0; i < raws.nitems; i++)
		if (bsearch(&raws.items[i], devs.items, devs.nitems, sizeof(*devs.items),
			    compare_items))
			value_add(g, f, raws.items[i].text, raws.items[i].origin);
}
