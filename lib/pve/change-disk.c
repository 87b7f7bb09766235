/* SPDX-License-Identifier: MIT */
/* change-disk - what commands make of volumes. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "pve/change-internal.h"
#include "pve/drive.h"
#include "pve/format.h"
#include "pve/option.h"

/* Whether @s is digits with an optional fraction: the size in "STORAGE:SIZE". */
static bool is_size(struct slice s)
{
	size_t dots = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.')
			dots++;
		else if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return s.len && dots <= 1 && s.ptr[0] != '.' && s.ptr[s.len - 1] != '.';
}

/* The volume that @value of option @o names, where it is one with a size; else absent. */
static struct slice volume_of(const struct option *o, struct slice value)
{
	struct slice vals[PROPSTR_MAX_KEYS];
	struct err ignored = { 0 };

	if (!o->props || o->props->bare < 0 || propstr_slot(o->props, "size") < 0 ||
	    propstr_parse(o->props, value, vals, &ignored) < 0)
		return (struct slice){ 0 };
	return vals[o->props->bare];
}

/* @value without the members that begin with @prefix; {NULL, 0} without memory. */
static struct slice without(struct slice value, const char *prefix, struct arena *a)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct slice member, rest = value;
	char *text;

	for (bool more = true; more;) {
		more = slice_cut(rest, ',', &member, &rest);
		if (slice_blank(member) || slice_starts(member, prefix))
			continue;
		buf_puts(&out, out.len ? "," : "");
		buf_slice(&out, member);
	}
	text = buf_failed(&out) ? NULL : arena_strdup(a, buf_as_slice(&out));
	return text ? slice_of(text) : (struct slice){ 0 };
}

/*
 * A value of @o that asks for a new volume, "STORAGE:SIZE[,…]", with the size= that Proxmox
 * will write in place of one that was given, and without the import-from= that it will not;
 * any other as it is. {NULL, 0} without memory.
 */
static struct slice with_size(const struct option *o, struct slice value, struct arena *a)
{
	struct slice storage, size, plain = value;
	char *text;

	if (o->props && propstr_slot(o->props, "size") >= 0)
		plain = without(value, "import-from=", a);
	if (!plain.ptr || !slice_cut(volume_of(o, plain), ':', &storage, &size) ||
	    !is_size(size))
		return plain.ptr ? value : plain;
	plain = without(plain, "size=", a);
	if (!plain.ptr)
		return plain;
	text = arena_printf(a, "%.*s,size=%.*sG", SLICE_ARG(plain), SLICE_ARG(size));
	return text ? slice_of(text) : (struct slice){ 0 };
}

struct slice change_default_storage(const struct argv_command *c)
{
	struct slice storage = argv_value(c, "storage");

	return storage.len ? storage : slice_of("local");
}

/*
 * @value of @o as pct create and restore take it: a number alone is a new volume on the
 * default storage. {NULL, 0} without memory.
 */
static struct slice with_storage(const struct argv_command *c, const struct option *o,
				 struct slice value, struct arena *a)
{
	char *text;

	if (!argv_find(c, "ostemplate") || !o->props || !is_size(value) ||
	    propstr_slot(o->props, "size") < 0)
		return value;
	text = arena_printf(a, "%.*s:%.*s", SLICE_ARG(change_default_storage(c)),
			    SLICE_ARG(value));
	return text ? slice_of(text) : (struct slice){ 0 };
}

struct slice change_volume(const struct argv_command *c, const struct option *o,
			   struct slice value, struct arena *a)
{
	struct slice whole = with_storage(c, o, value, a);

	return whole.ptr ? with_size(o, whole, a) : whole;
}

int change_add_disk(const struct argv_command *c, struct slice key, struct arena *a,
		    struct guestconf_section *s, struct err *e)
{
	char *volume = arena_printf(a, "%.*s:0", SLICE_ARG(argv_value(c, "storage")));

	if (!volume)
		return err_nomem(e);
	change_put(s, GUEST_VM, key, slice_of(volume));
	return 0;
}

/* The name under which an imported disk is listed that nobody names. */
static struct slice unused_key(const struct guestconf_section *s, struct arena *a)
{
	char *key = NULL;
	unsigned i = 0;

	do
		key = arena_printf(a, "unused%u", i++);
	while (key && change_index(s, slice_of(key)) >= 0);
	return key ? slice_of(key) : (struct slice){ 0 };
}

int change_disk(const struct guestconf_section *from, const struct argv_command *c,
		struct arena *a, struct guestconf_section *ret, struct err *e)
{
	struct slice key = argv_value(c, "target-disk");

	if (change_begin(from, 1, a, ret, e) < 0)
		return -1;
	if (!key.len)
		key = unused_key(ret, a);
	return key.ptr ? change_add_disk(c, key, a, ret, e) : err_nomem(e);
}

/* Whether @value of @o is a medium that is inserted, and no volume of the guest. */
static bool is_inserted(const struct option *o, struct slice value, struct slice volume)
{
	int slot = propstr_slot(o->props, "media");
	struct slice vals[PROPSTR_MAX_KEYS];
	struct err ignored = { 0 };

	return slot >= 0 && propstr_parse(o->props, value, vals, &ignored) == 0 &&
	       slice_eq(vals[slot], "cdrom") && !drive_is_cloudinit(volume);
}

/* The volume that the unused entry @entry names; else absent. */
static struct slice unused_volume(const struct guestconf_entry *entry)
{
	struct slice vals[PROPSTR_MAX_KEYS];
	struct err ignored = { 0 };
	const struct option *o = entry->option;

	if (strcmp(o->name, "unused") != 0 || !o->props || o->props->bare < 0 ||
	    propstr_parse(o->props, entry->value, vals, &ignored) < 0)
		return (struct slice){ 0 };
	return vals[o->props->bare];
}

struct slice change_storage_of(const struct guestconf_entry *entry)
{
	struct slice volume, storage, name;

	if (!entry->option)
		return (struct slice){ 0 };
	volume = volume_of(entry->option, entry->value);
	if (!volume.len)
		volume = unused_volume(entry);
	if (slice_starts(volume, "/") || !slice_cut(volume, ':', &storage, &name) ||
	    is_inserted(entry->option, entry->value, volume))
		return (struct slice){ 0 };
	return storage;
}

int change_splice(struct guestconf_section *s, enum guest_kind kind, size_t i,
		  struct slice old, struct slice text, struct arena *a, struct err *e)
{
	struct slice value = s->entries[i].value;
	const char *rest = old.ptr + old.len;
	char *spliced;

	if (slice_same(old, text))
		return 0;
	spliced =
		arena_printf(a, "%.*s%.*s%.*s", (int)(old.ptr - value.ptr), value.ptr,
			     SLICE_ARG(text), (int)(value.ptr + value.len - rest), rest);
	if (!spliced)
		return err_nomem(e);
	change_put(s, kind, s->entries[i].key, slice_of(spliced));
	return 0;
}

/* Puts the volume of entry @i of @s on @storage, if it is one of the guest. */
static int put_on(struct guestconf_section *s, enum guest_kind kind, size_t i,
		  struct slice storage, struct arena *a, struct err *e)
{
	struct slice from = change_storage_of(&s->entries[i]);

	return from.len ? change_splice(s, kind, i, from, storage, a, e) : 0;
}

int change_place(struct guestconf_section *s, enum guest_kind kind, struct slice storage,
		 struct arena *a, struct err *e)
{
	for (size_t i = 0; storage.len && i < s->nentries; i++)
		if (put_on(s, kind, i, storage, a, e) < 0)
			return -1;
	return 0;
}

void change_drop_unsaved(struct guestconf_section *s)
{
	for (size_t i = s->nentries; i-- > 0;) {
		const struct guestconf_entry *entry = &s->entries[i];
		struct slice vals[PROPSTR_MAX_KEYS];
		struct err ignored = { 0 };
		int slot = -1;

		if (entry->option && volume_of(entry->option, entry->value).len)
			slot = propstr_slot(entry->option->props, "backup");
		if (slot >= 0 &&
		    propstr_parse(entry->option->props, entry->value, vals, &ignored) ==
			    0 &&
		    slice_eq(vals[slot], "0"))
			change_remove(s, entry->key);
	}
}

/* The key of the volume that move-volume, disk move or resize is about. */
static struct slice moved_key(const struct argv_command *c)
{
	struct slice key = argv_value(c, "disk");

	return key.len ? key : argv_value(c, "volume");
}

/* The volume that the entry @i of @s names. */
static struct slice volume_at(const struct guestconf_section *s, size_t i)
{
	const struct guestconf_entry *entry = &s->entries[i];
	struct slice volume = { 0 };

	if (entry->option)
		volume = volume_of(entry->option, entry->value);
	return volume.len ? volume : entry->value;
}

bool change_gives_away(const struct argv_command *c)
{
	uint64_t target;

	return (argv_find(c, "disk") || argv_find(c, "volume")) &&
	       num_parse(argv_value(c, "target-vmid"), 1, UINT64_MAX, &target) &&
	       target != argv_vmid(c);
}

int change_move(const struct guestconf_section *from, enum guest_kind kind,
		const struct argv_command *c, struct arena *a,
		struct guestconf_section *ret, struct err *e)
{
	ptrdiff_t at = change_index(from, moved_key(c));
	struct slice storage = argv_value(c, "storage"), rest = { 0 };

	if (change_begin(from, 1, a, ret, e) < 0)
		return -1;
	if (at < 0)
		return 0;
	if (change_gives_away(c)) {
		change_remove(ret, moved_key(c));
		return 0;
	}
	if (!storage.len)
		return 0;
	if (put_on(ret, kind, (size_t)at, storage, a, e) < 0)
		return -1;
	if (argv_true(c, "delete"))
		return 0;
	rest = unused_key(ret, a);
	if (!rest.ptr)
		return err_nomem(e);
	change_put(ret, kind, rest, volume_at(from, (size_t)at));
	return 0;
}

int change_receive(const struct guestconf_section *from,
		   const struct guestconf_section *giver, enum guest_kind kind,
		   const struct argv_command *c, struct arena *a,
		   struct guestconf_section *ret, struct err *e)
{
	struct slice key = argv_value(c, "target-disk");
	ptrdiff_t at = change_index(giver, moved_key(c));

	if (!key.len)
		key = argv_value(c, "target-volume");
	if (!key.len)
		key = moved_key(c);
	if (change_begin(from, 1, a, ret, e) < 0)
		return -1;
	if (at >= 0)
		change_put(ret, kind, key,
			   slice_starts(key, "unused") ? volume_at(giver, (size_t)at)
						       : giver->entries[at].value);
	return 0;
}

/* The member size= in @value of @o; absent where there is none. */
static struct slice size_in(const struct option *o, struct slice value)
{
	int slot = o->props ? propstr_slot(o->props, "size") : -1;
	struct slice vals[PROPSTR_MAX_KEYS];
	struct err ignored = { 0 };

	if (slot < 0 || propstr_parse(o->props, value, vals, &ignored) < 0)
		return (struct slice){ 0 };
	return vals[slot];
}

/* "size=8G": @bytes as Proxmox writes them. Memory from @a; NULL without. */
static const char *size_member(uint64_t bytes, struct arena *a)
{
	static const char *const units[] = { "", "K", "M", "G", "T" };
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit + 1 < ARRAY_LEN(units)) {
		bytes /= 1024;
		unit++;
	}
	return arena_printf(a, "size=%" PRIu64 "%s", bytes, units[unit]);
}

int change_resize(const struct guestconf_section *from, enum guest_kind kind,
		  const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
{
	struct slice key = argv_value(c, "disk"), size = argv_value(c, "size"), is;
	ptrdiff_t at = change_index(from, key);
	uint64_t before = 0, after;
	bool more = slice_starts(size, "+");
	const char *said;
	char *text;

	if (change_begin(from, 0, a, ret, e) < 0)
		return -1;
	if (more)
		size = (struct slice){ size.ptr + 1, size.len - 1 };
	if (at < 0 || !from->entries[at].option || !format_size(size, &after))
		return 0; /* Proxmox refuses it */
	is = size_in(from->entries[at].option, from->entries[at].value);
	if (more && is.len && format_size(is, &before) &&
	    __builtin_add_overflow(before, after, &after))
		after = UINT64_MAX;
	is = without(from->entries[at].value, "size=", a);
	said = size_member(after, a);
	text = is.ptr && said ? arena_printf(a, "%.*s,%s", SLICE_ARG(is), said) : NULL;
	if (!text)
		return err_nomem(e);
	change_put(ret, kind, key, slice_of(text));
	return 0;
}

/* Whether @key of a VM is a volume, used or not. */
static bool is_volume(struct slice key)
{
	const struct option *o = option_find(GUEST_VM, key);

	return o && o->props &&
	       (propstr_slot(o->props, "size") >= 0 || strcmp(o->name, "unused") == 0);
}

bool change_unlinks_option(const struct argv_command *c)
{
	struct slice list = argv_value(c, "idlist"), key;

	while (format_list_next(&list, &key))
		if (!is_volume(key))
			return true;
	return false;
}
