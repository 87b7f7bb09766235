/* SPDX-License-Identifier: MIT */
/*
 * seal - the text of a policy as an install writes it: a first and a last line, by which a
 * reader tells that it is whole (policy/store.h), and a serial.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum { SEAL_MAX_SERIAL = 999999999 };

/* What takes the place of a policy that is removed: it only reports, on the baseline. */
#define SEAL_REMOVED_TEXT  \
	"version = 1\n"    \
	"mode    = warn\n" \
	"include = { \"baseline@1\" }\n"

/* @text without the lines that seal_render() put around it; borrowed from it. */
struct slice seal_open(struct slice text);

/*
 * Appends the policy @text, called @name, sealed, with @serial in place of its own. Errors:
 * ERR_SYNTAX, ERR_RANGE (it would be longer than a policy may be), memory.
 */
int seal_render(const char *name, struct slice text, uint64_t serial, struct buf *out,
		struct err *e) __attribute__((nonnull, warn_unused_result));
