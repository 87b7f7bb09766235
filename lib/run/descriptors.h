/* SPDX-License-Identifier: MIT */
/*
 * descriptors - files that the caller had open, beyond stdin, stdout and stderr: for
 * "pct-safe push 101 <(command) /x" and the like the real tool must have them, and nothing
 * else that we run.
 */
#pragma once

#include <stddef.h>

enum { DESCRIPTORS_MAX = 256 }; /* more are not passed on */

struct descriptors {
	int fds[DESCRIPTORS_MAX];
	size_t n;
};

/* Notes what is open and would be passed on, before anything of ours is opened. */
void descriptors_note(struct descriptors *ret);

/*
 * Lets the next program that is run have what was noted: all of it, or with @words
 * (NULL-terminated) only what one of them names as /dev/fd/N or /proc/self/fd/N.
 */
void descriptors_pass(const struct descriptors *d, const char *const *words);

/* No program has them any more. */
void descriptors_keep(const struct descriptors *d);
