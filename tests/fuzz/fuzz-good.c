/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/policy/good.c: what is taken out of a last good copy lies in its text, and its
 * files in its body.
 */
#include <stdint.h>
#include <stdlib.h>

#include "policy/good.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Whether @s lies in @in. */
static int lies_in(struct slice s, struct slice in)
{
	return s.ptr >= in.ptr && s.ptr + s.len <= in.ptr + in.len;
}

/* Reads @in; what was taken out of it lies in it. */
static void check(struct slice in)
{
	struct good g = { 0 };
	struct err e = { 0 };
	size_t sum = 0;

	if (good_parse(in, &g, &e) < 0) {
		if (e.code != ERR_SYNTAX || !e.msg[0])
			abort();
		return;
	}
	if (!lies_in(g.body, in) || !lies_in(g.source, in) || !lies_in(g.digest, in))
		abort();
	for (size_t i = 0; i < g.nfiles; i++) {
		sum += g.files[i].text.len;
		if (!lies_in(g.files[i].text, g.body) ||
		    !lies_in(g.files[i].name, g.body))
			abort();
	}
	if (sum > g.body.len || g.nfiles == 0 || g.nfiles > POLICY_MAX_FILES)
		abort();
	(void)good_prove(&g, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = { (const char *)data, len }, header = in;
	const char *end = memmem(data, len, "\n\n", 2);
	char digest[SHA256_HEX_SIZE];
	struct buf whole = { 0 };

	check(in);
	/* The same behind a first line whose digest is right, so that more is read. */
	if (end)
		header.len = (size_t)(end + 2 - in.ptr);
	sha256_hex(header, digest);
	buf_printf(&whole, "pve-safe last good policy 1\nheader %s\n", digest);
	buf_slice(&whole, in);
	check(buf_as_slice(&whole));
	buf_done(&whole);
	return 0;
}
