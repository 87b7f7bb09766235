/* SPDX-License-Identifier: MIT */
/* argv-positionals - the words that are no options. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "pve/argv-internal.h"

/* Appends "pct create VMID OSTEMPLATE". */
static void add_usage(const struct argv_reader *r, struct buf *out)
{
	const struct cli_command *c = r->ret->command;

	buf_puts(out, r->tool->name);
	if (!r->tool->single)
		buf_printf(out, " %s", c->name);
	for (size_t i = 0; c->positionals && c->positionals[i]; i++) {
		const struct cli_option *o = cli_option_find(c, c->positionals[i]);
		bool needed = o->flags & CLI_REQUIRED;

		buf_puts(out, needed ? " " : " [");
		for (const char *p = o->flags & CLI_REST ? "command" : o->name; *p; p++)
			buf_putc(out, *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
		buf_puts(out, needed ? "" : "]");
	}
}

/* The option without "=" that took the following word as its optional value, or NULL. */
static const struct argv_param *greedy(const struct argv_command *c)
{
	for (size_t i = 0; i < c->nparams; i++) {
		const struct argv_param *p = &c->params[i];

		if ((p->option->type == CLI_BOOL || p->option->flags & CLI_ASKS) &&
		    p->value.len && p->word + 1 < c->typed.n &&
		    p->value.ptr == c->typed.words[p->word + 1])
			return p;
	}
	return NULL;
}

/* Says that the positional @o is missing, and which option may have taken it. */
static int missing(struct argv_reader *r, const struct cli_option *o)
{
	AUTO(buf_done) struct buf usage = { 0 };
	const struct argv_param *p = greedy(r->ret);

	add_usage(r, &usage);
	if (!p)
		return err_set(r->e, ERR_USAGE, "%s is missing: %s", o->name,
			       buf_text(&usage));
	if (p->option->flags & CLI_ASKS)
		return err_set(r->e, ERR_USAGE,
			       "%s is missing: %s (--%s took the word after it as its "
			       "value; to be asked for it, put --%s last)",
			       o->name, buf_text(&usage), p->name, p->name);
	return err_set(r->e, ERR_USAGE,
		       "%s is missing: %s (--%s took the word after it as its value; "
		       "write --%s=1)",
		       o->name, buf_text(&usage), p->name, p->name);
}

/* Whether the command is about a secret, which a misplaced word may be. */
static bool needs_secret(const struct cli_command *c)
{
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option_at(c, i)); i++)
		if (o->flags & CLI_SECRET && o->flags & CLI_REQUIRED)
			return true;
	return false;
}

/* Says that a word has no place. */
static int too_many(struct argv_reader *r, const char *word)
{
	AUTO(buf_done) struct buf usage = { 0 };

	add_usage(r, &usage);
	if (needs_secret(r->ret->command))
		return err_set(r->e, ERR_USAGE,
			       "a word too many: %s; a password is "
			       "--password's, or asked for",
			       buf_text(&usage));
	return err_set(r->e, ERR_USAGE, "'%.*s%s' has no place in: %s",
		       ARGV_SHOWN(slice_of(word)), buf_text(&usage));
}

/* Hands all words from the @used'th positional on to the guest's command. */
static int take_rest(struct argv_reader *r, size_t used)
{
	const char **extra =
		arena_array(r->a, r->npositionals - used + 1, sizeof(*extra));

	if (!extra)
		return err_nomem(r->e);
	for (size_t i = used; i < r->npositionals; i++)
		extra[i - used] = r->ret->typed.words[r->positionals[i]];
	r->ret->extra = extra;
	r->ret->nextra = r->npositionals - used;
	return 0;
}

/* Lets the word @at be the positional @o, whatever an option said. */
static int place(struct argv_reader *r, const struct cli_option *o, size_t at)
{
	struct argv_param *p = argv_slot(r, o, 0);

	if (!p)
		return err_nomem(r->e);
	p->value = slice_of(r->ret->typed.words[at]);
	p->source = ARGV_POSITIONAL;
	p->word = at;
	return 0;
}

int argv_place_positionals(struct argv_reader *r)
{
	const struct cli_command *c = r->ret->command;
	size_t used = 0;

	for (size_t i = 0; c->positionals && c->positionals[i]; i++) {
		const struct cli_option *o = cli_option_find(c, c->positionals[i]);
		int ret = 0;

		if (o->flags & CLI_REST) {
			ret = take_rest(r, used);
			used = r->npositionals;
		} else if (used < r->npositionals) {
			ret = place(r, o, r->positionals[used++]);
		} else if (o->flags & CLI_REQUIRED) {
			ret = missing(r, o);
		}
		if (ret)
			return -1;
	}
	if (used < r->npositionals)
		return too_many(r, r->ret->typed.words[r->positionals[used]]);
	return 0;
}
