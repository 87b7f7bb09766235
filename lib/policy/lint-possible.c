/* SPDX-License-Identifier: MIT */
/*
 * Whether conditions can hold together. Each fact that they name takes, one after the other,
 * every way in which it can answer the tests of it: by values that stand for all others
 * where it is a boolean, a number or a closed list; by every mixture of answers where it is
 * a text with patterns or a list, of which more mixtures are tried than there are. So an
 * answer "no" is certain. Bounded; what is larger is possible.
 */
#include "base/cleanup.h"
#include "policy/expr-private.h"
#include "policy/lint.h"

enum {
	MAX_TESTS = 24, /* different ones of all terms together */
	MAX_FACTS = 12,
	MAX_STEPS = 256,   /* of all terms together */
	MAX_ANSWERS = 256, /* of one fact */
	MAX_TRIALS = 1 << 16,
};

/* The answers of one fact to all tests: bit i is test i, before its negation. */
struct variable {
	enum fact_id fact;
	unsigned answers[MAX_ANSWERS];
	size_t n;
};

struct search {
	const struct step *tests[MAX_TESTS];
	size_t ntests;
	struct variable variables[MAX_FACTS];
	size_t nvariables;
	const struct event_set *events;
	bool too_much;
};

/* Whether @a and @b give the same answer to whatever the fact is. */
static bool same_test(const struct step *a, const struct step *b)
{
	bool number = fact_rows[a->fact].type == FACT_NUMBER;

	if (a->fact != b->fact || a->every != b->every || a->nliterals != b->nliterals ||
	    (a->relation == RELATION_SET) != (b->relation == RELATION_SET) ||
	    (number && a->relation != b->relation))
		return false;
	for (size_t i = 0; i < a->nliterals; i++) {
		const struct literal *x = &a->literals[i], *y = &b->literals[i];

		if (number ? x->number != y->number
			   : x->shape != y->shape || !slice_same(x->text, y->text))
			return false;
	}
	return true;
}

/* Index of the test @s, added if it is new; -1 when there are too many. */
static int test_index(struct search *s, const struct step *step)
{
	for (size_t i = 0; i < s->ntests; i++)
		if (same_test(s->tests[i], step))
			return (int)i;
	if (s->ntests == MAX_TESTS)
		return -1;
	s->tests[s->ntests] = step;
	return (int)s->ntests++;
}

/* Adds the answers @answers to @v unless they are there. */
static void add_answers(struct search *s, struct variable *v, unsigned answers)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->answers[i] == answers)
			return;
	if (v->n == MAX_ANSWERS)
		s->too_much = true;
	else
		v->answers[v->n++] = answers;
}

/* The answers of the value @f of the fact of @v. */
static unsigned answers_of(const struct search *s, const struct variable *v,
			   struct facts *facts, const struct fact *f)
{
	unsigned answers = 0;

	facts->values[v->fact] = *f;
	for (size_t i = 0; i < s->ntests; i++) {
		struct step step = *s->tests[i];

		step.negate = false;
		if (s->tests[i]->fact == v->fact && step_value(&step, facts) == TRI_TRUE)
			answers |= 1U << i;
	}
	facts->values[v->fact] = (struct fact){ 0 };
	return answers;
}

/* Numbers on both sides of each bound. */
static void add_numbers(struct search *s, struct variable *v, struct facts *facts)
{
	const uint64_t ends[] = { 0, FACT_UNLIMITED };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		add_answers(s, v,
			    answers_of(s, v, facts,
				       &(struct fact){ .state = FACT_STATE_KNOWN,
						       .number = ends[i] }));
	for (size_t i = 0; i < s->ntests; i++) {
		const struct step *t = s->tests[i];

		for (size_t k = 0; t->fact == v->fact && k < t->nliterals * 3; k++) {
			uint64_t n = t->literals[k / 3].number + k % 3;

			if (n)
				add_answers(s, v,
					    answers_of(s, v, facts,
						       &(struct fact){
							       .state = FACT_STATE_KNOWN,
							       .number = n - 1 }));
		}
	}
}

/* Whether the rule is judged where the event is @word, the @i-th. */
static bool may_be(const struct search *s, const struct variable *v, size_t i)
{
	return v->fact != FACT_event || s->events->bits[i / 64] >> (i % 64) & 1;
}

/* Each word of a closed list. */
static void add_words(struct search *s, struct variable *v, struct facts *facts)
{
	const char *const *words = fact_rows[v->fact].words;

	for (size_t i = 0; words[i]; i++)
		if (may_be(s, v, i))
			add_answers(
				s, v,
				answers_of(s, v, facts,
					   &(struct fact){ .state = FACT_STATE_KNOWN,
							   .text = slice_of(words[i]) }));
}

/* Whether all tests of the fact of @v compare whole texts, without holes. */
static bool is_exact(const struct search *s, const struct variable *v)
{
	for (size_t i = 0; i < s->ntests; i++)
		for (size_t k = 0;
		     s->tests[i]->fact == v->fact && k < s->tests[i]->nliterals; k++)
			if (s->tests[i]->literals[k].holes ||
			    s->tests[i]->literals[k].shape != SHAPE_EXACT)
				return false;
	return true;
}

/* Each text that is named, and one that is not. */
static void add_texts(struct search *s, struct variable *v, struct facts *facts)
{
	struct fact f = { .state = FACT_STATE_KNOWN, .text = slice_of("\x01") };

	add_answers(s, v, answers_of(s, v, facts, &f));
	for (size_t i = 0; i < s->ntests; i++)
		for (size_t k = 0;
		     s->tests[i]->fact == v->fact && k < s->tests[i]->nliterals; k++) {
			f.text = s->tests[i]->literals[k].text;
			add_answers(s, v, answers_of(s, v, facts, &f));
		}
}

/* Every mixture of answers, but that what is not set passes no test. */
static void add_mixtures(struct search *s, struct variable *v)
{
	unsigned mine = 0;

	for (size_t i = 0; i < s->ntests; i++)
		if (s->tests[i]->fact == v->fact)
			mine |= 1U << i;
	for (unsigned mixture = mine;; mixture = (mixture - 1) & mine) {
		bool wrong = false;

		for (size_t i = 0; i < s->ntests; i++)
			wrong |= s->tests[i]->fact == v->fact &&
				 s->tests[i]->relation == RELATION_SET && mixture &&
				 !(mixture >> i & 1) && !s->tests[i]->every &&
				 fact_rows[v->fact].type == FACT_TEXT;
		if (!wrong)
			add_answers(s, v, mixture);
		if (!mixture || s->too_much)
			return;
	}
}

/* Finds all ways in which the fact of @v can answer. */
static void fill(struct search *s, struct variable *v)
{
	struct facts facts = { 0 };

	add_answers(s, v, answers_of(s, v, &facts, &(struct fact){ 0 }));
	switch (fact_rows[v->fact].type) {
	case FACT_BOOL:
		for (int flag = 0; flag < 2; flag++)
			add_answers(s, v,
				    answers_of(s, v, &facts,
					       &(struct fact){ .state = FACT_STATE_KNOWN,
							       .flag = flag }));
		return;
	case FACT_NUMBER:
		add_numbers(s, v, &facts);
		return;
	case FACT_ENUM:
		if (v->fact == FACT_event || v->fact == FACT_kind)
			v->n = 0; /* never none */
		add_words(s, v, &facts);
		return;
	case FACT_TEXT:
		if (is_exact(s, v))
			add_texts(s, v, &facts);
		else
			add_mixtures(s, v);
		return;
	case FACT_LIST:
		add_mixtures(s, v);
		return;
	}
}

/* Whether @fact is one of what kind of guest it is. */
static bool is_kind(enum fact_id fact)
{
	return fact == FACT_kind || fact == FACT_ct || fact == FACT_vm;
}

/* Leaves to @v the answers that it can have for a guest of @kind. */
static void restrict_to(struct search *s, struct variable *v, enum guest_kind kind)
{
	const bool ct = kind == GUEST_CT;
	const unsigned kinds = fact_rows[v->fact].kinds;
	struct facts facts = { 0 };
	struct fact f = { 0 };

	if (is_kind(v->fact))
		f = (struct fact){ .state = FACT_STATE_KNOWN,
				   .flag = (v->fact == FACT_ct) == ct,
				   .text = slice_of(ct ? "ct" : "vm") };
	else if (kinds & (unsigned)(ct ? FACT_KINDS_CT : FACT_KINDS_VM))
		return;
	v->n = 0;
	add_answers(s, v, answers_of(s, v, &facts, &f));
}

/* The value of @x where bit i of @answers is test i. */
static bool value_of(struct search *s, const struct expr *x, unsigned answers)
{
	bool stack[EXPR_MAX_VALUES] = { false };
	size_t n = 0;

	for (size_t i = 0; i < x->nsteps; i++) {
		const struct step *step = &x->steps[i];

		switch ((enum step_code)step->code) {
		case STEP_TEST:
			stack[n++] = (answers >> test_index(s, step) & 1) != step->negate;
			break;
		case STEP_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		case STEP_AND:
			n--;
			stack[n - 1] = stack[n - 1] && stack[n];
			break;
		case STEP_OR:
			n--;
			stack[n - 1] = stack[n - 1] || stack[n];
			break;
		}
	}
	return stack[0];
}

/* Whether all terms have the value that they shall have. */
static bool all_hold(struct search *s, const struct lint_term *terms, size_t n,
		     unsigned answers)
{
	for (size_t i = 0; i < n; i++)
		if (value_of(s, terms[i].x, answers) != terms[i].holds)
			return false;
	return true;
}

/* Gathers tests and facts; what is too much is noted. */
static void gather(struct search *s, const struct lint_term *terms, size_t n)
{
	struct fact_set facts = { 0 };
	size_t steps = 0;

	for (size_t i = 0; i < n; i++) {
		steps += terms[i].x->nsteps;
		for (size_t k = 0; k < terms[i].x->nsteps && !s->too_much; k++) {
			const struct step *step = &terms[i].x->steps[k];

			if (step->code != STEP_TEST)
				continue;
			s->too_much = test_index(s, step) < 0;
			fact_set_add(&facts, step->fact);
		}
	}
	s->too_much |= steps > MAX_STEPS;
	for (unsigned id = 0; id < FACT_COUNT && !s->too_much; id++) {
		if (!fact_set_has(&facts, id))
			continue;
		if (s->nvariables == MAX_FACTS)
			s->too_much = true;
		else
			s->variables[s->nvariables++].fact = (enum fact_id)id;
	}
}

/* Tries every combination of answers for a guest of @kind. */
static bool try_kind(const struct search *from, const struct lint_term *terms, size_t n,
		     enum guest_kind kind)
{
	struct search s = *from;
	size_t at[MAX_FACTS] = { 0 }, trials = 1, i = 0;

	for (size_t k = 0; k < s.nvariables; k++) {
		fill(&s, &s.variables[k]);
		restrict_to(&s, &s.variables[k], kind);
		if (!s.variables[k].n)
			return false;
		if (s.too_much || trials > MAX_TRIALS / s.variables[k].n)
			return true;
		trials *= s.variables[k].n;
	}
	while (trials--) {
		unsigned answers = 0;

		for (size_t k = 0; k < s.nvariables; k++)
			answers |= s.variables[k].answers[at[k]];
		if (all_hold(&s, terms, n, answers))
			return true;
		for (i = 0; i < s.nvariables && ++at[i] == s.variables[i].n; i++)
			at[i] = 0;
	}
	return false;
}

bool lint_possible(const struct lint_term *terms, size_t n,
		   const struct event_set *events)
{
	struct search s = { .events = events };

	gather(&s, terms, n);
	return s.too_much || try_kind(&s, terms, n, GUEST_CT) ||
	       try_kind(&s, terms, n, GUEST_VM);
}
