/* SPDX-License-Identifier: MIT */
/* argv-options - Perl's Getopt::Long as Proxmox sets it up. */
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "pve/argv-internal.h"

/* Source: FindOption, /^(--|-).+/. */
bool argv_looks_like_option(const char *word)
{
	return word[0] == '-' && word[1] && word[1] != '\n';
}

/* Splits the word at @at, which begins with '-' and is neither "-" nor "--". */
static struct argv_option split_option(const struct argv_reader *r, size_t at)
{
	const char *word = r->ret->typed.words[at];
	bool dashes = word[1] == '-';
	struct argv_option t = { .word = at, .name = slice_of(word + (dashes ? 2 : 1)) };
	const char *equals = t.name.len > 1 ? strchr(t.name.ptr + 1, '=') : NULL;

	if (equals && (dashes || r->tool->dash_value)) {
		t.name.len = (size_t)(equals - t.name.ptr);
		t.value = slice_of(equals + 1);
	}
	return t;
}

const char *argv_name(struct arena *a, const struct cli_option *o, unsigned index)
{
	return o->count ? arena_printf(a, "%s%u", o->name, index) : o->name;
}

struct argv_param *argv_slot(struct argv_reader *r, const struct cli_option *o,
			     unsigned index)
{
	struct argv_param *p = r->ret->params;

	for (size_t i = 0; i < r->ret->nparams; i++, p++)
		if (p->option == o && p->index == index)
			return p;
	*p = (struct argv_param){ .option = o, .index = index };
	p->name = argv_name(r->a, o, index);
	r->ret->nparams++;
	return p->name ? p : NULL;
}

/* Adds one value of a list option. */
static int add_piece(struct argv_reader *r, const struct argv_param *p,
		     struct slice value)
{
	struct argv_pieces *list = &r->pieces[p - r->ret->params];
	struct argv_piece *piece = arena_alloc(r->a, sizeof(*piece));

	if (!piece)
		return err_nomem(r->e);
	piece->text = value;
	list->len += value.len + (list->first ? 1 : 0);
	if (list->last)
		list->last->next = piece;
	else
		list->first = piece;
	list->last = piece;
	return 0;
}

/* Keeps @value, which begins in word @where, for the option that @t means by @m. */
static int keep(struct argv_reader *r, const struct argv_option *t,
		const struct cli_match *m, struct slice value, size_t where)
{
	struct argv_param *p = argv_slot(r, m->option, m->index);

	if (!p)
		return err_nomem(r->e);
	p->value = value;
	p->word = t->word;
	p->named = true;
	if (m->option->flags & CLI_SECRET && value.len)
		r->secret[where] = (size_t)(value.ptr - r->ret->typed.words[where]);
	return m->option->type == CLI_LIST ? add_piece(r, p, value) : 0;
}

/* Finds the value of the option that @t means by @m, and keeps it. */
static int take_value(struct argv_reader *r, const struct argv_option *t,
		      const struct cli_match *m)
{
	const struct cli_option *o = m->option;
	bool optional = o->type == CLI_BOOL || o->flags & CLI_ASKS;
	const char *next = r->at < r->ret->typed.n ? r->ret->typed.words[r->at] : NULL;
	struct slice none = { "", 0 };

	if (o->flags & CLI_REST)
		return err_set(r->e, ERR_USAGE, "--%s is no option to be typed", o->name);
	if (!optional && (t->value.ptr ? !t->value.len : !next))
		return err_set(r->e, ERR_USAGE, "--%s needs a value after it%s", o->name,
			       t->value.ptr ? "; for an empty one write \"\" as the next "
					      "word, without '='"
					    : "");
	if (t->value.ptr)
		return keep(r, t, m, t->value, t->word);
	if (!next || (optional && argv_looks_like_option(next)))
		return keep(r, t, m, none, t->word);
	r->at++;
	return keep(r, t, m, slice_of(next), r->at - 1);
}

/* Hides what may be a secret that was given to a mistyped option. */
static void hide_value(struct argv_reader *r, const struct argv_option *t)
{
	const char *word = r->ret->typed.words[t->word], *equals = strchr(word, '=');

	if (equals)
		r->secret[t->word] = (size_t)(equals + 1 - word);
	else if (r->at < r->ret->typed.n &&
		 !argv_looks_like_option(r->ret->typed.words[r->at]))
		r->secret[r->at] = 0;
}

void argv_hide_values(struct argv_reader *r)
{
	for (r->at = 0; r->at < r->ret->typed.n;) {
		const char *word = r->ret->typed.words[r->at++];

		if (argv_looks_like_option(word) && strcmp(word, "--") != 0) {
			struct argv_option t = split_option(r, r->at - 1);

			hide_value(r, &t);
		}
	}
}

/* Lets an option pass that only a newer Proxmox knows, with the word after it or not. */
static void pass_unknown(struct argv_reader *r, const struct argv_option *t)
{
	r->unknown[r->ret->nunknown++] = t->word;
	if (t->value.ptr || r->at >= r->ret->typed.n ||
	    argv_looks_like_option(r->ret->typed.words[r->at]))
		return;
	r->guessed = true;
	if (!r->flags_only)
		r->at++;
}

/*
 * Whether @t may be an option of a newer Proxmox. What would be read as a value behind another
 * option is none: the command that is written anew must be read as this one was.
 */
static bool may_be_newer(const struct argv_reader *r, const struct argv_option *t)
{
	return argv_looks_like_option(r->ret->typed.words[t->word]) &&
	       !memchr(t->name.ptr, '=', t->name.len);
}

/* Reads the option in the word before .at. */
static int take_option(struct argv_reader *r)
{
	struct argv_option t = split_option(r, r->at - 1);
	struct cli_match m = cli_option_match(r->ret->command, t.name);

	if (m.hits == 1)
		return take_value(r, &t, &m);
	hide_value(r, &t);
	if (!m.hits && r->newer && may_be_newer(r, &t)) {
		pass_unknown(r, &t);
		return 0;
	}
	return argv_explain(r, &t, m.hits);
}

int argv_take_options(struct argv_reader *r)
{
	struct err *first = r->e, later;
	int ret = 0;

	/* Reading goes on after an error, for the secrets behind it. */
	r->ret->stage = ARGV_STAGE_OPTIONS;
	while (r->at < r->ret->typed.n) {
		const char *word = r->ret->typed.words[r->at++];

		if (strcmp(word, "--") == 0)
			break;
		if (word[0] != '-' || !word[1]) {
			r->positionals[r->npositionals++] = r->at - 1;
		} else if (take_option(r)) {
			ret = -1;
			r->e = &later;
		}
	}
	while (r->at < r->ret->typed.n)
		r->positionals[r->npositionals++] = r->at++;
	r->e = first;
	return ret;
}
