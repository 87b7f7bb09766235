/* SPDX-License-Identifier: MIT */
/*
 * Decisions as data. Each line of tests/decisions/NAME.tests is one test:
 *
 *	event kind guest policy [+key:value]... [fact=value]... [waive=rule]...
 *		-> verdict [rule,rule...]
 *
 * event: a blank in it is written as '_'; guest: tests/fixtures/guests/GUEST.conf; policy:
 * tests/fixtures/policies/POLICY.conf, or a shipped set as baseline@1; +key:value: the
 * guest's file has this line, too, at its end; -jobs: there is no backup job; fact=value:
 * let it hold whatever the guest's file says (lists by comma, nothing is the empty list, '?'
 * is unknown); waive=rule: a waiver of the rule was granted, before any fact=value held,
 * until the end of the year; =fact=value: it held before that. Rules: all that fired, in the
 * order of the policy. Text after '#' is a comment.
 * The guest is 101 on node pve1, started by a user, in a cluster with the jobs and storages
 * below.
 */
#include "../unit/rows.h"

#include <fcntl.h>

#include "base/file.h"
#include "facts/facts.h"
#include "policy/store.h"
#include "policy/waiver.h"
#include "pve/guestconf.h"

#include "../unit/facts-spec.h"

enum { LINES_MAX = 4096, ASSUMED_MAX = 8, WORD_MAX = 128 };

/* The files with tests, without ".tests". */
static const char *const files[] = { "baseline",  "delegation", "policies",  "waived",
				     "workloads", "operations", "restricted" };

/* The cluster of the guest. */
static const char jobs[] =
	"vzdump: nightly\n\tschedule daily\n\tall 1\n\tstorage local\n";
static const char storages[] = "dir: local\n\tpath /var/lib/vz\n\n"
			       "zfspool: zfs\n\tpool rpool\n\n"
			       "rbd: ceph\n\tpool rbd\n\n"
			       "lvm: lvm\n\tvgname vg\n\n"
			       "ours: san\n\tpath /mnt/san\n\n";

/* One line. */
struct line {
	char *text; /* the line, which is also the test's name */
	char event[WORD_MAX], kind[WORD_MAX], guest[WORD_MAX], policy[WORD_MAX];
	char assumed[ASSUMED_MAX][WORD_MAX];
	size_t nassumed;
	char verdict[WORD_MAX], rules[WORD_MAX];
};

/* A guest and its facts. */
struct world {
	struct arena arena;
	struct file_text text;
	struct buf more; /* .text and the lines that were added */
	struct guestconf conf;
	struct guestconf_section start; /* pending merged */
	struct cluster_jobs jobs;
	struct cluster_storages storages;
	struct facts_input in;
	struct facts_spec spec;
};

/* Takes the next word of *@rest to @ret; false at the end. */
static bool take_word(const char **rest, char ret[WORD_MAX])
{
	size_t n;

	*rest += strspn(*rest, " \t");
	n = strcspn(*rest, " \t");
	if (!n || n >= WORD_MAX)
		return false;
	memcpy(ret, *rest, n);
	ret[n] = '\0';
	*rest += n;
	return true;
}

/* Reads the line t->text into @t; false when it has another form. */
static bool read_line(struct line *t)
{
	const char *rest = t->text;
	char word[WORD_MAX];

	if (!take_word(&rest, t->event) || !take_word(&rest, t->kind) ||
	    !take_word(&rest, t->guest) || !take_word(&rest, t->policy))
		return false;
	for (char *p = t->event; *p; p++)
		*p = (char)(*p == '_' ? ' ' : *p);
	for (;;) {
		if (!take_word(&rest, word))
			return false;
		if (strcmp(word, "->") == 0)
			break;
		if (t->nassumed == ASSUMED_MAX)
			return false;
		memcpy(t->assumed[t->nassumed++], word, sizeof(word));
	}
	if (!take_word(&rest, t->verdict))
		return false;
	if (!take_word(&rest, t->rules))
		t->rules[0] = '\0';
	return !take_word(&rest, word);
}

/* Loads the policy of @t. */
static void load_policy(const struct line *t, struct store_policy *ret)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct policy_texts texts = { 0 };
	struct slice shipped = shipped_find(slice_of(t->policy));
	struct err e = { 0 };
	char path[256];

	(void)snprintf(path, sizeof(path), "tests/fixtures/policies/%s.conf", t->policy);
	if (!shipped.ptr) {
		if (store_load_file(path, ret, &problems, &e) < 0)
			fail_msg("%s", e.msg);
		return;
	}
	assert_int_equal(policy_texts_add(&texts, slice_of(t->policy), shipped, &e), 0);
	assert_int_equal(policy_compile(&texts, NULL, &ret->policy, &problems), 0);
}

/* Adds the lines that @t gives the guest. */
static void add_lines(const struct line *t, struct world *w)
{
	buf_slice(&w->more, file_slice(&w->text));
	for (size_t i = 0; i < t->nassumed; i++) {
		struct slice key, value;

		if (t->assumed[i][0] != '+')
			continue;
		(void)slice_cut(slice_of(t->assumed[i] + 1), ':', &key, &value);
		buf_printf(&w->more, "%.*s: %.*s\n", SLICE_ARG(key), SLICE_ARG(value));
	}
}

/* Puts the guest of @w into its cluster. */
static void load_cluster(const struct line *t, struct world *w)
{
	bool backup = true;
	struct err e = { 0 };

	for (size_t i = 0; i < t->nassumed; i++)
		backup &= strcmp(t->assumed[i], "-jobs") != 0;
	if (cluster_read_jobs(slice_of(backup ? jobs : ""), &w->arena, &w->jobs, &e) <
		    0 ||
	    cluster_read_storages(slice_of(storages), &w->arena, &w->storages, &e) < 0)
		fail_msg("%s", e.msg);
	w->in.jobs = &w->jobs;
	w->in.storages = &w->storages;
	w->in.sources[SOURCE_BACKUP].state = SOURCE_STATE_READ;
	w->in.sources[SOURCE_STORAGE].state = SOURCE_STATE_READ;
}

/* Reads the guest of @t and computes the facts that @p names. */
static void load_world(const struct line *t, const struct policy *p, struct world *w)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ANY };
	bool start = strcmp(t->event, "start") == 0;
	struct err e = { 0 };
	char path[256];

	(void)snprintf(path, sizeof(path), "tests/fixtures/guests/%s.conf", t->guest);
	if (file_read(AT_FDCWD, path, &rules, &w->text, &e) != 0)
		fail_msg("%s: %s", path, e.msg);
	add_lines(t, w);
	w->in.kind = strcmp(t->kind, "ct") == 0 ? GUEST_CT : GUEST_VM;
	if (guestconf_parse(w->in.kind, buf_as_slice(&w->more), &w->arena, &w->conf, &e) <
		    0 ||
	    guestconf_merge_pending(&w->conf, &w->arena, &w->start, &e) < 0)
		fail_msg("%s: %s", path, e.msg);
	w->in.vmid = 101;
	w->in.node = slice_of("pve1");
	w->in.conf_file = path;
	w->in.conf = &w->conf;
	w->in.section = start ? &w->start : guestconf_current(&w->conf);
	w->in.request.event = slice_of(t->event);
	if (start)
		w->in.request.cause = slice_of("user");
	w->in.sources[SOURCE_REQUEST].state = SOURCE_STATE_READ;
	w->in.sources[SOURCE_GUEST] =
		(struct source_status){ SOURCE_STATE_READ, path, NULL };
	load_cluster(t, w);
	if (facts_load(&w->in, &p->facts, &w->arena, &w->spec.facts, &e) < 0)
		fail_msg("%s", e.msg);
	policy_give(p, &p->facts, &w->spec.facts, &w->arena);
}

/* Lets the facts hold that the line names; if @before, those that always did. */
static void set_facts(const struct line *t, bool before, struct world *w)
{
	for (size_t i = 0; i < t->nassumed; i++) {
		struct slice name, value;
		int id;

		bool always = t->assumed[i][0] == '=';

		if (strchr("+-", t->assumed[i][0]) || (before && !always))
			continue;
		(void)slice_cut(slice_of(t->assumed[i] + always), '=', &name, &value);
		if (slice_eq(name, "waive"))
			continue;
		id = fact_find(name);
		if (id < 0)
			fail_msg("no fact '%.*s'", SLICE_ARG(name));
		facts_spec_set(&w->spec, (enum fact_id)id, value);
	}
}

/* Lets what the line assumes hold, and what the policy makes of it. */
static void assume(const struct line *t, const struct policy *p, struct world *w)
{
	set_facts(t, false, w);
	policy_give(p, &p->facts, &w->spec.facts, &w->arena);
	w->spec.nitems = 0;
	set_facts(t, false, w); /* the policy's own facts, too */
}

/* The waivers of one line. */
struct granted {
	struct waiver waivers[ASSUMED_MAX];
	size_t n;
};

/* A case of @rule for the guest of @w, on a day before the end of 2026. */
static struct waiver_case case_of(const struct world *w, const struct rule *rule)
{
	static struct slice item = { "rootfs=local:vm-101-disk-0", 26 };
	static const struct identity identity = { .items = &item, .n = 1 };
	enum { DAY_2026_11_21 = 20778 };

	return (struct waiver_case){ .vmid = 101,
				     .rule = rule,
				     .facts = &w->spec.facts,
				     .identity = &identity,
				     .now_ms = (uint64_t)DAY_2026_11_21 * 86400000 };
}

/* Grants what the line says, and reads it back from the file that it would be. */
static void grant(const struct line *t, const struct policy *p, struct world *w,
		  struct granted *ret)
{
	for (size_t i = 0; i < t->nassumed; i++) {
		AUTO(problems_done) struct problems problems = { 0 };
		AUTO(buf_done) struct buf file = { 0 };
		struct waiver now = { .ticket = slice_of("t"),
				      .reason = slice_of("r"),
				      .granted_by = slice_of("g"),
				      .until = slice_of("2026-12-31") };
		const char *name = t->assumed[i];
		const struct rule *rule = NULL;
		struct waiver_case c;
		struct err e = { 0 };

		if (strncmp(name, "waive=", 6) != 0)
			continue;
		for (size_t k = 0; k < p->nrules; k++)
			if (slice_eq(p->rules[k].name, name + 6))
				rule = &p->rules[k];
		if (!rule)
			fail_msg("no rule '%s'", name + 6);
		c = case_of(w, rule);
		now.granted_ms = c.now_ms;
		assert_int_equal(waiver_describe(&c, &w->arena, &now, &e), 0);
		waiver_render(&now, &file);
		if (waiver_parse("w", buf_as_slice(&file), &w->arena,
				 &ret->waivers[ret->n++], &problems) < 0)
			fail_msg("%s", problems.rows[0].text);
	}
}

/* Applies the waivers that count. */
static void exempt(const struct granted *granted, const struct world *w,
		   struct evaluation *ev)
{
	static const struct exemption waived = { true, EFFECT_WAIVED, "t", false };

	for (size_t i = 0; i < ev->n; i++)
		for (size_t k = 0; k < granted->n; k++) {
			AUTO(buf_done) struct buf why = { 0 };
			struct waiver_case c = case_of(w, ev->findings[i].rule);

			if (waiver_counts(&granted->waivers[k], &c, &why))
				policy_exempt(ev, i, &waived);
		}
}

/* Releases @w. For AUTO(). */
static void world_done(struct world *w)
{
	file_text_done(&w->text);
	buf_done(&w->more);
	arena_done(&w->arena);
}

static void decision_is(void **state)
{
	const struct line *t = *state;
	AUTO(store_policy_done) struct store_policy s = { 0 };
	AUTO(world_done) struct world w = { 0 };
	AUTO(buf_done) struct buf fired = { 0 };
	struct granted granted = { .n = 0 };
	struct evaluation ev;

	load_policy(t, &s);
	load_world(t, s.policy, &w);
	set_facts(t, true, &w);
	grant(t, s.policy, &w, &granted);
	assume(t, s.policy, &w);
	policy_eval(s.policy, &w.spec.facts, &w.arena, &ev);
	exempt(&granted, &w, &ev);
	for (size_t i = 0; i < ev.n; i++)
		buf_printf(&fired, "%s%.*s", i ? "," : "",
			   SLICE_ARG(ev.findings[i].rule->name));
	assert_string_equal(buf_text(&fired), t->rules);
	assert_string_equal(verdict_name(ev.verdict), t->verdict);
}

/* A line that has another form fails as a test. */
static void line_is_broken(void **state)
{
	const struct line *t = *state;

	fail_msg("no test: '%s'", t->text);
}

/* All lines. */
static struct line lines[LINES_MAX];
static size_t nlines;

/* Whether some line expects @rule of the set @policy. */
static bool is_expected(const char *policy, struct slice rule)
{
	for (size_t i = 0; i < nlines; i++) {
		struct slice one, rest = slice_of(lines[i].rules);
		bool more = strcmp(lines[i].policy, policy) == 0;

		while (more) {
			more = slice_cut(rest, ',', &one, &rest);
			if (slice_same(one, rule))
				return true;
		}
	}
	return false;
}

/* Whether some line waives @rule of the set @policy, which fires for all that. */
static bool is_waived(const char *policy, struct slice rule)
{
	char word[WORD_MAX];

	(void)snprintf(word, sizeof(word), "waive=%.*s", SLICE_ARG(rule));
	for (size_t i = 0; i < nlines; i++)
		for (size_t k = 0; k < lines[i].nassumed; k++)
			if (strcmp(lines[i].assumed[k], word) == 0 &&
			    strcmp(lines[i].policy, policy) == 0 &&
			    strcmp(lines[i].verdict, "allow") == 0)
				return true;
	return false;
}

/* Every rule of the shipped sets is expected by some line, and waived by another. */
static void shipped_rules_are_expected(void **state)
{
	(void)state;
	for (size_t i = 0; shipped_name(i); i++) {
		AUTO(store_policy_done) struct store_policy s = { 0 };
		struct line of_set = { .policy = "" };

		(void)snprintf(of_set.policy, WORD_MAX, "%s", shipped_name(i));
		load_policy(&of_set, &s);
		for (size_t j = 0; j < s.policy->nrules; j++)
			if (!is_expected(of_set.policy, s.policy->rules[j].name))
				fail_msg("no line expects %.*s of %s",
					 SLICE_ARG(s.policy->rules[j].name),
					 of_set.policy);
			else if (!is_waived(of_set.policy, s.policy->rules[j].name))
				fail_msg("no line waives %.*s of %s",
					 SLICE_ARG(s.policy->rules[j].name),
					 of_set.policy);
	}
}

/* Adds the tests of one file. */
static void add_file(struct rows *rows, const char *name)
{
	char path[256], *text = NULL;
	size_t size = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "tests/decisions/%s.tests", name);
	f = fopen(path, "re");
	if (!f) {
		perror(path);
		exit(1);
	}
	while (getline(&text, &size, f) >= 0) {
		struct line *t = &lines[nlines];

		text[strcspn(text, "#\n")] = '\0';
		while (*text && strchr(" \t", text[strlen(text) - 1]))
			text[strlen(text) - 1] = '\0';
		if (!*text)
			continue;
		if (nlines == LINES_MAX)
			abort();
		nlines++;
		t->text = strdup(text);
		rows_add(rows, t->text, read_line(t) ? decision_is : line_is_broken, t);
	}
	free(text);
	(void)fclose(f);
}

int main(void)
{
	static struct rows rows;

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		add_file(&rows, files[i]);
	ROWS_ADD_ONE(&rows,
		     "every shipped rule is expected by some line, and waived by one",
		     shipped_rules_are_expected);
	return rows_run(&rows, "decisions");
}
