/* SPDX-License-Identifier: MIT */
/*
 * settings - the settings templates of one guest: loaded, chosen by its facts, planned, and
 * checked against the guest's file and the node.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "policy/policy.h"
#include "policy/store.h"
#include "run/load.h"
#include "run/place.h"
#include "settings/check.h"
#include "settings/plan.h"
#include "settings/store.h"

/* A template that may or may not be one of the guest's. */
struct settings_open {
	const struct template_row *row;
	struct fact_set unknown; /* the facts that would tell */
};

/* A name of a template that a workload or a VM's args give and that cannot be used. */
struct settings_missing {
	const struct workload *workload; /* NULL: it was applied by hand, or matches */
	struct slice name;
	const struct template_row *row; /* NULL: there is none; else it is broken */
};

struct settings {
	const struct place *place;   /* borrowed */
	const struct policy *policy; /* borrowed */
	struct templates set;
	struct fact_set wanted; /* what choosing needs */
	struct slice without;   /* a template that is not to be chosen; {NULL, 0}: none */
	bool running;           /* the guest runs: the devices of its disks are known */
	struct arena arena;
	struct chosen *chosen; /* by name */
	size_t nchosen;
	struct settings_open *open;
	size_t nopen;
	struct settings_missing *missing;
	size_t nmissing;
	struct facts facts;       /* what rendering needs */
	struct value_world world; /* that the plan is made in */
	struct plan plan;
	struct check check;
};

/* Loads the templates below @p. -1 for want of memory only. settings_done() either way. */
int settings_load(const struct place *p, const struct policy *policy,
		  struct settings *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Chooses by @facts, of which s->wanted were loaded, and plans for the guest of @in. @by_hand
 * ({NULL, 0}: none) names one more template, which must be there. What was applied to a VM by
 * hand before stands in its args, and is chosen as well.
 */
int settings_plan(struct settings *s, const struct facts_input *in,
		  const struct facts *facts, struct slice by_hand, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * The same for @g, as a guest of @c is at @event, by what its file and the cluster's say; *@ret
 * is the input of its facts. Memory from @a.
 */
int settings_plan_guest(struct settings *s, const struct cluster *c,
			const struct guest *g, const char *event, struct slice by_hand,
			struct arena *a, struct facts_input *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Looks what of the plan guest and node lack: s->check. */
int settings_check(struct settings *s, const struct facts_input *in, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Adds to @ev a finding, named settings-TEMPLATE, for each thing that is wrong with the
 * plan or that the check found missing. Memory from @a.
 */
int settings_find(const struct settings *s, const struct facts *facts, struct arena *a,
		  struct evaluation *ev, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* NAME where @rule is "settings-NAME", else {NULL, 0}. */
struct slice settings_rule_template(struct slice rule);

/*
 * What the finding about a template rests on: its own condition @match, where it has none
 * that the guest is of @kind. Made in @a; NULL without memory.
 */
const struct expr *settings_condition(const struct expr *match, enum guest_kind kind,
				      struct arena *a);

/*
 * The rule @name as findings about guests of @kind have it, to *@ret: NULL when no template
 * and no workload is called so. -1 for want of memory only. @name is borrowed.
 */
int settings_rule(struct settings *s, struct slice name, enum guest_kind kind,
		  struct arena *a, const struct rule **ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Loads the modules that the plan wants loaded, before the start of the decision @id. What
 * was done is recorded below @root; what failed goes to @message. Returns one that a template
 * requires and cannot have, or NULL.
 */
const struct plan_item *settings_load_modules(const struct settings *s, const char *id,
					      struct buf *message)
	__attribute__((nonnull));

/* Appends a warning to @message where files of templates cannot be used. */
void settings_warn(struct settings *s, struct buf *message);

/* What to do about @problem of a plan. Made in @a; NULL without memory. */
const char *settings_todo(const struct plan_problem *problem, struct arena *a);

/* Releases @s. Fit for AUTO(). */
void settings_done(struct settings *s);
