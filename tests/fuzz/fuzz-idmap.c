/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/pve/idmap.c with a container's file: root is 0 or what some range says, the
 * lowest host id is, no number is one that the kernel would wrap round, an error has a
 * line.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pve/idmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Checks a map that was read. */
static void check(const struct idmap *map)
{
	bool root = map->root_uid == 0, lowest = !map->n && !map->host_min;

	must(!map->custom || map->n);
	for (size_t i = 0; i < map->n; i++) {
		const struct idmap_range *r = &map->ranges[i];

		must(r->ct <= UINT32_MAX && r->host <= UINT32_MAX &&
		     r->count <= UINT32_MAX);
		must((r->line > 0) == map->custom && r->host >= map->host_min);
		root |= !r->group && !r->ct && r->host == map->root_uid;
		lowest |= r->host == map->host_min;
	}
	must(root && lowest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct arena a = { 0 };
	struct guestconf c;
	struct idmap map;
	struct err e = { 0 };

	if (guestconf_parse(GUEST_CT, text, &a, &c, &e) == 0) {
		if (idmap_parse(guestconf_current(&c), &a, &map, &e) == 0)
			check(&map);
		else
			must(e.code == ERR_SYNTAX && e.line > 0);
	}
	arena_done(&a);
	return 0;
}
