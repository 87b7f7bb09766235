/* SPDX-License-Identifier: MIT */
#include "pve/argv-paths.h"

#include <string.h>

#include "base/cleanup.h"

/* The list being made. */
struct finder {
	struct arena *a;
	struct argv_path *items; /* room for all that the words can hold */
	size_t n;
};

/* Adds @name; one without memory is noticed at the end. */
static void add(struct finder *f, struct slice name, unsigned flags)
{
	f->items[f->n++] = (struct argv_path){
		.name = arena_strdup(f->a, name),
		.writes = flags & CLI_WRITES,
		.opaque = flags & CLI_OPAQUE,
	};
}

/* Whether @c may stand within a storage's name, also at its end. */
static bool is_storage_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Whether @s is a volume's name, local:backup/x. Source: PVE::Storage::parse_volume_id. */
static bool is_volume(struct slice s)
{
	struct slice storage, volume;

	if (!slice_cut(s, ':', &storage, &volume) || storage.len < 2 || !volume.len ||
	    !is_storage_char(storage.ptr[0]) ||
	    !is_storage_char(storage.ptr[storage.len - 1]) || storage.ptr[0] <= '9')
		return false;
	for (size_t i = 0; i < storage.len; i++)
		if (!is_storage_char(storage.ptr[i]) && !memchr("-_.", storage.ptr[i], 3))
			return false;
	return true;
}

/* Adds what a whole value names. */
static void add_file(struct finder *f, struct slice value, unsigned flags)
{
	if (flags & CLI_VOLUME && (slice_eq(value, "-") || is_volume(value)))
		return;
	add(f, value, flags);
}

/* Adds the path that @value, the member @key of a property string, is. */
static void add_member(struct finder *f, struct slice key, struct slice value,
		       unsigned flags)
{
	/* Where Proxmox looks for it; "../" leads out of there. */
	static const char *const rom_dir = "/usr/share/kvm/";

	if (slice_eq(key, "romfile"))
		f->items[f->n++].name =
			arena_printf(f->a, "%s%.*s", rom_dir, SLICE_ARG(value));
	else if (!slice_eq(key, "mp") && value.len && value.ptr[0] == '/')
		add(f, value, flags); /* mp= is in the guest */
}

/* Adds the paths of the node in the property string @value. */
static void add_members(struct finder *f, struct slice value, unsigned flags)
{
	struct slice member, rest = value;

	for (bool more = true; more;) {
		struct slice key, path;

		more = slice_cut(rest, ',', &member, &rest);
		member = slice_trim(member);
		if (member.len && member.ptr[0] != '/' &&
		    slice_cut(member, '=', &key, &path))
			add_member(f, key, path, flags);
		else
			add_member(f, (struct slice){ 0 }, member, flags);
	}
}

/* How many commas are in @s. */
static size_t commas(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == ',';
	return n;
}

int argv_paths_find(const struct argv_command *c, struct arena *a, struct argv_paths *ret,
		    struct err *e)
{
	struct finder f = { .a = a };
	size_t most = c->nunknown + 1;

	for (size_t i = 0; i < c->nparams; i++)
		most += 1 + commas(c->params[i].value);
	f.items = arena_array(a, most, sizeof(*f.items));
	if (!f.items)
		return err_nomem(e);
	for (size_t i = 0; i < c->nparams; i++) {
		struct slice value = c->params[i].value;
		unsigned flags = c->params[i].option->flags;

		if (!value.len)
			continue;
		if (flags & (CLI_FILE | CLI_OPAQUE))
			add_file(&f, value, flags);
		else if (flags & CLI_PATHS)
			add_members(&f, value, flags);
	}
	for (size_t i = 0; i < c->nunknown; i++)
		add(&f, slice_of(c->typed.words[c->unknown[i]]), CLI_OPAQUE);
	if (arena_failed(a))
		return err_nomem(e);
	*ret = (struct argv_paths){ f.items, f.n };
	return 0;
}
