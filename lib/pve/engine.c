/* SPDX-License-Identifier: MIT */
#include "pve/engine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"

enum { COMM_SIZE = 32, PATH_SIZE = 64 };

/* Names of processes, which the kernel cuts after 15 bytes, and whose they are. */
static const struct {
	const char *comm, *engine;
} names[] = {
	{ "conmon", "conmon" },
	{ "conmonrs", "conmon" },
	{ "containerd", "containerd" },
	{ "containerd-shim", "containerd" },
	{ "crio", "crio" },
	{ "docker-containe", "dockerd" },
	{ "dockerd", "dockerd" },
	{ "k0s", "k0s" },
	{ "k3s", "k3s" },
	{ "k3s-agent", "k3s" },
	{ "k3s-server", "k3s" },
	{ "kubelet", "kubelet" },
	{ "kubelite", "microk8s" },
	{ "podman", "podman" },
	{ "rke2", "rke2" },
};

/* Where the groups of containers are: the one hierarchy, else one of the older many. */
static const char *const hierarchies[] = { "", "unified/", "systemd/", "pids/",
					   "memory/" };

/* One container being read. */
struct reading {
	int root;
	struct arena *arena;
	struct engines *ret;
	const char
		*groups[ENGINE_MAX_GROUPS]; /* paths below the container's, to be read */
	size_t ngroups, nprocesses;
	bool cut; /* there was more than is read */
};

/* Closes the directory. For AUTO(). */
static void close_dir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

/* Opens the group lxc/@vmid. Its descriptor; -1 with errno, ENOENT when there is none. */
static int open_group(int root, uint64_t vmid)
{
	for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
		char path[PATH_SIZE];
		int fd;

		(void)snprintf(path, sizeof(path), "sys/fs/cgroup/%slxc/%" PRIu64,
			       hierarchies[i], vmid);
		fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR))
			return fd;
	}
	errno = ENOENT;
	return -1;
}

/* Adds @engine, seen in the process @pid, unless it is there. */
static void add_engine(struct reading *r, const char *engine, pid_t pid)
{
	struct engines *all = r->ret;

	for (size_t i = 0; i < all->n; i++)
		if (slice_eq(all->items[i].name, engine))
			return;
	if (all->n < ARRAY_LEN(names))
		all->items[all->n++] = (struct engine){ slice_of(engine), pid };
}

/* Looks at the name of the process @pid, which may be gone. */
static void look_at(struct reading *r, pid_t pid)
{
	AUTO_CLOSE int fd = -1;
	char path[PATH_SIZE], comm[COMM_SIZE];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "proc/%d/comm", pid);
	fd = openat(r->root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, comm, sizeof(comm) - 1);
	if (n <= 0)
		return;
	comm[n] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(comm, names[i].comm) == 0)
			add_engine(r, names[i].engine, pid);
}

/* Reads the processes of the group @dir. -1 with errno. */
static int read_processes(struct reading *r, int dir)
{
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FCLOSE FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[COMM_SIZE];

	if (!f) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	errno = 0;
	while (fgets(line, sizeof(line), f)) {
		long pid = strtol(line, NULL, 10);

		if (r->nprocesses == ENGINE_MAX_PROCESSES) {
			r->cut = true;
			return 0;
		}
		r->nprocesses++;
		if (pid > 0 && pid <= INT32_MAX)
			look_at(r, (pid_t)pid);
		errno = 0;
	}
	return ferror(f) ? -1 : 0;
}

/* Notes the groups in @dir, which is called @path, to be read. */
static int note_groups(struct reading *r, int dir, const char *path)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(close_dir) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	while ((entry = dir_next(d))) {
		/* A command that was let in from outside may be in one called ".lxc". */
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strncmp(entry->d_name, "lxc.monitor", 11) == 0)
			continue;
		if (r->ngroups == ENGINE_MAX_GROUPS) {
			r->cut = true;
			return 0;
		}
		r->groups[r->ngroups] =
			arena_printf(r->arena, "%s/%s", path, entry->d_name);
		if (!r->groups[r->ngroups])
			return -1;
		r->ngroups++;
	}
	return errno ? -1 : 0;
}

/* Whether the last failure only means that a group is gone, or shares its processes. */
static bool is_harmless(void)
{
	return errno == ENOENT || errno == ENODEV || errno == EOPNOTSUPP;
}

/* Reads the group @path below @top. -1 with errno. */
static int read_group(struct reading *r, int top, const char *path)
{
	AUTO_CLOSE int dir =
		openat(top, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0 || read_processes(r, dir) < 0)
		if (!is_harmless())
			return -1;
	if (dir < 0)
		return 0;
	return note_groups(r, dir, path) < 0 && !is_harmless() ? -1 : 0;
}

/* Raises errno about the group @path of lxc/@vmid; returns -1. */
static int fail(struct err *e, uint64_t vmid, const char *path)
{
	return err_set(e, ERR_SYSTEM, "control group lxc/%" PRIu64 "%s: %s", vmid,
		       *path ? path + 1 : "", strerror(errno));
}

int engine_list(int root, uint64_t vmid, struct arena *a, struct engines *ret,
		struct err *e)
{
	AUTO_CLOSE int top = open_group(root, vmid);
	struct reading *r = arena_alloc(a, sizeof(*r));

	*ret = (struct engines){ .items = arena_array(a, ARRAY_LEN(names),
						      sizeof(*ret->items)) };
	if (!r || !ret->items)
		return err_nomem(e);
	if (top < 0)
		return errno == ENOENT ? 1 : fail(e, vmid, "");
	*r = (struct reading){ .root = root, .arena = a, .ret = ret };
	r->groups[r->ngroups++] = ".";
	for (size_t i = 0; i < r->ngroups; i++)
		if (read_group(r, top, r->groups[i]) < 0)
			return fail(e, vmid, r->groups[i]);
	if (r->cut && !ret->n)
		return err_set(e, ERR_RANGE,
			       "control group lxc/%" PRIu64
			       " has more than %d groups or %d processes",
			       vmid, ENGINE_MAX_GROUPS, ENGINE_MAX_PROCESSES);
	return 0;
}
