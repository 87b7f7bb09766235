/* SPDX-License-Identifier: MIT */
/*
 * Stands at the path of a program and runs that program under valgrind, as it was called: with
 * the same process id, name, arguments, environment and open files. Valgrind finds what it runs
 * by its name; so the real program is laid over us, in a mount namespace of its own. REAL is
 * the directory of the real programs, LOGS the one of what is found, DEBUG that of libc's symbols
 * without all the rest, which valgrind would read at each start; they are compiled in, for hooks
 * and the caller's environment know nothing of valgrind.
 */
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Says what failed; returns the exit status, which none of our programs has. */
static int fail(const char *what)
{
	perror(what);
	return 127;
}

/* Lays the real program over the one at @self, and the symbols, for this process alone. */
static int lay_over(const char *self)
{
	char real[2 * PATH_MAX];

	(void)snprintf(real, sizeof(real), "%s%s", REAL, strrchr(self, '/'));
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(DEBUG, "/usr/lib/debug", NULL, MS_BIND, NULL) < 0)
		return -1;
	return mount(real, self, NULL, MS_BIND, NULL);
}

int main(int argc, char **argv)
{
	static char log[] = "--log-file=" LOGS "/%p";
	static char *const options[] = { "valgrind",
					 "-q",
					 "--vgdb=no",
					 "--leak-check=full",
					 "--track-fds=yes",
					 "--num-callers=30",
					 log };
	enum { NOPTIONS = sizeof(options) / sizeof(options[0]) };
	char self[PATH_MAX] = "";
	char **words = calloc(argc + NOPTIONS + 1, sizeof(*words));

	if (!words || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return fail("valgrind: /proc/self/exe");
	if (lay_over(self) < 0)
		return fail(self);
	memcpy(words, options, sizeof(options));
	memcpy(words + NOPTIONS, argv, argc * sizeof(*argv));
	(void)execv("/usr/bin/valgrind.bin", words);
	return fail("valgrind.bin");
}
