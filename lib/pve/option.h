/* SPDX-License-Identifier: MIT */
/*
 * option - what a guest's configuration may hold: one row an option (options-ct.c,
 * options-vm.c), with the property-string schema or format of its value.
 *
 * The rows say what PVE checks when it reads a guest's file, which is less than what it
 * checks of a command line: no bounds, no words of enumerations. Those are in cli-*.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"
#include "pve/format.h"
#include "pve/guestconf.h"
#include "pve/propstr.h"

enum option_type {
	OPTION_TEXT,    /* .format, or anything */
	OPTION_QUOTED,  /* anything; one pair of double quotes around it is taken off */
	OPTION_BOOL,    /* kept as "0" or "1" */
	OPTION_INTEGER, /* digits; kept without leading zeros */
	OPTION_NUMBER,  /* digits, may be with a fraction */
	OPTION_PROPS,   /* .props */
};

/* One option, or a family "net[0..31]" of them. */
struct option {
	const char *name; /* "net" for the family net0 to net31 */
	size_t len;       /* of the name */
	enum option_type type;
	unsigned count;              /* family: how many, numbered from 0; 0: none */
	const struct format *format; /* OPTION_TEXT */
	const struct propstr_schema *props; /* OPTION_PROPS */
};

/* The row of @key ("net0") for guests of @kind, or NULL. */
const struct option *option_find(enum guest_kind kind, struct slice key);

/* Like it; the number of a member of a family, else 0, in *@ret_index. */
const struct option *option_find_index(enum guest_kind kind, struct slice key,
				       unsigned *ret_index) __attribute__((nonnull));

/*
 * All rows of @kind, sorted by name; a plain option stands before a family of its name.
 */
const struct option *option_rows(enum guest_kind kind, size_t *ret_n)
	__attribute__((nonnull));

/*
 * Whether PVE accepts @value for @o in a guest's file; 0, or -1 with the reason in @e.
 * *@ret_value is the value as PVE keeps it, borrowed from @value or static. Errors:
 * ERR_UNKNOWN (as of propstr_parse()), ERR_TYPE, ERR_SYNTAX, ERR_DUPLICATE, ERR_RANGE.
 */
int option_check(const struct option *o, struct slice value, struct slice *ret_value,
		 struct err *e) __attribute__((nonnull, warn_unused_result));

/* Like it, for a @value that is known to hold no line break. */
int option_check_line(const struct option *o, struct slice value, struct slice *ret_value,
		      struct err *e) __attribute__((nonnull, warn_unused_result));
