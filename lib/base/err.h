/* SPDX-License-Identifier: MIT */
/*
 * err - the one error object: what failed, where in the input, and why.
 *
 * Lives on the caller's stack and never allocates, so it still works when memory is
 * gone. Every function that can fail takes it last and returns 0, or -1 with it filled
 * in. "Denied", "absent" and "not found" are answers, not errors.
 */
#pragma once

#include <stdbool.h>

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,     /* bad command line                      -> 64 */
	ERR_SYSTEM,    /* a system call failed, see .sys         -> 71 */
	ERR_SYNTAX,    /* malformed input, see .line and .col    -> 78 */
	ERR_UNKNOWN,   /* well formed, but no such key or name   -> 78 */
	ERR_DUPLICATE, /* given twice                            -> 78 */
	ERR_RANGE,     /* a number, list or file over its limit  -> 78 */
	ERR_TYPE,      /* a value of the wrong type              -> 78 */
	ERR_TRUST,     /* a file that others could have written  -> 78 */
};

/* Exit statuses; an interface (design 7). 0 is success, a tool's own status passes. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_FOUND = 1,     /* pve-safe: something was denied or found */
	EXIT_CANNOT = 2,    /* pve-safe: could not do it */
	EXIT_USAGE = 64,    /* bad command line */
	EXIT_NO_TOOL = 69,  /* the real tool is missing or not executable */
	EXIT_SYSTEM = 71,   /* a system call failed */
	EXIT_DENIED = 77,   /* the policy refused */
	EXIT_UNUSABLE = 78, /* policy or guest file cannot be used */
};

enum { ERR_MSG_MAX = 512 };

struct err {
	enum err_code code;
	int sys;               /* errno at the origin, 0 if none */
	unsigned line, col;    /* 1-based position in the input, 0 if unknown */
	char msg[ERR_MSG_MAX]; /* NUL-terminated, already safe to print */
};

/* Fills @e, taking errno along for ERR_SYSTEM; returns -1: `return err_set(...)`. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* Adds a position to an error already set, keeping one set deeper; returns -1. */
int err_at(struct err *e, unsigned line, unsigned col) __attribute__((nonnull));

/* Puts "<context>: " before the message of an error already set; returns -1. */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Reports that memory is gone; returns -1. */
int err_nomem(struct err *e) __attribute__((nonnull));

/* Whether @e says that memory is gone, and so nothing of what was to be read. */
bool err_is_nomem(const struct err *e) __attribute__((nonnull));

/* Exit status that a program ends with after an error of @code. */
int err_exit_code(enum err_code code);
