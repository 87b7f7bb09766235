/* SPDX-License-Identifier: MIT */
/*
 * Fuzz lib/policy/expr*.c. The first eight bytes choose facts, the rest is the expression.
 *
 * An error points into the text; an expression read twice is the same one; `not (x)` is
 * the opposite of x; where every fact is unknown the value is unknown, and where none is,
 * it is not; patterns match as fnmatch(3) does.
 */
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "policy/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const words[] = { "",     "web",  "web01", "just-chg-1",  "/srv/a",
				     "/etc", "user", "start", "disk import", "*",
				     "[a]" };

/* Ends the run unless @ok. */
static void must(int ok)
{
	if (!ok)
		abort();
}

/* The next pseudo-random number. */
static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Fills every fact: state @state, or any when it is negative. */
static void fill(struct facts *f, struct fact_item items[3], int state, uint64_t seed)
{
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		struct fact *v = &f->values[i];

		v->state =
			(enum fact_state)(state < 0 ? next(&seed) % 3 : (uint64_t)state);
		v->flag = next(&seed) & 1;
		v->number = next(&seed) % 5 ? next(&seed) % 2048 : FACT_UNLIMITED;
		v->text = slice_of(words[next(&seed) % ARRAY_LEN(words)]);
		v->items = items;
		v->nitems = next(&seed) % 4;
	}
	for (size_t i = 0; i < 3; i++)
		items[i].text = slice_of(words[next(&seed) % ARRAY_LEN(words)]);
}

/* What must hold for an expression that was read. */
static void check_values(const struct expr *x, struct slice text, uint64_t seed)
{
	static struct facts facts;
	struct arena a = { 0 };
	const struct expr *again = NULL, *opposite = NULL;
	struct fact_item items[3];
	struct err e;
	char *negated = NULL;
	int n;

	must(expr_compile(text, &a, &again, &e) == 0);
	n = asprintf(&negated, "not (%.*s)", SLICE_ARG(text));
	must(n > 0);
	if (expr_compile((struct slice){ negated, (size_t)n }, &a, &opposite, &e) < 0)
		must(e.code == ERR_RANGE); /* one level, or some bytes, too many */
	for (int round = -4; round < FACT_STATE_UNKNOWN + 1; round++) {
		enum tri v;

		fill(&facts, items, round, seed + (uint64_t)(round + 4));
		v = expr_eval(x, &facts);
		must(v == TRI_FALSE || v == TRI_UNKNOWN || v == TRI_TRUE);
		must(expr_eval(again, &facts) == v);
		must(!opposite || expr_eval(opposite, &facts) + v == TRI_TRUE);
		must(round != FACT_STATE_UNKNOWN || v == TRI_UNKNOWN);
		must((round != FACT_STATE_NONE && round != FACT_STATE_KNOWN) ||
		     v != TRI_UNKNOWN);
	}
	free(negated);
	arena_done(&a);
}

/* The input as a pattern: it matches what fnmatch(3) matches. */
static void check_pattern(struct slice pattern)
{
	static struct facts facts;
	struct arena a = { 0 };
	const struct expr *x = NULL;
	char *text = NULL, *plain = NULL;
	struct err e;
	int n;

	if (memchr(pattern.ptr, '{', pattern.len) || memchr(pattern.ptr, 0, pattern.len))
		return;
	n = asprintf(&text, "name ~ '%.*s'", SLICE_ARG(pattern));
	must(n > 0 && asprintf(&plain, "%.*s", SLICE_ARG(pattern)) >= 0);
	if (expr_compile((struct slice){ text, (size_t)n }, &a, &x, &e) == 0)
		for (size_t i = 0; i < ARRAY_LEN(words); i++) {
			int want = fnmatch(plain, words[i], FNM_NOESCAPE) == 0;

			if (strchr(plain, '\''))
				break; /* not the whole input is the pattern */
			facts.values[FACT_name] =
				(struct fact){ .state = FACT_STATE_KNOWN,
					       .text = slice_of(words[i]) };
			must((expr_eval(x, &facts) == TRI_TRUE) == want);
		}
	free(text);
	free(plain);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text;
	struct arena a = { 0 };
	const struct expr *x = NULL;
	struct err e = { 0 };
	uint64_t seed;

	if (len < 8)
		return 0;
	text = (struct slice){ (const char *)data + 8, len - 8 };
	memcpy(&seed, data, sizeof(seed));
	if (expr_compile(text, &a, &x, &e) < 0) {
		must(e.code != ERR_NONE && e.col >= 1 && e.col <= text.len + 1);
		must(e.msg[0] && !x);
	} else {
		check_values(x, text, seed | 1);
	}
	check_pattern(text);
	arena_done(&a);
	return 0;
}
