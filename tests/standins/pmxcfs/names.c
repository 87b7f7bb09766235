/* SPDX-License-Identifier: MIT */
/*
 * What a path below /etc/pve means: its permissions, and the guest that it belongs to.
 * A VMID exists once in the whole cluster.
 */
#include "fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"

static const struct {
	const char *dir;
	const char *type;
} kinds[] = { { "qemu-server", "qemu" }, { "lxc", "lxc" } };

const char *path_below(const char *path)
{
	return path[1] ? path + 1 : ".";
}

bool path_is_private(const char *path)
{
	return strcmp(path, "/priv") == 0 || strncmp(path, "/priv/", 6) == 0;
}

mode_t path_mode(const char *path, bool directory)
{
	if (path_is_private(path))
		return directory ? 0700 : 0600;
	return directory ? 0755 : 0640;
}

/* Returns the VMID that a file's name states, 0 when it states none. */
static unsigned name_vmid(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (digits < 3 || digits > 9 || name[0] == '0')
		return 0;
	return strcmp(name + digits, ".conf") == 0 ? (unsigned)strtoul(name, NULL, 10)
						   : 0;
}

unsigned path_vmid(const char *path)
{
	const char *node = strncmp(path, "/nodes/", 7) == 0 ? path + 7 : NULL;
	const char *kind = node ? strchr(node, '/') : NULL;

	for (size_t i = 0; kind && i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].dir);

		if (strncmp(kind + 1, kinds[i].dir, len) == 0 && kind[1 + len] == '/')
			return name_vmid(kind + 1 + len + 1);
	}
	return 0;
}

/* Calls each for the guests of one directory of one node. */
static bool each_in(const struct fs *fs, const char *node, size_t kind,
		    names_guest_fn *each, void *arg)
{
	char path[512];
	bool found = false;
	DIR *d;
	int fd;

	snprintf(path, sizeof(path), "nodes/%s/%s", node, kinds[kind].dir);
	fd = openat(fs->data, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return false;
	for (struct dirent *e = readdir(d); e && !found; e = readdir(d)) {
		unsigned vmid = name_vmid(e->d_name);
		struct stat st;

		if (vmid && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			found = each(vmid, node, kinds[kind].type, &st, arg);
	}
	closedir(d);
	return found;
}

bool names_each_guest(const struct fs *fs, names_guest_fn *each, void *arg)
{
	int fd = openat(fs->data, "nodes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	bool found = false;

	if (!d)
		return false;
	for (struct dirent *e = readdir(d); e && !found; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		for (size_t k = 0; k < ARRAY_LEN(kinds) && !found; k++)
			found = each_in(fs, e->d_name, k, each, arg);
	}
	closedir(d);
	return found;
}

struct search {
	unsigned vmid;
	const struct stat *except[2];
};

/* Tells whether this is the guest searched for, at none of the places excepted. */
static bool is_taken(unsigned vmid, const char *node, const char *type,
		     const struct stat *st, void *arg)
{
	const struct search *s = arg;

	(void)node;
	(void)type;
	for (size_t i = 0; i < 2; i++) {
		if (s->except[i] && s->except[i]->st_ino == st->st_ino)
			return false;
	}
	return vmid == s->vmid;
}

bool names_vmid_taken(const struct fs *fs, const char *path, const char *except)
{
	struct search s = { .vmid = path_vmid(path) };
	struct stat self, other;

	if (!s.vmid)
		return false;
	if (fstatat(fs->data, path_below(path), &self, AT_SYMLINK_NOFOLLOW) == 0)
		s.except[0] = &self;
	if (except &&
	    fstatat(fs->data, path_below(except), &other, AT_SYMLINK_NOFOLLOW) == 0)
		s.except[1] = &other;
	return names_each_guest(fs, is_taken, &s);
}

int names_lock(const struct fs *fs)
{
	int fd = openat(fs->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}
