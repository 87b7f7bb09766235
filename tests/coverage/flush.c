/* SPDX-License-Identifier: MIT */
/*
 * Linked into the programs of `make coverage` alone, with --wrap: what a process counted would
 * be lost where it ends by _exit(), which runs no handlers, or becomes another program. (gcc
 * itself writes the counts before exec in its own dialect of C alone.)
 */
#include <gcov.h>
#include <unistd.h>

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
int __real_execv(const char *path, char *const argv[]);
int __wrap_execv(const char *path, char *const argv[]);
int __real_execvpe(const char *file, char *const argv[], char *const envp[]);
int __wrap_execvpe(const char *file, char *const argv[], char *const envp[]);

/* Writes the counts, then ends the process. */
void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

/* Writes the counts, then becomes another program; counts from 0 where that fails. */
int __wrap_execv(const char *path, char *const argv[])
{
	int r;

	__gcov_dump();
	r = __real_execv(path, argv);
	__gcov_reset();
	return r;
}

/* The same with an environment. */
int __wrap_execvpe(const char *file, char *const argv[], char *const envp[])
{
	int r;

	__gcov_dump();
	r = __real_execvpe(file, argv, envp);
	__gcov_reset();
	return r;
}
