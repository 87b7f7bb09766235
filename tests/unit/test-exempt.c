/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/exempt: which files are looked for, and what comes of them. */
#include "rows.h"

#include "run/exempt.h"
#include "run/judge.h"
#include "run/waiver-file.h"

#include "root.h"

/* A guest that rule "r" refuses, at noon of a day in 2026. */
struct scene {
	struct root root;
	struct place place;
	struct arena arena;
	struct guestconf conf;
	struct rule rule;
	struct finding finding;
	struct judgement j;
};

#define NOON UINT64_C(1795262400000) /* 2026-11-21T12:00:00Z */

/* Text of a waiver: ticket, granted, until. */
#define WAIVER(ticket, granted, until)                                       \
	"version=1 guest=120 name=\"\" rule=r ticket=" ticket " reason=why " \
	"granted_by=bob granted=\"" granted "\" until=\"" until "\" "        \
	"identity={\"rootfs=local:v\"} covers={\"ct=yes\"}"

/* Files, how the finding was, and how it is then: effect, ending, note. */
static struct exempt_row {
	const char *name, *conf, *once;
	enum effect before;
	const char *want;
} rows[] = {
	{ "no file", NULL, NULL, EFFECT_DENY, "deny" },
	{ "a waiver", WAIVER("t", "2026-01-01", "2027-01-01"), NULL, EFFECT_DENY,
	  "waived t until 2027-01-01" },
	{ "a waiver of what would be denied", WAIVER("t", "2026-01-01", "2027-01-01"),
	  NULL, EFFECT_WOULD_DENY, "waived t until 2027-01-01" },
	{ "a waiver of a warning", WAIVER("t", "2026-01-01", "2027-01-01"), NULL,
	  EFFECT_WARN, "waived t until 2027-01-01" },
	{ "what is only noted needs none", WAIVER("t", "2026-01-01", "2027-01-01"), NULL,
	  EFFECT_AUDIT, "audit" },
	{ "seven whole days before its end", WAIVER("t", "2026-01-01", "2026-11-28"),
	  NULL, EFFECT_DENY, "waived t until 2026-11-28" },
	{ "six days before", WAIVER("t", "2026-01-01", "2026-11-27"), NULL, EFFECT_DENY,
	  "waived ending t until 2026-11-27, which leaves 6 days" },
	{ "one day before", WAIVER("t", "2026-01-01", "2026-11-22"), NULL, EFFECT_DENY,
	  "waived ending t until 2026-11-22, which leaves 1 day" },
	{ "its last day", WAIVER("t", "2026-01-01", "2026-11-21"), NULL, EFFECT_DENY,
	  "waived ending t until 2026-11-21, which is its last day" },
	{ "a waiver that is void", WAIVER("t", "2026-01-01", "2026-11-20"), NULL,
	  EFFECT_DENY, "deny the waiver t is void: it ended 2026-11-20" },
	{ "a waiver that is broken", "version=1", NULL, EFFECT_DENY,
	  "deny the waiver does not count: /etc/pve/pve-safe/waivers/120.r.conf:1:1: "
	  "'guest' is missing (and 9 more)" },
	{ "an override", NULL,
	  WAIVER("t", "2026-11-21T11:50:00Z", "2026-11-21T12:05:00Z"), EFFECT_DENY,
	  "overridden by bob until 2026-11-21T12:05:00Z, why" },
	{ "an override that is over", NULL,
	  WAIVER("t", "2026-11-21T11:40:00Z", "2026-11-21T11:55:00Z"), EFFECT_DENY,
	  "deny the override by bob is void: it ended 2026-11-21T11:55:00Z" },
	{ "a waiver goes before an override", WAIVER("t", "2026-01-01", "2027-01-01"),
	  WAIVER("t", "2026-11-21T11:50:00Z", "2026-11-21T12:05:00Z"), EFFECT_DENY,
	  "waived t until 2027-01-01" },
	{ "an override helps where a waiver is void",
	  WAIVER("t", "2026-01-01", "2026-11-20"),
	  WAIVER("t", "2026-11-21T11:50:00Z", "2026-11-21T12:05:00Z"), EFFECT_DENY,
	  "overridden by bob until 2026-11-21T12:05:00Z, why" },
	{ "of two that are void the waiver is said",
	  WAIVER("t", "2026-01-01", "2026-11-20"),
	  WAIVER("t", "2026-11-21T11:40:00Z", "2026-11-21T11:55:00Z"), EFFECT_DENY,
	  "deny the waiver t is void: it ended 2026-11-20" },
};

/* Makes a guest 120 that rule "r" finds something in. */
static void set_scene(struct scene *s, enum effect before)
{
	struct err e = { 0 };

	*s = (struct scene){ .root = root_make() };
	s->place = (struct place){ .root = s->root.fd, .prefix = "" };
	s->rule.name = slice_of("r");
	assert_int_equal(expr_compile(slice_of("ct"), &s->arena, &s->rule.when, &e), 0);
	assert_int_equal(guestconf_parse(GUEST_CT, slice_of("rootfs: local:v\n"),
					 &s->arena, &s->conf, &e),
			 0);
	s->finding = (struct finding){ .rule = &s->rule, .effect = before };
	s->j.place = &s->place;
	s->j.input = (struct facts_input){ .kind = GUEST_CT,
					   .conf = &s->conf,
					   .section = guestconf_current(&s->conf) };
	s->j.facts.values[FACT_ct] =
		(struct fact){ .state = FACT_STATE_KNOWN, .flag = true };
	s->j.decision.vmid = 120;
	s->j.decision.time.unix_ms = NOON;
	s->j.decision.evaluation.findings = &s->finding;
	s->j.decision.evaluation.n = 1;
}

/* Releases it. */
static void scene_done(struct scene *s)
{
	judge_done(&s->j);
	arena_done(&s->arena);
	root_done(&s->root);
}

/* Applies what is there; the finding in words. */
static void expect_finding(struct scene *s, const char *want)
{
	const struct finding *f = &s->finding;
	struct buf got = { 0 };
	struct err e = { 0 };

	assert_int_equal(exempt_findings(&s->j, &e), 0);
	buf_printf(&got, "%s%s%s%s", effect_name(f->effect), f->ending ? " ending" : "",
		   f->note ? " " : "", f->note ? f->note : "");
	assert_string_equal(buf_text(&got), want);
	buf_done(&got);
}

/* Checks one row. */
static void check(void **state)
{
	const struct exempt_row *row = *state;
	struct scene s;

	set_scene(&s, row->before);
	if (row->conf)
		put(&s.root, WAIVER_DIR "/120.r.conf", row->conf, strlen(row->conf));
	if (row->once)
		put(&s.root, WAIVER_DIR "/120.r.once", row->once, strlen(row->once));
	expect_finding(&s, row->want);
	assert_int_equal(s.j.decision.evaluation.verdict == VERDICT_WARN,
			 s.finding.ending);
	scene_done(&s);
}

/* A directory that cannot be opened is said, and opens nothing else. */
static void check_directory(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s, EFFECT_DENY);
	put(&s.root, "etc/pve/pve-safe/x", "", 0);
	assert_int_equal(symlinkat("waivers", s.root.fd, WAIVER_DIR), 0);
	expect_finding(&s,
		       "deny cannot open '/etc/pve/pve-safe/waivers': Too many levels "
		       "of symbolic links");
	scene_done(&s);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, check);
	ROWS_ADD_ONE(&r, "a directory that cannot be opened", check_directory);
	return rows_run(&r, "exemptions");
}
