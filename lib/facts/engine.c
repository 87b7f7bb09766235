/* SPDX-License-Identifier: MIT */
/* engine - the container engines that run in a container, where it was looked into. */
#include "facts/getter.h"

void ct_engine(struct getting *g, struct fact *f)
{
	const struct engines *all = g->in->engines;

	value_list(f);
	for (size_t i = 0; all && i < all->n; i++) {
		const char *file =
			arena_printf(g->arena, "/proc/%d/comm", all->items[i].pid);

		value_add(g, f, all->items[i].name, (struct fact_origin){ .file = file });
	}
}
