/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/settings/state: what is read is written again byte by byte, names a path below /sys
 * or /proc/sys and each guest once; what is refused says why.
 */
#include <stdint.h>
#include <stdlib.h>

#include "settings/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @holds. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct arena a = { 0 };
	struct buf again = { 0 };
	struct state s;
	struct err e = { 0 };

	if (state_parse(text, &a, &s, &e) < 0) {
		must(*e.msg);
	} else {
		state_render(&s, &again);
		must(slice_same(buf_as_slice(&again), text));
		must(state_is_path(s.path) && s.form != FORM_AUTO);
		for (size_t i = 0; i < s.nusers; i++)
			must(state_find_user(&s, s.users[i].vmid) == &s.users[i]);
	}
	buf_done(&again);
	arena_done(&a);
	return 0;
}
