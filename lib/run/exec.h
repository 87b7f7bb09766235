/* SPDX-License-Identifier: MIT */
/*
 * exec - runs the real tool: in our place, or as a child that has our terminal, input,
 * output and signals, and whose status becomes ours.
 */
#pragma once

#include "base/err.h"

/* Path of a real tool; nothing that a caller controls chooses it. */
#define EXEC_DIR "/usr/sbin/"

/* 0 when @path can be executed; else EXIT_NO_TOOL with @e set. */
int exec_check(const char *path, struct err *e);

/* Becomes @path with @argv. Returns only on failure: -1. */
int exec_replace(const char *path, const char *const *argv, struct err *e);

/*
 * Runs @path with @argv as a child and waits. Signals that are sent to us are passed on,
 * those of the terminal reach the child by themselves; when it stops, so do we. *@ret is
 * its exit status, 128 + the signal that ended it. Errors: ERR_SYSTEM.
 */
int exec_child(const char *path, const char *const *argv, int *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Like exec_replace(), with the environment @envp; a script that names no interpreter is
 * run by the shell, as Proxmox's Perl would.
 */
int exec_replace_script(const char *path, const char *const *argv, char *const *envp,
			struct err *e);

/*
 * Like exec_child(), of what exec_replace_script() runs; it is killed when we are. *@ret is
 * its status as waitpid(2) has it.
 */
int exec_script(const char *path, const char *const *argv, char *const *envp, int *ret,
		struct err *e) __attribute__((nonnull, warn_unused_result));
