/* SPDX-License-Identifier: MIT */
#include "base/sha.h"

#include <stdint.h>
#include <sys/types.h>

#include <sha1.h>
#include <sha2.h>

_Static_assert(SHA256_HEX_SIZE == SHA256_DIGEST_STRING_LENGTH, "libmd writes this much");
_Static_assert(SHA1_HEX_SIZE == SHA1_DIGEST_STRING_LENGTH, "libmd writes this much");

void sha256_hex(struct slice s, char ret[static SHA256_HEX_SIZE])
{
	(void)SHA256Data((const uint8_t *)s.ptr, s.len, ret);
}

void sha1_hex(struct slice s, char ret[static SHA1_HEX_SIZE])
{
	(void)SHA1Data((const uint8_t *)s.ptr, s.len, ret);
}
