/* SPDX-License-Identifier: MIT */
/*
 * chars - the character classes of PVE's patterns, on bytes: ASCII, whatever the locale.
 */
#pragma once

#include <stdbool.h>

/* Perl's \d. */
static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [a-z] */
static inline bool char_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* [a-z] in any case. */
static inline bool char_is_alpha(char c)
{
	return char_is_lower((char)(c | 0x20));
}

/* [a-z0-9] in any case. */
static inline bool char_is_alnum(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

/* Perl's \w. */
static inline bool char_is_word(char c)
{
	return char_is_alnum(c) || c == '_';
}

/* [0-9a-f] in any case. */
static inline bool char_is_hex(char c)
{
	return char_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* @c in lower case. */
static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}
