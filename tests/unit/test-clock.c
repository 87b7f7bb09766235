/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/clock.c. */
#include "rows.h"

#include <time.h>

#include "base/clock.h"

#define LAST_MS UINT64_C(253402300799999)

static struct row {
	const char *name, *in;
	uint64_t ms;      /* expected */
	const char *text; /* as rendered again; NULL: the input */
	enum clock_day day;
} good[] = {
	{ "the epoch", "1970-01-01T00:00:00.000Z", 0 },
	{ "milliseconds", "2027-03-31T18:00:00.123Z", 1806516000123 },
	{ "a leap day", "2028-02-29T12:00:00.000Z", 1835438400000 },
	{ "a century that is none", "2100-03-01T00:00:00.000Z", 4107542400000 },
	{ "the last moment", "9999-12-31T23:59:59.999Z", LAST_MS },
	{ "a date begins", "2027-03-31", 1806451200000, "2027-03-31T00:00:00.000Z",
	  CLOCK_DAY_BEGIN },
	{ "a date ends", "2027-03-31", 1806537599999, "2027-03-31T23:59:59.999Z",
	  CLOCK_DAY_END },
	{ "a time does not end its day", "2027-03-31T00:00:00Z", 1806451200000,
	  "2027-03-31T00:00:00.000Z", CLOCK_DAY_END },
	{ "east of Greenwich it is earlier", "2027-03-31T18:00:00+02:00", 1806508800000,
	  "2027-03-31T16:00:00.000Z" },
	{ "west of Greenwich it is later", "2027-03-31T18:00:00-03:30", 1806528600000,
	  "2027-03-31T21:30:00.000Z" },
	{ "an offset crosses midnight", "2027-03-01T00:30:00+01:00", 1803857400000,
	  "2027-02-28T23:30:00.000Z" },
	{ "small letters and a blank, as RFC 3339 lets one", "2027-03-31 18:00:00z",
	  1806516000000, "2027-03-31T18:00:00.000Z" },
	{ "a finer fraction is cut", "2027-03-31T18:00:00.1239999Z", 1806516000123,
	  "2027-03-31T18:00:00.123Z" },
	{ "a coarser one is filled", "2027-03-31t18:00:00.5Z", 1806516000500,
	  "2027-03-31T18:00:00.500Z" },
};

static void reads_and_renders(void **state)
{
	const struct row *t = *state;
	struct err e = { 0 };
	char text[CLOCK_TEXT_SIZE];
	uint64_t ms = 0;

	assert_int_equal(clock_parse(slice_of(t->in), t->day, &ms, &e), 0);
	assert_int_equal(ms, t->ms);
	clock_render(ms, text);
	assert_string_equal(text, t->text ? t->text : t->in);
}

static struct bad {
	const char *name, *in;
	enum err_code code;
	const char *message; /* NULL: the usual one */
} bad[] = {
	{ "nothing", "", ERR_SYNTAX,
	  "'' is no date: write 2027-03-31 or 2027-03-31T18:00:00Z" },
	{ "a word", "tomorrow", ERR_SYNTAX,
	  "'tomorrow' is no date: write 2027-03-31 or 2027-03-31T18:00:00Z" },
	{ "a short year", "27-03-31", ERR_SYNTAX },
	{ "a month of one digit", "2027-3-31", ERR_SYNTAX },
	{ "the German way", "31.03.2027", ERR_SYNTAX },
	{ "a time without zone", "2027-03-31T18:00:00", ERR_SYNTAX },
	{ "a time without seconds", "2027-03-31T18:00Z", ERR_SYNTAX },
	{ "an empty fraction", "2027-03-31T18:00:00.Z", ERR_SYNTAX },
	{ "an offset without colon", "2027-03-31T18:00:00+0200", ERR_SYNTAX },
	{ "an offset of a day", "2027-03-31T18:00:00+24:00", ERR_SYNTAX },
	{ "something behind", "2027-03-31T18:00:00Z.", ERR_SYNTAX },
	{ "a blank before", " 2027-03-31", ERR_SYNTAX },
	{ "a sign", "+027-03-31", ERR_SYNTAX },
	{ "30 February", "2027-02-30", ERR_RANGE,
	  "'2027-02-30' is no date that exists (from 1970 to 9999, no leap seconds)" },
	{ "29 February of no leap year", "2027-02-29", ERR_RANGE },
	{ "month 0", "2027-00-10", ERR_RANGE },
	{ "month 13", "2027-13-10", ERR_RANGE },
	{ "day 0", "2027-03-00", ERR_RANGE },
	{ "hour 24", "2027-03-31T24:00:00Z", ERR_RANGE },
	{ "minute 60", "2027-03-31T23:60:00Z", ERR_RANGE },
	{ "a leap second", "2027-03-31T23:59:60Z", ERR_RANGE },
	{ "before 1970", "1969-12-31", ERR_RANGE },
	{ "before 1970 by its offset", "1970-01-01T00:00:00+00:01", ERR_RANGE },
	{ "after 9999 by its offset", "9999-12-31T23:59:59-00:01", ERR_RANGE },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	struct err e = { 0 };
	uint64_t ms = 42;

	assert_int_equal(clock_parse(slice_of(t->in), CLOCK_DAY_END, &ms, &e), -1);
	assert_int_equal(e.code, t->code);
	assert_int_equal(ms, 42);
	if (t->message)
		assert_string_equal(e.msg, t->message);
}

static void refuses_nul(void **state)
{
	struct err e = { 0 };
	uint64_t ms;

	(void)state;
	assert_int_equal(
		clock_parse((struct slice){ "2027-03-31\0", 11 }, CLOCK_DAY_END, &ms, &e),
		-1);
	assert_int_equal(clock_parse((struct slice){ 0 }, CLOCK_DAY_END, &ms, &e), -1);
}

/* Against libc's calendar, a prime number of seconds apart. */
static void agrees_with_libc(void **state)
{
	char text[CLOCK_TEXT_SIZE], want[64];

	(void)state;
	for (time_t t = 0; t < (time_t)(LAST_MS / 1000); t += 86028157) {
		struct tm tm;
		uint64_t ms;
		struct err e;

		clock_render((uint64_t)t * 1000, text);
		assert_non_null(gmtime_r(&t, &tm));
		(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
		assert_string_equal(text, want);
		assert_int_equal(clock_parse(slice_of(text), CLOCK_DAY_END, &ms, &e), 0);
		assert_int_equal(ms, (uint64_t)t * 1000);
	}
}

static void later_shows_as_end(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_render(UINT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void now_moves(void **state)
{
	struct clock_time a = clock_now(), b = clock_now();

	(void)state;
	assert_true(a.unix_ms > UINT64_C(1700000000000) && a.unix_ms < LAST_MS);
	assert_true(b.mono_us >= a.mono_us);
	assert_true((uint64_t)time(NULL) - b.unix_ms / 1000 < 5);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, good, reads_and_renders);
	ROWS_ADD(&rows, bad, refuses);
	ROWS_ADD_ONE(&rows, "a NUL at the end, no text at all", refuses_nul);
	ROWS_ADD_ONE(&rows, "the calendar is libc's", agrees_with_libc);
	ROWS_ADD_ONE(&rows, "later than 9999 shows as its end", later_shows_as_end);
	ROWS_ADD_ONE(&rows, "now is now, and time moves on", now_moves);
	return rows_run(&rows, "clock");
}
