/* SPDX-License-Identifier: MIT */
/*
 * clock - the time, asked once a decision, and its text: RFC 3339, always in UTC.
 *
 * Calendar arithmetic is our own, for timegm() and gmtime() read TZ and /etc/localtime.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* One moment on both clocks. */
struct clock_time {
	uint64_t unix_ms; /* since 1970, UTC */
	uint64_t mono_us; /* of CLOCK_MONOTONIC: for durations */
};

enum { CLOCK_TEXT_SIZE = 25 }; /* "2027-03-31T23:59:59.999Z" with the NUL */

/* What a date without a time of day means. */
enum clock_day {
	CLOCK_DAY_BEGIN, /* its first millisecond: "since" */
	CLOCK_DAY_END,   /* its last one: "until" */
};

/* Now. */
struct clock_time clock_now(void);

/* Writes @unix_ms with milliseconds, "Z" at the end; later than 9999 shows as its end. */
void clock_render(uint64_t unix_ms, char ret[static CLOCK_TEXT_SIZE]);

/*
 * Reads "2027-03-31" (by @day) or RFC 3339 ("2027-03-31T23:59:59+02:00", any fraction of
 * a second, cut to milliseconds) from 1970 to 9999, without leap seconds. Errors:
 * ERR_SYNTAX, ERR_RANGE; both say what is expected.
 */
int clock_parse(struct slice s, enum clock_day day, uint64_t *ret_unix_ms, struct err *e)
	__attribute__((nonnull, warn_unused_result));
