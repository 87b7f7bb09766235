/* SPDX-License-Identifier: MIT */
/*
 * limits-eval - what limits say of one guest beside all others that they bound. Pure.
 *
 * limits_measure() makes of each guest what it counts for, limits_add() adds the others
 * up, limits_eval() compares. Where something is not known there is a range: how much it is
 * at least, and at most. A bound is exceeded when that much is there at least; what may be
 * more than it allows is found, too, and said to be unknown.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "facts/facts.h"
#include "policy/policy.h"

enum {
	LIMITS_GUESTS = LIMITS_UNITS, /* how many they are, beside how much they have */
	LIMITS_MEASURES,
	LIMITS_BOUNDS = LIMITS_UNITS + LIMITS_MEASURES, /* that limits can have */
	LIMITS_BIGGEST = 3,                             /* guests that are named */
};

/* How much there is, at least and at most; FACT_UNLIMITED: without an end. */
struct limits_range {
	uint64_t low, high;
};

/* Why something is not known. */
struct limits_gap {
	const char *why; /* NULL: all is known */
	const char *file;
	unsigned line;
};

/* What one guest counts for. */
struct limits_guest {
	enum guest_kind kind;
	uint64_t vmid; /* 0: it has none */
	bool exempt;   /* by `unless`: it counts, but nothing is shown at it */
	struct limits_range of[LIMITS_MEASURES];
	struct limits_gap gaps[LIMITS_MEASURES];
};

/* One of those that have most. */
struct limits_big {
	enum guest_kind kind;
	uint64_t vmid;
	uint64_t amount;
};

/* What several guests count for. */
struct limits_tally {
	struct limits_range of[LIMITS_MEASURES];
	struct limits_gap gaps[LIMITS_MEASURES]; /* the first of each */
	struct limits_big biggest[LIMITS_UNITS][LIMITS_BIGGEST];
	struct limits_big bound[LIMITS_UNITS]; /* the biggest that is not exempt */
	uint64_t last; /* the highest VMID of those that count and are not; 0: none */
};

/* A bound that is exceeded, or may be. */
struct limits_excess {
	int measure; /* of LIMITS_MEASURES */
	bool each;   /* max_cores and so on; false: of all guests, or their number */
	bool sure;   /* else it may be, for all that is known */
	uint64_t bound;
};

/* Whom a bound is compared with. */
struct limits_case {
	const struct limits *limits;
	const struct limits_guest *guest;  /* NULL: the others are all */
	const struct limits_tally *others; /* NULL: only what bounds each guest */
	/*
	 * What the guest counts for now, where a command changes it: what it does not take
	 * more of than before is no excess of all guests together. NULL: all of it counts.
	 */
	const struct limits_guest *before;
};

/* The fact that a unit is measured by. */
enum fact_id limits_fact(enum limits_unit u);

/* Adds to @set what limits_measure() looks at for @l. */
void limits_facts(const struct limits *l, struct fact_set *set) __attribute__((nonnull));

/* Makes *@ret of a guest with @facts; borrows from them. */
void limits_measure(const struct limits *l, const struct facts *facts,
		    enum guest_kind kind, uint64_t vmid, struct limits_guest *ret)
	__attribute__((nonnull));

/* Makes *@ret of a guest of which nothing is known, for the reason @why. */
void limits_measure_unknown(const char *file, const char *why, struct limits_guest *ret)
	__attribute__((nonnull));

/* Adds @g to @t. Copies texts to @a; without memory they are shorter. */
void limits_add(const struct limits_guest *g, struct arena *a, struct limits_tally *t)
	__attribute__((nonnull));

/* Whether @l bounds more than each guest by itself, so that others matter. */
bool limits_need_others(const struct limits *l) __attribute__((nonnull));

/* Lists the bounds that are exceeded in @c, or may be. Returns how many. */
size_t limits_eval(const struct limits_case *c,
		   struct limits_excess ret[static LIMITS_BOUNDS])
	__attribute__((nonnull));

/*
 * Appends what is exceeded, for people: "students: 262144 MiB allowed for all guests, 260000
 * used by 38 guests, CT 140 asks 8192". @verb: what the guest does, "asks" or "has".
 */
void limits_render(const struct limits_case *c, const struct limits_excess *x,
		   const char *verb, struct buf *out) __attribute__((nonnull));

/*
 * VMID of the guest that an excess of all guests of @t is shown at: who has most of it, or
 * came last, of those that are not exempt. 0: there is none.
 */
uint64_t limits_shown_at(const struct limits_tally *t, const struct limits_excess *x)
	__attribute__((nonnull));

/* Why @x, which is not sure, may be exceeded. */
struct limits_gap limits_gap_of(const struct limits_case *c,
				const struct limits_excess *x) __attribute__((nonnull));
