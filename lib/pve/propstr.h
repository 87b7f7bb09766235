/* SPDX-License-Identifier: MIT */
/*
 * propstr - PVE property strings: "local:100/disk.raw,size=8G,ro=1".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum { PROPSTR_MAX_KEYS = 64 };

/* One key of a property string. */
struct propstr_key {
	const char *name;
	const char *alias; /* another name for it, or NULL: "bind" style aliases */
	bool (*check)(struct slice); /* whether PVE accepts the value; NULL: any text */
	bool optional;
};

/* What one option accepts. Static data: one table per option. */
struct propstr_schema {
	const struct propstr_key *keys; /* the index is the slot in the result */
	size_t nkeys;
	int bare; /* slot of a value without "key=", -1: none */
};

/*
 * Splits @in by @schema into @ret_vals, one slot per key; absent slots are {NULL, 0}.
 * @ret_vals: caller's array of schema->nkeys, borrowing from @in; on error unspecified.
 * Errors: ERR_UNKNOWN, ERR_DUPLICATE, ERR_SYNTAX, ERR_TYPE; e->col is the 1-based byte.
 * Source: PVE::JSONSchema::parse_property_string.
 */
int propstr_parse(const struct propstr_schema *schema, struct slice in,
		  struct slice *ret_vals, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Slot of the key called @name in @schema, or -1. */
int propstr_slot(const struct propstr_schema *schema, const char *name);
