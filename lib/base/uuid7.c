/* SPDX-License-Identifier: MIT */
/*
 * The fields, most significant first (RFC 9562, 5.7 and 6.2 method 1): 48 bits of time,
 * 4 of version, 12 of counter, 2 of variant, 20 of counter, 42 of chance.
 */
#include "base/uuid7.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/random.h>

#include <uuid/uuid.h>

_Static_assert(UUID7_SIZE == UUID_STR_LEN, "libuuid writes this much");

#define TIME_MAX   ((UINT64_C(1) << 48) - 1)
#define RANDOM_MAX ((UINT64_C(1) << 42) - 1)

/* Chance for one id. */
struct chance {
	uint64_t tail;    /* its lowest 42 bits end the id */
	uint32_t counter; /* where the counter of a new millisecond starts */
};

/* Fills @c with random bytes; false, with errno, when the kernel has none. */
static bool draw(struct chance *c)
{
	ssize_t n;

	do
		n = getrandom(c, sizeof(*c), 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*c);
}

/* Steps @u to the place of the next id: it never goes back and never stays. */
static void step(struct uuid7 *u, uint64_t unix_ms, uint32_t start)
{
	if (unix_ms > u->last_ms) {
		u->last_ms = unix_ms;
		u->counter = start & INT32_MAX; /* its upper half is room to count */
	} else if (u->counter < UINT32_MAX) {
		u->counter++;
	} else {
		u->last_ms++;
		u->counter = start & INT32_MAX;
	}
}

int uuid7_next(struct uuid7 *u, uint64_t unix_ms, char ret[static UUID7_SIZE],
	       struct err *e)
{
	struct chance c = { 0 };
	uint64_t high, low;
	uuid_t id;

	if (!draw(&c))
		return err_set(e, ERR_SYSTEM, "cannot get random bytes for an id");
	step(u, unix_ms & TIME_MAX, c.counter);
	high = u->last_ms << 16 | UINT64_C(7) << 12 | u->counter >> 20;
	low = UINT64_C(2) << 62 | (uint64_t)(u->counter & 0xfffff) << 42 |
	      (c.tail & RANDOM_MAX);
	for (int i = 0; i < 8; i++) {
		id[i] = (unsigned char)(high >> (56 - 8 * i));
		id[8 + i] = (unsigned char)(low >> (56 - 8 * i));
	}
	uuid_unparse_lower(id, ret);
	return 0;
}
