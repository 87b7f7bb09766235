/* SPDX-License-Identifier: MIT */
#include "policy/expr-lex.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "policy/expr.h"

/* Signs, frequent ones first; a longer one stands before one that it begins with. */
static const struct sign {
	const char *text;
	size_t len;
	enum token_kind kind;
	const char *instead; /* not NULL: a sign of other languages, and ours */
} signs[] = {
	{ "(", 1, TOKEN_OPEN },       { ")", 1, TOKEN_CLOSE },
	{ ",", 1, TOKEN_COMMA },      { "~", 1, TOKEN_MATCH },
	{ "==", 2, TOKEN_END, "=" },  { "=~", 2, TOKEN_END, "~" },
	{ "=<", 2, TOKEN_END, "<=" }, { "=>", 2, TOKEN_END, ">=" },
	{ "=", 1, TOKEN_EQUAL },      { ">=", 2, TOKEN_AT_LEAST },
	{ ">", 1, TOKEN_GREATER },    { "<=", 2, TOKEN_AT_MOST },
	{ "<>", 2, TOKEN_END, "!=" }, { "<", 1, TOKEN_LESS },
	{ "!=", 2, TOKEN_UNEQUAL },   { "!~", 2, TOKEN_MISMATCH },
	{ "!", 1, TOKEN_END, "not" }, { "&&", 2, TOKEN_END, "and" },
	{ "||", 2, TOKEN_END, "or" }, { "&", 1, TOKEN_END, "and" },
	{ "|", 1, TOKEN_END, "or" },
};

static const struct sign keywords[] = {
	{ "and", 3, TOKEN_AND },     { "or", 2, TOKEN_OR }, { "not", 3, TOKEN_NOT },
	{ "every", 5, TOKEN_EVERY }, { "in", 2, TOKEN_IN },
};

enum { KEYWORD_MAX = 5 }; /* bytes */

/* Bytes of words, a bit each: digits and % * + - . / : ?, then letters and @ [ ] _ { }. */
static const uint64_t word_bytes[4] = { 0x87ffec2000000000, 0x2ffffffeafffffff };

/* Whether @c may stand in a word. */
static inline bool is_word_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return word_bytes[u / 64] >> (u % 64) & 1;
}

/* Raises an error at byte @at (0-based) of the expression; returns -1. */
#define fail_at(e, at, code, ...) \
	((void)err_set((e), (code), __VA_ARGS__), err_at((e), 0, (unsigned)(at) + 1))

/* The keyword that @text is, else TOKEN_WORD. */
static enum token_kind word_kind(struct slice text)
{
	if (text.len > KEYWORD_MAX)
		return TOKEN_WORD;
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (keywords[i].len == text.len && keywords[i].text[0] == text.ptr[0] &&
		    memcmp(keywords[i].text, text.ptr, text.len) == 0)
			return keywords[i].kind;
	return TOKEN_WORD;
}

/* Reads the word that begins at l->at. */
static void lex_word(struct lexer *l, struct token *ret)
{
	const char *begin = l->text.ptr + l->at;
	size_t len = 0, left = l->text.len - l->at;

	while (len < left && is_word_byte(begin[len]))
		len++;
	ret->source = ret->text = (struct slice){ begin, len };
	ret->kind = word_kind(ret->text);
	l->at += len;
}

/* Reads the quoted value whose quote is at l->at. */
static int lex_quoted(struct lexer *l, struct token *ret, struct err *e)
{
	size_t begin = l->at, end = begin + 1;

	for (; end < l->text.len && l->text.ptr[end] != '\''; end++) {
		unsigned char c = (unsigned char)l->text.ptr[end];

		if (c < 0x20 || c == 0x7f)
			return fail_at(e, end, ERR_SYNTAX,
				       "a control character (byte 0x%02x) in a value", c);
		if (c == '\\')
			return fail_at(e, end, ERR_SYNTAX,
				       "a backslash has no place in an expression");
	}
	if (end == l->text.len)
		return fail_at(e, begin, ERR_SYNTAX, "this quote is never closed");
	ret->kind = TOKEN_QUOTED;
	ret->source = (struct slice){ l->text.ptr + begin, end + 1 - begin };
	ret->text = (struct slice){ l->text.ptr + begin + 1, end - begin - 1 };
	l->at = end + 1;
	return 0;
}

/* Says why the byte at l->at begins no token. */
static int refuse_byte(const struct lexer *l, struct err *e)
{
	unsigned char c = (unsigned char)l->text.ptr[l->at];

	if (c == '\\')
		return fail_at(e, l->at, ERR_SYNTAX,
			       "a backslash has no place in an expression");
	if (c == '"')
		return fail_at(e, l->at, ERR_SYNTAX,
			       "values are quoted with ', not with \"");
	if (c < 0x20 || c >= 0x7f)
		return fail_at(e, l->at, ERR_SYNTAX,
			       "byte 0x%02x has no place in an expression%s", c,
			       c >= 0x80 ? "; quote the value: '...'" : "");
	return fail_at(e, l->at, ERR_SYNTAX,
		       "'%c' has no place here; a value with it is quoted: '...'", c);
}

/* Reads the sign at l->at. */
static int lex_sign(struct lexer *l, struct token *ret, struct err *e)
{
	const char *at = l->text.ptr + l->at;
	size_t left = l->text.len - l->at;

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const struct sign *s = &signs[i];

		if (*at != *s->text || left < s->len || memcmp(at, s->text, s->len) != 0)
			continue;
		if (s->instead)
			return fail_at(e, l->at, ERR_SYNTAX,
				       "'%s' is no sign here: write '%s'", s->text,
				       s->instead);
		ret->kind = s->kind;
		ret->source = ret->text = (struct slice){ at, s->len };
		l->at += s->len;
		return 0;
	}
	return refuse_byte(l, e);
}

/* Whether @c is a blank. */
static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

int lexer_next(struct lexer *l, struct token *ret, struct err *e)
{
	size_t at = l->at;

	while (at < l->text.len && is_blank(l->text.ptr[at]))
		at++;
	l->at = at;
	*ret = (struct token){ .kind = TOKEN_END, .col = (unsigned)l->at + 1 };
	if (l->at == l->text.len)
		return 0;
	if (l->ntokens == EXPR_MAX_TOKENS)
		return fail_at(e, l->at, ERR_RANGE,
			       "an expression has at most %d words and signs",
			       EXPR_MAX_TOKENS);
	l->ntokens++;
	if (is_word_byte(l->text.ptr[l->at])) {
		lex_word(l, ret);
		return 0;
	}
	if (l->text.ptr[l->at] == '\'')
		return lex_quoted(l, ret, e);
	return lex_sign(l, ret, e);
}
