/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/pve/tags.c: tags lie inside of the input, are sorted and hold no separator;
 * folded ones are each there once and have no capitals.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pve/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* How @a and @b are ordered. */
static int order(struct slice a, struct slice b)
{
	int c = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return c ? c : a.len < b.len ? -1 : a.len > b.len;
}

/* Checks one tag. */
static void check_tag(struct slice tag, bool folded)
{
	must(tag.len > 0);
	for (size_t i = 0; i < tag.len; i++) {
		must(!slice_is_space(tag.ptr[i]) && tag.ptr[i] != ',' &&
		     tag.ptr[i] != ';');
		must(!folded || tag.ptr[i] < 'A' || tag.ptr[i] > 'Z');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = { (const char *)data, len };
	struct tags tags, folded;
	struct arena a = { 0 };
	struct err e = { 0 };

	must(tags_parse(in, &a, &tags, &e) == 0);
	must(tags_parse_folded(in, &a, &folded, &e) == 0);
	must(folded.n <= tags.n && !folded.n == !tags.n);
	for (size_t i = 0; i < tags.n; i++) {
		must(tags.tags[i].ptr >= in.ptr &&
		     tags.tags[i].ptr + tags.tags[i].len <= in.ptr + in.len);
		check_tag(tags.tags[i], false);
		must(!i || order(tags.tags[i - 1], tags.tags[i]) <= 0);
	}
	for (size_t i = 0; i < folded.n; i++) {
		check_tag(folded.tags[i], true);
		must(!i || order(folded.tags[i - 1], folded.tags[i]) < 0);
	}
	arena_done(&a);
	return 0;
}
