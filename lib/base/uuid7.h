/* SPDX-License-Identifier: MIT */
/*
 * uuid7 - ids of decisions that sort by time: UUID version 7 (RFC 9562).
 *
 * 48 bits of Unix milliseconds, then a 32-bit counter that starts at random in every
 * millisecond, then 42 random bits of each id. Ids of one generator only go up, also when
 * the clock goes back. libuuid formats them; its own version 7 is newer than Debian 12.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

enum { UUID7_SIZE = 37 }; /* of the text, with the NUL */

/* What one generator remembers; zeroed at first. */
struct uuid7 {
	uint64_t last_ms; /* of the newest id */
	uint32_t counter; /* of the newest id */
};

/* Writes the next id, for the time @unix_ms, in lower case to @ret. Errors: ERR_SYSTEM. */
int uuid7_next(struct uuid7 *u, uint64_t unix_ms, char ret[static UUID7_SIZE],
	       struct err *e) __attribute__((nonnull, warn_unused_result));
