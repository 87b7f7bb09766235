/* SPDX-License-Identifier: MIT */
/*
 * cleanup - variables that release themselves when they leave their scope.
 *
 * Declare them first and initialised; hand one over with STEAL() or STEAL_FD().
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Runs @func on the variable's address at the end of its scope. */
#define AUTO(func) __attribute__((cleanup(func)))

/* Moves a pointer out of a variable that would free it. */
#define STEAL(p)                             \
	__extension__({                      \
		__typeof__(p) stolen_ = (p); \
		(p) = NULL;                  \
		stolen_;                     \
	})

/* Moves a descriptor out of a variable that would close it. */
#define STEAL_FD(fd)                \
	__extension__({             \
		int stolen_ = (fd); \
		(fd) = -1;          \
		stolen_;            \
	})

/* Frees the pointer that @p points to. */
static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

/* Closes the descriptor at @fd unless it is -1. */
static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* Closes the stream at @f unless it is NULL. */
static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

#define AUTO_FREE   AUTO(cleanup_free)
#define AUTO_CLOSE  AUTO(cleanup_close)
#define AUTO_FCLOSE AUTO(cleanup_fclose)
