/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic is compiled to reverse Polish notation with a stack of fixed size, so that no
 * input makes anything recurse; the notation is then evaluated with another one.
 */
#include "settings/value.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "settings/placeholder.h"

/* One step of the notation: .sign is '#' for a number, '$' for a placeholder. */
struct op {
	char sign; /* # $ + - * / */
	uint64_t number;
	struct placeholder name;
};

/* A text as it stands, or a placeholder. */
struct part {
	struct slice text; /* as written, with the braces */
	struct op *ops;    /* NULL: .text stands for itself */
	size_t nops;
};

struct value {
	struct slice text;
	struct part *parts;
	size_t nparts;
};

/* A placeholder being compiled. */
struct compiler {
	struct slice text; /* of the whole value */
	size_t at, end;    /* where reading is; where the braces close */
	struct op *ops;
	size_t nops;
	struct {
		char sign;
		size_t at;
	} signs[VALUE_MAX_OPS]; /* those that wait for their right side */
	size_t nsigns;
	unsigned depth;
	struct err *e;
};

/* Fails at byte @at of the value. */
#define FAIL_AT(c, at, ...) \
	(err_set((c)->e, __VA_ARGS__), err_at((c)->e, 1, (unsigned)(at) + 1))

/* How tightly a sign binds. */
static int binding(char sign)
{
	return sign == '*' || sign == '/' ? 2 : sign == '(' ? 0 : 1;
}

/* Adds a step; there are never more of them than bytes, nor than VALUE_MAX_OPS. */
static int add_op(struct compiler *c, size_t at, struct op op)
{
	if (c->nops == VALUE_MAX_OPS)
		return FAIL_AT(c, at, ERR_RANGE,
			       "a placeholder has at most %d numbers, names and signs",
			       VALUE_MAX_OPS);
	c->ops[c->nops++] = op;
	return 0;
}

/* Adds the signs that wait and bind at least as tightly as @least. */
static int settle(struct compiler *c, int least)
{
	while (c->nsigns && binding(c->signs[c->nsigns - 1].sign) >= least) {
		size_t i = --c->nsigns;

		if (add_op(c, c->signs[i].at, (struct op){ .sign = c->signs[i].sign }) <
		    0)
			return -1;
	}
	return 0;
}

/* Lets @sign, at byte @at, wait. */
static int push(struct compiler *c, char sign, size_t at)
{
	if (c->nsigns == VALUE_MAX_OPS)
		return FAIL_AT(c, at, ERR_RANGE,
			       "a placeholder has at most %d numbers, names and signs",
			       VALUE_MAX_OPS);
	c->signs[c->nsigns].sign = sign;
	c->signs[c->nsigns++].at = at;
	return 0;
}

/* Whether @c may stand in a name or number. */
static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The word at c->at, which is moved behind it. */
static struct slice take_word(struct compiler *c)
{
	size_t begin = c->at;

	while (c->at < c->end && is_word_byte(c->text.ptr[c->at]))
		c->at++;
	return (struct slice){ c->text.ptr + begin, c->at - begin };
}

/* Reads a number or name. */
static int read_word(struct compiler *c)
{
	AUTO(buf_done) struct buf hint = { 0 };
	size_t begin = c->at;
	struct slice word = take_word(c);
	struct op op = { .sign = '$' };

	if (!word.len)
		return FAIL_AT(c, begin, ERR_SYNTAX, "a name or number is expected%s",
			       begin == c->end ? " before '}'" : " here");
	if (*word.ptr >= '0' && *word.ptr <= '9') {
		op.sign = '#';
		if (!num_parse(word, 0, UINT64_MAX, &op.number))
			return FAIL_AT(c, begin, ERR_RANGE,
				       "'%.*s' is no decimal number of at most 64 bits",
				       SLICE_SHOWN(word));
	} else if (!placeholder_find(word, &op.name, &hint)) {
		return FAIL_AT(c, begin, ERR_UNKNOWN, "unknown placeholder '%.*s'%s",
			       SLICE_SHOWN(word), buf_text(&hint));
	}
	return add_op(c, begin, op);
}

/* Moves over blanks. */
static void skip_blanks(struct compiler *c)
{
	while (c->at < c->end && c->text.ptr[c->at] == ' ')
		c->at++;
}

/* Reads what stands before a sign: "(" as often as it stands there, and a word. */
static int read_operand(struct compiler *c)
{
	for (skip_blanks(c); c->at < c->end && c->text.ptr[c->at] == '(';
	     skip_blanks(c)) {
		if (c->depth++ == VALUE_MAX_DEPTH)
			return FAIL_AT(c, c->at, ERR_RANGE,
				       "parentheses go at most %d deep", VALUE_MAX_DEPTH);
		if (push(c, '(', c->at) < 0)
			return -1;
		c->at++;
	}
	return read_word(c);
}

/* Reads the ")" that stand behind an operand. */
static int read_closing(struct compiler *c)
{
	for (skip_blanks(c); c->at < c->end && c->text.ptr[c->at] == ')';
	     skip_blanks(c)) {
		if (!c->depth)
			return FAIL_AT(c, c->at, ERR_SYNTAX, "this ')' closes nothing");
		if (settle(c, 1) < 0)
			return -1;
		c->nsigns--;
		c->depth--;
		c->at++;
	}
	return 0;
}

/* Reads the sign behind an operand; what else stands there is refused. */
static int read_sign(struct compiler *c)
{
	char sign = c->text.ptr[c->at];

	if (!memchr("+-*/", sign, 4))
		return FAIL_AT(c, c->at, ERR_SYNTAX,
			       "one of + - * / or '}' is expected here");
	if (settle(c, binding(sign)) < 0)
		return -1;
	return push(c, sign, c->at++);
}

/* Refuses a name of a text that is not alone in its braces. */
static int check_types(struct compiler *c, size_t begin)
{
	for (size_t i = 0; c->nops > 1 && i < c->nops; i++)
		if (c->ops[i].sign == '$' && !placeholder_is_number(&c->ops[i].name))
			return FAIL_AT(
				c, begin, ERR_TYPE,
				"'{%.*s}' reckons with a text: only numbers can be "
				"added, multiplied and divided",
				SLICE_SHOWN(((struct slice){ c->text.ptr + begin,
							     c->end - begin })));
	return 0;
}

/* Compiles the placeholder from c->at up to c->end. */
static int read_sum(struct compiler *c)
{
	size_t begin = c->at;

	for (;;) {
		if (read_operand(c) < 0 || read_closing(c) < 0)
			return -1;
		if (c->at == c->end)
			break;
		if (read_sign(c) < 0)
			return -1;
	}
	if (c->depth)
		return FAIL_AT(c, c->end, ERR_SYNTAX, "a ')' is missing before '}'");
	return settle(c, 1) < 0 ? -1 : check_types(c, begin);
}

/* Compiles the placeholder whose "{" is at @at; where it ends to *@ret_end. */
static int read_placeholder(struct slice text, size_t at, struct arena *a,
			    struct part *ret, size_t *ret_end, struct err *e)
{
	const char *close = memchr(text.ptr + at, '}', text.len - at);
	struct op ops[VALUE_MAX_OPS];
	struct compiler c = { .text = text, .at = at + 1, .ops = ops, .e = e };

	if (!close)
		return FAIL_AT(&c, at, ERR_SYNTAX, "this '{' is never closed");
	c.end = (size_t)(close - text.ptr);
	if (read_sum(&c) < 0)
		return -1;
	*ret_end = c.end + 1;
	ret->text = (struct slice){ text.ptr + at, c.end + 1 - at };
	ret->ops = arena_array(a, c.nops, sizeof(*ret->ops));
	if (!ret->ops)
		return err_nomem(e);
	memcpy(ret->ops, ops, c.nops * sizeof(*ops));
	ret->nops = c.nops;
	return 0;
}

/* Reads the part at *@at, which is moved behind it. */
static int read_part(struct slice text, size_t *at, struct arena *a, struct part *ret,
		     struct err *e)
{
	size_t begin = *at;

	*ret = (struct part){ 0 };
	if (text.ptr[begin] == '{')
		return read_placeholder(text, begin, a, ret, at, e);
	while (*at < text.len && text.ptr[*at] != '{' && text.ptr[*at] != '}')
		++*at;
	ret->text = (struct slice){ text.ptr + begin, *at - begin };
	if (*at > begin)
		return 0;
	(void)err_set(e, ERR_SYNTAX, "this '}' closes nothing");
	return err_at(e, 1, (unsigned)begin + 1);
}

int value_compile(struct slice text, struct arena *a, const struct value **ret,
		  struct err *e)
{
	struct part parts[VALUE_MAX_PARTS];
	struct value *v;
	size_t n = 0;

	if (text.len > VALUE_MAX_BYTES)
		return err_set(e, ERR_RANGE, "a value has at most %d bytes",
			       VALUE_MAX_BYTES);
	for (size_t at = 0; at < text.len; n++) {
		if (n == VALUE_MAX_PARTS)
			return err_set(e, ERR_RANGE,
				       "a value has at most %d texts and placeholders",
				       VALUE_MAX_PARTS);
		if (read_part(text, &at, a, &parts[n], e) < 0)
			return -1;
	}
	v = arena_alloc(a, sizeof(*v));
	if (!v)
		return err_nomem(e);
	*v = (struct value){ text, arena_array(a, n + 1, sizeof(*parts)), n };
	if (!v->parts)
		return err_nomem(e);
	memcpy(v->parts, parts, n * sizeof(*parts));
	*ret = v;
	return 0;
}

struct slice value_text_of(const struct value *v)
{
	return v->text;
}

bool value_is_plain(const struct value *v)
{
	for (size_t i = 0; i < v->nparts; i++)
		if (v->parts[i].ops)
			return false;
	return true;
}

void value_facts(const struct value *v, struct fact_set *set)
{
	for (size_t i = 0; i < v->nparts; i++)
		for (size_t k = 0; k < v->parts[i].nops; k++)
			if (v->parts[i].ops[k].sign == '$')
				placeholder_facts(&v->parts[i].ops[k].name, set);
}

/* Reckons @x @sign @y; NULL, or why it cannot be. */
static const char *reckon(char sign, uint64_t x, uint64_t y, uint64_t *ret)
{
	switch (sign) {
	case '+':
		return __builtin_add_overflow(x, y, ret) ? "is over 64 bits" : NULL;
	case '-':
		return __builtin_sub_overflow(x, y, ret) ? "is less than 0" : NULL;
	case '*':
		return __builtin_mul_overflow(x, y, ret) ? "is over 64 bits" : NULL;
	default:
		break;
	}
	if (!y)
		return "divides by zero";
	*ret = x / y;
	return NULL;
}

/* What @part stands for in @w, as placeholder_get(). */
static struct placeholder_value evaluate(const struct part *part,
					 const struct value_world *w, struct arena *a)
{
	struct placeholder_value stack[VALUE_MAX_OPS] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < part->nops; i++) {
		const struct op *op = &part->ops[i];
		const char *bad;

		if (op->sign == '#') {
			stack[n++] = (struct placeholder_value){ .number = op->number };
			continue;
		}
		if (op->sign == '$') {
			stack[n] = placeholder_get(&op->name, w, a);
			if (stack[n++].state != VALUE_KNOWN)
				return stack[n - 1];
			continue;
		}
		n--;
		bad = reckon(op->sign, stack[n - 1].number, stack[n].number,
			     &stack[n - 1].number);
		if (bad)
			return (struct placeholder_value){
				.state = VALUE_FAILED,
				.why = arena_printf(a, "%.*s %s", SLICE_ARG(part->text),
						    bad),
			};
	}
	return stack[0];
}

/* Appends @text, that of a placeholder. */
static void put_text(struct slice text, const struct value_world *w, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		buf_putc(out, w->dotted && text.ptr[i] == '.' ? '/' : text.ptr[i]);
}

/* Appends what @part stands for to @out; else what is missing to *@ret_why. */
static enum value_state render_part(const struct part *part, const struct value_world *w,
				    struct arena *a, struct buf *out,
				    const char **ret_why)
{
	struct placeholder_value v;

	if (!part->ops) {
		buf_slice(out, part->text);
		return VALUE_KNOWN;
	}
	v = evaluate(part, w, a);
	if (v.state != VALUE_KNOWN)
		*ret_why = v.why ? v.why : "out of memory";
	else if (v.text.ptr)
		put_text(v.text, w, out);
	else
		buf_printf(out, "%" PRIu64, v.number);
	return v.state;
}

enum value_state value_render(const struct value *v, const struct value_world *w,
			      struct arena *a, struct slice *ret, const char **ret_why)
{
	AUTO(buf_done) struct buf out = { 0 };
	enum value_state state = VALUE_KNOWN;
	const char *text;

	*ret = v->text;
	for (size_t i = 0; i < v->nparts; i++) {
		enum value_state one = render_part(&v->parts[i], w, a, &out, ret_why);

		if (one == VALUE_FAILED)
			return one;
		state = one == VALUE_LATER ? one : state;
	}
	if (state != VALUE_KNOWN)
		return state;
	text = buf_failed(&out) ? NULL : arena_strdup(a, buf_as_slice(&out));
	if (!text) {
		*ret_why = "out of memory";
		return VALUE_FAILED;
	}
	*ret = (struct slice){ text, out.len };
	return VALUE_KNOWN;
}
