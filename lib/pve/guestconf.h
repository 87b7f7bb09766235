/* SPDX-License-Identifier: MIT */
/*
 * guestconf - a guest's configuration file, read as PVE reads it.
 *
 * One immutable text, everything else is slices of it. What PVE ignores is ignored here
 * with a warning, what PVE keeps is kept; a reading that differs is a way round the
 * policy. Tested against the answers of PVE's own parsers (tests/fixtures/vectors).
 *
 * Known differences, all on the side of refusing: a NUL byte; more keys or sections than
 * any guest has; "lxc: x", "digest: x", "pending: x" and "snapshots: x" in a container's
 * file, by which PVE overwrites what it keeps there itself. Whole numbers over 2^64,
 * which PVE would turn into floating point, are kept as they stand. What VMs' files hold
 * in [special:…] sections has no bearing on the guest and is not read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	GUESTCONF_MAX_BYTES = 1 << 20, /* pmxcfs stores no more */
	GUESTCONF_MAX_KEYS = 8192,     /* options, or raw lines, of a section; sections */
	GUESTCONF_MAX_WARNINGS = 256,
};

enum guest_kind { GUEST_CT, GUEST_VM };

struct option; /* a row of options-ct.c or options-vm.c: pve/option.h */

/* One "key: value" line as PVE keeps it. */
struct guestconf_entry {
	const struct option *option; /* NULL: a key that our tables do not know */
	struct slice key;            /* as written, "net0" */
	struct slice value;          /* as PVE keeps it: booleans are "0" or "1" */
	unsigned line;  /* 1-based; 0: from the command line, not from a file */
	unsigned index; /* of a family's member: 0 of "net0" */
};

/* One raw "lxc.…" line of a container, in order of the file, repeats kept. */
struct guestconf_raw {
	struct slice key, value;
	unsigned line;
};

enum guestconf_section_type { SECTION_CURRENT, SECTION_PENDING, SECTION_SNAPSHOT };

/*
 * One section. Keys are unique: the last valid duplicate won, as PVE has it. Descriptions
 * and `snapstate` are not kept; `delete` is an entry of the pending section alone.
 */
struct guestconf_section {
	enum guestconf_section_type type;
	struct slice name; /* of a snapshot, else {NULL, 0} */
	struct guestconf_entry *entries;
	size_t nentries;
	struct guestconf_raw *raws; /* containers only */
	size_t nraws;
	/*
	 * VM: lines whose key, or a key or word in whose value, our tables do not know.
	 * PVE drops what it does not know; one newer than our tables, or one that has the
	 * CPU model that the line names, keeps it. Repeats kept, values as they stand.
	 */
	struct guestconf_entry *newer;
	size_t nnewer;
};

/* What PVE would warn about at every load, and what else a reader should know. */
struct guestconf_warning {
	unsigned line;
	const char *text; /* one line, safe to print */
};

struct guestconf {
	enum guest_kind kind;
	struct slice text;                  /* borrowed from the caller */
	struct guestconf_section *sections; /* [0] is the current one, always there */
	size_t nsections;
	struct guestconf_warning *warnings; /* guestconf_warn() fills them in */
	size_t nwarnings;
};

/*
 * Reads @text, which must outlive @ret. All memory comes from @a. Errors: ERR_SYNTAX (a
 * NUL byte; a container's key that overwrites what PVE keeps under it), ERR_RANGE (over
 * GUESTCONF_MAX_BYTES or GUESTCONF_MAX_KEYS), ERR_SYSTEM (memory).
 * Source: PVE::LXC::Config::parse_pct_config, PVE::QemuServer::parse_vm_config.
 */
int guestconf_parse(enum guest_kind kind, struct slice text, struct arena *a,
		    struct guestconf *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Lines that were read before: guestconf-known.h. */
struct guestconf_known;

/* Begins with none; NULL without memory: it is of use to whom reads many files, no need. */
struct guestconf_known *guestconf_known_new(void);

/* Releases @k, which may be NULL. */
void guestconf_known_free(struct guestconf_known *k);

/* Does what guestconf_parse() does, sooner where lines are in @known, which may be NULL. */
int guestconf_parse_known(enum guest_kind kind, struct slice text,
			  struct guestconf_known *known, struct arena *a,
			  struct guestconf *ret, struct err *e)
	__attribute__((nonnull(4, 5, 6), warn_unused_result));

/*
 * Fills in the warnings of @c, which was read without error, in order of lines; those
 * over GUESTCONF_MAX_WARNINGS are counted in the last. Apart from the reading, for it
 * takes a second one and an audit of all guests asks for none. -1 only without memory.
 */
int guestconf_warn(struct guestconf *c, struct arena *a, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The current section; borrowed. */
static inline const struct guestconf_section *guestconf_current(const struct guestconf *c)
{
	return &c->sections[0];
}

/* The pending section, or NULL; borrowed. */
const struct guestconf_section *guestconf_pending(const struct guestconf *c)
	__attribute__((nonnull));

/* The snapshot called @name, or NULL; borrowed. */
const struct guestconf_section *guestconf_snapshot(const struct guestconf *c,
						   struct slice name)
	__attribute__((nonnull));

/* The entry of @key ("net0") in @s, or NULL; borrowed. */
const struct guestconf_entry *guestconf_find(const struct guestconf_section *s,
					     const char *key) __attribute__((nonnull));

/*
 * The current section with the pending changes (values, raw lines and "delete") merged.
 * Made in @a, borrowing from @c. Errors: ERR_RANGE, ERR_SYSTEM (memory). Source:
 * vmconfig_apply_pending of both.
 */
int guestconf_merge_pending(const struct guestconf *c, struct arena *a,
			    struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * The configuration that a start uses: guestconf_merge_pending(), but the current section
 * as it is of a VM that was suspended to disk. It goes on as what it was, its changes wait
 * for the next start. Source: PVE::QemuServer, vm_start and vm_start_nolock.
 */
int guestconf_start(const struct guestconf *c, struct arena *a,
		    struct guestconf_section *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether PVE takes @value as true: 1, on, yes, true in any case. */
bool guestconf_is_true(struct slice value);

/*
 * Whether @value is true in Perl: neither empty nor "0". What a container's file keeps of
 * a bad boolean ("2", "maybe") is.
 */
bool guestconf_is_perl_true(struct slice value);
