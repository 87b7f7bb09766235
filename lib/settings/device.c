/* SPDX-License-Identifier: MIT */
#include "settings/device.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "facts/bind.h"
#include "facts/getter.h"
#include "pve/option.h"
#include "settings/device-raw.h"
#include "settings/owner.h"

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

/*
 * Looks for what fits @name in the directory @dir, opened as @fd, which is closed: how many
 * there are, or DEVICE_UNREAD with errno; one of them to *@ret.
 */
static size_t list_fitting(int fd, const char *dir, const char *name, struct arena *a,
			   struct slice *ret)
{
	DIR *listing = fdopendir(fd);
	struct dirent *d;
	size_t n = 0;
	int sys;

	if (!listing) {
		cleanup_close(&fd);
		return DEVICE_UNREAD;
	}
	while ((d = dir_next(listing))) {
		const char *path;

		if (*d->d_name == '.' || fnmatch(name, d->d_name, FNM_NOESCAPE) != 0)
			continue;
		path = arena_printf(a, "%s/%s", dir, d->d_name);
		*ret = path ? slice_of(path) : *ret;
		n++;
	}
	sys = errno;
	(void)closedir(listing);
	errno = sys;
	return sys ? DEVICE_UNREAD : n;
}

struct slice device_resolve(int root, struct slice target, struct arena *a, size_t *ret_n)
{
	const char *pattern = arena_strdup(a, target), *slash, *dir;
	struct slice found = { 0 };
	int fd;

	*ret_n = 1;
	if (!is_pattern(target))
		return target;
	*ret_n = 0;
	slash = pattern ? strrchr(pattern, '/') : NULL;
	dir = slash ? arena_printf(a, "%.*s", (int)(slash - pattern), pattern) : NULL;
	fd = dir ? openat(root, dir + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0)
		*ret_n = list_fitting(fd, dir, slash + 1, a, &found);
	else if (dir && errno != ENOENT)
		*ret_n = DEVICE_UNREAD;
	return *ret_n == 1 ? found : (struct slice){ 0 };
}

const struct guestconf_entry *device_find(struct getting *g, const char *target,
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

bool device_is_same(const struct stat *a, const struct stat *b)
{
	return (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT) &&
	       (S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode)) && a->st_rdev == b->st_rdev;
}

const struct guestconf_entry *device_find_other(int root, struct getting *g,
						struct slice path, const char **ret_name)
{
	const char *name = arena_strdup(g->arena, path);
	const struct guestconf_entry *entry;
	struct stat st, of_entry;
	struct props p;
	size_t at = 0;

	if (!name || fstatat(root, name + 1, &st, 0) < 0)
		return NULL;
	while ((entry = FAMILY_NEXT(g, "dev", &at))) {
		props_read(g, entry, &p);
		if (p.bad)
			continue;
		name = arena_strdup(g->arena, bind_path(props_get(&p, "path"), g->arena));
		if (name && *name && fstatat(root, name + 1, &of_entry, 0) == 0 &&
		    device_is_same(&st, &of_entry)) {
			*ret_name = name;
			return entry;
		}
	}
	return NULL;
}

bool device_is_given(int root, const struct facts_input *in, struct slice target,
		     struct arena *a)
{
	struct getting g = { .in = in, .arena = a };
	const char *pattern = arena_strdup(a, target), *name;
	struct slice path;
	size_t n;

	if (!pattern)
		return false;
	if (device_find(&g, pattern, &path) || raw_mount_find(&g, pattern, &path))
		return true;
	path = device_resolve(root, target, a, &n);
	return path.len && device_find_other(root, &g, path, &name);
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
