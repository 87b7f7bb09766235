/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { YEAR_MIN = 1970, YEAR_MAX = 9999, DAY_S = 86400 };

#define UNIX_MS_MAX UINT64_C(253402300799999) /* the last millisecond of YEAR_MAX */

/* @t in units of 1/@per second. */
static uint64_t in_units(struct timespec t, uint64_t per)
{
	return (uint64_t)t.tv_sec * per + (uint64_t)t.tv_nsec / (1000000000 / per);
}

struct clock_time clock_now(void)
{
	struct timespec real = { 0 }, mono = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &real); /* cannot fail: the clock is known */
	(void)clock_gettime(CLOCK_MONOTONIC, &mono);
	return (struct clock_time){ in_units(real, 1000), in_units(mono, 1000000) };
}

/* Whether @year has a 29 February. */
static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days of @month (1 to 12) in @year. */
static unsigned days_in(unsigned month, unsigned year)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30,
					      31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from the year 0 to 1 January of @year. */
static unsigned days_to(unsigned year)
{
	unsigned past = year - 1;

	return year * 365 + past / 4 - past / 100 + past / 400;
}

void clock_render(uint64_t unix_ms, char ret[static CLOCK_TEXT_SIZE])
{
	uint64_t ms = unix_ms < UNIX_MS_MAX ? unix_ms : UNIX_MS_MAX;
	unsigned second = (unsigned)(ms / 1000 % DAY_S);
	unsigned day = (unsigned)(ms / 1000 / DAY_S);
	unsigned year = YEAR_MIN + day / 366, month = 1;

	day += days_to(YEAR_MIN);
	while (days_to(year + 1) <= day)
		year++;
	day -= days_to(year);
	while (day >= days_in(month, year))
		day -= days_in(month++, year);
	(void)snprintf(ret, CLOCK_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		       year % 10000, month % 100, (day + 1) % 100, second / 3600 % 100,
		       second / 60 % 60, second % 60, (unsigned)(ms % 1000));
}

/* What is left to read of a time. */
struct cursor {
	struct slice left;
	bool bad; /* something was not as expected */
};

/* Takes exactly @n digits. */
static unsigned take_digits(struct cursor *c, unsigned n)
{
	unsigned value = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!c->left.len || *c->left.ptr < '0' || *c->left.ptr > '9') {
			c->bad = true;
			return 0;
		}
		value = value * 10 + (unsigned)(*c->left.ptr - '0');
		c->left.ptr++;
		c->left.len--;
	}
	return value;
}

/* Takes the next character if it is one of @set, which holds no NUL; else returns 0. */
static char take_one_of(struct cursor *c, const char *set)
{
	char found = c->left.len && *c->left.ptr ? *c->left.ptr : '\0';

	if (!found || !strchr(set, found))
		return '\0';
	c->left.ptr++;
	c->left.len--;
	return found;
}

/* Takes a character that must be one of @set. */
static char expect(struct cursor *c, const char *set)
{
	char found = take_one_of(c, set);

	if (!found)
		c->bad = true;
	return found;
}

/* A moment as it is written. */
struct written {
	unsigned year, month, day, hour, minute, second, ms;
	int offset_min; /* local time less UTC */
};

/* Takes the fraction of a second after its dot, cut to milliseconds. */
static unsigned take_fraction(struct cursor *c)
{
	unsigned ms = take_digits(c, 1) * 100, unit = 10;

	while (c->left.len && *c->left.ptr >= '0' && *c->left.ptr <= '9') {
		ms += take_digits(c, 1) * unit;
		unit /= 10;
	}
	return ms;
}

/* Takes "Z" or "+02:00" as minutes; an offset beyond a day is bad. */
static int take_offset(struct cursor *c)
{
	char sign = expect(c, "Zz+-");
	unsigned hour, minute;

	if (sign != '+' && sign != '-')
		return 0;
	hour = take_digits(c, 2);
	(void)expect(c, ":");
	minute = take_digits(c, 2);
	if (hour > 23 || minute > 59)
		c->bad = true;
	return (int)(hour * 60 + minute) * (sign == '-' ? -1 : 1);
}

/* Takes the time of day, with fraction and offset. */
static void take_time(struct cursor *c, struct written *w)
{
	w->hour = take_digits(c, 2);
	(void)expect(c, ":");
	w->minute = take_digits(c, 2);
	(void)expect(c, ":");
	w->second = take_digits(c, 2);
	if (take_one_of(c, "."))
		w->ms = take_fraction(c);
	w->offset_min = take_offset(c);
}

/* Whether every field of @w is one that the calendar and the clock have. */
static bool in_range(const struct written *w)
{
	return w->year >= YEAR_MIN && w->year <= YEAR_MAX && w->month >= 1 &&
	       w->month <= 12 && w->day >= 1 && w->day <= days_in(w->month, w->year) &&
	       w->hour <= 23 && w->minute <= 59 && w->second <= 59;
}

/* Milliseconds since 1970 of @w, which is in range; negative just before 1970. */
static int64_t to_unix_ms(const struct written *w)
{
	int64_t days = days_to(w->year) - days_to(YEAR_MIN) + w->day - 1;

	for (unsigned m = 1; m < w->month; m++)
		days += days_in(m, w->year);
	return ((days * 24 + w->hour) * 60 + w->minute - w->offset_min) * 60000 +
	       w->second * 1000 + w->ms;
}

int clock_parse(struct slice s, enum clock_day day, uint64_t *ret_unix_ms, struct err *e)
{
	struct cursor c = { .left = s };
	struct written w = { 0 };
	int64_t ms;

	w.year = take_digits(&c, 4);
	(void)expect(&c, "-");
	w.month = take_digits(&c, 2);
	(void)expect(&c, "-");
	w.day = take_digits(&c, 2);
	if (c.left.len) {
		(void)expect(&c, "Tt ");
		take_time(&c, &w);
	} else if (day == CLOCK_DAY_END) {
		w.hour = 23;
		w.minute = 59;
		w.second = 59;
		w.ms = 999;
	}
	if (c.bad || c.left.len)
		return err_set(e, ERR_SYNTAX,
			       "'%.*s' is no date: write 2027-03-31 or "
			       "2027-03-31T18:00:00Z",
			       s.len > 64 ? 64 : (int)s.len, s.ptr ? s.ptr : "");
	ms = in_range(&w) ? to_unix_ms(&w) : -1;
	if (ms < 0 || (uint64_t)ms > UNIX_MS_MAX)
		return err_set(e, ERR_RANGE,
			       "'%.*s' is no date that exists (from %d to %d, "
			       "no leap seconds)",
			       s.len > 64 ? 64 : (int)s.len, s.ptr, YEAR_MIN, YEAR_MAX);
	*ret_unix_ms = (uint64_t)ms;
	return 0;
}
