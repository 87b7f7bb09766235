/* SPDX-License-Identifier: MIT */
#include "run/select.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/vmid.h"
#include "run/walk.h"

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

/* Visits all guests of @node, NULL for the whole cluster. */
static int visit_all(const struct select *s, const char *node)
{
	const struct walk walk = { .place = s->place,
				   .node = node,
				   .visit = s->visit,
				   .fail = s->fail,
				   .context = s->context };

	return walk_guests(&walk);
}

int select_each(const struct select *s, char *const *args, int n)
{
	int status = EXIT_FINE, got;

	if (!n && !place_has_cluster(s->place))
		return fail(s, "/etc/pve",
			    "/etc/pve: the cluster file system is not mounted; "
			    "name files instead",
			    EXIT_CANNOT);
	if (!n)
		return visit_all(s, s->place->node);
	for (int i = 0; i < n; i++) {
		got = visit_argument(s, args[i]);
		if (got == EXIT_USAGE)
			return got;
		status = got > status ? got : status;
	}
	return status;
}

int select_cluster(const struct select *s)
{
	return visit_all(s, NULL);
}

/* VMIDs that are collected. */
struct vmids {
	uint64_t *rows;
	size_t n;
};

/* Adds a guest. */
static int add_vmid(const struct guest *g, void *context)
{
	struct vmids *all = context;
	uint64_t *rows = reallocarray(all->rows, all->n + 1, sizeof(*rows));

	if (!rows)
		return EXIT_SYSTEM;
	all->rows = rows;
	rows[all->n++] = g->vmid;
	return EXIT_FINE;
}

int select_vmids(const struct place *p, uint64_t **ret, size_t *ret_n)
{
	struct vmids all = { 0 };
	const struct walk w = {
		.place = p, .node = p->node, .visit = add_vmid, .context = &all
	};
	int status = walk_guests(&w);

	*ret = all.rows;
	*ret_n = all.n;
	return status;
}
