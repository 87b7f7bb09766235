/* SPDX-License-Identifier: MIT */
/*
 * tick-state - what the last tick knew of the guests: /var/lib/pve-safe/tick, a line each,
 *
 *	pve-safe tick 1
 *	101 ct SHA1 known 0
 *	102 vm - elsewhere 0          another node has it
 *	103 ct - waiting 1763712000   Proxmox works on it; seen first after that second
 *	104 ct SHA1 attach 0          it is still to get our hookscript
 *	105 ct SHA1 failing 0         the same, and it was said why it cannot
 *	106 vm SHA1 hooked 0          known, with our hookscript
 *
 * Lines that a tick adds at the end, one for each guest that it has recorded, replace those
 * before: one that is killed then records no guest twice. Whatever is no such line is passed
 * over, as is the end of a file that was cut. The time of the last tick is the file's own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sha.h"
#include "pve/guestconf.h"

enum { TICK_STATE_MAX_BYTES = 16 << 20 };

enum tick_standing {
	TICK_KNOWN = 0,
	TICK_ELSEWHERE,
	TICK_WAITING,
	TICK_ATTACH,
	TICK_FAILING,
	TICK_HOOKED,
};

/* One guest of the cluster. */
struct tick_row {
	uint32_t vmid;
	enum guest_kind kind;
	enum tick_standing standing;
	uint64_t since_s;           /* TICK_WAITING: seconds since 1970 */
	char digest[SHA1_HEX_SIZE]; /* tick_digest() when it was judged; "": it was not */
};

struct tick_state {
	struct tick_row
		*rows; /* sorted by VMID, once tick_state_sort() was called; owned */
	size_t n, room;
};

/* Whether two rows say the same. */
bool tick_row_same(const struct tick_row *a, const struct tick_row *b);

/* Adds a row; false without memory. */
bool tick_state_add(struct tick_state *s, const struct tick_row *row);

/* Sorts the rows; of those of one guest the one that was added last stays. */
void tick_state_sort(struct tick_state *s);

/* The row of @vmid in the sorted @s, or NULL; borrowed. */
struct tick_row *tick_state_find(const struct tick_state *s, uint64_t vmid);

/* Reads @text into the empty @ret, sorted. False when it is no such file, or no memory. */
bool tick_state_parse(struct slice text, struct tick_state *ret);

/* Appends the line of @row. */
void tick_row_render(const struct tick_row *row, struct buf *out);

/* Appends the whole file. */
void tick_state_render(const struct tick_state *s, struct buf *out);

/* Releases @s. Fit for AUTO(). */
void tick_state_done(struct tick_state *s);
