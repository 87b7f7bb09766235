/* SPDX-License-Identifier: MIT */
/*
 * guestconf - a guest's configuration file, read as PVE reads it.
 *
 * One immutable text, everything else is slices of it. What PVE ignores is ignored here
 * with a warning, what PVE keeps is kept; a reading that differs is a way round the
 * policy. Tested against the answers of PVE's own parsers (tests/fixtures/vectors).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum { GUESTCONF_MAX_BYTES = 1 << 20 }; /* pmxcfs stores no more */

enum guest_kind { GUEST_CT, GUEST_VM };

struct option; /* a row of options-ct.c or options-vm.c: pve/option.h */

/* One "key: value" line as PVE keeps it. */
struct guestconf_entry {
	const struct option
		*option;    /* its row; NULL: a key that our tables do not know */
	struct slice key;   /* as written, "net0" */
	struct slice value; /* as PVE keeps it: booleans are "0" or "1" */
	unsigned line;      /* 1-based; 0: from the command line, not from a file */
};

/* One raw "lxc.…" line of a container, in order of the file, repeats kept. */
struct guestconf_raw {
	struct slice key, value;
	unsigned line;
};

enum guestconf_section_type {
	SECTION_CURRENT,
	SECTION_PENDING,
	SECTION_SNAPSHOT,
	SECTION_SPECIAL, /* VM: special:cloudinit, special:fleecing */
};

/* One section. Keys are unique: the last valid duplicate won, as PVE has it. */
struct guestconf_section {
	enum guestconf_section_type type;
	struct slice name; /* of a snapshot or special section, else {NULL, 0} */
	struct guestconf_entry *entries;
	size_t nentries;
	struct guestconf_raw *raws; /* containers only */
	size_t nraws;
};

/* What PVE would warn about at every load. */
struct guestconf_warning {
	unsigned line;
	const char *text;
};

struct guestconf {
	enum guest_kind kind;
	struct slice text;                  /* borrowed from the caller */
	struct guestconf_section *sections; /* [0] is the current one, always there */
	size_t nsections;
	struct guestconf_warning *warnings;
	size_t nwarnings;
};

/*
 * Reads @text, which must outlive @ret. All memory comes from @a. Errors: ERR_SYNTAX (a
 * NUL byte), ERR_RANGE (over GUESTCONF_MAX_BYTES), ERR_SYSTEM (memory). PVE itself refuses
 * no text. Source: PVE::LXC::Config::parse_pct_config, PVE::QemuServer::parse_vm_config.
 */
int guestconf_parse(enum guest_kind kind, struct slice text, struct arena *a,
		    struct guestconf *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The current section; borrowed. */
static inline const struct guestconf_section *guestconf_current(const struct guestconf *c)
{
	return &c->sections[0];
}

/* The pending section, or NULL; borrowed. */
const struct guestconf_section *guestconf_pending(const struct guestconf *c);

/* The snapshot called @name, or NULL; borrowed. */
const struct guestconf_section *guestconf_snapshot(const struct guestconf *c,
						   struct slice name);

/* The entry of @key ("net0") in @s, or NULL; borrowed. */
const struct guestconf_entry *guestconf_find(const struct guestconf_section *s,
					     const char *key);

/*
 * The configuration that a start uses: the current section with the pending changes
 * (values and "delete") merged, raw lines kept. Made in @a. -1 only without memory.
 * Source: vmconfig_apply_pending of both.
 */
int guestconf_merge_pending(const struct guestconf *c, struct arena *a,
			    struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether PVE takes @value as true: 1, on, yes, true in any case. */
bool guestconf_is_true(struct slice value);
