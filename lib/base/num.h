/* SPDX-License-Identifier: MIT */
/*
 * num - numbers out of text, whole or not at all.
 *
 * Base 10, no sign, no blanks, no leading zero but "0" itself, range given. Readers of
 * PVE's more lenient integers (a leading '+', "010") say so and are in lib/pve.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Reads all of @s as a number in [@min, @max] into @ret; false, @ret untouched, if not. */
bool num_parse(struct slice s, uint64_t min, uint64_t max, uint64_t *ret)
	__attribute__((warn_unused_result));

/* Like num_parse(), but leading zeros are fine: "007" is 7. */
bool num_parse_zeros(struct slice s, uint64_t min, uint64_t max, uint64_t *ret)
	__attribute__((warn_unused_result));

/* Reads @s as hexadecimal digits of either case without prefix, at most 16 of them. */
bool num_parse_hex(struct slice s, uint64_t *ret) __attribute__((warn_unused_result));
