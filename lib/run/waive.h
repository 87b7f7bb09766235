/* SPDX-License-Identifier: MIT */
/*
 * waive - what the two forms of `pve-safe waive` share: the command line, the policy's rule,
 * a guest judged by it. For lib/run/cmd-waive.c and lib/run/waive-existing.c.
 */
#pragma once

#include "base/arena.h"
#include "policy/store.h"
#include "run/judge.h"
#include "run/load.h"
#include "run/place.h"

/* One run of `pve-safe waive`. */
struct waive {
	const char *vmid, *rule_name; /* as typed; .vmid NULL with --existing */
	const char *ticket, *reason;
	const char *until; /* as it will be written */
	char until_text[CLOCK_TEXT_SIZE];
	uint64_t until_ms;
	bool renew, yes;
	struct arena arena;
	struct place place;
	struct store_policy policy;
	struct cluster cluster;
	struct settings settings; /* loaded where .of_settings */
	bool of_settings;         /* .rule is that of a settings template */
	const struct rule *rule;
	struct slice login; /* who grants */
};

/* What the rule of @w says of a guest. */
enum waive_need {
	WAIVE_NOTHING, /* it does not fire: there is nothing to waive */
	WAIVE_HAS_ONE, /* it is waived already */
	WAIVE_NEEDED,
};

/* Which rule is asked about, and where; all borrowed. */
struct waive_question {
	const struct place *place;
	const struct store_policy *policy;
	struct cluster *cluster;   /* more of it is read where the rule looks at more */
	struct settings *settings; /* whose rule it is; NULL: the policy's */
	const struct rule *rule;
};

/*
 * Judges @g at a start, or at the first event that the rule is judged at; *@ret_fires is
 * whether it fires, whatever mode and waivers make of it. -1 only without memory.
 */
int waive_look(const struct waive_question *q, const struct guest *g, struct judgement *j,
	       bool *ret_fires, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The rule of @w as the judgement @j has it: a template's is made for each guest. */
const struct rule *waive_rule(const struct waive *w, const struct judgement *j)
	__attribute__((nonnull, returns_nonnull));

/* Judges @g by the policy, at an event of the rule. -1 only without memory. */
int waive_judge(struct waive *w, const struct guest *g, struct judgement *j,
		enum waive_need *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Grants the waiver of @w to the guest that was judged; as grant_write(). */
int waive_grant(const struct waive *w, struct judgement *j, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* waive --existing: every guest of the cluster that the rule fires for; the exit status. */
int waive_existing(struct waive *w);
