/* SPDX-License-Identifier: MIT */
#include "run/select.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "pve/vmid.h"

/* The VMIDs of one directory. */
struct vmids {
	uint64_t *rows;
	size_t n;
};

/* Says that @argument gives no guest. */
static int fail(const struct select *s, const char *argument, const char *message,
		int status)
{
	if (s->fail)
		s->fail(argument, message, s->context);
	else
		(void)fprintf(stderr, "pve-safe: %s\n", message);
	return status;
}

/*
 * Where the file of @g lies below the root's nodes/NODE/lxc or qemu-server, makes it that
 * guest of the cluster, with its node; elsewhere it stays a file on its own.
 */
static void adopt(const struct place *p, struct guest *g)
{
	AUTO_FREE char *real = realpath(g->path, NULL);
	AUTO_FREE char *root = realpath(*p->prefix ? p->prefix : "/", NULL);
	char want[PATH_MAX];
	struct slice node, dir, rest;

	if (!real || !root || !g->vmid)
		return;
	(void)snprintf(want, sizeof(want), "%s/etc/pve/nodes/",
		       strcmp(root, "/") ? root : "");
	if (strncmp(real, want, strlen(want)) != 0)
		return;
	rest = slice_of(real + strlen(want));
	if (!slice_cut(rest, '/', &node, &rest) || !slice_cut(rest, '/', &dir, &rest) ||
	    node.len >= sizeof(g->node))
		return;
	if (slice_eq(dir, g->kind == GUEST_CT ? "lxc" : "qemu-server"))
		(void)snprintf(g->node, sizeof(g->node), "%.*s", SLICE_ARG(node));
}

/* Visits what was loaded, or says why it was not. */
static int visit(const struct select *s, const char *argument, enum guest_where where,
		 struct guest *g, const struct err *e)
{
	char text[ERR_MSG_MAX];

	switch (where) {
	case GUEST_FOUND:
		return s->visit(g, s->context);
	case GUEST_ABSENT:
		if (!g->vmid || strchr(argument, '/'))
			(void)snprintf(text, sizeof(text), "%s: no such file", argument);
		else
			(void)snprintf(text, sizeof(text),
				       "guest %s: no such guest in %s/etc/pve/nodes",
				       argument, s->place->prefix);
		return fail(s, argument, text, EXIT_CANNOT);
	case GUEST_FAILED:
		break;
	}
	return fail(s, argument, e->msg, e->code == ERR_USAGE ? EXIT_USAGE : EXIT_CANNOT);
}

/* Visits the guest that one argument names. */
static int visit_argument(const struct select *s, const char *argument)
{
	AUTO(guest_done) struct guest g = { 0 };
	struct err e = { 0 };
	enum guest_where where;
	uint64_t vmid;

	if (vmid_parse(slice_of(argument), &vmid)) {
		where = guest_load_any(s->place, vmid, &g, &e);
		g.vmid = vmid;
	} else {
		where = guest_load_file(s->place, argument, s->kind, &g, &e);
		if (where == GUEST_FOUND)
			adopt(s->place, &g);
	}
	return visit(s, argument, where, &g, &e);
}

/* Orders numbers. */
static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Lists the guests below @path; an absent directory has none. 0, or -1. */
static int list_guests(const struct place *p, const char *path, struct vmids *ret,
		       struct err *e)
{
	int fd = openat(p->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	uint64_t *rows;

	if (!dir)
		return errno == ENOENT
			       ? 0
			       : err_set(e, ERR_SYSTEM, "/%s: %s", path, strerror(errno));
	while ((d = readdir(dir))) {
		uint64_t vmid = guest_vmid_of(d->d_name);

		if (!vmid)
			continue;
		rows = reallocarray(ret->rows, ret->n + 1, sizeof(*rows));
		if (!rows) {
			(void)closedir(dir);
			return err_nomem(e);
		}
		rows[ret->n++] = vmid;
		ret->rows = rows;
	}
	(void)closedir(dir);
	if (ret->n)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), by_number);
	return 0;
}

/* Visits every guest of @kind on @node. */
static int visit_kind(const struct select *s, const char *node, enum guest_kind kind)
{
	struct vmids ids = { 0 };
	struct err e = { 0 };
	char path[256];
	int status = EXIT_FINE;

	(void)snprintf(path, sizeof(path), "etc/pve/nodes/%s/%s", node,
		       kind == GUEST_CT ? "lxc" : "qemu-server");
	if (list_guests(s->place, path, &ids, &e) < 0)
		status = fail(s, path, e.msg, EXIT_CANNOT);
	for (size_t i = 0; i < ids.n; i++) {
		AUTO(guest_done) struct guest g = { 0 };
		enum guest_where where =
			guest_load_at(s->place, node, kind, ids.rows[i], &g, &e);
		int got;

		if (where == GUEST_ABSENT)
			continue; /* it went while we looked */
		got = visit(s, g.path, where, &g, &e);
		status = got > status ? got : status;
	}
	free(ids.rows);
	return status;
}

int select_each(const struct select *s, char *const *args, int n)
{
	int status = EXIT_FINE, got;

	if (!n && !place_has_cluster(s->place))
		return fail(s, "/etc/pve",
			    "/etc/pve: the cluster file system is not mounted; "
			    "name files instead",
			    EXIT_CANNOT);
	if (!n) {
		status = visit_kind(s, s->place->node, GUEST_CT);
		got = visit_kind(s, s->place->node, GUEST_VM);
		return got > status ? got : status;
	}
	for (int i = 0; i < n; i++) {
		got = visit_argument(s, args[i]);
		if (got == EXIT_USAGE)
			return got;
		status = got > status ? got : status;
	}
	return status;
}

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
	size_t len = strlen(name);

	if (*name == '.' || len >= PLACE_NODE_MAX)
		return 0;
	rows = reallocarray(nodes->rows, nodes->n + 1, sizeof(*rows));
	if (!rows)
		return err_nomem(e);
	memcpy(rows[nodes->n++], name, len + 1);
	nodes->rows = rows;
	return 0;
}

/* Lists the nodes of the cluster, sorted. */
static int list_nodes(const struct place *p, struct nodes *ret, struct err *e)
{
	int fd = openat(p->root, "etc/pve/nodes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	int r = 0;

	if (!dir)
		return err_set(e, ERR_SYSTEM, "%s/etc/pve/nodes: %s", p->prefix,
			       strerror(errno));
	while (r == 0 && (d = readdir(dir)))
		r = add_node(ret, d->d_name, e);
	(void)closedir(dir);
	if (ret->n)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), by_text);
	return r;
}

int select_cluster(const struct select *s)
{
	struct nodes nodes = { 0 };
	struct err e = { 0 };
	int status = EXIT_FINE, got;

	if (list_nodes(s->place, &nodes, &e) < 0)
		status = fail(s, "/etc/pve/nodes", e.msg, EXIT_CANNOT);
	for (size_t i = 0; i < nodes.n; i++) {
		got = visit_kind(s, nodes.rows[i], GUEST_CT);
		status = got > status ? got : status;
		got = visit_kind(s, nodes.rows[i], GUEST_VM);
		status = got > status ? got : status;
	}
	free(nodes.rows);
	return status;
}
