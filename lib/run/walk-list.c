/* SPDX-License-Identifier: MIT */
#include "run/walk-list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "run/load.h"

enum {
	NAMES_BYTES = 65536, /* of one getdents(2) */
	FIRST_SLOTS = 1024,  /* of a set; a power of two */
};

/* Names of nodes. */
struct nodes {
	char (*rows)[PLACE_NODE_MAX];
	size_t n;
};

/* Orders names. */
static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Adds @name unless it cannot be a node's; -1 without memory. */
static int add_node(struct nodes *nodes, const char *name, struct err *e)
{
	char(*rows)[PLACE_NODE_MAX];

	if (!place_is_node_name(name))
		return 0;
	rows = reallocarray(nodes->rows, nodes->n + 1, sizeof(*rows));
	if (!rows)
		return err_nomem(e);
	(void)snprintf(rows[nodes->n++], sizeof(*rows), "%s", name);
	nodes->rows = rows;
	return 0;
}

/* Lists the nodes of the cluster, sorted. */
static int list_nodes(const struct place *p, struct nodes *ret, struct err *e)
{
	AUTO(dir_close) DIR *dir = dir_open(p->root, "etc/pve/nodes");
	struct dirent *d;
	int r = 0;

	if (!dir)
		return err_set(e, ERR_SYSTEM, "%s/etc/pve/nodes: %s", p->prefix,
			       strerror(errno));
	while (r == 0 && (d = dir_next(dir)))
		r = add_node(ret, d->d_name, e);
	if (r == 0 && errno)
		r = err_set(e, ERR_SYSTEM, "%s/etc/pve/nodes: %s", p->prefix,
			    strerror(errno));
	if (ret->n)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), by_text);
	return r;
}

/* Adds a guest. */
static int add_entry(struct walk_list *l, uint32_t vmid, struct err *e)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		struct walk_entry *rows = reallocarray(l->entries, cap, sizeof(*rows));

		if (!rows)
			return err_nomem(e);
		l->entries = rows;
		l->cap = cap;
	}
	l->entries[l->n++] = (struct walk_entry){ (uint32_t)(l->ndirs - 1), vmid };
	return 0;
}

/* Adds the guests among the @n bytes of names at @names. */
static int add_entries(struct walk_list *l, const char *names, size_t n, struct err *e)
{
	for (size_t at = 0; at < n;) {
		const struct dirent64 *d =
			(const struct dirent64 *)(const void *)(names + at);
		uint32_t vmid = (uint32_t)guest_vmid_of(d->d_name);

		if (vmid && add_entry(l, vmid, e) < 0)
			return -1;
		at += d->d_reclen;
	}
	return 0;
}

/* Orders guests of one directory. */
static int by_vmid(const void *a, const void *b)
{
	uint32_t x = ((const struct walk_entry *)a)->vmid;
	uint32_t y = ((const struct walk_entry *)b)->vmid;

	return (x > y) - (x < y);
}

/* Sorts the guests from @first on; most file systems give them in some order, or its reverse. */
static void sort_from(struct walk_list *l, size_t first)
{
	struct walk_entry *rows = l->entries + first;
	size_t n = l->n - first, up = 1, down = 1;

	if (n < 2)
		return;
	while (up < n && rows[up - 1].vmid < rows[up].vmid)
		up++;
	while (down < n && rows[down - 1].vmid > rows[down].vmid)
		down++;
	if (down == n) {
		for (size_t i = 0; i < n / 2; i++) {
			struct walk_entry row = rows[i];

			rows[i] = rows[n - 1 - i];
			rows[n - 1 - i] = row;
		}
	} else if (up < n) {
		qsort(rows, n, sizeof(*rows), by_vmid);
	}
}

/* Lists the guests of the last directory of @l, which is open. -1 without memory. */
static int list_dir(struct walk_list *l, struct err *e)
{
	struct walk_dir *dir = &l->dirs[l->ndirs - 1];
	AUTO_FREE char *names = malloc(NAMES_BYTES);
	size_t first = l->n;
	ssize_t n;

	if (!names)
		return err_nomem(e);
	while ((n = getdents64(dir->fd, names, NAMES_BYTES)) > 0)
		if (add_entries(l, names, (size_t)n, e) < 0)
			return -1;
	if (n < 0)
		dir->sys = errno;
	sort_from(l, first);
	return 0;
}

/* Adds the directory of @kind on @node, with its guests. -1 without memory. */
static int add_dir(const struct place *p, const char *node, enum guest_kind kind,
		   struct walk_list *l, struct err *e)
{
	struct walk_dir *rows = reallocarray(l->dirs, l->ndirs + 1, sizeof(*rows));
	struct walk_dir *dir;

	if (!rows)
		return err_nomem(e);
	l->dirs = rows;
	dir = &rows[l->ndirs++];
	*dir = (struct walk_dir){ .fd = -1, .kind = kind };
	(void)snprintf(dir->node, sizeof(dir->node), "%s", node);
	(void)snprintf(dir->path, sizeof(dir->path), "etc/pve/nodes/%s/%s", node,
		       kind == GUEST_CT ? "lxc" : "qemu-server");
	dir->fd = openat(p->root, dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd >= 0)
		return list_dir(l, e);
	dir->sys = errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	return 0;
}

int walk_list_load(const struct place *p, const char *node, struct walk_list *ret,
		   struct err *e)
{
	struct nodes nodes = { 0 };
	int r;

	*ret = (struct walk_list){ 0 };
	r = node ? add_node(&nodes, node, e) : list_nodes(p, &nodes, e);
	for (size_t i = 0; r == 0 && i < nodes.n; i++) {
		r = add_dir(p, nodes.rows[i], GUEST_CT, ret, e);
		if (r == 0)
			r = add_dir(p, nodes.rows[i], GUEST_VM, ret, e);
	}
	free(nodes.rows);
	return r;
}

void walk_list_done(struct walk_list *l)
{
	for (size_t i = 0; i < l->ndirs; i++)
		cleanup_close(&l->dirs[i].fd);
	free(l->dirs);
	free(l->entries);
	*l = (struct walk_list){ 0 };
}

/* The slot of @vmid, or the free one where it belongs; @s has one. */
static uint32_t *find_slot(const struct walk_set *s, uint32_t vmid)
{
	/* Sixteen numbers in a row lie side by side: guests are visited nearly in order. */
	uint32_t i = ((vmid >> 4) * 2654435761U >> 8 << 4 | (vmid & 15)) & s->mask;

	while (s->slots[i] && s->slots[i] != vmid)
		i = (i + 1) & s->mask;
	return &s->slots[i];
}

/* Doubles the slots of @s. */
static int grow(struct walk_set *s, struct err *e)
{
	uint32_t size = s->slots ? 2 * (s->mask + 1) : FIRST_SLOTS;
	struct walk_set more = { .mask = size - 1, .used = s->used };

	more.slots = calloc(size, sizeof(*more.slots));
	if (!more.slots)
		return err_nomem(e);
	for (uint32_t i = 0; s->slots && i <= s->mask; i++)
		if (s->slots[i])
			*find_slot(&more, s->slots[i]) = s->slots[i];
	free(s->slots);
	*s = more;
	return 0;
}

int walk_set_add(struct walk_set *s, uint32_t vmid, struct err *e)
{
	uint32_t *slot;

	if (s->used >= s->mask / 2 && grow(s, e) < 0)
		return -1;
	slot = find_slot(s, vmid);
	if (*slot)
		return 0;
	*slot = vmid;
	s->used++;
	return 1;
}

bool walk_set_has(const struct walk_set *s, uint32_t vmid)
{
	return s->slots && *find_slot(s, vmid) == vmid;
}

void walk_set_done(struct walk_set *s)
{
	free(s->slots);
	*s = (struct walk_set){ 0 };
}
