/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/descriptors.c: which of the caller's files a program gets. */
#include "rows.h"

#include <fcntl.h>
#include <unistd.h>

#include "run/descriptors.h"

static struct row {
	const char *name;
	const char *words[4]; /* first NULL: all are passed */
	bool passed;          /* whether descriptor 63 is */
} table[] = {
	{ "all of them", { NULL }, true },
	{ "named by bash", { "push", "/dev/fd/63", "/x" }, true },
	{ "named as this process's", { "set", "/proc/self/fd/63" }, true },
	{ "named in an option", { "set", "--sshkeys=/dev/fd/63" }, true },
	{ "named second", { "set", "/dev/fd/6,/dev/fd/63" }, true },
	{ "not named", { "start", "101" }, false },
	{ "another one named", { "push", "/dev/fd/6", "/x" }, false },
	{ "a longer number named", { "push", "/dev/fd/631", "/x" }, false },
	{ "its number alone", { "push", "63", "/x" }, false },
	{ "no number", { "push", "/dev/fd/", "/x" }, false },
};

/* Opens /dev/null as descriptor @fd with @flags. */
static void open_as(int fd, int flags)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(null >= 0 && dup3(null, fd, flags) == fd);
	(void)close(null);
}

/* Whether a program would get @fd. */
static bool is_passed(int fd)
{
	return !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void gets(void **state)
{
	const struct row *t = *state;
	struct descriptors d;

	open_as(63, 0);
	descriptors_note(&d);
	descriptors_keep(&d);
	assert_false(is_passed(63));
	descriptors_pass(&d, t->words[0] ? t->words : NULL);
	assert_int_equal(is_passed(63), t->passed);
	descriptors_keep(&d);
	assert_false(is_passed(63));
	(void)close(63);
}

/* What was not to be passed on by the caller is not. */
static void private_stays(void **state)
{
	struct descriptors d;

	(void)state;
	open_as(63, O_CLOEXEC);
	descriptors_note(&d);
	descriptors_pass(&d, NULL);
	assert_false(is_passed(63));
	(void)close(63);
}

/* Opens more than are noted. */
static void many(void **state)
{
	struct descriptors d;

	(void)state;
	for (int fd = 300; fd < 300 + DESCRIPTORS_MAX + 20; fd++)
		open_as(fd, 0);
	descriptors_note(&d);
	assert_int_equal(d.n, DESCRIPTORS_MAX);
	for (int fd = 300; fd < 300 + DESCRIPTORS_MAX + 20; fd++)
		(void)close(fd);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, table, gets);
	ROWS_ADD_ONE(&r, "one that closes at exec stays so", private_stays);
	ROWS_ADD_ONE(&r, "more than can be noted", many);
	return rows_run(&r, "descriptors");
}
