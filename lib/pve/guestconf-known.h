/* SPDX-License-Identifier: MIT */
/*
 * guestconf-known - what a line of a guest's file was found to mean, remembered for the same
 * line of another guest.
 *
 * Guests are made from few templates: most of their lines were read before, byte for byte.
 * Only lines are kept whose meaning is theirs alone, whatever section they stand in: options
 * and raw lines that were taken. One that differs in a byte is read like the first.
 */
#pragma once

#include <stdint.h>

#include "pve/guestconf.h"

/* A line that was read. */
struct known_line;

/* Where a line is kept, or may be. */
struct known_place {
	struct known_line *row; /* NULL: it is not to be kept */
	struct slice line;      /* borrowed from the text that is being read */
	enum guest_kind kind;
	uint32_t hash;
};

/*
 * Looks @line of a file of @kind up, which has no blanks at its end; whether it is known.
 * *@ret is for one of the functions below; it is of no use after the next call.
 */
bool known_find(struct guestconf_known *k, enum guest_kind kind, struct slice line,
		struct known_place *ret) __attribute__((nonnull));

/* Whether the line found at @p is a raw one. */
bool known_is_raw(const struct known_place *p) __attribute__((nonnull));

/* The option that the line found at @p sets, as one of its file's line @number. */
struct guestconf_entry known_entry(const struct known_place *p, unsigned number)
	__attribute__((nonnull));

/* The raw line found at @p, as its file's line @number. */
struct guestconf_raw known_raw(const struct known_place *p, unsigned number)
	__attribute__((nonnull));

/* Remembers that the line at @p, which was not found, sets @entry. */
void known_keep_entry(const struct known_place *p, const struct guestconf_entry *entry)
	__attribute__((nonnull));

/* Remembers that the line at @p, which was not found, is @raw. */
void known_keep_raw(const struct known_place *p, const struct guestconf_raw *raw)
	__attribute__((nonnull));
