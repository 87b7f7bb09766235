/* SPDX-License-Identifier: MIT */
/*
 * archive - the guest configuration that a backup archive holds, by `pvesm extractconfig`.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	ARCHIVE_SECONDS = 60,        /* longest wait for pvesm: a storage may be slow */
	ARCHIVE_MAX_BYTES = 1 << 20, /* as of a guest's file */
};

/*
 * Asks pvesm for the configuration in @volume (a volume id or a path) and returns its text,
 * made in @a. Errors name the volume: pvesm is missing, fails, gives no answer in time, or
 * prints more than a guest's file can hold.
 */
int archive_config(const char *volume, struct arena *a, struct slice *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
