/* SPDX-License-Identifier: MIT */
#include "facts/smbios.h"

#include <stdbool.h>
#include <string.h>

/* Whether @c is a digit of base64. */
static bool is_digit64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Length of the complete base64 text that fills the word at the start of @s; 0: none. */
static size_t base64_len(struct slice s)
{
	size_t n = 0, pad = 0;

	while (n < s.len && is_digit64(s.ptr[n]))
		n++;
	while (n + pad < s.len && pad < 2 && s.ptr[n + pad] == '=')
		pad++;
	if (!n || (n + pad) % 4 || (n + pad < s.len && s.ptr[n + pad] != ' '))
		return 0;
	return n + pad;
}

struct slice smbios_find_ours(struct slice args)
{
	const size_t head = sizeof(SMBIOS_OURS) - 1;
	struct slice rest = args;
	const char *at;

	while (rest.len && (at = memmem(rest.ptr, rest.len, SMBIOS_OURS, head))) {
		size_t before = (size_t)(at - args.ptr);
		size_t n =
			base64_len((struct slice){ at + head, args.len - before - head });

		if (n && (!before || at[-1] == ' '))
			return (struct slice){ at, head + n };
		rest = (struct slice){ at + head, args.len - before - head };
	}
	return (struct slice){ 0 };
}

struct slice smbios_without_ours(struct slice args, struct arena *a)
{
	struct slice ours = smbios_find_ours(args);
	size_t before, from;
	char *made;

	if (!ours.ptr)
		return args;
	before = (size_t)(ours.ptr - args.ptr);
	from = before + ours.len;
	if (from < args.len)
		from++; /* the blank after it */
	else if (before)
		before--; /* or the one before it */
	if (!before)
		return (struct slice){ args.ptr + from, args.len - from };
	made = arena_alloc(a, before + args.len - from + 1);
	if (!made)
		return args;
	memcpy(made, args.ptr, before);
	memcpy(made + before, args.ptr + from, args.len - from);
	return (struct slice){ made, before + args.len - from };
}
