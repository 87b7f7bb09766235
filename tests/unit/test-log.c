/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/record/log: one line read back, and lines matched by digest. */
#include "rows.h"

#include "record/log.h"

#define ID   "01a1fd16-a80c-76d7-9563-80c14a348253"
#define HEAD "{\"id\":\"" ID "\",\"time\":\"2026-11-21T07:51:22.892Z\""
#define SHA  "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

/* One test: a line, and what is shown of it, or what is wrong with it. */
static struct line_row {
	const char *name, *line, *want;
} lines[] = {
	{ "a decision",
	  HEAD ",\"layer\":\"hook\",\"event\":\"start\",\"verdict\":\"warn\","
	       "\"guest\":{\"kind\":\"vm\",\"vmid\":200,\"name\":\"db\"},"
	       "\"actor\":{\"pve_user\":\"a@pve\",\"login\":\"bob\"}}",
	  "2026-11-21T07:51:22.892Z warn: start of VM 200 (db) by a@pve (login bob) "
	  "[hook, decision " ID "]\n" },
	{ "its findings, with their notes",
	  HEAD
	  ",\"verdict\":\"deny\",\"findings\":[{\"rule\":\"r\",\"effect\":\"waived\","
	  "\"reason\":\"why\",\"note\":\"CHG-1\"}]}",
	  "2026-11-21T07:51:22.892Z deny: - of CT [-, decision " ID "]\n"
	  "  r: waived: why (CHG-1)\n" },
	{ "why nothing could be judged",
	  HEAD ",\"verdict\":\"deny\",\"failures\":[{\"what\":\"no file\"}]}",
	  "2026-11-21T07:51:22.892Z deny: - of CT [-, decision " ID "]\n"
	  "  could not be judged: no file\n" },
	{ "an outcome", HEAD ",\"type\":\"outcome\",\"outcome\":\"done\",\"status\":3}",
	  "2026-11-21T07:51:22.892Z outcome: done (status 3, decision " ID ")\n" },
	{ "what could steer a terminal is shown as what it is",
	  HEAD ",\"verdict\":\"deny\",\"guest\":{\"name\":\"a\\u001b[2J\\nb\"}}",
	  "2026-11-21T07:51:22.892Z deny: - of CT (a\\x1b[2J\\x0ab) [-, decision " ID
	  "]\n" },
	{ "no JSON", "hello", "is no JSON: '[' or '{' expected near 'hello'" },
	{ "no object", "[]", "is no JSON object" },
	{ "half of a line", HEAD, "is no JSON: '}' expected near end of file" },
	{ "a member twice", HEAD ",\"id\":\"x\"}",
	  "is no JSON: duplicate object key near '\"id\"'" },
	{ "no id", "{\"time\":\"2026-11-21T07:51:22Z\"}", "has no id of a decision" },
	{ "an id that is none", "{\"id\":\"../../../../../../../../../../../../etc\"}",
	  "has no id of a decision" },
	{ "no time", "{\"id\":\"" ID "\",\"verdict\":\"deny\"}", "has no time" },
	{ "a number for a time", "{\"id\":\"" ID "\",\"time\":1}", "has no time" },
	{ "neither decision nor outcome", HEAD "}",
	  "is neither a decision nor an outcome" },
};

/* Checks one row. */
static void check_line(void **state)
{
	const struct line_row *row = *state;
	AUTO(log_line_done) struct log_line line = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct err e = { 0 };

	if (log_line_read(slice_of(row->line), &line, &e) < 0) {
		assert_string_equal(e.msg, row->want);
		assert_null(line.json);
		return;
	}
	log_line_render(&line, &out);
	assert_string_equal(buf_text(&out), row->want);
}

/* One test: a line of a remote log, and whether it tells of a record. */
static struct remote_row {
	const char *name, *line;
	int want;
} remotes[] = {
	{ "as syslog writes it",
	  "<84>Nov 21 07:00:00 pve1 pve-safe[77]: id=" ID " start CT 101 sha256=" SHA,
	  0 },
	{ "as journalctl shows it",
	  "2026-11-21T07:00:00+0000 pve1 pve-safe[77]: id=" ID " x sha256=" SHA " more",
	  0 },
	{ "of another program", "pve1 sshd[1]: id=" ID " sha256=" SHA, 1 },
	{ "without a digest", "pve-safe[77]: id=" ID " x", 1 },
	{ "without an id", "pve-safe[77]: sha256=" SHA, 1 },
	{ "an id that begins within a word", "pve-safe: xid=" ID " sha256=" SHA, 1 },
	{ "a digest that is too short", "pve-safe: id=" ID " sha256=2cf24d", 1 },
	{ "a digest in capitals",
	  "pve-safe: id=" ID
	  " sha256=2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
	  1 },
	{ "an empty line", "", 1 },
};

/* Checks one row. */
static void check_remote(void **state)
{
	const struct remote_row *row = *state;
	AUTO(log_marks_done) struct log_marks m = { 0 };
	struct err e = { 0 };

	assert_int_equal(log_marks_add_remote(&m, slice_of(row->line), 7, &e), row->want);
	assert_int_equal(m.n, row->want == 0);
	if (m.n) {
		assert_string_equal(m.rows[0].id, ID);
		assert_string_equal(m.rows[0].digest, SHA);
		assert_int_equal(m.rows[0].number, 7);
	}
}

/* Each line is matched with one line only, so a line that is there twice is seen. */
static void check_match(void **state)
{
	static const char *const mine[] = { "hello", "hello", "b", "c" };
	AUTO(log_marks_done) struct log_marks here = { 0 }, there = { 0 };
	size_t matched = 0;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mine); i++)
		assert_int_equal(log_marks_add(&here, slice_of(mine[i]), ID, i, &e), 0);
	assert_int_equal(log_marks_add_remote(&there,
					      slice_of("pve-safe: id=" ID " sha256=" SHA),
					      1, &e),
			 0);
	log_marks_match(&here, &there);
	assert_true(there.rows[0].matched);
	for (size_t i = 0; i < here.n; i++)
		matched += here.rows[i].matched;
	assert_int_equal(matched, 1);
}

/* The time is in the id. */
static void check_id(void **state)
{
	(void)state;
	assert_int_equal(log_id_ms("0192f7c4-0000-7000-8000-000000000000"),
			 0x0192f7c40000);
	assert_int_equal(log_id_ms("0192f7c4-0000-4000-8000-000000000000"), 0);
	assert_int_equal(log_id_ms("0192f7c4"), 0);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, lines, check_line);
	ROWS_ADD(&r, remotes, check_remote);
	ROWS_ADD_ONE(&r, "a line is matched with one line only", check_match);
	ROWS_ADD_ONE(&r, "an id of version 7 tells its time", check_id);
	return rows_run(&r, "log");
}
