/* SPDX-License-Identifier: MIT */
/*
 * sectionconfig - the files that PVE keeps as sections of properties: storage.cfg,
 * jobs.cfg, ha/resources.cfg, those of mapping/.
 *
 *	dir: local
 *		path /var/lib/vz
 *		disable
 *
 * The reader knows the form alone; which types, properties and values there are, its
 * callers know. Everything is slices of the text in memory of the arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum { SECTIONCONFIG_MAX_BYTES = 1 << 20 }; /* pmxcfs holds no larger file */

/* What a header says, and what may be there only once. */
enum sectionconfig_form {
	SECTIONCONFIG_TYPED,     /* "type: id", one of each id: storage.cfg, jobs.cfg */
	SECTIONCONFIG_QUALIFIED, /* "type: id", one of each pair: ha/resources.cfg */
	SECTIONCONFIG_PLAIN,     /* "id": mapping/pci.cfg, usb.cfg, directory.cfg */
};

struct sectionconfig_property {
	struct slice key; /* not empty, no blanks */
	struct slice
		value; /* trimmed, not empty; {NULL, 0} for a key that stands alone */
	unsigned line;
};

struct sectionconfig_section {
	struct slice type; /* as written; {NULL, 0} with SECTIONCONFIG_PLAIN */
	struct slice id;   /* not empty, no blanks */
	const struct sectionconfig_property *properties; /* in order, repeats kept */
	size_t nproperties;
	unsigned line;
};

struct sectionconfig {
	struct sectionconfig_section *sections; /* in order */
	size_t n;
};

/*
 * Reads @text. Errors, with the line: ERR_SYNTAX (a line that PVE would ignore or take
 * for something else than it looks like), ERR_DUPLICATE (a section that is there twice),
 * ERR_RANGE (over SECTIONCONFIG_MAX_BYTES), ERR_SYSTEM (memory).
 */
int sectionconfig_parse(enum sectionconfig_form form, struct slice text, struct arena *a,
			struct sectionconfig *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * The property @key, which must have a value; NULL when it is not there; borrowed.
 * Errors: ERR_SYNTAX (no value), ERR_DUPLICATE (given twice).
 */
int sectionconfig_find(const struct sectionconfig_section *s, const char *key,
		       const struct sectionconfig_property **ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * The boolean @key: "1", or nothing behind the key, is true, "0" false, @absent when it
 * is not there. Errors: ERR_TYPE, ERR_DUPLICATE. Source: PVE::SectionConfig::check_value.
 */
int sectionconfig_flag(const struct sectionconfig_section *s, const char *key,
		       bool absent, bool *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
