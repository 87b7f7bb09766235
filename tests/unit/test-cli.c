/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/cli*.c. The rows are held against the list that was taken from
 * Proxmox VE: one named test a command, both ways, so that neither can drift.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "pve/cli.h"

#define TSV "tests/fixtures/vectors/pve-cli.tsv"

enum {
	TOOL,
	COMMAND,
	KIND,
	NAME,
	TYPE,
	POSITION,
	OPTIONAL,
	FORMAT,
	WORDS,
	MIN,
	MAX,
	COLS
};
enum { POSITIONALS = NAME, FIXED = TYPE, MAX_ROWS = 1000 };

/* One line of the list, split at tabs. */
struct line {
	const char *col[COLS];
};

static struct line lines[MAX_ROWS];
static size_t nlines;

/* Reads the list. */
static void load(void)
{
	AUTO_FCLOSE FILE *f = fopen(TSV, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(f);
	while (getline(&text, &size, f) > 0) {
		char *rest = text;

		assert_true(nlines < MAX_ROWS);
		text[strcspn(text, "\n")] = '\0';
		for (size_t i = 0; i < COLS; i++) {
			char *col = strsep(&rest, "\t");

			lines[nlines].col[i] = col ? col : "";
		}
		nlines++;
		text = NULL;
		size = 0;
	}
	free(text);
}

/* Whether @l is of @kind and belongs to @c of @t. */
static bool belongs(const struct line *l, const struct cli_tool *t,
		    const struct cli_command *c, const char *kind)
{
	return strcmp(l->col[TOOL], t->name) == 0 &&
	       strcmp(l->col[COMMAND], c->name) == 0 && strcmp(l->col[KIND], kind) == 0;
}

/* The command row called @name, or NULL. */
static const struct cli_command *find(const struct cli_tool *t, const char *name)
{
	for (size_t i = 0; i < t->ncommands; i++)
		if (strcmp(t->commands[i].name, name) == 0)
			return &t->commands[i];
	return NULL;
}

/* Appends an enumeration as the list has it: "a|b|mp0|mp1". */
static void add_words(struct buf *out, const char *const *words)
{
	for (; words && *words; words++) {
		const char *family = strchr(*words, '[');
		unsigned last = 0;

		if (family)
			assert_int_equal(sscanf(family, "[0..%u]", &last), 1);
		for (unsigned i = 0; i <= last; i++) {
			buf_puts(out, out->len ? "|" : "");
			buf_add(out, *words,
				family ? (size_t)(family - *words) : strlen(*words));
			if (family)
				buf_printf(out, "%u", i);
		}
	}
}

/* Holds option @o of @c against line @l. */
static void same_option(const struct cli_command *c, const struct cli_option *o,
			const struct line *l)
{
	static const char *const types[] = { [CLI_TEXT] = "string",
					     [CLI_BOOL] = "boolean",
					     [CLI_INTEGER] = "integer",
					     [CLI_NUMBER] = "number",
					     [CLI_LIST] = "list" };
	AUTO(buf_done) struct buf words = { 0 };
	char bound[32] = "", position[16] = "";

	assert_string_equal(types[o->type], l->col[TYPE]);
	assert_string_equal(o->flags & CLI_REQUIRED ? "0" : "1", l->col[OPTIONAL]);
	assert_string_equal(o->format ? o->format : "", l->col[FORMAT]);
	add_words(&words, o->words);
	assert_string_equal(buf_text(&words), l->col[WORDS]);
	if (o->has_min)
		(void)snprintf(bound, sizeof(bound), "%lld", (long long)o->min);
	assert_string_equal(bound, l->col[MIN]);
	bound[0] = '\0';
	if (o->has_max)
		(void)snprintf(bound, sizeof(bound), "%lld", (long long)o->max);
	assert_string_equal(bound, l->col[MAX]);
	/* The list leaves the position 0 out. */
	for (int i = 1; c->positionals && c->positionals[0] && c->positionals[i]; i++)
		if (strcmp(c->positionals[i], o->name) == 0)
			(void)snprintf(position, sizeof(position), "%d", i);
	assert_string_equal(position, l->col[POSITION]);
}

/* Holds the options of @c against the list, both ways. */
static void same_options(const struct cli_tool *t, const struct cli_command *c)
{
	const struct cli_option *o;
	size_t rows = 0, listed = 0;

	for (size_t i = 0; i < nlines; i++)
		listed += belongs(&lines[i], t, c, "option");
	for (; (o = cli_option_at(c, rows)); rows++) {
		char name[64];
		size_t i = 0;

		(void)snprintf(name, sizeof(name), o->count ? "%s[0..%u]" : "%s", o->name,
			       o->count - 1);
		while (i < nlines && (!belongs(&lines[i], t, c, "option") ||
				      strcmp(lines[i].col[NAME], name) != 0))
			i++;
		if (i == nlines)
			fail_msg("%s %s: --%s is not in the list", t->name, c->name,
				 name);
		same_option(c, o, &lines[i]);
	}
	assert_int_equal(rows, listed);
}

/* Holds a command row against its line. */
static void same_command(const struct cli_command *c, const struct line *l)
{
	AUTO(buf_done) struct buf names = { 0 };

	for (size_t i = 0; c->positionals && c->positionals[i]; i++)
		buf_printf(&names, "%s%s", i ? " " : "", c->positionals[i]);
	assert_string_equal(buf_text(&names), l->col[POSITIONALS]);
	if (strcmp(l->col[FIXED], "") == 0 || strcmp(l->col[FIXED], "node") == 0) {
		assert_null(c->fixed);
	} else {
		assert_string_equal(l->col[FIXED], "node restore");
		assert_string_equal(c->fixed->name, "restore");
	}
	assert_true(c->kind == CLI_BY_NAME || c->kind == CLI_JUDGED);
}

/* One test: one line of the list that is no option. */
static void check_line(void **state)
{
	const struct line *l = *state;
	const struct cli_tool *t = cli_tool((enum tool)cli_tool_find(l->col[TOOL]));
	const struct cli_command *c = find(t, l->col[COMMAND]);

	if (strcmp(l->col[KIND], "?") == 0) { /* a group, made of its members' names */
		assert_null(c);
		return;
	}
	assert_non_null(c);
	if (strcmp(l->col[KIND], "alias") == 0) {
		assert_int_equal(c->kind, CLI_ALIAS);
		assert_string_equal(c->target, l->col[NAME]);
		assert_non_null(find(t, c->target));
		return;
	}
	same_command(c, l);
	same_options(t, c);
}

/* Rows that the list lacks are those that it leaves out on purpose. */
static void check_no_more(void **state)
{
	(void)state;
	for (int i = TOOL_PCT; i <= TOOL_QM; i++) {
		const struct cli_tool *t = cli_tool((enum tool)i);

		for (size_t j = 0; j < t->ncommands; j++) {
			const struct cli_command *c = &t->commands[j];
			bool listed = false;

			for (size_t k = 0; k < nlines; k++)
				listed |= belongs(&lines[k], t, c, "command") ||
					  belongs(&lines[k], t, c, "alias");
			assert_int_equal(listed, c->kind != CLI_HIDDEN &&
							 strcmp(c->name, "help") != 0);
		}
	}
}

/* Command rows are sorted: a group is found by its members standing together. */
static void check_sorted(void **state)
{
	(void)state;
	for (int i = 0; i < TOOL_COUNT; i++) {
		const struct cli_tool *t = cli_tool((enum tool)i);

		for (size_t j = 1; j < t->ncommands; j++)
			assert_true(strcmp(t->commands[j - 1].name, t->commands[j].name) <
				    0);
	}
}

/* Option names of one command are unique, or a plain one and a family. */
static void check_unique(void **state)
{
	(void)state;
	for (int i = 0; i < TOOL_COUNT; i++) {
		const struct cli_tool *t = cli_tool((enum tool)i);

		for (size_t j = 0; j < t->ncommands; j++) {
			const struct cli_option *a, *b;

			for (size_t k = 0; (a = cli_option_at(&t->commands[j], k)); k++)
				for (size_t l = 0; l < k; l++) {
					b = cli_option_at(&t->commands[j], l);
					assert_true(strcmp(a->name, b->name) != 0 ||
						    !a->count != !b->count);
				}
		}
	}
}

/* Positionals are options of their command, the required ones first and the rest last. */
static void check_positionals(void **state)
{
	(void)state;
	for (int i = 0; i < TOOL_COUNT; i++) {
		const struct cli_tool *t = cli_tool((enum tool)i);

		for (size_t j = 0; j < t->ncommands; j++) {
			const struct cli_command *c = &t->commands[j];

			for (size_t k = 0; c->positionals && c->positionals[k]; k++) {
				const struct cli_option *o =
					cli_option_find(c, c->positionals[k]);

				assert_non_null(o);
				assert_false(o->count);
				if (o->flags & CLI_REST)
					assert_null(c->positionals[k + 1]);
			}
		}
	}
}

/* What a typed name must mean. */
static struct match_case {
	const char *name; /* what must hold, as a sentence */
	const char *tool, *command, *typed;
	const char *want; /* NULL: nothing, "": ambiguous */
	unsigned index;
} matches[] = {
	{ "a whole name is meant", "pct", "create", "memory", "memory" },
	{ "case is ignored", "pct", "create", "MeMoRy", "memory" },
	{ "a unique beginning is enough", "pct", "create", "unpriv", "unprivileged" },
	{ "a beginning of two is ambiguous", "pct", "create", "un", "" },
	{ "a whole name wins over longer ones", "qm", "create", "cpu", "cpu" },
	{ "nothing fits a longer name", "pct", "create", "memoryx", NULL },
	{ "a member of a family is meant by its number", "pct", "set", "net31", "net",
	  31 },
	{ "net1 is whole although net10 is longer", "pct", "set", "net1", "net", 1 },
	{ "a family without number is ambiguous", "pct", "set", "net", "" },
	{ "a number past the family's end is none", "pct", "set", "net32", NULL },
	{ "a leading zero is none", "pct", "set", "net01", NULL },
	{ "a family of one needs no number", "qm", "set", "rng", "rng", 0 },
	{ "a beginning of a family of one is enough", "qm", "set", "tpm", "tpmstate", 0 },
	{ "a plain name wins over a family of that name", "qm", "set", "numa", "numa" },
	{ "a member wins over the plain name", "qm", "set", "NUMA7", "numa", 7 },
	{ "a word in another spelling is none", "pct", "shutdown", "force-stop", NULL },
	{ "capitals in Proxmox's name do not matter", "pct", "shutdown", "forces",
	  "forceStop" },
	{ "an option of the other tool is none", "pct", "create", "args", NULL },
};

static void check_match(void **state)
{
	const struct match_case *t = *state;
	const struct cli_tool *tool = cli_tool((enum tool)cli_tool_find(t->tool));
	struct cli_match m = cli_option_match(find(tool, t->command), slice_of(t->typed));

	if (!t->want) {
		assert_int_equal(m.hits, 0);
	} else if (!*t->want) {
		assert_true(m.hits > 1);
	} else {
		assert_int_equal(m.hits, 1);
		assert_string_equal(m.option->name, t->want);
		assert_int_equal(m.index, t->index);
	}
}

/* How many options a beginning fits: what makes it ambiguous. */
static void check_hits(void **state)
{
	const struct cli_command *set = find(&cli_pct, "set");

	(void)state;
	assert_int_equal(cli_option_match(set, slice_of("net")).hits, 32);
	assert_int_equal(cli_option_match(set, slice_of("ne")).hits, 32);
	assert_int_equal(cli_option_match(set, slice_of("mp")).hits, 256);
	assert_int_equal(cli_option_match(set, slice_of("se")).hits, 1);
}

static void check_words(void **state)
{
	static const char *const words[] = { "rootfs", "mp[0..255]", "net[0..0]", NULL };

	(void)state;
	assert_true(cli_words_hold(words, slice_of("rootfs")));
	assert_true(cli_words_hold(words, slice_of("mp0")));
	assert_true(cli_words_hold(words, slice_of("mp255")));
	assert_true(cli_words_hold(words, slice_of("net0")));
	assert_false(cli_words_hold(words, slice_of("mp256")));
	assert_false(cli_words_hold(words, slice_of("mp")));
	assert_false(cli_words_hold(words, slice_of("mp01")));
	assert_false(cli_words_hold(words, slice_of("net1")));
	assert_false(cli_words_hold(words, slice_of("rootfs0")));
	assert_false(cli_words_hold(words, slice_of("")));
}

static void check_tool_names(void **state)
{
	(void)state;
	assert_int_equal(cli_tool_find("pct"), TOOL_PCT);
	assert_int_equal(cli_tool_find("qm"), TOOL_QM);
	assert_int_equal(cli_tool_find("qmrestore"), TOOL_QMRESTORE);
	assert_int_equal(cli_tool_find("pvesm"), -1);
}

int main(void)
{
	static struct CMUnitTest tests[MAX_ROWS];
	static char names[MAX_ROWS][64];
	size_t n = 0;

	load();
	for (size_t i = 0; i < nlines; i++) {
		if (strcmp(lines[i].col[KIND], "option") == 0)
			continue;
		(void)snprintf(names[n], sizeof(names[n]), "%s %s as Proxmox has it",
			       lines[i].col[TOOL], lines[i].col[COMMAND]);
		tests[n] = (struct CMUnitTest){ .name = names[n],
						.test_func = check_line,
						.initial_state = &lines[i] };
		n++;
	}
	for (size_t i = 0; i < ARRAY_LEN(matches); i++)
		tests[n++] = (struct CMUnitTest){ .name = matches[i].name,
						  .test_func = check_match,
						  .initial_state = &matches[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_no_more);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_sorted);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_unique);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_positionals);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_hits);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_words);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_tool_names);
	return _cmocka_run_group_tests("cli", tests, n, NULL, NULL);
}
