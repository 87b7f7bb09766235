/* SPDX-License-Identifier: MIT */
/*
 * made-node - node pve1 of a made-up cluster, in a root of the test's own, and a policy.
 */
#pragma once

#include "policy/policy.h"
#include "policy/store.h"
#include "run/place.h"

#include "root.h"

/* Makes pve1 the node of @r: the links to its guests, and its place. */
static inline struct place made_node(const struct root *r)
{
	put(r, "etc/pve/nodes/pve1/lxc/x", "", 0);
	put(r, "etc/pve/nodes/pve1/qemu-server/x", "", 0);
	if (symlinkat("nodes/pve1/lxc", r->fd, "etc/pve/lxc") < 0 ||
	    symlinkat("nodes/pve1/qemu-server", r->fd, "etc/pve/qemu-server") < 0)
		abort();
	return (struct place){ .root = r->fd, .prefix = "", .node = "pve1" };
}

/* The policy @text, which must compile; it is called "p". */
static inline struct store_policy made_policy(const char *text)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct policy_texts texts = { 0 };
	struct store_policy s = { .source = "file", .name = strdup("p") };
	struct err e = { 0 };

	if (!s.name || policy_texts_add(&texts, slice_of("p"), slice_of(text), &e) < 0 ||
	    policy_compile(&texts, NULL, &s.policy, &problems) < 0)
		abort();
	return s;
}
