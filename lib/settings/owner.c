/* SPDX-License-Identifier: MIT */
/*
 * The container's files are written by whoever is root in it: they are opened so that no
 * link leaves the container's root, nothing but a regular file is opened at all, and they
 * are read within a bound.
 */
#include "settings/owner.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/guestconf.h"

enum { OWNER_MAX_BYTES = 64 << 10 };

/* Groups and users that have one number in every Debian and its kin. */
static const struct {
	enum owner_kind kind;
	const char *name, *number;
} fixed[] = {
	{ OWNER_USER, "root", "0" },    { OWNER_GROUP, "root", "0" },
	{ OWNER_GROUP, "tty", "5" },    { OWNER_GROUP, "disk", "6" },
	{ OWNER_GROUP, "lp", "7" },     { OWNER_GROUP, "dialout", "20" },
	{ OWNER_GROUP, "tape", "26" },  { OWNER_GROUP, "audio", "29" },
	{ OWNER_GROUP, "video", "44" }, { OWNER_GROUP, "plugdev", "46" },
};

/* Opens the root file system of the container as a directory, or -1. */
static int open_rootfs(int root, const struct facts_input *in)
{
	const struct guestconf_entry *rootfs = guestconf_find(in->section, "rootfs");
	char path[PATH_MAX];
	struct slice dir, rest;
	int fd;

	(void)snprintf(path, sizeof(path), "var/lib/lxc/%" PRIu64 "/rootfs", in->vmid);
	if (rootfs && slice_starts(rootfs->value, "/")) {
		(void)slice_cut(rootfs->value, ',', &dir, &rest);
		if (dir.len >= sizeof(path))
			return -1;
		(void)snprintf(path, sizeof(path), "%.*s", (int)dir.len - 1, dir.ptr + 1);
	}
	fd = openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

/*
 * Opens the file @name of the root file system @rootfs; -1 where it is no regular one. What
 * it is is asked before: opening a device, which that root may have made, can do something.
 */
static int open_inside(int rootfs, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int fd = (int)syscall(SYS_openat2, rootfs, name, &how, sizeof(how));
	char path[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Reads the file @name of the root file system @rootfs into @ret. */
static bool read_inside(int rootfs, const char *name, char ret[static OWNER_MAX_BYTES],
			size_t *ret_len)
{
	AUTO_CLOSE int fd = open_inside(rootfs, name);
	ssize_t n;

	*ret_len = 0;
	if (fd < 0)
		return false;
	while (*ret_len < OWNER_MAX_BYTES &&
	       (n = read(fd, ret + *ret_len, OWNER_MAX_BYTES - *ret_len)) > 0)
		*ret_len += (size_t)n;
	return true;
}

/* The third field of the line of @text that begins with "@name:", if it is a number. */
static struct slice find_line(struct slice text, struct slice name)
{
	struct slice line, field, rest;
	uint64_t id;
	bool more = true;

	while (more) {
		more = slice_cut(text, '\n', &line, &text);
		if (!slice_cut(line, ':', &field, &rest) || !slice_same(field, name) ||
		    !slice_cut(rest, ':', &field, &rest))
			continue;
		(void)slice_cut(rest, ':', &field, &rest);
		if (num_parse(field, 0, UINT32_MAX - 1, &id))
			return field;
	}
	return (struct slice){ 0 };
}

/* What the container's own files say of @name. */
static struct slice ask_container(int root, const struct facts_input *in,
				  enum owner_kind kind, struct slice name,
				  struct arena *a)
{
	AUTO_CLOSE int rootfs = open_rootfs(root, in);
	char *text = rootfs < 0 ? NULL : arena_alloc(a, OWNER_MAX_BYTES);
	size_t len;

	if (!text ||
	    !read_inside(rootfs, kind == OWNER_GROUP ? "etc/group" : "etc/passwd", text,
			 &len))
		return (struct slice){ 0 };
	return find_line((struct slice){ text, len }, name);
}

bool owner_look_up(int root, const struct facts_input *in, enum owner_kind kind,
		   struct slice name, struct arena *a, struct slice *ret)
{
	*ret = name;
	if (!name.len || (*name.ptr >= '0' && *name.ptr <= '9'))
		return true;
	*ret = ask_container(root, in, kind, name, a);
	for (size_t i = 0; !ret->len && i < ARRAY_LEN(fixed); i++)
		if (fixed[i].kind == kind && slice_eq(name, fixed[i].name))
			*ret = slice_of(fixed[i].number);
	return ret->len > 0;
}
