/* SPDX-License-Identifier: MIT */
#include "base/conf-token.h"

#include <stdint.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Reports an error of form at @m; returns -1. */
#define BAD(l, m, ...) \
	problems_add((l)->problems, (l)->file, (m).line, (m).col, __VA_ARGS__)

/* The place that is read next. */
static struct conf_mark here(const struct conf_lexer *l)
{
	return (struct conf_mark){ l->line, (unsigned)(l->at - l->line_start) + 1 };
}

/* Whether @c is a blank or ends a line. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Bytes of words, a bit each: digits and % - . / :, then letters and @ _. */
static const uint64_t word_bytes[4] = { 0x07ffe02000000000, 0x07fffffe87ffffff };

/* Whether @c may stand in a word without quotes. */
static inline bool is_word(char c)
{
	unsigned char u = (unsigned char)c;

	return word_bytes[u / 64] >> (u % 64) & 1;
}

/* Whether @c is a token of its own. */
static bool is_punctuation(char c)
{
	return c == '=' || c == '{' || c == '}' || c == ',';
}

/* Passes the line end at the place that is read next. */
static void next_line(struct conf_lexer *l)
{
	l->at++;
	l->line++;
	l->line_start = l->at;
}

/* Blanks a comment up to the end of its line. */
static void blank_line(struct conf_lexer *l)
{
	while (l->text[l->at] && l->text[l->at] != '\n')
		l->text[l->at++] = ' ';
}

/* Blanks a comment of C's kind. */
static int blank_block(struct conf_lexer *l)
{
	struct conf_mark start = here(l);
	const char *end = strstr(l->text + l->at + 2, "*/");

	if (!end)
		return BAD(l, start, "comment opened here is never closed");
	while (l->text + l->at < end + 2) {
		if (l->text[l->at] == '\n')
			next_line(l);
		else
			l->text[l->at++] = ' ';
	}
	return 0;
}

/* Passes blanks, line ends and comments; CR and comments are blanked. */
static int skip_blanks(struct conf_lexer *l)
{
	for (;;) {
		char c = l->text[l->at];
		char next = c ? l->text[l->at + 1] : '\0';

		if (c == '\n')
			next_line(l);
		else if (c == ' ' || c == '\t')
			l->at += strspn(l->text + l->at, " \t");
		else if (c == '\r')
			l->text[l->at++] = ' ';
		else if (c == '#' || (c == '/' && next == '/'))
			blank_line(l);
		else if (c != '/' || next != '*')
			return 0;
		else if (blank_block(l) < 0)
			return -1;
	}
}

/* Why some characters are refused outside quotes; the others have no words of their own. */
static const struct {
	const char *what;
	const char *why;
} refusals[] = {
	{ "+=", "'+=' is not read: write the whole list after '='" },
	{ "*/", "'*/' closes no comment" },
	{ ";", "';' is not read: a blank or a line end is enough between entries" },
	{ "\\", "a backslash cannot be used" },
	{ "${", "'${' is not read: the environment has no say here; a placeholder is "
		"{vmid}, in quotes" },
};

/* Refuses the character at the place that is read next; @from began the word. */
static int refuse_character(struct conf_lexer *l, size_t from)
{
	const char *c = l->text + l->at;
	struct slice rest = slice_of(c);
	size_t n = text_utf8_length(rest);
	size_t len = strcspn(l->text + from, " \t\r\n\"'{}=,#;\\");

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (strncmp(c, refusals[i].what, strlen(refusals[i].what)) == 0)
			return BAD(l, here(l), "%s", refusals[i].why);
	if (n > 1)
		return BAD(l, here(l), "'%.*s' (U+%04X) may stand in quotes only", (int)n,
			   c, text_code_point(rest, n));
	if (len > 64)
		return BAD(l, here(l), "'%c' may stand in quotes only", *c);
	return BAD(l, here(l), "'%c' may stand in quotes only: write \"%.*s\"", *c,
		   (int)len, l->text + from);
}

/* Takes a word. Its end is a blank, a comment or punctuation, nothing else. */
static int take_word(struct conf_lexer *l, struct conf_token *t)
{
	const char *p = l->text + l->at;
	size_t from = l->at;
	char c;

	while (is_word(*p) && (*p != '/' || (p[1] != '*' && p[1] != '/')))
		p++;
	l->at = (size_t)(p - l->text);
	if (*p == '/' && p[1] == '/')
		return BAD(l, here(l),
			   "'//' in a word: put the word in quotes, or a blank before a "
			   "comment");
	c = *p; /* of what may come: a comment, which will be blanked */
	if (c == '"' || c == '\'')
		return BAD(l, here(l), "a blank is missing before the quote");
	if (c && c != '#' && c != '/' && !is_blank(c) && !is_punctuation(c))
		return refuse_character(l, from);
	t->kind = 'w';
	t->text = (struct slice){ l->text + from, l->at - from };
	return 0;
}

/* Whether a value that was quoted may be followed by @c. */
static bool may_follow_quote(char c)
{
	return !c || is_blank(c) || is_punctuation(c) || c == '#' || c == '/';
}

/* Refuses the character @p of the value that begins at @t; returns -1. */
static int refuse_in_quotes(const struct conf_lexer *l, const struct conf_token *t,
			    const char *p)
{
	struct conf_mark m = t->mark;

	if (!*p || *p == '\n')
		return BAD(l, m, "quote opened here is not closed on its line");
	m.col += (unsigned)(p - (l->text + l->at));
	if (*p == '\\')
		return BAD(l, m, "a backslash cannot be used in a value");
	if (*p == '\t')
		return BAD(l, m, "a tab cannot be used in a value");
	return BAD(l, m,
		   "'${' is not read: the environment has no say here; a placeholder is "
		   "{vmid}");
}

/*
 * Takes what stands in quotes. Where it can be, they become single ones: libconfuse reads
 * those in one go, and replaces nothing in them.
 */
static int take_quoted(struct conf_lexer *l, struct conf_token *t)
{
	char *start = l->text + l->at, *p = start + 1;
	const char stops[] = { *start, '\\', '\n', '\t', '$', '\0' };

	for (;; p++) {
		p += strcspn(p, stops);
		if (*p == *start)
			break;
		if (*p != '$' || p[1] == '{')
			return refuse_in_quotes(l, t, p);
	}
	t->kind = 'q';
	t->text = (struct slice){ start + 1, (size_t)(p - start) - 1 };
	if (!memchr(t->text.ptr, '\'', t->text.len))
		*start = *p = '\'';
	l->at += t->text.len + 2;
	if (!may_follow_quote(l->text[l->at]))
		return BAD(
			l, here(l),
			"a blank is missing after the closing quote (a quote in a text? "
			"put the text in the other kind of quotes)");
	return 0;
}

int conf_take(struct conf_lexer *l, struct conf_token *ret)
{
	char c;

	if (skip_blanks(l) < 0)
		return -1;
	c = l->text[l->at];
	*ret = (struct conf_token){ .kind = c,
				    .text = { l->text + l->at, 1 },
				    .mark = here(l) };
	if (!c)
		return 0;
	if (is_punctuation(c)) {
		l->at++;
		return 0;
	}
	if (c == '"' || c == '\'')
		return take_quoted(l, ret);
	if (is_word(c))
		return take_word(l, ret);
	return refuse_character(l, l->at);
}
