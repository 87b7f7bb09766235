/* SPDX-License-Identifier: MIT */
#include "pve/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/change-internal.h"
#include "pve/format.h"
#include "pve/option.h"

ptrdiff_t change_index(const struct guestconf_section *s, struct slice key)
{
	for (size_t i = 0; i < s->nentries; i++)
		if (slice_same(s->entries[i].key, key))
			return (ptrdiff_t)i;
	return -1;
}

int change_begin(const struct guestconf_section *from, size_t more, struct arena *a,
		 struct guestconf_section *ret, struct err *e)
{
	*ret = *from;
	ret->type = SECTION_CURRENT;
	ret->name = (struct slice){ 0 };
	ret->entries = arena_array(a, from->nentries + more, sizeof(*ret->entries));
	if (!ret->entries)
		return err_nomem(e);
	if (from->nentries)
		memcpy(ret->entries, from->entries,
		       from->nentries * sizeof(*ret->entries));
	return 0;
}

void change_remove(struct guestconf_section *s, struct slice key)
{
	ptrdiff_t at = change_index(s, key);

	if (at < 0)
		return;
	s->nentries--;
	memmove(&s->entries[at], &s->entries[at + 1],
		(s->nentries - (size_t)at) * sizeof(*s->entries));
}

void change_put(struct guestconf_section *s, enum guest_kind kind, struct slice key,
		struct slice value)
{
	unsigned index = 0;
	const struct option *o = option_find_index(kind, key, &index);
	ptrdiff_t at = change_index(s, key);
	struct err ignored = { 0 };

	/* A value that Proxmox will refuse stays as typed; it is judged all the same. */
	if (o)
		(void)!option_check(o, value, &value, &ignored);
	if (at < 0)
		at = (ptrdiff_t)s->nentries++;
	s->entries[at] = (struct guestconf_entry){
		.option = o, .key = key, .value = value, .index = index
	};
}

/* The key that Proxmox writes for a VM's @name: cdrom is another name of ide2. */
static struct slice written_key(enum guest_kind kind, struct slice name)
{
	return kind == GUEST_VM && slice_eq(name, "cdrom") ? slice_of("ide2") : name;
}

/* @value as Proxmox writes it when --cdrom sets it; {NULL, 0} without memory. */
static struct slice as_cdrom(struct slice value, struct arena *a)
{
	char *text;

	if (!value.len || memmem(value.ptr, value.len, "media=", strlen("media=")))
		return value;
	text = arena_printf(a, "%.*s,media=cdrom", SLICE_ARG(value));
	return text ? slice_of(text) : (struct slice){ 0 };
}

/* Whether --cdrom sets what @name would, whichever of them stands last. */
static bool yields_to_cdrom(const struct argv_command *c, enum guest_kind kind,
			    struct slice name)
{
	return kind == GUEST_VM && slice_eq(name, "ide2") && argv_value(c, "cdrom").len;
}

/* Applies every option of @c that is a key of a guest's configuration to @s. */
static int apply_options(const struct argv_command *c, enum guest_kind kind,
			 struct arena *a, struct guestconf_section *s, struct err *e)
{
	for (size_t i = 0; i < c->nparams; i++) {
		const struct argv_param *p = &c->params[i];
		struct slice name = slice_of(p->name), key = written_key(kind, name);
		const struct option *o = option_find(kind, key);
		struct slice value;

		if (p->source == ARGV_FIXED || !o || yields_to_cdrom(c, kind, name))
			continue;
		value = slice_same(key, name) ? change_volume(c, o, p->value, a)
					      : as_cdrom(p->value, a);
		if (p->value.ptr && !value.ptr)
			return err_nomem(e);
		change_put(s, kind, key, value);
	}
	return 0;
}

/* Kind of guest that @c is about. */
static enum guest_kind kind_of(const struct argv_command *c)
{
	return c->tool == TOOL_PCT ? GUEST_CT : GUEST_VM;
}

/* Adds what Proxmox gives a new container that nobody asked for. */
static int add_defaults_ct(const struct argv_command *c, struct arena *a,
			   struct guestconf_section *s, struct err *e)
{
	char *volume;

	if (change_index(s, slice_of("unprivileged")) < 0)
		change_put(s, GUEST_CT, slice_of("unprivileged"), slice_of("1"));
	if (change_index(s, slice_of("rootfs")) >= 0)
		return 0;
	volume = arena_printf(a, "%.*s:4,size=4G", SLICE_ARG(change_default_storage(c)));
	if (!volume)
		return err_nomem(e);
	change_put(s, GUEST_CT, slice_of("rootfs"), slice_of(volume));
	return 0;
}

int change_create(const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
{
	const struct guestconf_section nothing = { 0 };
	enum { DEFAULTS = 2 };

	if (change_begin(&nothing, c->nparams + DEFAULTS, a, ret, e) < 0 ||
	    apply_options(c, kind_of(c), a, ret, e) < 0)
		return -1;
	return kind_of(c) == GUEST_CT ? add_defaults_ct(c, a, ret, e) : 0;
}

/* Whether @s has a disk. */
static bool has_disk(const struct guestconf_section *s)
{
	static const char *const buses[] = { "ide", "sata", "scsi", "virtio" };

	for (size_t i = 0; i < s->nentries; i++)
		for (size_t k = 0; k < ARRAY_LEN(buses); k++)
			if (s->entries[i].option &&
			    strcmp(s->entries[i].option->name, buses[k]) == 0)
				return true;
	return false;
}

/* Calls @each for every key of the list option @name; blanks, ';' and ',' separate. */
static void each_key(const struct argv_command *c, const char *name,
		     void (*each)(struct guestconf_section *, const struct guestconf *,
				  struct slice),
		     struct guestconf_section *s, const struct guestconf *conf)
{
	struct slice rest = argv_value(c, name), key;

	while (format_list_next(&rest, &key))
		each(s, conf, key);
}

/* --delete KEY; without @conf of a VM that is yet to be made. */
static void delete_key(struct guestconf_section *s, const struct guestconf *conf,
		       struct slice key)
{
	change_remove(s, written_key(conf ? conf->kind : GUEST_VM, key));
}

/* --revert KEY: the pending change of KEY is dropped, what is current stays. */
static void revert_key(struct guestconf_section *s, const struct guestconf *conf,
		       struct slice key)
{
	const struct guestconf_section *now = guestconf_current(conf);
	ptrdiff_t at = change_index(now, key), mine = change_index(s, key);

	if (at < 0)
		change_remove(s, key);
	else if (mine >= 0)
		s->entries[mine] = now->entries[at];
	else
		s->entries[s->nentries++] = now->entries[at];
}

int change_import(const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
{
	const struct guestconf_section nothing = { 0 };

	if (change_begin(&nothing, c->nparams + 1, a, ret, e) < 0 ||
	    apply_options(c, GUEST_VM, a, ret, e) < 0)
		return -1;
	each_key(c, "delete", delete_key, ret, NULL);
	return has_disk(ret) ? 0 : change_add_disk(c, slice_of("scsi0"), a, ret, e);
}

int change_set(const struct guestconf *conf, const struct argv_command *c,
	       struct arena *a, struct guestconf_section *ret, struct err *e)
{
	struct guestconf_section next;
	size_t more = c->nparams + guestconf_current(conf)->nentries;

	if (guestconf_merge_pending(conf, a, &next, e) < 0 ||
	    change_begin(&next, more, a, ret, e) < 0)
		return -1;
	each_key(c, "revert", revert_key, ret, conf);
	each_key(c, "delete", delete_key, ret, conf);
	each_key(c, "idlist", delete_key, ret, conf);
	return apply_options(c, kind_of(c), a, ret, e);
}

/* Names a VM's clone as Proxmox does where nobody names it; there is room for it. */
static int name_clone(const struct argv_command *c, struct arena *a,
		      struct guestconf_section *s, struct err *e)
{
	struct slice own = argv_value(c, "vmid");
	ptrdiff_t at = change_index(s, slice_of("name"));
	char *name;

	if (!argv_value(c, "newid").ptr || argv_value(c, "name").len)
		return 0;
	if (at >= 0)
		own = s->entries[at].value;
	name = arena_printf(a, "Copy-of-VM-%.*s", SLICE_ARG(own));
	if (!name)
		return err_nomem(e);
	change_put(s, GUEST_VM, slice_of("name"), slice_of(name));
	return 0;
}

int change_copy(const struct guestconf_section *from, enum guest_kind kind,
		const struct argv_command *c, struct arena *a,
		struct guestconf_section *ret, struct err *e)
{
	static const char *const gone[] = { "lock",          "parent",  "snapstate",
					    "snaptime",      "vmstate", "template",
					    "runningmachine" };

	if (change_begin(from, c->nparams + 1, a, ret, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		change_remove(ret, slice_of(gone[i]));
	if (kind == GUEST_VM && name_clone(c, a, ret, e) < 0)
		return -1;
	return apply_options(c, kind, a, ret, e);
}

/* Removes every "@familyN" of @s. */
static void remove_family(struct guestconf_section *s, enum guest_kind kind,
			  const char *family)
{
	for (size_t i = s->nentries; i-- > 0;) {
		unsigned index;
		const struct option *o =
			option_find_index(kind, s->entries[i].key, &index);

		if (o && o->count && strcmp(o->name, family) == 0)
			change_remove(s, s->entries[i].key);
	}
}

int change_clone(const struct guestconf_section *from, enum guest_kind kind,
		 const struct argv_command *c, struct arena *a,
		 struct guestconf_section *ret, struct err *e)
{
	struct guestconf_section source;

	if (change_begin(from, 0, a, &source, e) < 0)
		return -1;
	remove_family(&source, kind, "unused");
	if (change_place(&source, kind, argv_value(c, "storage"), a, e) < 0)
		return -1;
	return change_copy(&source, kind, c, a, ret, e);
}

/* Whether @c names a volume of a container. */
static bool names_volume(const struct argv_command *c)
{
	for (size_t i = 0; i < c->nparams; i++) {
		const char *name = c->params[i].option->name;

		if (strcmp(name, "rootfs") == 0 || strcmp(name, "mp") == 0)
			return true;
	}
	return false;
}

/* Leaves in @s, a container's archive, the volumes that come out of it, where they will be. */
static int place_archived(struct guestconf_section *s, const struct argv_command *c,
			  struct arena *a, struct err *e)
{
	if (!names_volume(c))
		return change_place(s, GUEST_CT, change_default_storage(c), a, e);
	change_remove(s, slice_of("rootfs"));
	remove_family(s, GUEST_CT, "mp");
	return 0;
}

/* Puts the entries of @from whose keys begin with @prefix into @s, in place of its own. */
static void put_back(struct guestconf_section *s, const struct guestconf_section *from,
		     const char *prefix)
{
	for (size_t i = 0; i < from->nentries; i++) {
		ptrdiff_t at = change_index(s, from->entries[i].key);

		if (slice_starts(from->entries[i].key, prefix))
			s->entries[at < 0 ? (ptrdiff_t)s->nentries++ : at] =
				from->entries[i];
	}
}

int change_restore(const struct guestconf_section *from, enum guest_kind kind,
		   const struct argv_command *c, struct arena *a,
		   struct guestconf_section *ret, struct err *e)
{
	struct guestconf_section archive;

	if (change_begin(from, 0, a, &archive, e) < 0)
		return -1;
	remove_family(&archive, kind, "unused");
	if (kind == GUEST_VM)
		change_drop_unsaved(&archive);
	if ((kind == GUEST_CT ? place_archived(&archive, c, a, e)
			      : change_place(&archive, kind, argv_value(c, "storage"), a,
					     e)) < 0 ||
	    change_copy(&archive, kind, c, a, ret, e) < 0)
		return -1;
	put_back(ret, from, "template");
	if (kind == GUEST_CT && argv_true(c, "unique"))
		put_back(ret, from, "net");
	return 0;
}

/* Options of a VM's start, and the keys that they stand in for. */
static const struct {
	const char *option, *key;
} instead[] = {
	{ "force-cpu", "cpu" },
	{ "machine", "machine" },
};

int change_start(const struct guestconf_section *from, const struct argv_command *c,
		 struct arena *a, struct guestconf_section *ret, struct err *e)
{
	if (change_begin(from, ARRAY_LEN(instead), a, ret, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(instead); i++) {
		struct slice value = argv_value(c, instead[i].option);

		if (value.len)
			change_put(ret, GUEST_VM, slice_of(instead[i].key), value);
	}
	return 0;
}

/* Adds to @ret the keys of @a whose value is another one in @b, or that @b has not. */
static void add_differing(const struct guestconf_section *a,
			  const struct guestconf_section *b, bool missing_only,
			  struct change_keys *ret)
{
	for (size_t i = 0; i < a->nentries; i++) {
		ptrdiff_t at = b ? change_index(b, a->entries[i].key) : -1;

		if (at < 0 || (!missing_only &&
			       !slice_same(b->entries[at].value, a->entries[i].value)))
			ret->keys[ret->n++] = a->entries[i].key;
	}
}

int change_keys(const struct guestconf_section *before,
		const struct guestconf_section *after, struct arena *a,
		struct change_keys *ret, struct err *e)
{
	size_t n = after->nentries + (before ? before->nentries : 0);

	*ret = (struct change_keys){ .keys = arena_array(a, n + 1, sizeof(*ret->keys)) };
	if (!ret->keys)
		return err_nomem(e);
	add_differing(after, before, false, ret);
	if (before)
		add_differing(before, after, true, ret);
	if (ret->n)
		qsort(ret->keys, ret->n, sizeof(*ret->keys), slice_order);
	return 0;
}
