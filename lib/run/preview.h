/* SPDX-License-Identifier: MIT */
/*
 * preview - what `qm import` and `qm importovf` would make of their source, as their own
 * --dryrun tells.
 */
#pragma once

#include "base/arena.h"
#include "facts/facts.h"
#include "pve/argv.h"

enum {
	PREVIEW_SECONDS = 60,        /* longest wait for qm: a source may be slow */
	PREVIEW_MAX_BYTES = 1 << 20, /* as of a guest's file */
};

/* Whether @c is an import, and @wanted names facts that rest on its source. */
bool preview_is_wanted(const struct argv_command *c, const struct fact_set *wanted);

/*
 * Asks qm and returns the VM that would be made as the lines of a guest's file, in @a.
 * Errors: qm is missing, fails, gives no answer in time, or none that we understand.
 */
int preview_config(const struct argv_command *c, struct arena *a, struct slice *ret,
		   struct err *e) __attribute__((nonnull, warn_unused_result));
