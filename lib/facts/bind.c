/* SPDX-License-Identifier: MIT */
#include "facts/bind.h"

#include <limits.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "pve/format.h"

/* A path that is a link on every node, and what it leads to. */
struct link {
	const char *path, *target;
};

static const struct link links[] = {
	{ "/var/run", "/run" },
	{ "/var/lock", "/run/lock" },
	{ "/dev/fd", "/proc/self/fd" },
	{ "/proc/net", "/proc/self/net" },
	{ "/proc/thread-self", "/proc/self/task/self" },
};

enum { GROWTH = 16 }; /* bytes by which following a link makes a path longer, at most */

/* Beginnings of paths that need a second look for a link. */
static const char *const beginnings[] = { "/var/run", "/var/lock", "/dev/fd", "/proc/" };

/* Whether @path stands as it is: nothing in it needs a second look. */
static bool is_plain(struct slice path)
{
	if (!path.len || path.ptr[0] != '/' ||
	    (path.len > 1 && path.ptr[path.len - 1] == '/'))
		return false;
	for (size_t i = 0; i + 1 < path.len; i++)
		if (path.ptr[i] == '/' &&
		    (path.ptr[i + 1] == '/' || path.ptr[i + 1] == '.'))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
		if (slice_starts(path, beginnings[i]))
			return false;
	return true;
}

/* Length of @path without its last component; "" has none. */
static size_t parent_len(const char *path, size_t len)
{
	while (len && path[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

/* Cuts the process or thread, "self" or a number, and the '/' after it off @rest. */
static bool cut_process(struct slice *rest, struct slice *ret)
{
	return slice_cut(*rest, '/', ret, rest) &&
	       (slice_eq(*ret, "self") || format_digits(*ret));
}

/*
 * Whether @path is the root of the process that mounts, or leads to what its text does not
 * say, which may be the root as well: a directory that a process works in or has open.
 */
static bool may_be_root(struct slice path)
{
	static const char proc[] = "/proc/", task[] = "task/", fd[] = "fd/";
	struct slice who, thread, rest;

	if (!slice_starts(path, proc))
		return false;
	rest = (struct slice){ path.ptr + strlen(proc), path.len - strlen(proc) };
	if (!cut_process(&rest, &who))
		return false;
	if (slice_starts(rest, task)) {
		rest = (struct slice){ rest.ptr + strlen(task), rest.len - strlen(task) };
		if (!cut_process(&rest, &thread))
			return false;
	}
	if (slice_eq(rest, "root"))
		return slice_eq(who, "self") || slice_eq(who, "1");
	if (slice_starts(rest, fd))
		return format_digits(
			(struct slice){ rest.ptr + strlen(fd), rest.len - strlen(fd) });
	return slice_eq(rest, "cwd");
}

/* Puts what it leads to in place of @path, @len bytes long, when it is a known link. */
static size_t follow(char *path, size_t len)
{
	if (may_be_root((struct slice){ path, len }))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		size_t n = strlen(links[i].target);

		if (!slice_eq((struct slice){ path, len }, links[i].path))
			continue;
		memcpy(path, links[i].target, n);
		return n;
	}
	return len;
}

struct slice bind_path(struct slice raw, struct arena *a)
{
	struct slice part, rest = raw;
	bool more = true;
	size_t len = 0;
	char *path;

	if (is_plain(raw))
		return raw;
	path = arena_alloc(a, raw.len + 2 + GROWTH);
	if (!path)
		return (struct slice){ 0 };
	while (more) {
		more = slice_cut(rest, '/', &part, &rest);
		if (!part.len || slice_eq(part, "."))
			continue;
		if (slice_eq(part, "..")) {
			len = parent_len(path, len);
			continue;
		}
		path[len++] = '/';
		memcpy(path + len, part.ptr, part.len);
		len = follow(path, len + part.len);
	}
	if (!len)
		path[len++] = '/';
	return (struct slice){ path, len };
}

bool bind_holds(struct slice outer, struct slice inner)
{
	if (slice_eq(outer, "/"))
		return true;
	return inner.len >= outer.len && memcmp(inner.ptr, outer.ptr, outer.len) == 0 &&
	       (inner.len == outer.len || inner.ptr[outer.len] == '/');
}

bool bind_is_device(struct slice path)
{
	return slice_starts(path, "/dev/");
}

/* Types of file systems whose source is a name, not a path of the node. */
static const char *const nameless[] = {
	"9p",         "autofs",    "binder",  "binfmt_misc", "bpf",       "ceph",
	"cgroup",     "cgroup2",   "cifs",    "configfs",    "debugfs",   "devpts",
	"devtmpfs",   "efivarfs",  "fusectl", "glusterfs",   "hugetlbfs", "lustre",
	"mqueue",     "nfs",       "nfs4",    "nfsd",        "orangefs",  "overlay",
	"overlayfs",  "proc",      "pstore",  "pvfs2",       "ramfs",     "rpc_pipefs",
	"securityfs", "selinuxfs", "smb3",    "sysfs",       "tmpfs",     "tracefs",
	"virtiofs",   "zfs",
};

/* LXC reads an entry into so many bytes, and forgets the rest. Source: LXC mount_file_entries(). */
enum { ENTRY_MAX = PATH_MAX - 1 };

/* Options of an overlay whose value is host paths, separated by ':'. */
static const char *const layers[] = { "lowerdir=", "lowerdir+=", "datadir+=", "upperdir=",
				      "workdir=" };

/* What the options of a mount say of its source. */
struct options {
	bool bound;    /* it is a path, whatever the type */
	bool moved;    /* likewise */
	bool relative; /* to the container's root */
};

/*
 * Reads the comma-separated @options; "NAME=…" counts as NAME, as in hasmntopt(3). What
 * begins with a bind's name is one for LXC. Source: LXC parse_vfs_attr().
 */
static struct options read_options(struct slice options)
{
	struct options ret = { 0 };
	struct slice option, name, value;
	bool more = true;

	while (more) {
		more = slice_cut(options, ',', &option, &options);
		(void)slice_cut(option, '=', &name, &value);
		ret.bound |= slice_starts(name, "bind") || slice_starts(name, "rbind");
		ret.moved |= slice_starts(name, "move");
		ret.relative |= slice_eq(name, "relative");
	}
	return ret;
}

/* Whether @type is among the nameless ones. */
static bool is_nameless(struct slice type)
{
	for (size_t i = 0; i < ARRAY_LEN(nameless); i++)
		if (slice_eq(type, nameless[i]))
			return true;
	return slice_starts(type, "fuse");
}

/* The byte that the escape at @s stands for, or -1 when it is none. Source: glibc. */
static int escaped(struct slice s)
{
	static const struct {
		const char *text;
		char byte;
	} escapes[] = { { "\\040", ' ' },
			{ "\\011", '\t' },
			{ "\\012", '\n' },
			{ "\\134", '\\' },
			{ "\\\\", '\\' } };

	for (size_t i = 0; i < ARRAY_LEN(escapes); i++)
		if (slice_starts(s, escapes[i].text))
			return (unsigned char)escapes[i].byte;
	return -1;
}

/* @field with its escapes decoded; borrowed when it has none. */
static struct slice decode(struct slice field, struct arena *a)
{
	struct slice rest = field;
	size_t len = 0;
	char *out;

	if (!field.len || !memchr(field.ptr, '\\', field.len))
		return field;
	out = arena_alloc(a, field.len);
	if (!out)
		return (struct slice){ 0 };
	while (rest.len) {
		int c = escaped(rest);
		size_t used = c < 0 || rest.ptr[1] == '\\' ? (size_t)(c < 0 ? 1 : 2) : 4;

		out[len++] = c < 0 ? *rest.ptr : (char)c;
		rest = (struct slice){ rest.ptr + used, rest.len - used };
	}
	return (struct slice){ out, len };
}

/* Cuts the next field, up to blanks, off @rest; {NULL, 0} when there is none. */
static struct slice next_field(struct slice *rest, struct arena *a)
{
	struct slice field;

	while (rest->len && (*rest->ptr == ' ' || *rest->ptr == '\t'))
		*rest = (struct slice){ rest->ptr + 1, rest->len - 1 };
	if (!rest->len)
		return (struct slice){ 0 };
	field = (struct slice){ rest->ptr, 0 };
	while (field.len < rest->len && field.ptr[field.len] != ' ' &&
	       field.ptr[field.len] != '\t')
		field.len++;
	*rest = (struct slice){ rest->ptr + field.len, rest->len - field.len };
	return decode(field, a);
}

/* What the source of @m is, by its options @o and its type. */
static enum mount_source kind_of(const struct mount_entry *m, const struct options *o)
{
	if (!m->source.len)
		return MOUNT_NOTHING;
	/* One without a '/' is a name; with one it is found from the root. */
	if (!o->bound && !o->moved &&
	    (is_nameless(m->type) || !memchr(m->source.ptr, '/', m->source.len)))
		return MOUNT_NOTHING;
	return o->relative ? MOUNT_INSIDE : MOUNT_HOST;
}

/* @path as LXC opens the source of a bind that does not begin with '/'. */
static struct slice without_first(struct slice path)
{
	size_t n = 0;

	while (n < path.len && path.ptr[n] != '/')
		n++;
	return n < path.len ? (struct slice){ path.ptr + n, path.len - n }
			    : (struct slice){ "/", 1 };
}

/* Whether @path, below some directory, leads out of it by way of "..". */
static bool leads_out(struct slice path)
{
	struct slice part;
	bool more = true;
	size_t depth = 0;

	while (more) {
		more = slice_cut(path, '/', &part, &path);
		if (!part.len || slice_eq(part, "."))
			continue;
		if (!slice_eq(part, ".."))
			depth++;
		else if (!depth--)
			return true;
	}
	return false;
}

struct mount_entry mount_entry_parse(struct slice value, struct arena *a)
{
	struct mount_entry m = { 0 };
	struct slice rest = value;
	struct options o;

	if (value.len && value.ptr[0] == '#')
		return m;
	if (rest.len > ENTRY_MAX)
		rest.len = ENTRY_MAX;
	m.source = next_field(&rest, a);
	m.target = next_field(&rest, a);
	m.type = next_field(&rest, a);
	m.options = next_field(&rest, a);
	m.written = m.source;
	o = read_options(m.options);
	m.kind = kind_of(&m, &o);
	if (m.kind == MOUNT_INSIDE && leads_out(m.source))
		m.kind = MOUNT_HOST; /* as far up as it may lead */
	if (m.kind == MOUNT_HOST && o.bound && m.written.ptr[0] != '/')
		m.opened = without_first(m.written);
	if (m.kind == MOUNT_HOST)
		m.source = bind_path(m.source, a);
	m.overlay = slice_starts(m.type, "overlay");
	return m;
}

/* @option without the name of an overlay's layer before it; {NULL, 0} when it is none. */
static struct slice layer_of(struct slice option)
{
	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		size_t n = strlen(layers[i]);

		if (slice_starts(option, layers[i]))
			return (struct slice){ option.ptr + n, option.len - n };
	}
	return option.len && *option.ptr == '/' ? option : (struct slice){ 0 };
}

bool mount_entry_layer_written(struct slice *options, struct slice *ret)
{
	while (options->len) {
		size_t n = 0;
		struct slice layer;

		while (n < options->len && options->ptr[n] != ',' &&
		       options->ptr[n] != ':')
			n++;
		layer = layer_of((struct slice){ options->ptr, n });
		n += n < options->len;
		*options = (struct slice){ options->ptr + n, options->len - n };
		if (!layer.len)
			continue;
		*ret = layer;
		return true;
	}
	return false;
}

bool mount_entry_layer(struct slice *options, struct arena *a, struct slice *ret)
{
	struct slice layer;

	if (!mount_entry_layer_written(options, &layer))
		return false;
	*ret = bind_path(layer, a);
	return true;
}
