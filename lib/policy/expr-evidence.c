/* SPDX-License-Identifier: MIT */
/* What made an expression true: the part of it that a person must read. */
#include "policy/expr-private.h"

/* The list that is being made. */
struct evidence {
	const struct facts *facts;
	struct expr_evidence *rows;
	size_t n;
};

/* Adds @item of @fact (NULL: all of it) unless it is there already. */
static void add(struct evidence *ev, enum fact_id fact, const struct fact_item *item)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->rows[i].fact == fact &&
		    (!ev->rows[i].item || ev->rows[i].item == item))
			return;
	if (ev->n < EXPR_MAX_EVIDENCE)
		ev->rows[ev->n++] = (struct expr_evidence){ fact, item };
}

/* Adds the elements that pass @s. */
static void add_items(struct evidence *ev, const struct step *s)
{
	const struct fact *f = facts_get(ev->facts, s->fact);

	for (size_t i = 0; i < f->nitems; i++)
		if (step_text_value(s, f->items[i].text, ev->facts) == TRI_TRUE)
			add(ev, s->fact, &f->items[i]);
}

/* Adds what the test @s says, where it speaks for the whole: true, or false under `not`. */
static void add_test(struct evidence *ev, const struct step *s, bool under_not)
{
	enum tri v = step_value(s, ev->facts);

	if (v != (under_not ? TRI_FALSE : TRI_TRUE) ||
	    facts_get(ev->facts, s->fact)->state != FACT_STATE_KNOWN)
		return;
	if (!under_not && !s->negate && !s->every && s->relation != RELATION_SET &&
	    fact_rows[s->fact].type == FACT_LIST)
		add_items(ev, s);
	else
		add(ev, s->fact, NULL);
}

size_t expr_evidence(const struct expr *x, const struct facts *facts,
		     struct expr_evidence ret[static EXPR_MAX_EVIDENCE])
{
	bool under_not[EXPR_MAX_STEPS] = { false };
	size_t begin[EXPR_MAX_VALUES], n = 0;
	struct evidence ev = { .facts = facts, .rows = ret };

	/* A `not` stands behind the steps that it turns round. */
	for (size_t i = 0; i < x->nsteps; i++) {
		if (x->steps[i].code == STEP_TEST)
			begin[n++] = i;
		else if (x->steps[i].code == STEP_NOT)
			/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
			for (size_t k = begin[n - 1]; k < i; k++)
				under_not[k] = !under_not[k];
		else
			n--;
	}
	for (size_t i = 0; i < x->nsteps; i++)
		if (x->steps[i].code == STEP_TEST)
			add_test(&ev, &x->steps[i], under_not[i]);
	return ev.n;
}
