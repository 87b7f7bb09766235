/* SPDX-License-Identifier: MIT */
/*
 * archive - the guest configuration that a backup archive holds: by `pvesm extractconfig`,
 * of a file by the programs that restore it.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "pve/guestconf.h"

enum {
	ARCHIVE_SECONDS = 60,        /* longest wait: a storage may be slow */
	ARCHIVE_MAX_BYTES = 1 << 20, /* as of a guest's file */
};

/* Whether @volume names a file, not a volume of a storage. */
bool archive_is_file(const char *volume) __attribute__((nonnull));

/*
 * Asks for the configuration in @volume (a volume id or a path), of a guest of @kind, and
 * returns its text, made in @a. Errors name the volume: pvesm is missing, fails, gives no
 * answer in time, or prints more than a guest's file can hold.
 */
int archive_config(const char *volume, enum guest_kind kind, struct arena *a,
		   struct slice *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
