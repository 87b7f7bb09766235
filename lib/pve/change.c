/* SPDX-License-Identifier: MIT */
#include "pve/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "pve/option.h"

/* Index of @key in @s, or -1. */
static ptrdiff_t index_of(const struct guestconf_section *s, struct slice key)
{
	for (size_t i = 0; i < s->nentries; i++)
		if (slice_same(s->entries[i].key, key))
			return (ptrdiff_t)i;
	return -1;
}

/* Copies @from into @ret with room for @more further entries. 0 or -1. */
static int copy_section(const struct guestconf_section *from, size_t more,
			struct arena *a, struct guestconf_section *ret, struct err *e)
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

/* Removes @key from @s. */
static void remove_key(struct guestconf_section *s, struct slice key)
{
	ptrdiff_t at = index_of(s, key);

	if (at < 0)
		return;
	s->nentries--;
	memmove(&s->entries[at], &s->entries[at + 1],
		(s->nentries - (size_t)at) * sizeof(*s->entries));
}

/* Sets @key to @value, as from the command line; there is room for it. */
static void set_key(struct guestconf_section *s, enum guest_kind kind, struct slice key,
		    struct slice value)
{
	unsigned index = 0;
	const struct option *o = option_find_index(kind, key, &index);
	ptrdiff_t at = index_of(s, key);
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

/* Where @c puts the volumes of a new container that name no storage. */
static struct slice default_storage(const struct argv_command *c)
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
	text = arena_printf(a, "%.*s:%.*s", SLICE_ARG(default_storage(c)),
			    SLICE_ARG(value));
	return text ? slice_of(text) : (struct slice){ 0 };
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
		value = with_storage(c, o, p->value, a);
		value = slice_same(key, name) ? with_size(o, value, a)
					      : as_cdrom(value, a);
		if (p->value.ptr && !value.ptr)
			return err_nomem(e);
		set_key(s, kind, key, value);
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

	if (index_of(s, slice_of("unprivileged")) < 0)
		set_key(s, GUEST_CT, slice_of("unprivileged"), slice_of("1"));
	if (index_of(s, slice_of("rootfs")) >= 0)
		return 0;
	volume = arena_printf(a, "%.*s:4,size=4G", SLICE_ARG(default_storage(c)));
	if (!volume)
		return err_nomem(e);
	set_key(s, GUEST_CT, slice_of("rootfs"), slice_of(volume));
	return 0;
}

int change_create(const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
{
	const struct guestconf_section nothing = { 0 };
	enum { DEFAULTS = 2 };

	if (copy_section(&nothing, c->nparams + DEFAULTS, a, ret, e) < 0 ||
	    apply_options(c, kind_of(c), a, ret, e) < 0)
		return -1;
	return kind_of(c) == GUEST_CT ? add_defaults_ct(c, a, ret, e) : 0;
}

/* Sets the disk @key to a new volume on the storage that @c names; there is room for it. */
static int add_disk(const struct argv_command *c, struct slice key, struct arena *a,
		    struct guestconf_section *s, struct err *e)
{
	char *volume = arena_printf(a, "%.*s:0", SLICE_ARG(argv_value(c, "storage")));

	if (!volume)
		return err_nomem(e);
	set_key(s, GUEST_VM, key, slice_of(volume));
	return 0;
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

/* The name under which an imported disk is listed that nobody names. */
static struct slice unused_key(const struct guestconf_section *s, struct arena *a)
{
	char *key = NULL;
	unsigned i = 0;

	do
		key = arena_printf(a, "unused%u", i++);
	while (key && index_of(s, slice_of(key)) >= 0);
	return key ? slice_of(key) : (struct slice){ 0 };
}

int change_disk(const struct guestconf_section *from, const struct argv_command *c,
		struct arena *a, struct guestconf_section *ret, struct err *e)
{
	struct slice key = argv_value(c, "target-disk");

	if (copy_section(from, 1, a, ret, e) < 0)
		return -1;
	if (!key.len)
		key = unused_key(ret, a);
	return key.ptr ? add_disk(c, key, a, ret, e) : err_nomem(e);
}

/* Calls @each for every key of the list option @name; blanks, ';' and ',' separate. */
static void each_key(const struct argv_command *c, const char *name,
		     void (*each)(struct guestconf_section *, const struct guestconf *,
				  struct slice),
		     struct guestconf_section *s, const struct guestconf *conf)
{
	struct slice rest = argv_value(c, name);
	size_t i = 0, start = 0;

	for (; i <= rest.len; i++) {
		if (i < rest.len && !slice_is_space(rest.ptr[i]) && rest.ptr[i] != ',' &&
		    rest.ptr[i] != ';')
			continue;
		if (i > start)
			each(s, conf, (struct slice){ rest.ptr + start, i - start });
		start = i + 1;
	}
}

/* --delete KEY; without @conf of a VM that is yet to be made. */
static void delete_key(struct guestconf_section *s, const struct guestconf *conf,
		       struct slice key)
{
	remove_key(s, written_key(conf ? conf->kind : GUEST_VM, key));
}

/* --revert KEY: the pending change of KEY is dropped, what is current stays. */
static void revert_key(struct guestconf_section *s, const struct guestconf *conf,
		       struct slice key)
{
	const struct guestconf_section *now = guestconf_current(conf);
	ptrdiff_t at = index_of(now, key), mine = index_of(s, key);

	if (at < 0)
		remove_key(s, key);
	else if (mine >= 0)
		s->entries[mine] = now->entries[at];
	else
		s->entries[s->nentries++] = now->entries[at];
}

int change_import(const struct argv_command *c, struct arena *a,
		  struct guestconf_section *ret, struct err *e)
{
	const struct guestconf_section nothing = { 0 };

	if (copy_section(&nothing, c->nparams + 1, a, ret, e) < 0 ||
	    apply_options(c, GUEST_VM, a, ret, e) < 0)
		return -1;
	each_key(c, "delete", delete_key, ret, NULL);
	return has_disk(ret) ? 0 : add_disk(c, slice_of("scsi0"), a, ret, e);
}

int change_set(const struct guestconf *conf, const struct argv_command *c,
	       struct arena *a, struct guestconf_section *ret, struct err *e)
{
	struct guestconf_section next;
	size_t more = c->nparams + guestconf_current(conf)->nentries;

	if (guestconf_merge_pending(conf, a, &next, e) < 0 ||
	    copy_section(&next, more, a, ret, e) < 0)
		return -1;
	each_key(c, "revert", revert_key, ret, conf);
	each_key(c, "delete", delete_key, ret, conf);
	return apply_options(c, kind_of(c), a, ret, e);
}

/* Names a VM's clone as Proxmox does where nobody names it; there is room for it. */
static int name_clone(const struct argv_command *c, struct arena *a,
		      struct guestconf_section *s, struct err *e)
{
	struct slice own = argv_value(c, "vmid");
	ptrdiff_t at = index_of(s, slice_of("name"));
	char *name;

	if (!argv_value(c, "newid").ptr || argv_value(c, "name").len)
		return 0;
	if (at >= 0)
		own = s->entries[at].value;
	name = arena_printf(a, "Copy-of-VM-%.*s", SLICE_ARG(own));
	if (!name)
		return err_nomem(e);
	set_key(s, GUEST_VM, slice_of("name"), slice_of(name));
	return 0;
}

int change_copy(const struct guestconf_section *from, enum guest_kind kind,
		const struct argv_command *c, struct arena *a,
		struct guestconf_section *ret, struct err *e)
{
	static const char *const gone[] = { "lock",          "parent",  "snapstate",
					    "snaptime",      "vmstate", "template",
					    "runningmachine" };

	if (copy_section(from, c->nparams + 1, a, ret, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		remove_key(ret, slice_of(gone[i]));
	if (kind == GUEST_VM && name_clone(c, a, ret, e) < 0)
		return -1;
	return apply_options(c, kind, a, ret, e);
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
	if (copy_section(from, ARRAY_LEN(instead), a, ret, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(instead); i++) {
		struct slice value = argv_value(c, instead[i].option);

		if (value.len)
			set_key(ret, GUEST_VM, slice_of(instead[i].key), value);
	}
	return 0;
}

/* Adds to @ret the keys of @a whose value is another one in @b, or that @b has not. */
static void add_differing(const struct guestconf_section *a,
			  const struct guestconf_section *b, bool missing_only,
			  struct change_keys *ret)
{
	for (size_t i = 0; i < a->nentries; i++) {
		ptrdiff_t at = b ? index_of(b, a->entries[i].key) : -1;

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
