/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/settings/credential.c, base/base64.c, facts/smbios.c: what is put into args is
 * read back the same, taking it out gives the text before, and all other bytes stay.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "facts/smbios.h"
#include "settings/credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Whether @a and @b say the same. */
static bool is_same(const struct credential *a, const struct credential *b)
{
	if (a->n != b->n || a->nnames != b->nnames)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!slice_same(a->lines[i].key, b->lines[i].key) ||
		    !slice_same(a->lines[i].value, b->lines[i].value))
			return false;
	for (size_t i = 0; i < a->nnames; i++)
		if (!slice_same(a->names[i], b->names[i]))
			return false;
	return true;
}

/* Puts @c into @args, reads it back, takes it out. */
static void go_round(struct slice args, const struct credential *c, struct arena *a)
{
	static const struct credential none = { 0 };
	struct buf with = { 0 }, without = { 0 };
	struct credential back;
	struct err e = { 0 };

	must(credential_put(args, c, &with, &e) == 0);
	if (!credential_is_empty(c) && with.len && !smbios_find_ours(args).ptr) {
		int r = credential_read(buf_as_slice(&with), a, &back, &e);

		/* Written it can be longer than it was: blanks around the '='. */
		must(r == 1 ? is_same(c, &back) : e.code == ERR_RANGE);
		must(credential_put(buf_as_slice(&with), &none, &without, &e) == 0);
		must(slice_same(buf_as_slice(&without), args));
	}
	buf_done(&with);
	buf_done(&without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = { (const char *)data, len }, args, text;
	struct arena a = { 0 };
	struct credential c;
	struct err e = { 0 };
	struct buf b = { 0 };

	if (!slice_cut(in, '\xff', &args, &text))
		text = in;
	if (base64_decode(in, &b)) {
		struct buf again = { 0 };

		base64_encode(buf_as_slice(&b), &again);
		must(slice_same(buf_as_slice(&again), in));
		buf_done(&again);
	}
	if (credential_parse(text, &a, &c, &e) == 0)
		go_round(args, &c, &a);
	else
		must(*e.msg);
	(void)credential_read(in, &a, &c, &e);
	buf_done(&b);
	arena_done(&a);
	return 0;
}
