/* SPDX-License-Identifier: MIT */
/*
 * DIR/control, the orders of the tests, one a line:
 *
 *   quorate 0                       no quorum: every modification fails with EACCES
 *   fail EIO nodes/pve1/lxc/101.conf   every use of this one path fails so
 *
 * The file is read at every operation: it is small, and an order holds at once.
 */
#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define CONTROL_MAX_BYTES 4096

static const struct {
	const char *name;
	int number;
} faults[] = {
	{ "EACCES", EACCES }, { "EINTR", EINTR },   { "EIO", EIO },
	{ "EMFILE", EMFILE }, { "ENODEV", ENODEV }, { "ENOENT", ENOENT },
	{ "ENOSPC", ENOSPC }, { "ESTALE", ESTALE },
};

/* Reads the file as a string; what is not there is an empty one. */
static void control_read(const struct fs *fs, char text[CONTROL_MAX_BYTES])
{
	AUTO_CLOSE int fd = openat(fs->dir, "control", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, CONTROL_MAX_BYTES - 1);

	text[n < 0 ? 0 : n] = '\0';
}

/* Returns the number of a fault's name; an unknown one is a fault too. */
static int fault_number(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(faults); i++) {
		if (strcmp(faults[i].name, name) == 0)
			return faults[i].number;
	}
	return EIO;
}

bool control_quorate(const struct fs *fs)
{
	char text[CONTROL_MAX_BYTES];

	control_read(fs, text);
	return !strstr(text, "quorate 0\n");
}

int control_check(const struct fs *fs, const char *path)
{
	char text[CONTROL_MAX_BYTES];
	char *rest = NULL;

	control_read(fs, text);
	for (char *l = strtok_r(text, "\n", &rest); l; l = strtok_r(NULL, "\n", &rest)) {
		char *more = NULL;
		const char *word = strtok_r(l, " ", &more);
		const char *fault;

		if (!word || strcmp(word, "fail") != 0)
			continue;
		fault = strtok_r(NULL, " ", &more);
		if (more && strcmp(more, path_below(path)) == 0)
			return -fault_number(fault);
	}
	return 0;
}

int control_check_write(const struct fs *fs, const char *path)
{
	return control_quorate(fs) ? control_check(fs, path) : -EACCES;
}
