/* SPDX-License-Identifier: MIT */
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "pve/cluster.h"
#include "pve/node.h"

/* Takes the node's name from the link that pmxcfs keeps; false when there is none. */
static bool node_of_link(int root, char *ret, size_t size)
{
	char target[256];
	ssize_t n = readlinkat(root, "etc/pve/local", target, sizeof(target) - 1);
	const char *name;
	size_t len;

	if (n <= 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	len = strlen(name);
	if (!len || len >= size)
		return false;
	memcpy(ret, name, len + 1);
	return true;
}

int place_open(const char *dir, struct place *ret, struct err *e)
{
	struct place p = { .prefix = dir ? dir : "",
			   .live = !dir,
			   .opened_us = clock_now().mono_us };

	p.files.owner = dir ? FILE_OWNER_ROOT_OR_CALLER : FILE_OWNER_ROOT;
	p.root = open(dir ? dir : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p.root < 0)
		return err_set(e, ERR_SYSTEM, "%s: %s", dir ? dir : "/", strerror(errno));
	if (!node_of_link(p.root, p.node, sizeof(p.node)) &&
	    node_name(p.node, sizeof(p.node), e) < 0) {
		(void)close(p.root);
		return -1;
	}
	*ret = p;
	return 0;
}

void place_close(struct place *p)
{
	if (p->root > 0)
		(void)close(p->root);
	p->root = -1;
}

bool place_has(const struct place *p, const char *path)
{
	return faccessat(p->root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool place_has_cluster(const struct place *p)
{
	struct stat st;

	return fstatat(p->root, "etc/pve/nodes", &st, 0) == 0 && S_ISDIR(st.st_mode);
}

bool place_is_node_name(const char *name)
{
	return node_is_name(slice_of(name)) && strlen(name) < PLACE_NODE_MAX;
}

bool place_has_node_dir(const struct place *p, const char *name)
{
	char path[PLACE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "etc/pve/nodes/%s", name);
	return place_is_node_name(name) && place_has(p, path);
}

/* Reads .members to @ret; as file_read() returns. */
static int read_members(const struct place *p, struct arena *a,
			struct cluster_members *ret)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct err e;
	int r = file_read(p->root, "etc/pve/.members", &p->files, &text, &e);

	return r ? r : cluster_read_members(file_slice(&text), a, ret, &e);
}

bool place_is_quorate(const struct place *p)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_members members = { 0 };
	int r = read_members(p, &a, &members);

	return r ? r == 1 : members.quorate;
}

bool place_has_node(const struct place *p, const char *node)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_members members = { 0 };

	if (read_members(p, &a, &members) != 0 || !members.quorate)
		return true;
	for (size_t i = 0; i < members.nnodes; i++)
		if (slice_eq(members.nodes[i], node))
			return true;
	return false;
}

bool place_is_enabled(const struct place *p)
{
	return place_has(p, "etc/pve-safe/enabled");
}
