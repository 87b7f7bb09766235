/* SPDX-License-Identifier: MIT */
/*
 * probe CALL PATH [PATH]: makes one system call that no shell command makes so plainly,
 * and prints "ok" or the name of its error. For the tests of file systems.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Renames unless the target exists. */
static int call_rename_noreplace(char **arg)
{
	return renameat2(AT_FDCWD, arg[0], AT_FDCWD, arg[1], RENAME_NOREPLACE);
}

/* Makes a file without a name in a directory. */
static int call_tmpfile(char **arg)
{
	AUTO_CLOSE int fd = open(arg[0], O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	return fd;
}

/* Makes a file that must not exist. */
static int call_create_excl(char **arg)
{
	AUTO_CLOSE int fd = open(arg[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd;
}

/* Maps a file shared. */
static int call_mmap_shared(char **arg)
{
	AUTO_CLOSE int fd = open(arg[0], O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	return mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1
										      : 0;
}

/* Makes a symbolic link. */
static int call_symlink(char **arg)
{
	return symlink(arg[0], arg[1]);
}

/* Makes a hard link. */
static int call_link(char **arg)
{
	return link(arg[0], arg[1]);
}

/* Makes a fifo. */
static int call_mkfifo(char **arg)
{
	return mkfifo(arg[0], 0600);
}

/* Writes to a file that is opened for it, not made or cut. */
static int call_write(char **arg)
{
	AUTO_CLOSE int fd = open(arg[0], O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : (int)write(fd, "x", 1);
}

static const struct {
	const char *name;
	int nargs;
	int (*call)(char **arg);
} calls[] = {
	{ "create-excl", 1, call_create_excl },
	{ "link", 2, call_link },
	{ "mkfifo", 1, call_mkfifo },
	{ "mmap-shared", 1, call_mmap_shared },
	{ "rename-noreplace", 2, call_rename_noreplace },
	{ "symlink", 2, call_symlink },
	{ "tmpfile", 1, call_tmpfile },
	{ "write", 1, call_write },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < ARRAY_LEN(calls); i++) {
		if (strcmp(argv[1], calls[i].name) != 0 || argc != 2 + calls[i].nargs)
			continue;
		puts(calls[i].call(argv + 2) < 0 ? strerrorname_np(errno) : "ok");
		return 0;
	}
	fprintf(stderr, "usage: probe CALL PATH [PATH]\n");
	return 64;
}
