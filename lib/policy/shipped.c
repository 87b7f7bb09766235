/* SPDX-License-Identifier: MIT */
/*
 * The sets of rules that are compiled in, so that every program works before it is
 * installed. gen-shipped.sh makes shipped.inc of templates/policy.
 */
#include "base/cleanup.h"
#include "policy/policy.h"

#include "shipped.inc"

const char *shipped_name(size_t i)
{
	return i < ARRAY_LEN(shipped_sets) ? shipped_sets[i].name : NULL;
}

struct slice shipped_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(shipped_sets); i++)
		if (slice_eq(name, shipped_sets[i].name))
			return (struct slice){ shipped_sets[i].text,
					       shipped_sets[i].len };
	return (struct slice){ 0 };
}
