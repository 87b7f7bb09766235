/* SPDX-License-Identifier: MIT */
/*
 * The compiler of expressions: an operator stack of fixed size, no recursion. A test is
 * read as one operand; `not`, `and`, `or` and parentheses are ordered by the stack.
 */
#include "policy/expr.h"

#include <stdint.h>
#include <strings.h>

#include "base/cleanup.h"
#include "policy/expr-private.h"
#include "policy/words.h"

enum { TOKEN_SHOWN = 60 }; /* bytes of the text in a message */

/* What waits for its operands; those that bind tighter are greater. */
enum open_kind { OPEN_PAREN, OPEN_OR, OPEN_AND, OPEN_NOT };

struct open {
	enum open_kind kind;
	unsigned col;
};

struct parser {
	struct lexer lexer;
	struct token now; /* the token that is looked at */
	bool after_value; /* the one before it was an unquoted value */
	struct open open[EXPR_MAX_OPEN];
	size_t nopen;
	unsigned depth; /* `not` and '(' among them */
	struct step *steps;
	size_t nsteps;
	struct literal *literals;
	size_t nliterals;
	struct fact_set facts;
};

enum {
	ON_TEXT = 1 << FACT_TEXT | 1 << FACT_ENUM | 1 << FACT_LIST,
	ON_NUMBER = 1 << FACT_NUMBER,
};

/* The tests, by their sign. */
static const struct test_row {
	enum token_kind sign;
	const char *text;     /* as it is written */
	const char *positive; /* what it negates; NULL: nothing */
	enum relation relation;
	unsigned types; /* 1 << enum fact_type */
} test_rows[] = {
	{ TOKEN_EQUAL, "=", NULL, RELATION_EQUAL, ON_TEXT | ON_NUMBER },
	{ TOKEN_UNEQUAL, "!=", "=", RELATION_EQUAL, ON_TEXT | ON_NUMBER },
	{ TOKEN_MATCH, "~", NULL, RELATION_MATCH, ON_TEXT },
	{ TOKEN_MISMATCH, "!~", "~", RELATION_MATCH, ON_TEXT },
	{ TOKEN_LESS, "<", NULL, RELATION_LESS, ON_NUMBER },
	{ TOKEN_AT_MOST, "<=", NULL, RELATION_AT_MOST, ON_NUMBER },
	{ TOKEN_GREATER, ">", NULL, RELATION_GREATER, ON_NUMBER },
	{ TOKEN_AT_LEAST, ">=", NULL, RELATION_AT_LEAST, ON_NUMBER },
	{ TOKEN_IN, "in", NULL, RELATION_EQUAL, ON_TEXT | ON_NUMBER },
	{ TOKEN_NOT, "not in", "in", RELATION_EQUAL, ON_TEXT | ON_NUMBER },
};

/* Raises an error at column @col; returns -1. */
#define fail_at(e, col, code, ...) \
	((void)err_set((e), (code), __VA_ARGS__), err_at((e), 0, (col)))

/* @s cut to what a message has room for. */
static struct slice shown(struct slice s)
{
	return (struct slice){ s.ptr, s.len < TOKEN_SHOWN ? s.len : TOKEN_SHOWN };
}

/* Raises "@what is expected, found …" at the token that is looked at. */
static int fail_expected(const struct parser *p, const char *what, struct err *e)
{
	const struct token *t = &p->now;
	struct slice found = shown(t->source);

	if (t->kind == TOKEN_END)
		return fail_at(e, t->col, ERR_SYNTAX, "%s is expected at the end", what);
	return fail_at(e, t->col, ERR_SYNTAX, "%s is expected, found %.*s", what,
		       SLICE_ARG(found));
}

/* Goes to the next token. */
static int advance(struct parser *p, struct err *e)
{
	p->after_value = false;
	return lexer_next(&p->lexer, &p->now, e);
}

/* The keyword that @t would be in lower case, or NULL. */
static const char *keyword_in_capitals(const struct token *t)
{
	static const char *const words[] = { "and", "or", "not", "every", "in" };

	for (size_t i = 0; t->kind == TOKEN_WORD && i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == t->text.len &&
		    strncasecmp(words[i], t->text.ptr, t->text.len) == 0)
			return words[i];
	return NULL;
}

/* Raises the error for a token that is no known fact. */
static int refuse_fact(const struct parser *p, struct err *e)
{
	AUTO(buf_done) struct buf hint = { 0 };
	const struct token *t = &p->now;
	const char *names[FACT_COUNT];
	struct slice name = shown(t->text);

	if (keyword_in_capitals(t))
		return fail_at(e, t->col, ERR_SYNTAX, "write '%s' in lower case",
			       keyword_in_capitals(t));
	if (t->kind != TOKEN_WORD)
		return fail_expected(p, "a fact", e);
	for (size_t i = 0; i < FACT_COUNT; i++)
		names[i] = fact_rows[i].name;
	words_suggest(t->text, names, FACT_COUNT, &hint);
	return fail_at(e, t->col, ERR_UNKNOWN, "unknown fact '%.*s'%s", SLICE_ARG(name),
		       buf_text(&hint));
}

/* Takes the token that is looked at as a fact. */
static int read_fact(struct parser *p, unsigned short *ret, struct err *e)
{
	int fact = p->now.kind == TOKEN_WORD ? fact_find(p->now.text) : -1;

	if (fact < 0)
		return refuse_fact(p, e);
	fact_set_add(&p->facts, (enum fact_id)fact);
	*ret = (unsigned short)fact;
	return 0;
}

/* Reads the value that is looked at, of a test of @s. */
static int parse_value(struct parser *p, struct step *s, struct err *e)
{
	const struct token *t = &p->now;
	bool plain;

	if (t->kind == TOKEN_AND || t->kind == TOKEN_OR || t->kind == TOKEN_NOT ||
	    t->kind == TOKEN_EVERY || t->kind == TOKEN_IN)
		return fail_at(
			e, t->col, ERR_SYNTAX,
			"a value is expected, found the keyword %.*s; as a value it "
			"is quoted: '%.*s'",
			SLICE_ARG(t->text), SLICE_ARG(t->text));
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_QUOTED)
		return fail_expected(p, "a value", e);
	if (literal_read(s->fact, s->relation, t, &p->literals[p->nliterals], &p->facts,
			 e) < 0)
		return -1;
	p->nliterals++;
	s->nliterals++;
	plain = t->kind == TOKEN_WORD;
	if (advance(p, e) < 0)
		return -1;
	p->after_value = plain;
	return 0;
}

/* Reads "(" value { "," value } ")". */
static int parse_values(struct parser *p, struct step *s, struct err *e)
{
	if (p->now.kind != TOKEN_OPEN)
		return fail_expected(p, "'(' and a list of values", e);
	do {
		if (advance(p, e) < 0 || parse_value(p, s, e) < 0)
			return -1;
	} while (p->now.kind == TOKEN_COMMA);
	if (p->now.kind != TOKEN_CLOSE)
		return fail_expected(p, "',' or ')'", e);
	return advance(p, e);
}

/* The row of the sign that is looked at, or NULL. */
static const struct test_row *find_test(enum token_kind sign)
{
	for (size_t i = 0; i < ARRAY_LEN(test_rows); i++)
		if (test_rows[i].sign == sign)
			return &test_rows[i];
	return NULL;
}

/* Raises the error for a test that does not fit the type of @fact, at column @col. */
static int refuse_type(const struct test_row *row, const struct fact_row *fact,
		       unsigned col, struct err *e)
{
	if (fact->type == FACT_BOOL)
		return fail_at(e, col, ERR_TYPE,
			       "%s is true or false: write '%s' or 'not %s'", fact->name,
			       fact->name, fact->name);
	if (fact->type == FACT_NUMBER)
		return fail_at(
			e, col, ERR_TYPE,
			"'%s' compares texts, and %s is a number: there are = != < "
			"<= > >= in",
			row->text, fact->name);
	return fail_at(e, col, ERR_TYPE,
		       "'%s' compares numbers, and %s is %s: there are = != ~ !~ in",
		       row->text, fact->name,
		       fact->type == FACT_LIST ? "a list of texts" : "a text");
}

/* The source text from @begin to the token that is looked at. */
static struct slice text_from(const struct parser *p, const char *begin)
{
	const char *end = p->lexer.text.ptr + p->now.col - 1;

	return slice_trim((struct slice){ begin, (size_t)(end - begin) });
}

/* Raises the error for `every` at column @col with a negated test of @given. */
static int refuse_every(const struct test_row *row, const char *fact, struct slice given,
			unsigned col, struct err *e)
{
	given = shown(given);
	return fail_at(
		e, col, ERR_SYNTAX,
		"'every' with '%s' can be read in two ways: write '%s %s %.*s' (none "
		"does) or 'not every %s %s %.*s' (not all do)",
		row->text, fact, row->text, SLICE_ARG(given), fact, row->positive,
		SLICE_ARG(given));
}

/* Reads sign and values of a test into @s; `every`, if given, stands at @col. */
static int parse_sign(struct parser *p, const struct test_row *row, struct step *s,
		      unsigned col, struct err *e)
{
	const struct fact_row *fact = &fact_rows[s->fact];
	bool several = row->sign == TOKEN_IN || row->sign == TOKEN_NOT;
	const char *begin;

	if (!(row->types & 1U << fact->type))
		return refuse_type(row, fact, p->now.col, e);
	if (advance(p, e) < 0)
		return -1;
	if (row->sign == TOKEN_NOT && p->now.kind != TOKEN_IN)
		return fail_expected(p, "'in' after 'not'", e);
	if (row->sign == TOKEN_NOT && advance(p, e) < 0)
		return -1;
	s->relation = (unsigned char)row->relation;
	s->negate = row->positive;
	s->literals = &p->literals[p->nliterals];
	begin = p->lexer.text.ptr + p->now.col - 1;
	if ((several ? parse_values : parse_value)(p, s, e) < 0)
		return -1;
	if (s->every && s->negate)
		return refuse_every(row, fact->name, text_from(p, begin), col, e);
	return 0;
}

/* Checks a fact at @col that stands without a test. */
static int check_bare(const struct parser *p, const struct step *s, unsigned col,
		      struct err *e)
{
	const struct fact_row *fact = &fact_rows[s->fact];

	if (s->every)
		return fail_expected(p, "a test of every element", e);
	if (fact->type == FACT_NUMBER)
		return fail_at(e, col, ERR_TYPE,
			       "%s is a number and needs a test, as in '%s > 0'",
			       fact->name, fact->name);
	return 0;
}

/* The row of the test that follows a fact of @type, or NULL when it stands alone. */
static const struct test_row *test_after(const struct parser *p, enum fact_type type)
{
	if (p->now.kind == TOKEN_NOT && type == FACT_BOOL)
		return NULL; /* "ct not vm": an `and` is missing, not an `in` */
	return find_test(p->now.kind);
}

/* Reads [ "every" ] FACT [ test ] and adds its step. */
static int parse_test(struct parser *p, struct err *e)
{
	struct step s = { .code = STEP_TEST, .every = p->now.kind == TOKEN_EVERY };
	unsigned every_col = p->now.col, fact_col;
	const struct fact_row *fact;
	const struct test_row *row;

	if (s.every && advance(p, e) < 0)
		return -1;
	if (read_fact(p, &s.fact, e) < 0)
		return -1;
	fact = &fact_rows[s.fact];
	if (s.every && fact->type != FACT_LIST)
		return fail_at(e, every_col, ERR_TYPE,
			       "'every' is for lists, and %s is none", fact->name);
	fact_col = p->now.col;
	if (advance(p, e) < 0)
		return -1;
	row = test_after(p, fact->type);
	if ((row ? parse_sign(p, row, &s, every_col, e)
		 : check_bare(p, &s, fact_col, e)) < 0)
		return -1;
	p->steps[p->nsteps++] = s;
	return 0;
}

/* Adds a step that works on values. */
static void add_step(struct parser *p, enum step_code code)
{
	p->steps[p->nsteps++] = (struct step){ .code = (unsigned char)code };
}

/* Closes all that waits and binds at least as tight as @kind. */
static void reduce(struct parser *p, enum open_kind kind)
{
	static const enum step_code codes[] = {
		[OPEN_OR] = STEP_OR, [OPEN_AND] = STEP_AND, [OPEN_NOT] = STEP_NOT
	};

	while (p->nopen && p->open[p->nopen - 1].kind >= kind) {
		enum open_kind top = p->open[--p->nopen].kind;

		add_step(p, codes[top]);
		p->depth -= top == OPEN_NOT;
	}
}

/* Opens @kind, a nesting one or `and` or `or`, and goes on to the next token. */
static int push(struct parser *p, enum open_kind kind, struct err *e)
{
	bool nests = kind == OPEN_PAREN || kind == OPEN_NOT;

	if (nests && p->depth == EXPR_MAX_DEPTH)
		return fail_at(e, p->now.col, ERR_RANGE,
			       "nested too deep: at most %d levels of 'not' and '('",
			       EXPR_MAX_DEPTH);
	p->depth += nests;
	p->open[p->nopen++] = (struct open){ kind, p->now.col };
	return advance(p, e);
}

/* Reads `not`s and '('s, then a test. */
static int parse_operand(struct parser *p, struct err *e)
{
	while (p->now.kind == TOKEN_NOT || p->now.kind == TOKEN_OPEN)
		if (push(p, p->now.kind == TOKEN_NOT ? OPEN_NOT : OPEN_PAREN, e) < 0)
			return -1;
	if (parse_test(p, e) < 0)
		return -1;
	reduce(p, OPEN_NOT);
	return 0;
}

/* Reads the ')'s after an operand. */
static int parse_closes(struct parser *p, struct err *e)
{
	while (p->now.kind == TOKEN_CLOSE) {
		reduce(p, OPEN_OR);
		if (!p->nopen)
			return fail_at(e, p->now.col, ERR_SYNTAX, "this ')' has no '('");
		p->nopen--;
		p->depth--;
		reduce(p, OPEN_NOT);
		if (advance(p, e) < 0)
			return -1;
	}
	return 0;
}

/* Raises the error for what follows an operand and does not join it to another. */
static int refuse_join(const struct parser *p, struct err *e)
{
	const struct token *t = &p->now;
	const char *keyword = keyword_in_capitals(t);

	if (keyword)
		return fail_at(e, t->col, ERR_SYNTAX, "write '%s' in lower case",
			       keyword);
	if (t->kind != TOKEN_NOT && find_test(t->kind))
		return fail_at(e, t->col, ERR_SYNTAX,
			       "tests do not chain: join two of them with 'and' or 'or'");
	if (t->kind == TOKEN_WORD && p->after_value)
		return fail_expected(
			p, "'and', 'or' or the end (a value with blanks is quoted)", e);
	return fail_expected(p, "'and', 'or' or the end", e);
}

/* Reads operands and what joins them, up to the end. */
static int parse_all(struct parser *p, struct err *e)
{
	if (advance(p, e) < 0)
		return -1;
	for (;;) {
		enum open_kind kind;

		if (parse_operand(p, e) < 0 || parse_closes(p, e) < 0)
			return -1;
		if (p->now.kind == TOKEN_END)
			break;
		if (p->now.kind != TOKEN_AND && p->now.kind != TOKEN_OR)
			return refuse_join(p, e);
		kind = p->now.kind == TOKEN_AND ? OPEN_AND : OPEN_OR;
		reduce(p, kind);
		if (push(p, kind, e) < 0)
			return -1;
	}
	reduce(p, OPEN_OR);
	if (p->nopen)
		return fail_at(e, p->open[p->nopen - 1].col, ERR_SYNTAX,
			       "this '(' is never closed");
	return 0;
}

/* Number of tokens of @text up to its end or to what is none. */
static size_t count_tokens(struct slice text)
{
	struct lexer l = { .text = text };
	struct token t;
	struct err e;

	while (lexer_next(&l, &t, &e) == 0 && t.kind != TOKEN_END)
		;
	return l.ntokens;
}

/* Tells the last step of each left side which `and` or `or` it is the left side of. */
static void link_steps(struct step *steps, size_t n)
{
	unsigned short ends[EXPR_MAX_VALUES];
	size_t open = 0;

	for (size_t i = 0; i < n; i++) {
		steps[i].left_of = 0;
		if (steps[i].code == STEP_TEST)
			open++;
		/* Two operands stand before each, and each has its end. */
		if (steps[i].code == STEP_AND || steps[i].code == STEP_OR)
			/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.ArraySubscript) */
			steps[ends[--open - 1]].left_of = (unsigned short)i;
		ends[open - 1] = (unsigned short)i;
	}
}

int expr_compile(struct slice text, struct arena *a, const struct expr **ret,
		 struct err *e)
{
	struct parser p = { .lexer.text = text };
	struct expr *x = arena_alloc(a, sizeof(*x));
	size_t n;

	if (text.len > EXPR_MAX_BYTES)
		return fail_at(e, EXPR_MAX_BYTES + 1, ERR_RANGE,
			       "an expression has at most %d bytes", EXPR_MAX_BYTES);
	n = count_tokens(text);
	p.steps = arena_array(a, n, sizeof(*p.steps));
	p.literals = arena_array(a, n, sizeof(*p.literals));
	if (!x || !p.steps || !p.literals)
		return err_nomem(e);
	if (parse_all(&p, e) < 0)
		return -1;
	link_steps(p.steps, p.nsteps);
	*x = (struct expr){ text, p.facts, p.steps, p.nsteps };
	*ret = x;
	return 0;
}

const struct expr *expr_and(const struct expr *x, enum fact_id fact, struct arena *a)
{
	struct expr *ret = arena_alloc(a, sizeof(*ret));
	struct step *steps = arena_array(a, x->nsteps + 2, sizeof(*steps));
	const char *text = arena_printf(a, "%s and (%.*s)", fact_rows[fact].name,
					SLICE_ARG(x->text));

	if (!ret || !steps || !text)
		return NULL;
	steps[0] = (struct step){ .code = STEP_TEST,
				  .relation = RELATION_SET,
				  .fact = (unsigned short)fact };
	memcpy(steps + 1, x->steps, x->nsteps * sizeof(*steps));
	steps[x->nsteps + 1] = (struct step){ .code = STEP_AND };
	link_steps(steps, x->nsteps + 2);
	*ret = (struct expr){ slice_of(text), x->facts, steps, x->nsteps + 2 };
	fact_set_add(&ret->facts, fact);
	return ret;
}

/* Column of @l in the text of @x that it was compiled from. */
static unsigned column_of(const struct expr *x, const struct literal *l)
{
	size_t at = (size_t)(l->text.ptr - x->text.ptr);

	return (unsigned)at + !(at && l->text.ptr[-1] == '\'');
}

int expr_check_words(const struct expr *x, enum fact_id fact, const char *const *words,
		     struct err *e)
{
	for (size_t i = 0; i < x->nsteps; i++) {
		const struct step *s = &x->steps[i];

		if (s->code != STEP_TEST || s->fact != fact)
			continue;
		for (size_t k = 0; k < s->nliterals; k++)
			if (literal_check(&fact_rows[fact], words, &s->literals[k], e) <
			    0)
				return err_at(e, 0, column_of(x, &s->literals[k]));
	}
	return 0;
}

void expr_facts(const struct expr *x, struct fact_set *set)
{
	for (size_t i = 0; i < ARRAY_LEN(set->bits); i++)
		set->bits[i] |= x->facts.bits[i];
}

struct slice expr_text(const struct expr *x)
{
	return x->text;
}
