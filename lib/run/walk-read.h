/* SPDX-License-Identifier: MIT */
/*
 * walk-read - the texts of many guests, one after the other, in memory that is used again.
 *
 * On FUSE, which /etc/pve is, a read is all waiting for another process: two threads read
 * ahead there, which halves the time; more do not help. They do nothing else: everything
 * is parsed and judged by the one thread that asks. Elsewhere there are none.
 */
#pragma once

#include "base/err.h"
#include "base/file.h"
#include "run/walk-list.h"

enum { WALK_NAME_MAX = 24 };

struct walk_reader;

/* Writes the name of the file of guest @vmid, "VMID.conf". */
void walk_name(uint32_t vmid, char ret[static WALK_NAME_MAX]);

/* One text; borrowed until the next is asked for. */
struct walk_text {
	struct file_text text;
	size_t room; /* that .text.ptr has */
	bool read;   /* false: gone, or a failure; who asks reads it himself to know */
};

/*
 * Begins reading the guests of @l, which must outlive the reader, by @rules. NULL with @e
 * set without memory.
 */
struct walk_reader *walk_reader_new(const struct walk_list *l,
				    const struct file_rules *rules, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The text of the next guest of the list; for as many calls as it has guests. */
const struct walk_text *walk_reader_next(struct walk_reader *r) __attribute__((nonnull));

/* Ends the reading, also before all was read. Fit for AUTO(). */
void walk_reader_freep(struct walk_reader **r);
