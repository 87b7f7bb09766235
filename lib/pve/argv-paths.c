/* SPDX-License-Identifier: MIT */
#include "pve/argv-paths.h"

#include <string.h>

#include "base/cleanup.h"
#include "pve/format.h"

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

/* Adds what a whole value names. */
static void add_file(struct finder *f, struct slice value, unsigned flags)
{
	if (flags & CLI_VOLUME && (slice_eq(value, "-") || format_volume_id.check(value)))
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
