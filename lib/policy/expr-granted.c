/* SPDX-License-Identifier: MIT */
/* Which texts of a list would make a condition true all by themselves. */
#include "policy/expr-private.h"

enum { SAMPLE_MAX = 256 };

/* Length of the "[set]" that @s begins with; 0 when there is none. */
static size_t set_length(struct slice s)
{
	size_t n = 2; /* a ']' that comes first is of the set */

	if (s.len < 3 || s.ptr[0] != '[')
		return 0;
	n += s.ptr[1] == '!';
	while (n < s.len && s.ptr[n] != ']')
		n++;
	return n < s.len ? n + 1 : 0;
}

/* A character for the wildcard that @s begins with, or its first one. */
static char filling(struct slice s, size_t set)
{
	if (set)
		return s.ptr[1] == '!' ? 'x' : s.ptr[1];
	return s.ptr[0] == '*' || s.ptr[0] == '?' ? 'x' : s.ptr[0];
}

/* Writes a text that may pass @l, its wildcards filled. False when too long. */
static bool sample(const struct literal *l, char ret[static SAMPLE_MAX],
		   struct slice *ret_text)
{
	struct slice rest = l->text;
	size_t n = 0;

	while (rest.len) {
		size_t set = l->shape == SHAPE_GLOB ? set_length(rest) : 0;
		size_t step = set ? set : 1;

		if (n == SAMPLE_MAX - 1)
			return false;
		ret[n++] = filling(rest, set);
		rest = (struct slice){ rest.ptr + step, rest.len - step };
	}
	*ret_text = (struct slice){ ret, n };
	return true;
}

/* Whether @x is true where @fact is [@text] alone and every other fact is none. */
static bool is_enough(const struct expr *x, enum fact_id fact, struct slice text)
{
	static const struct facts nothing;
	struct fact_item item = { .text = text };
	struct facts facts = nothing;

	facts.values[fact] =
		(struct fact){ .state = FACT_STATE_KNOWN, .items = &item, .nitems = 1 };
	return expr_eval(x, &facts) == TRI_TRUE;
}

size_t expr_granted(const struct expr *x, enum fact_id fact,
		    struct expr_grant ret[static EXPR_MAX_EVIDENCE])
{
	size_t n = 0;

	for (size_t i = 0; i < x->nsteps; i++) {
		const struct step *s = &x->steps[i];

		if (s->code != STEP_TEST || s->fact != fact || s->negate)
			continue;
		for (size_t k = 0; k < s->nliterals && n < EXPR_MAX_EVIDENCE; k++) {
			const struct literal *l = &s->literals[k];
			char text[SAMPLE_MAX];
			struct slice filled;

			/* With a hole it holds for one guest, which the sample is not. */
			if (!l->holes &&
			    (!sample(l, text, &filled) || !is_enough(x, fact, filled)))
				continue;
			ret[n] = (struct expr_grant){ l->text, l->shape != SHAPE_EXACT };
			ret[n++].text.len += l->shape == SHAPE_PREFIX; /* its '*' */
		}
	}
	return n;
}
