/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/settings/agent-reply.c: whatever a guest answers, what is kept is bounded, and
 * what is shown is safe to print.
 */
#include <stdint.h>
#include <stdlib.h>

#include "settings/agent-reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless @good. */
static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct agent_reply r;

	agent_reply_read((struct slice){ (const char *)data, len }, &r);
	must(r.output.len <= AGENT_OUTPUT_MAX_BYTES);
	must(r.kind == AGENT_REPLY_ENDED || !r.output.len);
	must(r.status >= -1 && r.status <= 255);
	for (size_t i = 0; i < r.text.len; i++)
		must((unsigned char)r.text.ptr[i] >= ' ' && r.text.ptr[i] != 0x7f);
	agent_reply_done(&r);
	return 0;
}
