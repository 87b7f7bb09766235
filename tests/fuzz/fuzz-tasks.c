/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/pve/tasks.c: what is read lies inside of the input; a maker that is named is one
 * of a line, and looking through a list twice finds the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pve/tasks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Whether @s is absent, or lies in @in. */
static bool is_inside(struct slice s, struct slice in)
{
	return !s.ptr || (s.ptr >= in.ptr && s.ptr + s.len <= in.ptr + in.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = { (const char *)data, len };

	for (int kind = GUEST_CT; kind <= GUEST_VM; kind++) {
		const struct task_query q = { (enum guest_kind)kind, 101, 0x5F000000,
					      0x5F3B1C2C };
		struct task_maker once = { 0 }, twice;
		struct upid u;

		tasks_find_maker(in, &q, &once);
		must(is_inside(once.user, in) && is_inside(once.upid, in));
		must(once.event || (!once.user.ptr && !once.upid.ptr));
		must(!once.upid.ptr ||
		     (upid_parse(once.upid, &u) && slice_same(u.user, once.user) &&
		      u.starttime == once.start));
		twice = once;
		tasks_find_maker(in, &q, &twice);
		must(slice_same(twice.user, once.user));
		must(!once.event == !twice.event);
	}
	return 0;
}
