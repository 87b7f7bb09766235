/* SPDX-License-Identifier: MIT */
/* What came of the tests of a policy: for people, as JSON, JUnit and TAP. */
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "report/markup.h"
#include "run/policy-test.h"

static const char *const status_words[] = { "pass", "fail", "error" };

/* Prints the lines of @text, each after @indent. */
static void print_lines(struct slice text, const char *indent)
{
	struct slice line, rest = text;
	bool more = true;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		if (line.len)
			(void)printf("%s%.*s\n", indent, SLICE_ARG(line));
	}
}

/* Prints the rules of @p whose count is 0, after @words. */
static void print_rules(const struct policy_tested *p, const size_t *counts,
			const char *words)
{
	const struct policy *policy = p->store.policy;

	for (size_t i = 0; i < policy->nrules; i++)
		if (!counts[i])
			(void)printf("  %s %.*s (%s:%u)\n", words,
				     SLICE_ARG(policy->rules[i].name),
				     policy->rules[i].file, policy->rules[i].line);
}

/* Rules of @p that a test fires. */
static size_t count_fired(const struct policy_tested *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->store.policy->nrules; i++)
		n += p->fired[i] != 0;
	return n;
}

/* Prints the form for people. */
static void print_text(const struct policy_test_run *run)
{
	const struct policy_test_file *file = NULL;

	for (size_t i = 0; i < run->nresults; i++) {
		const struct policy_test_result *r = &run->results[i];

		if (r->file != file)
			(void)printf("%s\n", r->file->path);
		file = r->file;
		(void)printf("  %-5s %.*s", status_words[r->status],
			     SLICE_ARG(r->test->title));
		if (r->status != POLICY_TEST_PASSED)
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): each has one */
			(void)printf(" (%s:%u)", file->path, r->test->line);
		(void)putchar('\n');
		print_lines(buf_as_slice(&r->why), "        ");
	}
	(void)printf("%zu tests: %zu passed, %zu failed, %zu could not be run\n",
		     run->nresults, run->counts[POLICY_TEST_PASSED],
		     run->counts[POLICY_TEST_FAILED], run->counts[POLICY_TEST_BROKEN]);
	for (size_t i = 0; i < run->npolicies; i++) {
		const struct policy_tested *p = &run->policies[i];

		(void)printf("%s: %zu of %zu rules fire in a test\n", p->store.name,
			     count_fired(p), p->store.policy->nrules);
		print_rules(p, p->fired, "no test fires");
		print_rules(p, p->quiet, "no test leaves unfired");
	}
}

/* Writes the member @key: the rules of @p whose count is 0. */
static void emit_rules(const struct policy_tested *p, const size_t *counts,
		       const char *key, struct json *j)
{
	json_member_array(j, key);
	for (size_t i = 0; i < p->store.policy->nrules; i++)
		if (!counts[i])
			json_put_string(j, p->store.policy->rules[i].name);
	json_close(j);
}

/* Prints one result as a line of JSON. */
static void print_json_result(const struct policy_test_result *r)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member(&j, "test", r->test->title);
	json_member_text(&j, "file", r->file->path);
	json_member_number(&j, "line", r->test->line);
	json_member_text(&j, "status", status_words[r->status]);
	json_member_filled(&j, "why", buf_text(&r->why));
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* Prints the coverage of one policy as a line of JSON. */
static void print_json_policy(const struct policy_tested *p)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	json_member_text(&j, "policy", p->store.name);
	json_member_text(&j, "digest", p->store.policy->digest);
	json_member_number(&j, "tests", p->ntests);
	json_member_number(&j, "rules", p->store.policy->nrules);
	emit_rules(p, p->fired, "never_fired", &j);
	emit_rules(p, p->quiet, "always_fired", &j);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* Prints one JSON object a line: each test, then each policy. */
static void print_json(const struct policy_test_run *run)
{
	for (size_t i = 0; i < run->nresults; i++)
		print_json_result(&run->results[i]);
	for (size_t i = 0; i < run->npolicies; i++)
		print_json_policy(&run->policies[i]);
}

/* Appends the lines of @text for an attribute of XML. */
static void put_lines(struct slice text, struct buf *out)
{
	struct slice line, rest = text;
	bool more = true;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		markup_text(out, line, SIZE_MAX);
		buf_puts(out, more ? "&#10;" : "");
	}
}

/* Appends one test case. */
static void put_case(const struct policy_test_result *r, struct buf *out)
{
	buf_puts(out, "  <testcase classname=\"");
	markup_text(out, slice_of(r->file->path), SIZE_MAX);
	buf_puts(out, "\" name=\"");
	markup_text(out, r->test->title, SIZE_MAX);
	if (r->status == POLICY_TEST_PASSED) {
		buf_puts(out, "\"/>\n");
		return;
	}
	buf_printf(out, "\"><%s message=\"",
		   r->status == POLICY_TEST_FAILED ? "failure" : "error");
	put_lines(buf_as_slice(&r->why), out);
	buf_printf(out, "\"/></testcase>\n");
}

/* Prints the form of JUnit. */
static void print_junit(const struct policy_test_run *run)
{
	AUTO(buf_done) struct buf out = { 0 };

	buf_printf(&out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite "
		   "name=\"pve-safe policy test\" tests=\"%zu\" failures=\"%zu\" "
		   "errors=\"%zu\">\n",
		   run->nresults, run->counts[POLICY_TEST_FAILED],
		   run->counts[POLICY_TEST_BROKEN]);
	for (size_t i = 0; i < run->nresults; i++)
		put_case(&run->results[i], &out);
	buf_puts(&out, "</testsuite>\n");
	(void)fputs(buf_text(&out), stdout);
}

/* Prints @title for TAP, where '#' begins a directive. */
static void print_tap_title(struct slice title)
{
	for (size_t i = 0; i < title.len; i++) {
		if (title.ptr[i] == '#')
			(void)putchar('\\');
		(void)putchar(title.ptr[i]);
	}
	(void)putchar('\n');
}

/* Prints the form of TAP 13. */
static void print_tap(const struct policy_test_run *run)
{
	(void)printf("TAP version 13\n1..%zu\n", run->nresults);
	for (size_t i = 0; i < run->nresults; i++) {
		const struct policy_test_result *r = &run->results[i];

		(void)printf("%sok %zu - ", r->status == POLICY_TEST_PASSED ? "" : "not ",
			     i + 1);
		print_tap_title(r->test->title);
		print_lines(buf_as_slice(&r->why), "# ");
	}
}

void policy_test_print(const struct policy_test_run *run)
{
	switch (run->options.format) {
	case OPTIONS_JSON:
		print_json(run);
		return;
	case OPTIONS_JUNIT:
		print_junit(run);
		return;
	case OPTIONS_TAP:
		print_tap(run);
		return;
	case OPTIONS_TEXT:
		break;
	}
	print_text(run);
}
