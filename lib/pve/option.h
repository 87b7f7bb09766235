/* SPDX-License-Identifier: MIT */
/*
 * option - what a guest's configuration may hold: one row an option (options-ct.c,
 * options-vm.c), with the property-string schema of its value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "pve/guestconf.h"
#include "pve/propstr.h"

enum option_type {
	OPTION_BOOL,
	OPTION_INTEGER,
	OPTION_NUMBER,
	OPTION_ENUM,
	OPTION_TEXT,
	OPTION_PROPS
};

/* One option, or a family "net[0..31]" of them. */
struct option {
	const char *name; /* "net" for the family net0 to net31 */
	unsigned count;   /* family: how many, numbered from 0; 0: no family */
	enum option_type type;
	int64_t min, max;         /* OPTION_INTEGER, OPTION_NUMBER; INT64_MIN/MAX: open */
	const char *const *words; /* OPTION_ENUM: NULL-terminated */
	const struct propstr_schema *props; /* OPTION_PROPS */
	bool (*check)(struct slice value);  /* format beyond the type, or NULL */
};

/* The row of @key ("net0") for guests of @kind, or NULL. */
const struct option *option_find(enum guest_kind kind, struct slice key);

/* All rows of @kind, sorted by name. */
const struct option *option_rows(enum guest_kind kind, size_t *ret_n);

/*
 * Whether PVE accepts @value for @o; 0, or -1 with the reason in @e. *@ret_value is the
 * value as PVE keeps it (booleans as "0" or "1"), borrowed from @value or static.
 */
int option_check(const struct option *o, struct slice value, struct slice *ret_value,
		 struct err *e) __attribute__((nonnull, warn_unused_result));
