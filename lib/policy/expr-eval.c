/* SPDX-License-Identifier: MIT */
/* The value of a compiled expression: three-valued, pure, a loop over one flat array. */
#include "policy/expr-private.h"

/* `not`: unknown stays unknown. */
static enum tri tri_not(enum tri v)
{
	return (enum tri)(TRI_TRUE - v);
}

/* `and` is the smaller of two values, `or` the greater. */
static enum tri tri_join(enum step_code code, enum tri a, enum tri b)
{
	if (code == STEP_AND)
		return a < b ? a : b;
	return a > b ? a : b;
}

/* Whether @have stands in @relation to one of the numbers of @s. */
static bool number_passes(const struct step *s, uint64_t have)
{
	for (size_t i = 0; i < s->nliterals; i++) {
		uint64_t want = s->literals[i].number;

		if ((s->relation == RELATION_EQUAL && have == want) ||
		    (s->relation == RELATION_LESS && have < want) ||
		    (s->relation == RELATION_AT_MOST && have <= want) ||
		    (s->relation == RELATION_GREATER && have > want) ||
		    (s->relation == RELATION_AT_LEAST && have >= want))
			return true;
	}
	return false;
}

enum tri step_text_value(const struct step *s, struct slice text,
			 const struct facts *facts)
{
	enum tri best = TRI_FALSE;

	for (size_t i = 0; i < s->nliterals && best != TRI_TRUE; i++) {
		enum tri r = literal_match(&s->literals[i], text, facts);

		best = r > best ? r : best;
	}
	return best;
}

/* Whether some element of the list @f, or with `every` all of them, pass @s. */
static enum tri list_passes(const struct step *s, const struct fact *f,
			    const struct facts *facts)
{
	enum tri all = TRI_TRUE, some = TRI_FALSE;

	for (size_t i = 0; i < f->nitems; i++) {
		enum tri r = step_text_value(s, f->items[i].text, facts);

		all = r < all ? r : all;
		some = r > some ? r : some;
		if (s->every ? all == TRI_FALSE : some == TRI_TRUE)
			break;
	}
	return s->every ? all : some;
}

/* The value of the bare fact @f, which is known. */
static bool is_set(enum fact_type type, const struct fact *f)
{
	if (type == FACT_BOOL)
		return f->flag;
	return type != FACT_LIST || f->nitems > 0;
}

/* The value of @s for a fact that is known, before != !~ and `not in`. */
static enum tri test_known(const struct step *s, const struct fact *f,
			   const struct facts *facts)
{
	enum fact_type type = fact_rows[s->fact].type;

	if (s->relation == RELATION_SET)
		return is_set(type, f) ? TRI_TRUE : TRI_FALSE;
	if (type == FACT_NUMBER)
		return number_passes(s, f->number) ? TRI_TRUE : TRI_FALSE;
	if (type == FACT_LIST)
		return list_passes(s, f, facts);
	return step_text_value(s, f->text, facts);
}

enum tri step_value(const struct step *s, const struct facts *facts)
{
	const struct fact *f = facts_get(facts, s->fact);
	enum tri r = TRI_UNKNOWN;

	if (f->state == FACT_STATE_NONE)
		r = s->every ? TRI_TRUE : TRI_FALSE;
	else if (f->state == FACT_STATE_KNOWN)
		r = test_known(s, f, facts);
	return s->negate ? tri_not(r) : r;
}

/*
 * The step to go on from after @i, whose value is @v: behind the `and` or `or` that @v
 * decides alone, and behind the next one that this decides.
 */
static size_t skip(const struct expr *x, size_t i, enum tri v)
{
	unsigned op = x->steps[i].left_of;

	while (op && v == (x->steps[op].code == STEP_AND ? TRI_FALSE : TRI_TRUE)) {
		i = op;
		op = x->steps[i].left_of;
	}
	return i;
}

enum tri expr_eval(const struct expr *x, const struct facts *facts)
{
	enum tri values[EXPR_MAX_VALUES];
	size_t n = 0;

	values[0] = TRI_UNKNOWN;
	for (size_t i = 0; i < x->nsteps; i++) {
		const struct step *s = &x->steps[i];

		if (s->code == STEP_TEST) {
			values[n++] = step_value(s, facts);
		} else if (s->code == STEP_NOT) {
			/* Compiled so that each step finds its values there. */
			/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
			values[n - 1] = tri_not(values[n - 1]);
		} else {
			n--;
			/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
			values[n - 1] = tri_join(s->code, values[n - 1], values[n]);
		}
		if (s->left_of)
			i = skip(x, i, values[n - 1]);
	}
	return values[0];
}
