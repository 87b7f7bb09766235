/* SPDX-License-Identifier: MIT */
/*
 * facts - plain values about a request and a guest, out of texts that were loaded.
 *
 * A fact is known, none (does not apply, or is not set) or unknown (its source could not
 * be read or parsed). Getters are pure: they read struct facts_input and touch nothing.
 * facts.def is the one list; enum, table, `facts --list` and the manual come from it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "facts/input.h"

enum fact_id {
#define FACT(name, type, unit, kinds, source, covers, getter, doc, pve_source) \
	FACT_##name,
#include "facts/facts.def"
#undef FACT
	FACT_COUNT
};

enum fact_type { FACT_BOOL, FACT_TEXT, FACT_ENUM, FACT_NUMBER, FACT_LIST };

/* Which guests have a fact; a bit mask. */
enum fact_kinds {
	FACT_KINDS_CT = 1,
	FACT_KINDS_VM = 2,
	FACT_KINDS_GUEST = 3,
	FACT_KINDS_REQUEST = 7, /* of what is asked, whatever the guest */
};

#define FACT_UNLIMITED UINT64_MAX /* a bound that PVE leaves open */

enum fact_state { FACT_STATE_NONE = 0, FACT_STATE_KNOWN, FACT_STATE_UNKNOWN };

/* The line that says so. */
struct fact_origin {
	const char *file;  /* NULL: nothing says so, it is Proxmox's default */
	unsigned line;     /* 0: from the command line */
	struct slice text; /* the line as it stands, "unprivileged: 0" */
};

/* One element of a list. */
struct fact_item {
	struct slice text;
	struct fact_origin origin;
};

struct fact {
	enum fact_state state;
	bool flag;               /* FACT_BOOL */
	uint64_t number;         /* FACT_NUMBER, in the row's unit; FACT_UNLIMITED */
	struct slice text;       /* FACT_TEXT, FACT_ENUM */
	struct fact_item *items; /* FACT_LIST */
	size_t nitems;
	struct fact_origin origin; /* unknown: .file could not be read or understood */
	const char *why;           /* unknown: why; one line */
};

/* A row of facts.def; its getter is known to load.c alone. */
struct fact_row {
	const char *name;
	size_t name_len;
	enum fact_type type;
	const char *const *words; /* FACT_ENUM: its closed list, NULL-terminated */
	const char *unit;
	enum fact_kinds kinds;
	enum source source;
	bool covers;
	const char *doc;
	const char *pve_source;
};

/* The table, FACT_COUNT rows in the order of the enum. */
extern const struct fact_row fact_rows[FACT_COUNT];

/* The closed lists of the enums, sorted, NULL-terminated. */
extern const char *const fact_words_event[]; /* commands of pct and qm: facts/words.c */

/* Another name of a command, which is no event. */
struct fact_alias {
	const char *name, *event;
};
extern const struct fact_alias fact_event_aliases[]; /* ended by a row without a name */
extern const char *const fact_words_cause[];
extern const char *const fact_words_kind[];

/* Id of the fact called @name, or -1. */
int fact_find(struct slice name);

/* A set of facts. */
struct fact_set {
	uint64_t bits[(FACT_COUNT + 63) / 64];
};

static inline void fact_set_add(struct fact_set *s, enum fact_id id)
{
	s->bits[id / 64] |= (uint64_t)1 << (id % 64);
}

/* Adds the facts of @more to @s. */
static inline void fact_set_join(struct fact_set *s, const struct fact_set *more)
{
	for (size_t i = 0; i < sizeof(s->bits) / sizeof(s->bits[0]); i++)
		s->bits[i] |= more->bits[i];
}

static inline bool fact_set_has(const struct fact_set *s, enum fact_id id)
{
	return s->bits[id / 64] >> (id % 64) & 1;
}

/* Takes the facts of @other out of @s. */
static inline void fact_set_drop(struct fact_set *s, const struct fact_set *other)
{
	for (size_t i = 0; i < sizeof(s->bits) / sizeof(s->bits[0]); i++)
		s->bits[i] &= ~other->bits[i];
}

/* Whether no fact is in @s. */
static inline bool fact_set_is_empty(const struct fact_set *s)
{
	for (size_t i = 0; i < sizeof(s->bits) / sizeof(s->bits[0]); i++)
		if (s->bits[i])
			return false;
	return true;
}

/* The sources (mask of 1 << enum source) that the facts of @s need. */
unsigned fact_set_sources(const struct fact_set *s);

struct facts {
	struct fact values[FACT_COUNT]; /* those not loaded are none */
	struct fact_set loaded;
};

/*
 * Computes the facts of @wanted from @in into @ret; memory from @a, slices borrow from
 * @in. -1 only without memory: what cannot be read is an unknown fact, not an error.
 */
int facts_load(const struct facts_input *in, const struct fact_set *wanted,
	       struct arena *a, struct facts *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Computes in @ret those of @wanted that facts_load() was not asked for. */
int facts_load_more(const struct facts_input *in, const struct fact_set *wanted,
		    struct arena *a, struct facts *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The value of a fact that was loaded; borrowed. */
static inline const struct fact *facts_get(const struct facts *f, enum fact_id id)
{
	return &f->values[id];
}

/*
 * Appends the canonical text of a fact: yes, no, a number, unlimited, the text, or list
 * elements joined by ", "; "" for none, "unknown". What waivers and messages compare and
 * show: two values that differ have different texts, and no text needs escaping between
 * double quotes (control bytes, ", $, % and \, and the commas of list elements, are %NN).
 */
void fact_render(const struct fact_row *row, const struct fact *f, struct buf *out)
	__attribute__((nonnull));
