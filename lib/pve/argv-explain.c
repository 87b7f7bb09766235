/* SPDX-License-Identifier: MIT */
/* argv-explain - why an option could not be read, and what to write instead. */
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "pve/argv-internal.h"

/* Appends names of @c that begin with @name, the first few of them. */
static void add_candidates(const struct cli_command *c, struct slice name,
			   struct buf *out)
{
	const struct cli_option *o;
	size_t shown = 0;

	for (size_t i = 0; (o = cli_option_at(c, i)) && shown < 5; i++) {
		if (strlen(o->name) < name.len ||
		    strncasecmp(o->name, name.ptr, name.len))
			continue;
		buf_printf(out, "%s--%s%s", out->len ? ", " : "", o->name,
			   o->count ? "0" : "");
		if (o->count > 1)
			buf_printf(out, " to --%s%u", o->name, o->count - 1);
		shown++;
	}
	if (o)
		buf_puts(out, ", ...");
}

/* The family of @c that @name would be a member of but for its number, or NULL. */
static const struct cli_option *family_of(const struct cli_command *c, struct slice name)
{
	const struct cli_option *o;
	struct slice base = name;

	while (base.len && base.ptr[base.len - 1] >= '0' && base.ptr[base.len - 1] <= '9')
		base.len--;
	if (base.len == name.len)
		return NULL;
	for (size_t i = 0; (o = cli_option_at(c, i)); i++)
		if (o->count && strlen(o->name) == base.len &&
		    strncasecmp(o->name, base.ptr, base.len) == 0)
			return o;
	return NULL;
}

/* The option of @c whose name is nearest to @name, or NULL. */
static const struct cli_option *nearest(struct argv_reader *r, struct slice name)
{
	const struct cli_command *c = r->ret->command;
	size_t n = c->own.n + c->shared.n;
	const char **names = arena_array(r->a, n + 1, sizeof(*names));
	int near;

	if (!names)
		return NULL;
	for (size_t i = 0; i < n; i++)
		names[i] = cli_option_at(c, i)->name;
	near = text_nearest(name, names, n);
	return near >= 0 ? cli_option_at(c, (size_t)near) : NULL;
}

/* The boolean that @name would turn off if Proxmox knew "--no-name", or NULL. */
static const struct cli_option *negated(const struct cli_command *c, struct slice name)
{
	size_t skip = slice_starts(name, "no-") ? 3 : slice_starts(name, "no") ? 2 : 0;
	struct slice rest = { name.ptr + skip, name.len - skip };
	struct cli_match m = { 0 };

	if (skip && rest.len)
		m = cli_option_match(c, rest);
	return m.hits == 1 && m.option->type == CLI_BOOL &&
			       strlen(m.option->name) == rest.len
		       ? m.option
		       : NULL;
}

/* Says that this tool wants two dashes before a value after "=". */
static int dash_value(struct argv_reader *r, struct slice name)
{
	return err_set(r->e, ERR_USAGE,
		       "'-%.*s=...': %s wants two dashes before '='; write --%.*s=...",
		       SLICE_ARG(name), r->tool->name, SLICE_ARG(name));
}

/* Says what else to write for an option that is none, as far as can be guessed. */
static int unknown_option(struct argv_reader *r, struct slice word, struct slice name)
{
	const struct cli_command *c = r->ret->command;
	const struct cli_option *o = family_of(c, name);
	const char *tool = r->tool->name;

	if (o)
		return err_set(r->e, ERR_UNKNOWN, "'%.*s%s': %s %s has %s0 to %s%u only",
			       ARGV_SHOWN(word), tool, c->name, o->name, o->name,
			       o->count - 1);
	if (c->kind == CLI_BY_NAME && cli_option_find(c, "extra-args") &&
	    c->positionals[1])
		return err_set(r->e, ERR_UNKNOWN,
			       "'%.*s%s' is no option of %s %s; put -- before the "
			       "command that is to run in the guest",
			       ARGV_SHOWN(word), tool, c->name);
	o = negated(c, name);
	if (o)
		return err_set(r->e, ERR_UNKNOWN,
			       "'%.*s%s' is no option of %s %s; write --%s=0",
			       ARGV_SHOWN(word), tool, c->name, o->name);
	o = nearest(r, name);
	return err_set(r->e, ERR_UNKNOWN, "'%.*s%s' is no option of %s %s%s%s%s%s",
		       ARGV_SHOWN(word), tool, c->name, o ? "; did you mean --" : "",
		       o ? o->name : "", o && o->count ? "N" : "", o ? "?" : "");
}

/* Says what an abbreviation could mean. */
static int ambiguous_option(struct argv_reader *r, struct slice word, struct slice name)
{
	AUTO(buf_done) struct buf list = { 0 };

	add_candidates(r->ret->command, name, &list);
	return err_set(r->e, ERR_USAGE, "'%.*s%s' could be %s; write it out",
		       ARGV_SHOWN(word), buf_text(&list));
}

int argv_explain(struct argv_reader *r, const struct argv_option *t, size_t hits)
{
	struct slice word, name, value;

	/* The value after "=" may be a secret: it is not shown. */
	(void)slice_cut(slice_of(r->ret->typed.words[t->word]), '=', &word, &value);
	if (hits)
		return ambiguous_option(r, word, t->name);
	if (slice_cut(t->name, '=', &name, &value) && name.len &&
	    cli_option_match(r->ret->command, name).hits == 1)
		return dash_value(r, name);
	return unknown_option(r, word, name);
}
