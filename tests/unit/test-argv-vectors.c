/* SPDX-License-Identifier: MIT */
/*
 * Every command line of tests/fixtures/vectors/args.jsonl through lib/pve/argv*.c: one
 * named test a line. What Proxmox VE accepted is read as it was executed, what it refused
 * before validating is refused, and the canonical form means the same again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "pve/argv.h"

#define VECTORS "tests/fixtures/vectors/args.jsonl"

enum { MAX_LINES = 10000, MAX_WORDS = 256 };

static struct line {
	char name[80];
	json_t *json;
} lines[MAX_LINES];
static size_t nlines;
static size_t accepted, refused; /* by Proxmox; of those, by us */

/* Reads the file. */
static void load(void)
{
	AUTO_FCLOSE FILE *f = fopen(VECTORS, "r");
	AUTO_FREE char *text = NULL;
	size_t size = 0;

	assert_non_null(f);
	while (getline(&text, &size, f) > 0) {
		struct line *l = &lines[nlines++];

		assert_true(nlines < MAX_LINES);
		l->json = json_loads(text, 0, NULL);
		assert_non_null(l->json);
		(void)snprintf(l->name, sizeof(l->name), "line %zu: %s", nlines, text);
		l->name[strcspn(l->name, "\n")] = '\0';
	}
}

/* Reads the words of @argv after the tool's name. */
static int read_words(const json_t *argv, struct arena *a, struct argv_command *ret,
		      struct err *e)
{
	const char *words[MAX_WORDS];
	size_t n = json_array_size(argv);

	assert_true(n < MAX_WORDS);
	for (size_t i = 1; i < n; i++)
		words[i - 1] = json_string_value(json_array_get(argv, i));
	return argv_read(
		(enum tool)cli_tool_find(json_string_value(json_array_get(argv, 0))),
		(int)n - 1, words, 0, a, ret, e);
}

/* Holds the words for the guest against Proxmox's. */
static void same_extra(const struct argv_command *c, const json_t *want)
{
	assert_int_equal(c->nextra, json_array_size(want));
	for (size_t i = 0; i < c->nextra; i++)
		assert_string_equal(c->extra[i],
				    json_string_value(json_array_get(want, i)));
}

/* Holds the parameters against Proxmox's. */
static void same_params(const struct argv_command *c, json_t *want)
{
	size_t n = c->nparams;
	const char *key;
	json_t *value;

	json_object_foreach(want, key, value)
	{
		struct slice got = argv_value(c, key);

		if (json_is_array(value)) {
			same_extra(c, value);
			n++;
			continue;
		}
		if (!slice_eq(got, json_string_value(value)))
			fail_msg("%s is '%.*s', not '%s'", key, SLICE_ARG(got),
				 json_string_value(value));
	}
	assert_int_equal(n, json_object_size(want));
}

/* The canonical form must be read as the same command and parameters. */
static void same_again(const struct argv_command *c, struct arena *a)
{
	struct argv_command again;
	struct argv_words words;
	struct err e;

	assert_int_equal(argv_canonical(c, "tool", a, &words, &e), 0);
	if (argv_read(c->tool, (int)words.n - 1, words.words + 1, 0, a, &again, &e))
		fail_msg("canonical form: %s", e.msg);
	assert_ptr_equal(again.command, c->command);
	assert_int_equal(again.nparams, c->nparams);
	for (size_t i = 0; i < c->nparams; i++)
		assert_true(slice_same(c->params[i].value,
				       argv_value(&again, c->params[i].name)));
	assert_int_equal(again.nextra, c->nextra);
	for (size_t i = 0; i < c->nextra; i++)
		assert_string_equal(again.extra[i], c->extra[i]);
}

static void check_line(void **state)
{
	const struct line *l = *state;
	const char *rejected = json_string_value(json_object_get(l->json, "rejected"));
	json_t *params = json_object_get(l->json, "params");
	__attribute__((cleanup(arena_done))) struct arena a = { 0 };
	struct argv_command c;
	struct err e = { 0 };
	int ret = read_words(json_object_get(l->json, "argv"), &a, &c, &e);

	accepted += !rejected;
	if (ret) {
		assert_true(*e.msg);
		if (!rejected)
			(void)fprintf(stderr, "%s\n  refused: %s\n", l->name, e.msg);
		refused += !rejected;
		return;
	}
	/* Without a terminal to ask on, Proxmox's reader stops there. */
	if (rejected && c.asks)
		return;
	if (rejected &&
	    (strcmp(rejected, "command") == 0 || strcmp(rejected, "options") == 0))
		fail_msg("Proxmox refuses it at '%s'", rejected);
	if (!rejected) {
		assert_string_equal(c.command->name, json_string_value(json_object_get(
							     l->json, "command")));
		same_params(&c, params);
	}
	same_again(&c, &a);
}

/* At most one in a hundred may be refused; now it is none. */
static void check_refused(void **state)
{
	(void)state;
	assert_true(accepted > 900);
	assert_int_equal(refused, 0);
}

int main(void)
{
	static struct CMUnitTest tests[MAX_LINES + 1];
	int failed;

	load();
	for (size_t i = 0; i < nlines; i++)
		tests[i] = (struct CMUnitTest){ .name = lines[i].name,
						.test_func = check_line,
						.initial_state = &lines[i] };
	tests[nlines] = (struct CMUnitTest)cmocka_unit_test(check_refused);
	failed = _cmocka_run_group_tests("argv-vectors", tests, nlines + 1, NULL, NULL);
	for (size_t i = 0; i < nlines; i++)
		json_decref(lines[i].json);
	return failed > 0;
}
