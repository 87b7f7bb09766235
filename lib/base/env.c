/* SPDX-License-Identifier: MIT */
#include "base/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/slice.h"

enum { ENV_VALUE_MAX = 255 };

/* The variables that always stay. */
static const char *const kept[] = { "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE" };

/* Whether a variable called @name stays. */
static bool is_kept(struct slice name, const char *const *keep)
{
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (slice_eq(name, kept[i]))
			return true;
	for (size_t i = 0; keep && keep[i]; i++)
		if (slice_eq(name, keep[i]))
			return true;
	return slice_starts(name, "LC_");
}

/* Whether @value is short and printable; '/' could name a file of the caller's. */
static bool is_harmless(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7e || value.ptr[i] == '/')
			return false;
	return value.len <= ENV_VALUE_MAX;
}

/* Collects name and value, NUL after each, of all that stays. */
static void collect(const char *const *keep, struct buf *out)
{
	for (char **at = environ; at && *at; at++) {
		struct slice name, value;

		if (!slice_cut(slice_of(*at), '=', &name, &value))
			continue;
		if (!is_kept(name, keep) || !is_harmless(value))
			continue;
		buf_slice(out, name);
		buf_add(out, "", 1);
		buf_slice(out, value);
		buf_add(out, "", 1);
	}
}

/* Sets every variable of @all, the first of one name winning as it does for getenv(3). */
static bool set_all(const char *all, size_t len)
{
	for (const char *name = all; name < all + len;) {
		const char *value = name + strlen(name) + 1;

		if (setenv(name, value, 0) < 0)
			return false;
		name = value + strlen(value) + 1;
	}
	return true;
}

/* Replaces the environment. */
static int clean_variables(const char *const *keep, struct err *e)
{
	AUTO(buf_done) struct buf all = { 0 };

	collect(keep, &all);
	if (buf_failed(&all))
		return err_nomem(e);
	if (clearenv() != 0 || setenv("PATH", ENV_PATH, 1) < 0 ||
	    !set_all(buf_text(&all), all.len))
		return err_set(e, ERR_SYSTEM, "cannot set up the environment: %s",
			       strerror(errno));
	return 0;
}

/* Makes sure that 0, 1 and 2 are open, so that no file of ours ever gets their number. */
static int open_standard(struct err *e)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", O_RDWR | O_NOCTTY) != fd)
			return err_set(e, ERR_SYSTEM, "cannot open /dev/null: %s",
				       strerror(errno));
	}
	return 0;
}

int env_clean(const char *const *keep, struct err *e)
{
	if (open_standard(e) < 0 || clean_variables(keep, e) < 0)
		return -1;
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return err_set(e, ERR_SYSTEM, "cannot close the caller's files: %s",
			       strerror(errno));
	return 0;
}
