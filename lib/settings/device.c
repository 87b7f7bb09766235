/* SPDX-License-Identifier: MIT */
#include "settings/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "facts/bind.h"
#include "facts/getter.h"
#include "pve/option.h"
#include "settings/device-raw.h"
#include "settings/owner.h"

static const struct fact_origin no_line = { 0 };

/* What makes a device node that is missing. */
static const struct {
	const char *path, *module;
} makers[] = {
	{ "/dev/fuse", "fuse" },     { "/dev/kvm", "kvm" },
	{ "/dev/net/tun", "tun" },   { "/dev/ppp", "ppp_generic" },
	{ "/dev/uinput", "uinput" }, { "/dev/vhost-net", "vhost_net" },
};

/* The module that makes the node @path, or NULL. */
static const char *maker_of(struct slice path)
{
	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		if (slice_eq(path, makers[i].path))
			return makers[i].module;
	return NULL;
}

/* Whether @target is a pattern. */
static bool is_pattern(struct slice target)
{
	for (size_t i = 0; i < target.len; i++)
		if (strchr("*?[", target.ptr[i]))
			return true;
	return false;
}

/* Whether the device @path is what @target, a path or pattern, asks for. */
static bool is_meant(const char *target, struct slice path, struct arena *a)
{
	const char *text = arena_strdup(a, path);

	return text && fnmatch(target, text, FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

struct slice device_resolve(int root, struct slice target, struct arena *a, size_t *ret_n)
{
	const char *pattern = arena_strdup(a, target), *slash, *dir;
	struct slice found = { 0 };
	struct dirent *d;
	DIR *listing;
	int fd;

	*ret_n = 1;
	if (!is_pattern(target))
		return target;
	*ret_n = 0;
	slash = pattern ? strrchr(pattern, '/') : NULL;
	dir = slash ? arena_printf(a, "%.*s", (int)(slash - pattern), pattern) : NULL;
	fd = dir ? openat(root, dir + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	listing = fd < 0 ? NULL : fdopendir(fd);
	if (!listing)
		return found;
	while ((d = readdir(listing))) {
		const char *path;

		if (*d->d_name == '.' || fnmatch(slash + 1, d->d_name, FNM_NOESCAPE) != 0)
			continue;
		path = arena_printf(a, "%s/%s", dir, d->d_name);
		found = path ? slice_of(path) : found;
		++*ret_n;
	}
	(void)closedir(listing);
	return *ret_n == 1 ? found : (struct slice){ 0 };
}

/* The devN of the container that gives what @target asks for; its path to *@ret_path. */
static const struct guestconf_entry *find_dev(struct getting *g, const char *target,
					      struct slice *ret_path)
{
	const struct guestconf_entry *entry;
	struct props p;
	size_t at = 0;

	while ((entry = FAMILY_NEXT(g, "dev", &at))) {
		props_read(g, entry, &p);
		if (p.bad)
			continue;
		*ret_path = bind_path(props_get(&p, "path"), g->arena);
		if (is_meant(target, *ret_path, g->arena))
			return entry;
	}
	return NULL;
}

bool device_is_given(const struct facts_input *in, struct slice target, struct arena *a)
{
	struct getting g = { .in = in, .arena = a };
	const char *pattern = arena_strdup(a, target);
	struct slice path;

	if (!pattern)
		return false;
	return find_dev(&g, pattern, &path) || raw_mount_find(&g, pattern, &path);
}

const char *device_free_slot(const struct facts_input *in, struct arena *a)
{
	const struct option *o = option_find(GUEST_CT, slice_of("dev0"));
	unsigned count = o ? o->count : 0;

	for (unsigned i = 0; i < count; i++) {
		const char *key = arena_printf(a, "dev%u", i);

		if (!key || !guestconf_find(in->section, key))
			return key;
	}
	return NULL;
}

const char *device_option(int root, const struct facts_input *in, struct slice path,
			  const struct device_access *access, struct arena *a,
			  struct slice *ret_left)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct device_access numbers = *access;

	*ret_left = (struct slice){ 0 };
	if (!owner_look_up(root, in, OWNER_GROUP, access->gid, a, &numbers.gid))
		*ret_left = access->gid;
	if (!owner_look_up(root, in, OWNER_USER, access->uid, a, &numbers.uid))
		*ret_left = access->uid;
	buf_slice(&out, path);
	device_access_render(&numbers, &out);
	return arena_strdup(a, buf_as_slice(&out));
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

/*
 * Says what is wrong with the file @path of the node, if it is; true when it is a device.
 * One that the container is not even @given may be missing.
 */
static bool check_node(struct check *c, const struct plan_item *item, bool given,
		       struct slice path, struct stat *ret)
{
	const char *module = maker_of(path), *name = arena_strdup(c->arena, path);

	if (!name)
		return false;
	if (fstatat(c->root, name + 1, ret, 0) < 0) {
		if (errno == ENOENT && check_loads_module(c))
			return false; /* that may make it */
		check_add(c, item, !given && item->setting->optional, no_line,
			  arena_printf(c->arena, "%s: %s on this node", name,
				       errno == ENOENT ? "there is no such device"
						       : strerror(errno)),
			  module ? arena_printf(c->arena, "modprobe %s", module)
				 : "look whether the hardware is there and its driver "
				   "loaded: dmesg, lsmod");
		return false;
	}
	if (S_ISCHR(ret->st_mode) || S_ISBLK(ret->st_mode))
		return true;
	check_add(c, item, false, no_line,
		  arena_printf(c->arena, "%s on this node is a %s, not a device", name,
			       S_ISDIR(ret->st_mode)   ? "directory"
			       : S_ISREG(ret->st_mode) ? "plain file"
						       : "file of another kind"),
		  arena_printf(c->arena, "%s %s; %s%s",
			       S_ISDIR(ret->st_mode) ? "rmdir" : "rm", name,
			       module ? "modprobe " : "udevadm trigger",
			       module ? module : ""));
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

/* Checks that raw lines which mount the device also allow it, by its real numbers. */
static void check_allowed(struct check *c, const struct plan_item *item,
			  const struct raw_mount *raw, const struct stat *st)
{
	struct getting g = { .in = c->in, .arena = c->arena };
	struct raw_allow allow = raw_allow_find(&g, st);
	struct fact_origin o;

	if (allow.covers)
		return;
	o = origin_raw(&g, allow.near ? allow.near : raw->line);
	check_add(c, item, false, o,
		  arena_printf(c->arena,
			       allow.near ? "the raw line allows another device than "
					    "%.*s, which is %c %u:%u on this node"
					  : "a raw line mounts %.*s (%c %u:%u), and none "
					    "allows its use",
			       SLICE_ARG(raw->source), S_ISCHR(st->st_mode) ? 'c' : 'b',
			       major(st->st_rdev), minor(st->st_rdev)),
		  allow.near && o.line
			  ? arena_printf(c->arena,
					 "write in line %u of %s: "
					 "lxc.cgroup2.devices.allow: %c %u:%u rwm",
					 o.line, o.file, S_ISCHR(st->st_mode) ? 'c' : 'b',
					 major(st->st_rdev), minor(st->st_rdev))
			  : arena_printf(
				    c->arena,
				    "add lxc.cgroup2.devices.allow: %c %u:%u rwm, or "
				    "give it by pct set %" PRIu64
				    " --%s in place of the raw line",
				    S_ISCHR(st->st_mode) ? 'c' : 'b', major(st->st_rdev),
				    minor(st->st_rdev), c->in->vmid, "dev0"));
}

/* Says that the pattern @item->target fits @n devices of the node. */
static void report_pattern(struct check *c, const struct plan_item *item, size_t n)
{
	if (n)
		check_add(c, item, item->setting->optional, no_line,
			  arena_printf(c->arena,
				       "%zu devices of this node fit %.*s, and the "
				       "container is given none of them",
				       n, SLICE_ARG(item->target)),
			  arena_printf(c->arena,
				       "pct set %" PRIu64
				       " --dev0 PATH, with one of: ls %.*s",
				       c->in->vmid, SLICE_ARG(item->target)));
	else if (!check_loads_module(c))
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
	dev = find_dev(&g, target, &by_dev);
	has_raw = raw_mount_get(&g, target, &raw);
	if (dev)
		path = by_dev;
	else if (has_raw)
		path = raw.source;
	else
		path = device_resolve(c->root, item->target, c->arena, &n);
	if (!path.len) {
		report_pattern(c, item, n);
		return;
	}
	if (dev && has_raw)
		report_twice(c, item, dev, &raw);
	if (check_node(c, item, dev || has_raw, path, &st) && has_raw && !dev)
		check_allowed(c, item, &raw, &st);
	if (!dev && !has_raw && c->n == before)
		report_not_given(c, item, path);
}
