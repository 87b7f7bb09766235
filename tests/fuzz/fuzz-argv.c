/* SPDX-License-Identifier: MIT */
/*
 * fuzz-argv - lib/pve/argv*.c on words separated by NUL; the first byte chooses the tool.
 *
 * Invariants: a refusal says why; what is read borrows from the words; the canonical form
 * is read as the same command and parameters, and written the same again; a record has
 * as many words as were typed, and none of the secret ones.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "pve/argv.h"

enum { MAX_WORDS = 2048 };

/* Whether @s lies within the words. */
static bool within(const struct argv_words *w, struct slice s)
{
	for (size_t i = 0; i < w->n; i++)
		if (s.ptr >= w->words[i] &&
		    s.ptr + s.len <= w->words[i] + strlen(w->words[i]))
			return true;
	return false;
}

/* Every parameter borrows from the words unless it was made 0, 1 or a joined list. */
static void check_params(const struct argv_command *c)
{
	for (size_t i = 0; i < c->nparams; i++) {
		const struct argv_param *p = &c->params[i];

		assert(p->name && p->option && p->value.ptr);
		assert(p->source == ARGV_FIXED || p->word < c->typed.n);
		assert(argv_find(c, p->name) == p);
		if (p->option->type == CLI_BOOL)
			assert(slice_eq(p->value, "0") || slice_eq(p->value, "1"));
		else if (p->option->type != CLI_LIST && p->value.len)
			assert(within(&c->typed, p->value));
		assert(p->asks || p->value.len <= ARGV_VALUE_MAX);
	}
	for (size_t i = 0; i < c->nextra; i++)
		assert(within(&c->typed, slice_of(c->extra[i])));
}

/* @a and @b are the same command with the same parameters. */
static void check_same(const struct argv_command *a, const struct argv_command *b)
{
	assert(a->command == b->command && a->nparams == b->nparams);
	assert(strcmp(argv_event(a), argv_event(b)) == 0);
	for (size_t i = 0; i < a->nparams; i++) {
		const struct argv_param *p = &a->params[i], *q = argv_find(b, p->name);

		assert(q && q->option == p->option && q->asks == p->asks);
		assert(p->asks || slice_same(p->value, q->value));
	}
	assert(a->nextra == b->nextra);
	for (size_t i = 0; i < a->nextra; i++)
		assert(strcmp(a->extra[i], b->extra[i]) == 0);
	assert(!a->asks == !b->asks);
}

/* A record shows every word but the secret part. */
static void check_masked(const struct argv_words *w, struct arena *a)
{
	const char *const *masked = argv_masked(w, a);

	assert(masked && !masked[w->n]);
	for (size_t i = 0; i < w->n; i++) {
		assert(masked[i]);
		if (w->secret[i] != SIZE_MAX)
			assert(strcmp(masked[i] + strlen(masked[i]) - 3, "***") == 0);
	}
}

/*
 * The canonical form of @c, which was read with @flags, means the same and is its own
 * canonical form. Only a line with options unknown to us may have none.
 */
static void check_canonical(const struct argv_command *c, unsigned flags, struct arena *a)
{
	struct argv_words one, two;
	struct argv_command again;
	struct err e;

	if (argv_canonical(c, "tool", a, &one, &e) < 0) {
		assert(c->nunknown);
		return;
	}
	assert(argv_read(c->tool, (int)one.n - 1, one.words + 1, flags, a, &again, &e) ==
	       0);
	assert(again.nunknown == c->nunknown);
	check_same(c, &again);
	check_masked(&one, a);
	assert(argv_canonical(&again, "tool", a, &two, &e) == 0);
	assert(one.n == two.n);
}

/* Splits @text at NULs into @words; returns how many. */
static int split(char *text, size_t size, const char **words)
{
	int n = 0;

	for (char *at = text; at < text + size && n < MAX_WORDS; at += strlen(at) + 1)
		words[n++] = at;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *words[MAX_WORDS];
	AUTO(arena_done) struct arena a = { 0 };
	AUTO_FREE char *text = malloc(size + 1);
	struct argv_command c;
	struct err e = { 0 };
	unsigned flags;
	enum tool tool;
	int n;

	if (!size || !text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	tool = (enum tool)(data[0] % TOOL_COUNT);
	flags = data[0] & 0x40 ? ARGV_NEWER : 0;
	n = split(text + 1, size - 1, words);
	if (argv_read(tool, n, words, flags, &a, &c, &e)) {
		assert(e.code != ERR_NONE && e.msg[0]);
		assert(argv_stage_name(c.stage));
		check_masked(&c.typed, &a);
		return 0;
	}
	check_params(&c);
	check_masked(&c.typed, &a);
	check_canonical(&c, flags, &a);
	return 0;
}
