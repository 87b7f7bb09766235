/* SPDX-License-Identifier: MIT */
/*
 * getter - what the getters of facts.def share: where they read, how they answer.
 *
 * A getter fills one fact that is none when it is called, and whose kind and source are
 * there: load.c saw to that. It answers with one of the value_ functions below.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "facts/facts.h"
#include "facts/input.h"
#include "pve/format.h"
#include "pve/guestconf.h"
#include "pve/propstr.h"

struct ids;

/* One judgement in the making. */
struct getting {
	const struct facts_input *in;
	struct arena *arena;
	struct facts *facts; /* what was computed before, for facts made of facts */
	struct ids *ids;     /* the id map once it was read: ids.c */
};

/* Every getter of facts.def; what it answers is the doc of its row. */
#define FACT(NAME, TYPE, UNIT, KINDS, SOURCE, COVERS, GETTER, DOC, PVE) \
	void GETTER(struct getting *g, struct fact *f);
#include "facts/facts.def"
#undef FACT

/* The fact @id, computed now if it was not yet; for getters of facts made of facts. */
const struct fact *getting_fact(struct getting *g, enum fact_id id);

/* Origins. */
#define ORIGIN_COMMAND_LINE "command line" /* the file of what stands in none */
struct fact_origin origin_entry(struct getting *g, const struct guestconf_entry *entry);
struct fact_origin origin_raw(struct getting *g, const struct guestconf_raw *raw);
/* The line of the guest's file that @at, a slice of it, stands in. */
struct fact_origin origin_text(struct getting *g, struct slice at);
/* Line @line of the file of @source. */
struct fact_origin origin_line(struct getting *g, enum source source, unsigned line);

/* Answers. */
void value_flag(struct fact *f, bool flag, struct fact_origin origin);
void value_number(struct fact *f, uint64_t number, struct fact_origin origin);
/* @text {NULL, 0}: none. */
void value_text(struct fact *f, struct slice text, struct fact_origin origin);
/* Makes a list of @f, empty so far. */
void value_list(struct fact *f);
/* Adds an element to a list. */
void value_add(struct getting *g, struct fact *f, struct slice text,
	       struct fact_origin origin);
/* Adds an element unless it is among the last few: no file makes this slow. */
void value_add_once(struct getting *g, struct fact *f, struct slice text,
		    struct fact_origin origin);
/* @why is made as by printf, control bytes as '?'. */
void value_unknown(struct getting *g, struct fact *f, struct fact_origin origin,
		   const char *why, ...) __attribute__((format(printf, 4, 5)));
/* Makes @f what @from is, if that is unknown; whether it is. */
bool value_unknown_as(struct fact *f, const struct fact *from);

/* A literal as a slice. */
#define LITERAL(text) ((struct slice){ "" text, sizeof(text) - 1 })

/* The entry of the judged section whose key is the literal @key, or NULL. */
#define ENTRY(g, key) getting_entry((g), LITERAL(key))
const struct guestconf_entry *getting_entry(const struct getting *g, struct slice key);

/*
 * Of a VM, a line that our tables do not understand but a newer Proxmox might is taken
 * for the entry when it is the last of its key: splitting it fails, and its facts are
 * unknown.
 */

/* The entry after *@at (0 at first), or NULL; ask getting_counts() of it. */
const struct guestconf_entry *getting_next(const struct getting *g, size_t *at);

/* Whether @entry counts: all do, but lines that are not understood and not the last. */
bool getting_counts(const struct getting *g, const struct guestconf_entry *entry);

/*
 * The entry after *@at (0 at first) of the family "net0, net1, …", or NULL. Numbers
 * beyond those that Proxmox's tables know are in it: PVE goes by the name.
 */
#define FAMILY_NEXT(g, family, at) getting_family((g), LITERAL(family), (at))
const struct guestconf_entry *getting_family(const struct getting *g, struct slice family,
					     size_t *at);

/* Whether @entry's key is @family with a number after it. */
static inline bool entry_is(const struct guestconf_entry *entry, struct slice family)
{
	struct slice key = entry->key;

	return key.len > family.len && *key.ptr == *family.ptr &&
	       memcmp(key.ptr, family.ptr, family.len) == 0 &&
	       format_digits(
		       (struct slice){ key.ptr + family.len, key.len - family.len });
}

/* @text with capitals made small letters; borrowed when it has none. */
struct slice value_lower(struct getting *g, struct slice text);

/* Perl's truth of a value, by which Proxmox goes: all but "" and "0". */
bool value_is_true(struct slice value);

/*
 * A property string split once. .bad: it could not be, and .why says why; then nothing
 * else is to be read.
 */
struct props {
	const struct propstr_schema *schema;
	struct slice values[PROPSTR_MAX_KEYS];
	bool bad;
	const char *why;
};

/* Splits the value of @entry by the schema of its option. */
void props_read(struct getting *g, const struct guestconf_entry *entry,
		struct props *ret);

/* The same without the check of the values together: whether a CPU model is listed. */
void props_read_singly(struct getting *g, const struct guestconf_entry *entry,
		       struct props *ret);

/* The value of @key, {NULL, 0} when it is not there. */
struct slice props_get(const struct props *p, const char *key);

/* Whether @key is there and true. */
bool props_is_true(const struct props *p, const char *key);

/* One raw line, unquoted as LXC does: the value of @raw. */
struct slice raw_value(const struct guestconf_raw *raw);

/* The last raw line of @key, which is the one that counts, or NULL. */
const struct guestconf_raw *raw_last(const struct getting *g, struct slice key);

/*
 * The next raw line of @key after *@at (0 at first), or NULL: as LXC has it, an empty
 * value drops what came before.
 */
const struct guestconf_raw *raw_next(const struct getting *g, struct slice key,
				     size_t *at);

/* How bind_list() gives a host path. */
enum bind_form {
	BIND_AS_PATH,    /* as bind_path() gives it */
	BIND_AS_WRITTEN, /* as the file has it, escapes decoded */
};

/* Answers with the host paths bound into a container, those below /dev not. */
void bind_list(struct getting *g, struct fact *f, enum bind_form form);
