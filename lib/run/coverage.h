/* SPDX-License-Identifier: MIT */
/*
 * coverage - what enforces the policy when a guest starts, and what does not, and why.
 *
 * A container is covered by the node-wide hook of its node, any guest by its hookscript;
 * both do nothing on a node that is not enabled, nor where the policy refuses nothing.
 */
#pragma once

#include "policy/store.h"
#include "run/hookscript.h"
#include "run/node-report.h"

enum coverage_answer { COVERAGE_NO = 0, COVERAGE_UNKNOWN, COVERAGE_YES };

enum {
	COVERAGE_OSTYPES = 32, /* kinds of containers that are remembered */
	COVERAGE_OSTYPE_MAX = 32,
	COVERAGE_WHY_MAX = ERR_MSG_MAX,
};

/* Whether containers of one ostype have the node-wide hook on this node. */
struct coverage_ostype {
	char ostype[COVERAGE_OSTYPE_MAX];
	bool covered;
	char why[COVERAGE_WHY_MAX]; /* when not */
};

/* What another node says of itself (node-report.h). */
struct coverage_node {
	char name[PLACE_NODE_MAX]; /* "": none was asked yet */
	enum node_says enabled, lxc_hook;
	char why[COVERAGE_WHY_MAX]; /* why it says nothing; "": it does */
};

/* What all guests share. */
struct coverage_world {
	const struct place *place;
	const struct cluster *cluster; /* loaded with SOURCE_STORAGE */
	bool enabled;                  /* this node */
	char policy[COVERAGE_WHY_MAX]; /* why the policy refuses nothing; "": it does */
	struct coverage_ostype ostypes[COVERAGE_OSTYPES];
	size_t nostypes;
	struct coverage_node other; /* the last one that was asked */
};

/* One guest. */
struct coverage {
	enum coverage_answer enforced;
	struct hookscript script;      /* its hookscript, looked at */
	enum coverage_answer lxc_hook; /* the node-wide hook; VMs: no */
	bool hooked;                 /* by hookscript or node-wide hook, as far as seen */
	char why[COVERAGE_WHY_MAX];  /* why it is not, or not known; "": it is */
	char note[COVERAGE_WHY_MAX]; /* what else to know; "": nothing */
};

/* Fills in @ret, which borrows @p and @c, for the policy in force. */
void coverage_begin(const struct place *p, const struct cluster *c,
		    const struct store_policy *policy, struct coverage_world *ret);

/* Tells of @g, a guest of the cluster; @w remembers what it found of the node. */
void coverage_of(struct coverage_world *w, const struct guest *g, struct coverage *ret);

/* "none", "ours", "former", "other", "broken", "unseen". */
const char *coverage_script_name(enum hookscript_state s);
