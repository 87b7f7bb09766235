/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/facts/bind.c: a path that comes out is absolute, has nothing left to resolve and
 * comes out again unchanged; an entry's host paths are such.
 */
#include <stdint.h>
#include <stdlib.h>

#include "facts/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Whether the component @part may stand in a path that was normalised. */
static bool is_settled(struct slice part)
{
	return part.len && !slice_eq(part, ".") && !slice_eq(part, "..");
}

/* Ends the program unless @path is as bind_path() promises. */
static void check_path(struct slice path, struct arena *a)
{
	struct slice part, again, rest;
	bool more = true;

	if (!path.len || path.ptr[0] != '/')
		abort();
	if (slice_eq(path, "/"))
		return;
	rest = (struct slice){ path.ptr + 1, path.len - 1 };
	while (more) {
		more = slice_cut(rest, '/', &part, &rest);
		if (!is_settled(part))
			abort();
	}
	if (bind_holds(slice_of("/var/run"), path) ||
	    bind_holds(slice_of("/proc/self/root"), path))
		abort();
	again = bind_path(path, a);
	if (!slice_same(again, path))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = { (const char *)data, len }, layer;
	struct arena a = { 0 };
	struct mount_entry m = mount_entry_parse(in, &a);

	check_path(bind_path(in, &a), &a);
	if (m.kind == MOUNT_HOST)
		check_path(m.source, &a);
	if (m.opened.ptr)
		check_path(bind_path(m.opened, &a), &a);
	if (m.kind != MOUNT_NOTHING && !m.source.len)
		abort();
	while (mount_entry_layer(&m.options, &a, &layer))
		check_path(layer, &a);
	arena_done(&a);
	return 0;
}
