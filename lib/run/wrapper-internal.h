/* SPDX-License-Identifier: MIT */
/*
 * wrapper-internal - what the files of the wrappers share; see run/wrapper.h.
 */
#pragma once

#include <stdio.h>

#include "pve/argv.h"
#include "run/caller.h"
#include "run/descriptors.h"
#include "run/judge.h"
#include "run/override.h"
#include "run/result.h"
#include "run/wrapper-options.h"

/* All that one run of a wrapper holds on to. */
struct wrapper {
	enum tool tool;
	char path[64]; /* of the real tool */
	struct wrapper_options options;
	struct descriptors opened; /* by the caller */
	const char *line;  /* the caller's COMP_LINE, which bashcomplete reads; or NULL */
	const char *point; /* likewise COMP_POINT */
	struct arena arena;
	struct argv_command cmd;
	struct argv_words run; /* what is executed */
	struct place place;
	struct caller caller;
	struct store_policy policy;
	struct cluster cluster;
	struct result result; /* the configuration that would result */
	bool by_asker;  /* judged by who asks what alone, which is enough to refuse */
	struct ask ask; /* of the event that was judged last */
	struct judgement j;
	struct override override;
	struct settings settings;   /* templates; none where they do not matter */
	struct limits_world limits; /* of the policy */
};

/* The command's own event, and a further one that it implies. */
struct wrapper_events {
	const char *own;
	const char *implied; /* "start" or "set"; NULL: none */
	const char *cause;   /* of a start; NULL: it is none */
};

/* Whether the command is help, or what shells and packages ask: no guest's, so no rule's. */
bool wrapper_is_about_no_guest(const struct argv_command *c);

/* Judges the command's own event, or the one that it implies. Errors: memory. */
int wrapper_judge(struct wrapper *w, const struct wrapper_events *ev, bool implied,
		  struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Judges the command by who asks what, and sets .by_asker when rules refuse it by that
 * alone: then no archive, image or further guest is opened for it. Errors: memory.
 */
int wrapper_judge_asker(struct wrapper *w, const struct wrapper_events *ev, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Judges, records and says the same. Errors: memory. */
int wrapper_decide(struct wrapper *w, const struct wrapper_events *ev, bool implied,
		   struct err *e) __attribute__((nonnull, warn_unused_result));

/* wrapper_judge() or wrapper_decide(). */
typedef int (*wrapper_judging)(struct wrapper *w, const struct wrapper_events *ev,
			       bool implied, struct err *e);

/*
 * Has @judging judge what the command, which change_gives_away(), would make of the guest
 * that gets the volume. An override is for one guest and does not reach there. Errors:
 * memory.
 */
int wrapper_receiver(struct wrapper *w, const struct wrapper_events *ev,
		     wrapper_judging judging, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Adds to the command what templates want of a new guest, and loads its result again. */
int wrapper_add_settings(struct wrapper *w, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether what was judged last is refused. */
bool wrapper_is_denied(const struct wrapper *w);

/* Prints what was decided last for people to @to; @always also what has nothing to say. */
void wrapper_say(const struct decision *d, bool always, FILE *to);

/* --dry-run: decisions and the exact command on stdout. Errors: memory. */
int wrapper_show(struct wrapper *w, const struct wrapper_events *ev, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Prints the line "pve-safe: @label: @text" on stderr; nothing where @text is NULL. */
void wrapper_note(const char *label, const char *text);

/*
 * Says that the guest is made, @but, for @why, and what is to be done; records that as
 * @outcome.
 */
void wrapper_say_partial(const struct wrapper *w, const char *but, const char *why,
			 const char *todo, const char *outcome);

/* The hookscript that is set when the command has made its guest; NULL: none. */
const char *wrapper_attaches(struct wrapper *w);

/* --dry-run: prints the command that sets what templates want once the guest is made. */
void wrapper_show_after(struct wrapper *w);

/* After the tool: sets what templates want and the command had no option for. */
void wrapper_settle(struct wrapper *w);

/* After the tool: attaches our hookscript to the new guest, or says that it is not. */
void wrapper_attach(struct wrapper *w);
