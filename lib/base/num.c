/* SPDX-License-Identifier: MIT */
#include "base/num.h"

bool num_parse_zeros(struct slice s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.ptr[i] - '0'), &n))
			return false;
	}
	if (n < min || n > max)
		return false;
	*ret = n;
	return true;
}

bool num_parse(struct slice s, uint64_t min, uint64_t max, uint64_t *ret)
{
	if (s.len > 1 && s.ptr[0] == '0')
		return false;
	return num_parse_zeros(s, min, max, ret);
}

/* Value of the hexadecimal digit @c, or -1. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool num_parse_hex(struct slice s, uint64_t *ret)
{
	uint64_t n = 0;

	if (!s.len || s.len > 16)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int d = hex_digit(s.ptr[i]);

		if (d < 0)
			return false;
		n = n << 4 | (uint64_t)d;
	}
	*ret = n;
	return true;
}
