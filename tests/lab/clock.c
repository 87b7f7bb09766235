/* SPDX-License-Identifier: MIT */
/*
 * clock - preloaded into a program under test, shifts the time of day by the seconds in
 * LAB_CLOCK. Time spaces of Linux cannot: they shift only the clocks since boot.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long shift_s;

/* Reads the shift, before the program cleans its environment. */
__attribute__((constructor)) static void clock_read_shift(void)
{
	const char *text = getenv("LAB_CLOCK");

	shift_s = text ? strtoll(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_REALTIME)
		t->tv_sec += shift_s;
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
