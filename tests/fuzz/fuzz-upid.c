/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/pve/upid.c: what is read lies inside of the input, is written again as the
 * same text but for the case of its numbers, and the title of a task says the same.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "pve/upid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

/* Checks that @u is what @in says. */
static void check(const struct upid *u, struct slice in)
{
	const struct slice parts[] = { u->node, u->type, u->id, u->user };
	struct buf text = { 0 };

	must(slice_same(u->text, in));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		must(parts[i].ptr >= in.ptr &&
		     parts[i].ptr + parts[i].len <= in.ptr + in.len);
		must(!parts[i].len || !memchr(parts[i].ptr, ':', parts[i].len));
	}
	must(u->node.len && u->type.len && u->user.len);
	buf_printf(&text,
		   "UPID:%.*s:%08" PRIX64 ":%08" PRIX64 ":%08" PRIX64 ":%.*s:%.*s:%.*s:",
		   SLICE_ARG(u->node), u->pid, u->pstart, u->starttime,
		   SLICE_ARG(u->type), SLICE_ARG(u->id), SLICE_ARG(u->user));
	must(text.len == in.len || text.len + 1 == in.len); /* PSTART may have 9 digits */
	if (text.len == in.len)
		must(strncasecmp(text.ptr, in.ptr, in.len) == 0);
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = { (const char *)data, len };
	struct upid u, of_title;
	struct buf title = { 0 };
	bool is_upid = upid_parse(in, &u);

	if (is_upid)
		check(&u, in);
	buf_puts(&title, "task ");
	buf_slice(&title, in);
	buf_puts(&title, " \n");
	if (upid_parse_title(buf_as_slice(&title), &of_title))
		must(upid_parse(of_title.text, &u));
	else
		must(!is_upid);
	buf_done(&title);
	return 0;
}
