/* SPDX-License-Identifier: MIT */
/* argv-write - the command line to run, and the one to show. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "pve/argv-internal.h"

/* Words being written. */
struct writer {
	const struct argv_command *c;
	struct arena *a;
	const char **words;
	size_t *secret;
	size_t n;
};

/* Adds @word, secret from byte @secret on; one without memory is noticed at the end. */
static void add(struct writer *w, const char *word, size_t secret)
{
	w->words[w->n] = word;
	w->secret[w->n++] = secret;
}

/* Adds the words of the command's name. */
static void add_command(struct writer *w)
{
	struct slice word, rest = slice_of(w->c->command->name);

	if (cli_tool(w->c->tool)->single)
		return;
	for (bool more = true; more;) {
		more = slice_cut(rest, ' ', &word, &rest);
		add(w, arena_strdup(w->a, word), SIZE_MAX);
	}
}

/* Adds --name=value; an empty text is a word of its own, for "--name=" is an error. */
static void add_option(struct writer *w, const struct argv_param *p)
{
	bool optional = p->option->type == CLI_BOOL || p->option->flags & CLI_ASKS;
	bool secret = p->option->flags & CLI_SECRET && !p->asks;
	struct slice value = p->asks ? (struct slice){ "", 0 } : p->value;

	if (!value.len && !optional) {
		add(w, arena_printf(w->a, "--%s", p->name), SIZE_MAX);
		add(w, "", SIZE_MAX);
		return;
	}
	add(w, arena_printf(w->a, "--%s=%.*s", p->name, SLICE_ARG(value)),
	    secret ? strlen(p->name) + 3 : SIZE_MAX);
}

/* Adds what was given by options. */
static void add_options(struct writer *w)
{
	for (size_t i = 0; i < w->c->nparams; i++)
		if (w->c->params[i].source == ARGV_OPTION)
			add_option(w, &w->c->params[i]);
}

/* Adds the @i'th word as it was typed. */
static void add_typed(struct writer *w, size_t i)
{
	add(w, w->c->typed.words[i], w->c->typed.secret[i]);
}

/* Adds the options that we do not know, with the words that were taken for their values. */
static void add_unknown(struct writer *w)
{
	const struct argv_words *typed = &w->c->typed;

	for (size_t i = 0; i < w->c->nunknown; i++) {
		size_t at = w->c->unknown[i];

		add_typed(w, at);
		if (!w->c->unknown_alone && at + 1 < typed->n &&
		    !strchr(typed->words[at], '=') &&
		    !argv_looks_like_option(typed->words[at + 1]))
			add_typed(w, at + 1);
	}
}

/* Adds what was given by its place; false, adding nothing, if one looks like an option. */
static bool add_positionals(struct writer *w, bool whatever)
{
	const char *const *names = w->c->command->positionals;
	size_t before = w->n;

	for (; names && *names; names++) {
		const struct argv_param *p = argv_find(w->c, *names);

		if (!p || p->source != ARGV_POSITIONAL)
			continue;
		if (!whatever && p->value.len > 1 && p->value.ptr[0] == '-') {
			w->n = before;
			return false;
		}
		add(w, arena_strdup(w->a, p->value), SIZE_MAX);
	}
	return true;
}

/* Adds positionals, options and the guest's command in the order that reads best. */
static void add_arguments(struct writer *w)
{
	bool first = add_positionals(w, false);

	add_options(w);
	add_unknown(w);
	if (!first || w->c->nextra)
		add(w, "--", SIZE_MAX);
	if (!first)
		(void)add_positionals(w, true);
	for (size_t i = 0; i < w->c->nextra; i++)
		add(w, w->c->extra[i], SIZE_MAX);
}

/* Whether @word stands among the words written so far. */
static bool holds(const struct writer *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->words[i] && strcmp(w->words[i], word) == 0)
			return true;
	return false;
}

/* Room for @most words, the tool's path being the first. */
static int begin(struct writer *w, const char *tool_path, size_t most, struct err *e)
{
	w->words = arena_array(w->a, most + 1, sizeof(*w->words));
	w->secret = arena_array(w->a, most + 1, sizeof(*w->secret));
	if (!w->words || !w->secret)
		return err_nomem(e);
	add(w, tool_path, SIZE_MAX);
	return 0;
}

int argv_canonical(const struct argv_command *c, const char *tool_path, struct arena *a,
		   struct argv_words *ret, struct err *e)
{
	struct writer w = { .c = c, .a = a };

	if (c->command->kind == CLI_HIDDEN)
		return argv_as_typed(c, tool_path, a, ret, e);
	/* The tool, a command of two words, "--", and each option in two words. */
	if (begin(&w, tool_path, 4 + 2 * (c->nparams + c->nunknown) + c->nextra, e))
		return -1;
	add_command(&w);
	add_arguments(&w);
	/* Behind an option that we do not know "--" could be its value. */
	if (c->nunknown && holds(&w, "--"))
		return err_set(e, ERR_USAGE, "'%s' is no option of %s %s that we know",
			       c->typed.words[c->unknown[0]], cli_tool(c->tool)->name,
			       c->command->name);
	if (arena_failed(a))
		return err_nomem(e);
	*ret = (struct argv_words){ w.words, w.secret, w.n };
	return 0;
}

int argv_as_typed(const struct argv_command *c, const char *tool_path, struct arena *a,
		  struct argv_words *ret, struct err *e)
{
	struct writer w = { .c = c, .a = a };

	if (begin(&w, tool_path, 1 + c->typed.n, e))
		return -1;
	for (size_t i = 0; i < c->typed.n; i++)
		add(&w, c->typed.words[i], c->typed.secret[i]);
	*ret = (struct argv_words){ w.words, w.secret, w.n };
	return 0;
}

/* Appends @word, of which the bytes from @secret on are not shown. */
static void mask(struct buf *out, const char *word, size_t secret)
{
	struct slice s = slice_of(word);

	if (secret < s.len)
		s.len = secret;
	secret_mask(out, s);
	if (secret != SIZE_MAX)
		buf_puts(out, "***");
}

const char *const *argv_masked(const struct argv_words *w, struct arena *a)
{
	AUTO(buf_done) struct buf text = { 0 };
	const char **words = arena_array(a, w->n + 1, sizeof(*words));

	for (size_t i = 0; words && i < w->n; i++) {
		buf_reset(&text);
		mask(&text, w->words[i], w->secret[i]);
		words[i] = arena_strdup(a, buf_as_slice(&text));
		if (buf_failed(&text) || !words[i])
			return NULL;
	}
	return words;
}
