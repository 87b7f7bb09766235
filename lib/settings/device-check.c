/* SPDX-License-Identifier: MIT */
/* device-check - what about a device would stop or mislead a start. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "facts/getter.h"
#include "settings/device-raw.h"
#include "settings/device.h"

static const struct fact_origin no_line = { 0 };

/*
 * Device nodes with numbers of their own, and what makes them. Source: Linux,
 * admin-guide/devices.txt.
 */
static const struct known_node {
	const char *path, *module;
	unsigned major, minor;
} known_nodes[] = {
	{ "/dev/fuse", "fuse", 10, 229 },     { "/dev/kvm", "kvm", 10, 232 },
	{ "/dev/net/tun", "tun", 10, 200 },   { "/dev/ppp", "ppp_generic", 108, 0 },
	{ "/dev/uinput", "uinput", 10, 223 }, { "/dev/vhost-net", "vhost_net", 10, 238 },
};

/* What is known of the node @path, or NULL. */
static const struct known_node *known_node(struct slice path)
{
	for (size_t i = 0; i < ARRAY_LEN(known_nodes); i++)
		if (slice_eq(path, known_nodes[i].path))
			return &known_nodes[i];
	return NULL;
}

/* Type of the device of @st, as rules for devices name it. */
static char type_of(const struct stat *st)
{
	return S_ISCHR(st->st_mode) ? 'c' : 'b';
}

/* Says that the container is not given the device @path, and the command that does it. */
static void report_not_given(struct check *c, const struct plan_item *item,
			     struct slice path)
{
	const char *slot = device_free_slot(c->in, c->arena), *option, *remedy;
	struct slice left;

	option = device_option(c->root, c->in, path, &item->setting->access, c->arena,
			       &left);
	if (!slot)
		remedy = "no devN is free: take one of them away";
	else if (left.len)
		remedy = arena_printf(
			c->arena,
			"pct set %" PRIu64 " --%s %s,gid=N, N as in the container: "
			"getent group %.*s",
			c->in->vmid, slot, option ? option : "", SLICE_ARG(left));
	else
		remedy = arena_printf(c->arena, "pct set %" PRIu64 " --%s %s",
				      c->in->vmid, slot, option ? option : "");
	check_add(c, item, item->setting->optional, no_line,
		  arena_printf(c->arena, "the container is not given %.*s",
			       SLICE_ARG(path)),
		  remedy);
}

/* Says that the node @name is not there. */
static void report_missing(struct check *c, const struct plan_item *item, bool given,
			   const char *name, const struct known_node *known)
{
	if (errno == ENOENT && check_loads_module(c, known ? known->module : NULL))
		return; /* that may make it */
	check_add(c, item, !given && item->setting->optional, no_line,
		  arena_printf(c->arena, "%s: %s on this node", name,
			       errno == ENOENT ? "there is no such device"
					       : strerror(errno)),
		  known ? arena_printf(c->arena, "modprobe %s", known->module)
			: "look whether the hardware is there and its driver "
			  "loaded: dmesg, lsmod");
}

/* Says that something else than the device is at @name. */
static void report_node(struct check *c, const struct plan_item *item, const char *name,
			const struct known_node *known, const struct stat *st)
{
	const char *what = S_ISDIR(st->st_mode) ? "a directory, not a device"
			   : S_ISREG(st->st_mode)
				   ? "a plain file, not a device"
				   : "a file of another kind, not a device";

	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		what = known ? arena_printf(c->arena, "%c %u:%u, and should be c %u:%u",
					    type_of(st), major(st->st_rdev),
					    minor(st->st_rdev), known->major,
					    known->minor)
			     : NULL;
	check_add(c, item, false, no_line,
		  what ? arena_printf(c->arena, "%s on this node is %s", name, what)
		       : NULL,
		  arena_printf(c->arena, "%s %s; %s%s",
			       S_ISDIR(st->st_mode) ? "rmdir" : "rm", name,
			       known ? "modprobe " : "udevadm trigger",
			       known ? known->module : ""));
}

/*
 * Says what is wrong with the file @path of the node, if it is; true when it is a device.
 * One that the container is not even @given may be missing.
 */
static bool check_node(struct check *c, const struct plan_item *item, bool given,
		       struct slice path, struct stat *ret)
{
	const struct known_node *known = known_node(path);
	const char *name = arena_strdup(c->arena, path);

	if (!name)
		return false;
	if (fstatat(c->root, name + 1, ret, 0) < 0) {
		report_missing(c, item, given, name, known);
		return false;
	}
	if (known ? S_ISCHR(ret->st_mode) &&
			    ret->st_rdev == makedev(known->major, known->minor)
		  : S_ISCHR(ret->st_mode) || S_ISBLK(ret->st_mode))
		return true;
	report_node(c, item, name, known, ret);
	return false;
}

/* Says that a raw line gives the device that @dev gives too. */
static void report_twice(struct check *c, const struct plan_item *item,
			 const struct guestconf_entry *dev, const struct raw_mount *raw)
{
	struct getting g = { .in = c->in, .arena = c->arena };
	struct fact_origin o = origin_raw(&g, raw->line);

	check_add(c, item, false, o,
		  arena_printf(c->arena,
			       "%.*s and a raw line both give it, which stops the start",
			       SLICE_ARG(dev->key)),
		  o.line ? arena_printf(c->arena, "remove line %u of %s", o.line, o.file)
			 : "remove the raw line");
}

/* Says that a raw line puts another file in the place of @path, the device of @st. */
static void report_other(struct check *c, const struct plan_item *item,
			 const struct raw_mount *raw, struct slice path,
			 const struct stat *st)
{
	struct getting g = { .in = c->in, .arena = c->arena };
	struct fact_origin o = origin_raw(&g, raw->line);

	check_add(c, item, false, o,
		  arena_printf(c->arena,
			       "the raw line mounts %.*s in its place, not %.*s "
			       "(%c %u:%u)",
			       SLICE_SHOWN(raw->source), SLICE_ARG(path), type_of(st),
			       major(st->st_rdev), minor(st->st_rdev)),
		  o.line ? arena_printf(c->arena,
					"write in line %u of %s: lxc.mount.entry: %.*s "
					"%.*s none bind,create=file",
					o.line, o.file, SLICE_ARG(path),
					(int)path.len - 1, path.ptr + 1)
			 : "remove the raw line");
}

/* Whether what the raw line mounts, another file than @st, is the same device. */
static bool mounts_same(const struct check *c, const struct raw_mount *raw,
			const struct stat *st)
{
	const char *source = arena_strdup(c->arena, raw->source);
	struct stat other;

	return source && fstatat(c->root, source + 1, &other, 0) == 0 &&
	       device_is_same(&other, st);
}

/* The line that would allow the device of @st, but for its number where there is one. */
static const char *allow_line(struct check *c, const struct stat *st)
{
	return arena_printf(c->arena, "lxc.cgroup2.devices.allow: %c %u:%u rwm",
			    type_of(st), major(st->st_rdev), minor(st->st_rdev));
}

/* Checks that raw lines which mount the device @path also allow it, by its real numbers. */
static void check_allowed(struct check *c, const struct plan_item *item,
			  const struct raw_mount *raw, struct slice path,
			  const struct stat *st)
{
	struct getting g = { .in = c->in, .arena = c->arena };
	struct raw_allow allow = raw_allow_find(&g, st);
	const char *line = allow_line(c, st), *slot, *reason, *remedy;
	struct fact_origin o;

	if (allow.covers || !line)
		return;
	o = origin_raw(&g, allow.near ? allow.near : raw->line);
	reason = arena_printf(c->arena,
			      allow.near ? "the raw line allows another device than "
					   "%.*s, which is %c %u:%u on this node"
					 : "a raw line mounts %.*s (%c %u:%u), and none "
					   "allows its use",
			      SLICE_ARG(path), type_of(st), major(st->st_rdev),
			      minor(st->st_rdev));
	slot = device_free_slot(c->in, c->arena);
	if (allow.near && o.line)
		remedy = arena_printf(c->arena, "write in line %u of %s: %s", o.line,
				      o.file, line);
	else
		remedy = arena_printf(c->arena,
				      "add %s, or give it by pct set %" PRIu64
				      " --%s %.*s in place of the raw line",
				      line, c->in->vmid, slot ? slot : "devN",
				      SLICE_ARG(path));
	check_add(c, item, false, o, reason, remedy);
}

/* Checks the device @path of @st, which the raw line gives. */
static void check_raw(struct check *c, const struct plan_item *item,
		      const struct raw_mount *raw, struct slice path,
		      const struct stat *st)
{
	if (raw->other && !mounts_same(c, raw, st))
		report_other(c, item, raw, path, st);
	else
		check_allowed(c, item, raw, path, st);
}

/*
 * Says, where a devN gives the device @path by another name of it, that such a name may be
 * another device's tomorrow. False: none does.
 */
static bool report_name(struct check *c, const struct plan_item *item, struct slice path)
{
	struct getting g = { .in = c->in, .arena = c->arena };
	const char *name, *option;
	const struct guestconf_entry *entry = device_find_other(c->root, &g, path, &name);
	struct slice left;

	if (!entry)
		return false;
	option = device_option(c->root, c->in, path, &item->setting->access, c->arena,
			       &left);
	check_add(c, item, true, origin_entry(&g, entry),
		  arena_printf(c->arena,
			       "%s is %.*s by a name that can be another device's after "
			       "a restart",
			       name, SLICE_ARG(path)),
		  arena_printf(c->arena, "pct set %" PRIu64 " --%.*s %s", c->in->vmid,
			       SLICE_ARG(entry->key), option ? option : ""));
	return true;
}

/* Says that nobody can tell what fits the pattern @item->target, for @sys. */
static void report_unread(struct check *c, const struct plan_item *item, int sys)
{
	struct slice dir = item->target;

	while (dir.len > 1 && dir.ptr[--dir.len] != '/')
		;
	check_add(c, item, item->setting->optional, no_line,
		  arena_printf(c->arena,
			       "which devices of this node fit %.*s cannot be told: "
			       "%.*s: %s",
			       SLICE_ARG(item->target), SLICE_ARG(dir), strerror(sys)),
		  arena_printf(c->arena, "ls %.*s", SLICE_ARG(dir)));
}

/* Says that the pattern @item->target fits @n devices of the node; errno as that has it. */
static void report_pattern(struct check *c, const struct plan_item *item, size_t n)
{
	int sys = errno;
	const char *slot = device_free_slot(c->in, c->arena);

	if (n == DEVICE_UNREAD)
		report_unread(c, item, sys);
	else if (n)
		check_add(c, item, item->setting->optional, no_line,
			  arena_printf(c->arena,
				       "%zu devices of this node fit %.*s, and the "
				       "container is given none of them",
				       n, SLICE_ARG(item->target)),
			  arena_printf(c->arena,
				       "pct set %" PRIu64 " --%s PATH, with one of: ls "
				       "%.*s",
				       c->in->vmid, slot ? slot : "devN",
				       SLICE_ARG(item->target)));
	else if (!check_loads_module(c, NULL))
		check_add(c, item, item->setting->optional, no_line,
			  arena_printf(c->arena, "no device of this node fits %.*s",
				       SLICE_ARG(item->target)),
			  "look whether the hardware is there and its driver loaded: "
			  "dmesg, lsmod");
}

void check_device(struct check *c, const struct plan_item *item)
{
	struct getting g = { .in = c->in, .arena = c->arena };
	const char *target = arena_strdup(c->arena, item->target);
	const struct guestconf_entry *dev;
	struct raw_mount raw;
	struct slice path = { 0 }, by_dev = { 0 };
	struct stat st;
	size_t n = 1, before = c->n;
	bool has_raw;

	if (!target)
		return;
	dev = device_find(&g, target, &by_dev);
	has_raw = raw_mount_get(&g, target, &raw);
	if (dev)
		path = by_dev;
	else if (has_raw)
		path = raw.other ? item->target : raw.source;
	else
		path = device_resolve(c->root, item->target, c->arena, &n);
	if (!path.len) {
		report_pattern(c, item, n);
		return;
	}
	if (dev && has_raw)
		report_twice(c, item, dev, &raw);
	if (check_node(c, item, dev || has_raw, path, &st) && has_raw && !dev)
		check_raw(c, item, &raw, path, &st);
	if (!dev && !has_raw && c->n == before && !report_name(c, item, path))
		report_not_given(c, item, path);
}
