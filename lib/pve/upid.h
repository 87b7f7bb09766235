/* SPDX-License-Identifier: MIT */
/*
 * upid - the name of a task, which says who asked for what:
 *
 *   UPID:NODE:PID:PSTART:STARTTIME:TYPE:ID:USER:
 *
 * PID, PSTART and STARTTIME are hexadecimal, of 8 digits (PSTART: or 9). A worker's command line is
 * "task UPID:…". Source: PVE::UPID::decode.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { UPID_MAX_BYTES = 512 };

struct upid {
	struct slice text; /* all of it, "UPID:" to the last colon */
	struct slice node, type, id, user;
	uint64_t pid, pstart, starttime; /* starttime: seconds since 1970 */
};

/* Reads all of @s as a UPID; false, with @ret untouched, when it is none. */
bool upid_parse(struct slice s, struct upid *ret) __attribute__((warn_unused_result));

/* Reads the UPID out of a process title "task UPID:…"; trailing blanks are fine. */
bool upid_parse_title(struct slice title, struct upid *ret)
	__attribute__((warn_unused_result));
