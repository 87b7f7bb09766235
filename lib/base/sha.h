/* SPDX-License-Identifier: MIT */
/*
 * sha - digests in lower-case hexadecimal, by libmd.
 *
 * SHA-256 is what our own records use; SHA-1 is only there because it is the `digest` by
 * which PVE names the state of a guest's file.
 */
#pragma once

#include "base/slice.h"

enum {
	SHA256_HEX_SIZE = 65, /* with the NUL */
	SHA1_HEX_SIZE = 41,
};

/* Writes the SHA-256 of @s, NUL-terminated, to @ret. */
void sha256_hex(struct slice s, char ret[static SHA256_HEX_SIZE]);

/* Writes the SHA-1 of @s, NUL-terminated, to @ret. */
void sha1_hex(struct slice s, char ret[static SHA1_HEX_SIZE]);
