/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/base/uuid7.c. */
#include "rows.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uuid/uuid.h>

#include "base/uuid7.h"

enum { PROCESSES = 200, MANY = 20000 };

#define A_TIME UINT64_C(0x0192f7c4abcd)

static bool no_chance; /* getrandom(2) fails */

/* Stands in front of libc's, so that chance can run out. */
ssize_t getrandom(void *to, size_t len, unsigned flags)
{
	if (no_chance) {
		errno = ENOSYS;
		return -1;
	}
	return syscall(SYS_getrandom, to, len, flags);
}

static void has_the_fields(void **state)
{
	struct uuid7 u = { 0 };
	struct err e = { 0 };
	char id[UUID7_SIZE];
	uuid_t raw;

	(void)state;
	assert_int_equal(uuid7_next(&u, A_TIME, id, &e), 0);
	assert_int_equal(strlen(id), UUID7_SIZE - 1);
	assert_memory_equal(id, "0192f7c4-abcd-7", 15);
	assert_non_null(memchr("89ab", id[19], 4));
	assert_int_equal(uuid_parse(id, raw), 0);
	assert_int_equal(uuid_type(raw), 7);
	assert_int_equal(uuid_variant(raw), UUID_VARIANT_DCE);
}

static void only_goes_up(void **state)
{
	struct uuid7 u = { 0 };
	struct err e = { 0 };
	char last[UUID7_SIZE] = "", id[UUID7_SIZE];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		uint64_t now = A_TIME + (uint64_t)(i / 1000) - (i % 7 == 0 ? 5 : 0);

		assert_int_equal(uuid7_next(&u, now, id, &e), 0);
		assert_true(strcmp(last, id) < 0);
		memcpy(last, id, sizeof(id));
	}
}

static void counts_over(void **state)
{
	struct uuid7 u = { .last_ms = A_TIME, .counter = UINT32_MAX };
	struct err e = { 0 };
	char id[UUID7_SIZE];

	(void)state;
	assert_int_equal(uuid7_next(&u, A_TIME, id, &e), 0);
	assert_memory_equal(id, "0192f7c4-abce-7", 15);
	assert_true(u.counter <= INT32_MAX);
}

static void says_without_chance(void **state)
{
	struct uuid7 u = { 0 };
	struct err e = { 0 };
	char id[UUID7_SIZE] = "untouched";

	(void)state;
	no_chance = true;
	assert_int_equal(uuid7_next(&u, A_TIME, id, &e), -1);
	no_chance = false;
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(e.sys, ENOSYS);
	assert_string_equal(e.msg, "cannot get random bytes for an id");
	assert_string_equal(id, "untouched");
}

/* Orders two ids. */
static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void processes_differ(void **state)
{
	static char ids[PROCESSES][UUID7_SIZE];
	int from[2];

	(void)state;
	assert_int_equal(pipe(from), 0);
	for (int i = 0; i < PROCESSES; i++) {
		struct uuid7 u = { 0 };
		struct err e = { 0 };
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid)
			continue;
		_exit(uuid7_next(&u, A_TIME, ids[0], &e) < 0 ||
		      write(from[1], ids[0], UUID7_SIZE) != UUID7_SIZE);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(read(from[0], ids[i], UUID7_SIZE), UUID7_SIZE);
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	qsort(ids, PROCESSES, UUID7_SIZE, by_text);
	for (int i = 1; i < PROCESSES; i++)
		assert_string_not_equal(ids[i - 1], ids[i]);
	(void)close(from[0]);
	(void)close(from[1]);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "time, version and variant stand where RFC 9562 wants them",
		     has_the_fields);
	ROWS_ADD_ONE(&rows, "ids go up also when the clock goes back", only_goes_up);
	ROWS_ADD_ONE(&rows, "a full counter borrows from the time", counts_over);
	ROWS_ADD_ONE(&rows, "no random bytes: an error, no id", says_without_chance);
	ROWS_ADD_ONE(&rows, "200 processes in one millisecond get 200 ids",
		     processes_differ);
	return rows_run(&rows, "uuid7");
}
