/* SPDX-License-Identifier: MIT */
/*
 * ended - how a program that we ran has ended, in words: the one place that says it.
 */
#pragma once

enum {
	ENDED_MAX = 80,               /* bytes of the words, with the NUL */
	ENDED_STATUS_OF_SIGNAL = 128, /* exit status for a signal: this, and its number */
};

/*
 * Writes what goes after a program's name to @ret, and returns it: "failed with exit status
 * 3", "was killed by signal 9 (SIGKILL)". @status as waitpid(2) has it; -1: it is not known.
 */
const char *ended_text(int status, char ret[ENDED_MAX]) __attribute__((nonnull));

/* The exit status that stands for @status, as a shell makes it: 128 + the signal's number. */
int ended_status(int status);
