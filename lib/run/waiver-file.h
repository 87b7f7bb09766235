/* SPDX-License-Identifier: MIT */
/*
 * waiver-file - the files of waivers: VMID.RULE.conf and VMID.RULE.once below
 * /etc/pve/pve-safe/waivers, which all nodes of the cluster see at once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "policy/waiver.h"
#include "run/place.h"

#define WAIVER_DIR "etc/pve/pve-safe/waivers"

/* What a file's name says. */
struct waiver_name {
	uint64_t vmid;
	struct slice rule;
	enum waiver_kind kind;
};

enum { WAIVER_PATH_MAX = 512 };

/* The directory of waivers, opened once for many files. */
struct waiver_dir {
	int fd; /* owned; -1: there is none */
	const struct place *place;
};

/* Opens it: 0; 1 when there is none; -1 with @e set. */
int waiver_dir_open(const struct place *p, struct waiver_dir *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Closes it. Fit for AUTO(), of a zeroed one with .fd -1 too. */
void waiver_dir_done(struct waiver_dir *d);

/* Reads "120.privileged.conf"; false when @name is not of that form. Borrows. */
bool waiver_name_parse(const char *name, struct waiver_name *ret);

/* Writes the path of @n below the root of @p to @ret, as messages show it. */
void waiver_shown(const struct place *p, const struct waiver_name *n,
		  char ret[static WAIVER_PATH_MAX]);

/*
 * Reads the file @n. 0; 1 when there is none; -1 with an error that names the file and the
 * place in it. Memory from @a.
 */
int waiver_load(const struct waiver_dir *d, const struct waiver_name *n, struct arena *a,
		struct waiver *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether a file that is there may be replaced. */
enum waiver_save_mode { WAIVER_CREATE, WAIVER_REPLACE };

/*
 * Writes @w as the file @n, and reads it back. 0; 1 when there is one already and @mode is
 * WAIVER_CREATE; -1 with @e set. On pmxcfs one node alone wins.
 */
int waiver_save(const struct place *p, const struct waiver_name *n,
		const struct waiver *w, enum waiver_save_mode mode, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* All files of waivers, by VMID, rule and kind; memory from the arena of the call. */
struct waiver_names {
	struct waiver_name *rows;
	size_t n;
};

/* Lists those of guest @vmid (0: of every guest). -1 with @e set. */
int waiver_list(const struct waiver_dir *d, uint64_t vmid, struct arena *a,
		struct waiver_names *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether one of @l, as waiver_list() sorts them, is of guest @vmid. */
static inline bool waiver_names_have(const struct waiver_names *l, uint64_t vmid)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->rows[middle].vmid == vmid)
			return true;
		if (l->rows[middle].vmid < vmid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/*
 * Takes the file @n out of force: a lasting one is renamed VMID.RULE.void, in place of one
 * that was before; an override, whose record is kept elsewhere, is removed. 0 or -1.
 */
int waiver_void(const struct waiver_dir *d, const struct waiver_name *n, struct err *e)
	__attribute__((nonnull, warn_unused_result));
