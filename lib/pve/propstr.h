/* SPDX-License-Identifier: MIT */
/*
 * propstr - PVE property strings: "local:100/disk.raw,size=8G,ro=1".
 *
 * Split at commas, members of blanks alone skipped, no blanks around keys, a member
 * without "=" fills the schema's bare key. Read exactly as PVE reads them, its one oddity
 * included: a bare value replaces an explicit one that is false in Perl ("enabled=0,1" is
 * 1). Source: PVE::JSONSchema::parse_property_string, check_prop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "pve/format.h"

enum { PROPSTR_MAX_KEYS = 64 };

#define PROPSTR_SLOT(slot) ((uint64_t)1 << (slot))

enum propstr_type {
	PROPSTR_TEXT,    /* .format, or anything */
	PROPSTR_BOOL,    /* "0" or "1" in the result */
	PROPSTR_INTEGER, /* sign allowed; .min to .max */
	PROPSTR_NUMBER,  /* with fraction and exponent; .min to .max */
	PROPSTR_WORD,    /* one of .words */
};

/* One key of a property string. */
struct propstr_key {
	const char *name;
	enum propstr_type type;
	const struct format *format; /* PROPSTR_TEXT: NULL: any text */
	const char *const *words;    /* PROPSTR_WORD: NULL-terminated */
	bool bounded;                /* .min and .max hold */
	int64_t min, max;
	const char *needs; /* a key that must be there too, or NULL */
};

/* Another name for a key. */
struct propstr_alias {
	const char *name;
	size_t slot;
};

/* What one option accepts. Static data: one table per option. */
struct propstr_schema {
	const struct propstr_key *keys; /* the index is the slot in the result */
	size_t nkeys;
	uint64_t required; /* the keys that must be there: mask of PROPSTR_SLOT(slot) */
	int bare;          /* slot of a value without "key=", -1: none */
	const struct propstr_alias *aliases;
	size_t naliases;
	/* "virtio=MAC": a word of .word_slot's list as key fills it and .word_value. */
	bool word_keys;
	size_t word_slot, word_value;
	/* A check of the whole, after each value's own; 0 or -1 with @e set. */
	int (*check)(const struct slice *vals, struct err *e);
};

/*
 * Splits @in by @schema into @ret_vals, one slot per key; absent slots are {NULL, 0}.
 * @ret_vals: caller's array of schema->nkeys, borrowing from @in (booleans, and words
 * that stood as keys, from static text); on error unspecified. Errors: ERR_UNKNOWN (a key
 * or word that the schema does not have, so a newer Proxmox might), ERR_DUPLICATE,
 * ERR_SYNTAX, ERR_TYPE, ERR_RANGE; e->col is the 1-based byte.
 */
int propstr_parse(const struct propstr_schema *schema, struct slice in,
		  struct slice *ret_vals, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Slot of the key called @name in @schema, or -1. */
int propstr_slot(const struct propstr_schema *schema, const char *name);
