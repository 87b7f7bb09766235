/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/* A member whose value is secret. */
struct member {
	const char *name;
	bool of_secret; /* only in the description of a secret */
};

static const struct member members[] = {
	{ "apitoken=", false },
	{ "data=", true },
	{ "password=", false },
	{ "secret=", false },
};

/* Keys of a guest's file whose values are secret as a whole. */
static const char *const keys[] = { "cipassword", "env", "lxc.environment",
				    "lxc.environment.hooks", "lxc.environment.runtime" };

/* Length of such a key, up to its value, at the start of @s; 0: there is none. */
static size_t key_at(struct slice s)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		size_t n = strlen(keys[i]);

		if (!slice_starts(s, keys[i]))
			continue;
		while (n < s.len && slice_is_space(s.ptr[n]))
			n++;
		if (n == s.len || (s.ptr[n] != ':' && s.ptr[n] != '='))
			continue;
		for (n++; n < s.len && slice_is_space(s.ptr[n]);)
			n++;
		return n;
	}
	return 0;
}

/* Length of a secret member's name at the start of @s, 0 if there is none. */
static size_t member_at(struct slice s, bool of_secret)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (slice_starts(s, members[i].name) &&
		    (of_secret || !members[i].of_secret))
			return strlen(members[i].name);
	return 0;
}

/* Whether the value before @s ends here. */
static bool ends(struct slice s)
{
	return !s.len || s.ptr[0] == ',' ||
	       (slice_is_space(s.ptr[0]) && s.len > 1 && s.ptr[1] == '-');
}

/* Takes @n bytes off the start of @s. */
static struct slice skip(struct slice s, size_t n)
{
	return (struct slice){ s.ptr + n, s.len - n };
}

void secret_mask(struct buf *out, struct slice s)
{
	static const char *const object = "secret,";
	bool of_secret = s.len && memmem(s.ptr, s.len, object, strlen(object));
	size_t key = key_at(s);

	if (key && key < s.len) {
		buf_add(out, s.ptr, key);
		buf_puts(out, "***");
		return;
	}
	while (s.len) {
		size_t name = member_at(s, of_secret), n = name ? name : 1;

		buf_add(out, s.ptr, n);
		s = skip(s, n);
		if (!name || !s.len)
			continue;
		buf_puts(out, "***");
		while (!ends(s))
			s = skip(s, 1);
	}
}
