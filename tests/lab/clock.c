/* SPDX-License-Identifier: MIT */
/*
 * clock - preloaded into a program under test, shifts the time of day by the seconds in
 * LAB_CLOCK. Time spaces of Linux cannot: they shift only the clocks since boot. The clock
 * that time limits go by runs LAB_CLOCK_RATE times as fast.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS = 1000000000 };

static long long shift_s, rate = 1, start_ns;

/* Nanoseconds in @t. */
static long long nanoseconds(const struct timespec *t)
{
	return (long long)t->tv_sec * NS + t->tv_nsec;
}

/* Reads shift and rate, before the program cleans its environment. */
__attribute__((constructor)) static void clock_read_shift(void)
{
	const char *shift = getenv("LAB_CLOCK"), *faster = getenv("LAB_CLOCK_RATE");
	struct timespec now = { 0 };

	(void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	start_ns = nanoseconds(&now);
	shift_s = shift ? strtoll(shift, NULL, 10) : 0;
	rate = faster ? strtoll(faster, NULL, 10) : 1;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_REALTIME)
		t->tv_sec += shift_s;
	if (r == 0 && id == CLOCK_MONOTONIC) {
		long long ns = start_ns + (nanoseconds(t) - start_ns) * rate;

		t->tv_sec = ns / NS;
		t->tv_nsec = ns % NS;
	}
	return r;
}

time_t time(time_t *t)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (t)
		*t = now.tv_sec;
	return now.tv_sec;
}
