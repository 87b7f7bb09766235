/* SPDX-License-Identifier: MIT */
/*
 * tool - runs pct set or qm set, for what it does and not for what it prints.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "facts/facts.h"

/* "pct" or "qm", and its path. */
const char *tool_name(enum guest_kind kind);
const char *tool_path(enum guest_kind kind);

/* Appends the words of @argv to @out as a shell reads them. */
void tool_quote(const char *const *argv, struct buf *out);

/*
 * Runs @argv, a `set` of the tool for @kind, for at most a minute. Fails where it does, with
 * what it says in the message. Errors: ERR_SYSTEM.
 */
int tool_set(enum guest_kind kind, const char *const *argv, struct err *e)
	__attribute__((nonnull, warn_unused_result));
