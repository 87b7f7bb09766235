/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/agent-reply: what a guest agent may answer, and what not. */
#include "rows.h"

#include "settings/agent-reply.h"

static struct reply_row {
	const char *name, *line, *want;
} reply_rows[] = {
	{ "guest-sync", "{\"return\": 4711}", "number 4711" },
	{ "after guest-sync-delimited's byte", "\xff{\"return\": 1}\r", "number 1" },
	{ "guest-exec", "{\"return\": {\"pid\": 812}}", "started 812" },
	{ "a program that runs", "{\"return\": {\"exited\": false}}", "running" },
	{ "a program that has ended",
	  "{\"return\": {\"exitcode\": 0, \"out-data\": \"MQo=\", \"exited\": true}}",
	  "ended 0 '1\n' ''" },
	{ "one that failed",
	  "{\"return\": {\"exitcode\": 1, \"err-data\": \"bm8KG1sx\", \"exited\": true}}",
	  "ended 1 '' 'no\\x0a\\x1b[1'" },
	{ "one that a signal ended", "{\"return\": {\"signal\": 9, \"exited\": true}}",
	  "ended -1 '' 'killed by signal 9'" },
	{ "one that a signal ended after some words",
	  "{\"return\": {\"signal\": 9, \"err-data\": \"bm8=\", \"exited\": true}}",
	  "ended -1 '' 'no'" },
	{ "one that no such signal ended",
	  "{\"return\": {\"signal\": 4294967305, \"exited\": true}}", "ended -1 '' ''" },
	{ "an exit status that is none",
	  "{\"return\": {\"exitcode\": 4294967296, \"exited\": true}}",
	  "ended -1 '' ''" },
	{ "output that is no base64",
	  "{\"return\": {\"exitcode\": 0, \"out-data\": \"x\", \"exited\": true}}",
	  "ended 0 '' ''" },
	{ "output that is no text",
	  "{\"return\": {\"exitcode\": 0, \"out-data\": 7, \"exited\": true}}",
	  "ended 0 '' ''" },
	{ "an error", "{\"error\": {\"class\": \"X\", \"desc\": \"not\\u001b allowed\"}}",
	  "error 'not\\x1b allowed'" },
	{ "an error without words", "{\"error\": {}}", "error ''" },
	{ "nothing", "", "other" },
	{ "no JSON", "hello", "other" },
	{ "an array", "[1]", "other" },
	{ "a text", "{\"return\": \"x\"}", "other" },
	{ "an empty answer", "{\"return\": {}}", "other" },
	{ "a number that is no whole one", "{\"return\": 1.5}", "other" },
	{ "a key twice", "{\"return\": 1, \"return\": 2}", "other" },
	{ "more behind it", "{\"return\": 1} x", "other" },
	{ "exited, but no truth value", "{\"return\": {\"exited\": 1}}", "other" },
};

/* Writes @r as the rows have it. */
static void show(const struct agent_reply *r, struct buf *out)
{
	switch (r->kind) {
	case AGENT_REPLY_OTHER:
		buf_puts(out, "other");
		break;
	case AGENT_REPLY_NUMBER:
		buf_printf(out, "number %lld", (long long)r->number);
		break;
	case AGENT_REPLY_STARTED:
		buf_printf(out, "started %lld", (long long)r->number);
		break;
	case AGENT_REPLY_RUNNING:
		buf_puts(out, "running");
		break;
	case AGENT_REPLY_ENDED:
		buf_printf(out, "ended %d '%s' '%s'", r->status, buf_text(&r->output),
			   buf_text(&r->text));
		break;
	case AGENT_REPLY_ERROR:
		buf_printf(out, "error '%s'", buf_text(&r->text));
		break;
	}
}

/* The row's line says what it says. */
static void reply_is(void **state)
{
	const struct reply_row *row = *state;
	struct agent_reply r;
	struct buf got = { 0 };

	agent_reply_read(slice_of(row->line), &r);
	show(&r, &got);
	assert_string_equal(buf_text(&got), row->want);
	agent_reply_done(&r);
	buf_done(&got);
}

/* Reads @text repeated @n times between @head and @tail; its kind. */
static enum agent_reply_kind kind_of(const char *head, const char *text, size_t n,
				     const char *tail, size_t *ret_output)
{
	enum agent_reply_kind kind;
	struct buf line = { 0 };
	struct agent_reply r;

	buf_puts(&line, head);
	for (size_t i = 0; i < n; i++)
		buf_puts(&line, text);
	buf_puts(&line, tail);
	agent_reply_read(buf_as_slice(&line), &r);
	kind = r.kind;
	*ret_output = r.output.len;
	agent_reply_done(&r);
	buf_done(&line);
	return kind;
}

/* What is too long, too deep or prints too much is left out. */
static void limits_hold(void **state)
{
	static const char head[] = "{\"return\":{\"exited\":true,\"out-data\":\"";
	size_t n;

	(void)state;
	assert_int_equal(kind_of("{\"return\":1", " ", AGENT_REPLY_MAX_BYTES, "}", &n),
			 AGENT_REPLY_OTHER);
	assert_int_equal(kind_of("{\"return\":", "[", 30000, "", &n), AGENT_REPLY_OTHER);
	assert_int_equal(kind_of(head, "AAAA", AGENT_OUTPUT_MAX_BYTES / 3, "\"}}", &n),
			 AGENT_REPLY_ENDED);
	assert_int_equal(n, AGENT_OUTPUT_MAX_BYTES / 3 * 3);
	assert_int_equal(
		kind_of(head, "AAAA", AGENT_OUTPUT_MAX_BYTES / 3 + 1, "\"}}", &n),
		AGENT_REPLY_ENDED);
	assert_int_equal(n, 0);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, reply_rows, reply_is);
	ROWS_ADD_ONE(&r, "the limits hold", limits_hold);
	return rows_run(&r, "agent-reply");
}
