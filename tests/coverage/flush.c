/* SPDX-License-Identifier: MIT */
/*
 * Linked into the programs of `make coverage` alone, with --wrap=_exit: what a child
 * process counted would be lost, as _exit() runs no handlers. gcc itself writes the
 * counts before fork() and exec.
 */
#include <gcov.h>
#include <unistd.h>

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

/* Writes the counts, then ends the process. */
void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
