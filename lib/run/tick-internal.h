/* SPDX-License-Identifier: MIT */
/*
 * tick-internal - what the files of the timer share.
 */
#pragma once

#include "base/sha.h"
#include "policy/store.h"
#include "pve/tasks.h"
#include "run/load.h"
#include "run/tick-state.h"
#include "run/tick.h"

#define TICK_STATE "var/lib/pve-safe/tick"

enum { TICK_LISTS = 3 }; /* of tasks: active, index, index.1 */

/* One run of the timer. */
struct tick {
	const struct place *place;
	bool dry_run;
	int status; /* highest exit status so far */
	struct store_policy policy;
	struct cluster cluster;
	struct tick_state before, now;
	bool first;       /* no tick has run on this node yet */
	bool dirty;       /* .now is not what the file says */
	uint64_t last_s;  /* when the last one ended, in seconds since 1970 */
	uint64_t began_s; /* when this one began */
	struct file_text lists[TICK_LISTS];
	bool lists_read;
	struct buf trouble; /* what could not be read or judged */
	struct buf refused; /* lines about guests that the policy refuses, for root */
};

/* Notes an exit status. */
void tick_note(struct tick *t, int status);

/*
 * Says @text about the matter @key on stderr, once: not again until tick_calm() was called
 * or the text is another.
 */
void tick_say_once(struct tick *t, const char *key, const char *text);

/* Notes that there is nothing to say about @key any more. */
void tick_calm(const struct tick *t, const char *key);

/* Judges new and changed guests of this node, fills .now. -1 with @e set. */
int tick_guests(struct tick *t, struct err *e) __attribute__((warn_unused_result));

/* Looks for the task that made @g since @since_s; borrows from the lists of @t. */
void tick_find_maker(struct tick *t, const struct guest *g, uint64_t since_s,
		     struct task_maker *ret);

/* Whether @g was rolled back since the last tick. */
bool tick_was_rolled_back(struct tick *t, const struct guest *g);

/* Writes to @ret what the file of @g is known by: all of it but its snapshots. */
void tick_digest(const struct guest *g, char ret[static SHA1_HEX_SIZE]);

/* Attaches our hookscript to the guests that are to get it. */
void tick_attach(struct tick *t);
