/* SPDX-License-Identifier: MIT */
/* argv-command - which command the first words mean. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "pve/argv-internal.h"

/* What a typed word can mean among the words at one level of command names. */
struct pick {
	const struct cli_command *row; /* the first that fits */
	struct slice word;             /* its word at this level */
	size_t hits;
};

/* The word of @name at the level below @group (empty: the top); absent if it has none. */
static struct slice word_below(const char *name, struct slice group)
{
	struct slice word = slice_of(name), rest;

	if (group.len) {
		if (word.len <= group.len || memcmp(name, group.ptr, group.len) != 0 ||
		    name[group.len] != ' ')
			return (struct slice){ 0 };
		return slice_of(name + group.len + 1);
	}
	(void)slice_cut(word, ' ', &word, &rest);
	return word;
}

/* The next row after @i whose word below @group differs from @last; NULL at the end. */
static const struct cli_command *next_word(const struct cli_tool *t, size_t *i,
					   struct slice group, struct slice *word)
{
	struct slice last = *word;

	for (; *i < t->ncommands; (*i)++) {
		*word = word_below(t->commands[*i].name, group);
		if (word->ptr && !slice_same(*word, last))
			return &t->commands[(*i)++];
	}
	return NULL;
}

/* What @typed means below @group: a whole word, or the beginning of one that is listed. */
static struct pick pick(const struct cli_tool *t, struct slice group, const char *typed)
{
	const struct cli_command *row;
	struct slice word = { 0 };
	struct pick p = { 0 };

	for (size_t i = 0; (row = next_word(t, &i, group, &word));) {
		if (slice_eq(word, typed))
			return (struct pick){ row, word, 1 };
		if (row->kind == CLI_ALIAS || row->kind == CLI_HIDDEN ||
		    !slice_starts(word, typed))
			continue;
		if (!p.hits++) {
			p.row = row;
			p.word = word;
		}
	}
	return p;
}

/* Appends the listed words below @group that begin with @typed, as "a, b, c". */
static void add_words(const struct cli_tool *t, struct slice group, const char *typed,
		      struct buf *out)
{
	const struct cli_command *row;
	struct slice word = { 0 };

	for (size_t i = 0; (row = next_word(t, &i, group, &word));) {
		if (row->kind == CLI_ALIAS || row->kind == CLI_HIDDEN ||
		    !slice_starts(word, typed))
			continue;
		buf_puts(out, out->len ? ", " : "");
		buf_slice(out, word);
	}
}

/* Says that @typed is no command, with the nearest one. */
static int unknown_command(struct argv_reader *r, struct slice group, const char *typed)
{
	const char **names = arena_array(r->a, r->tool->ncommands, sizeof(*names));
	const struct cli_command *row;
	struct slice word = { 0 };
	size_t n = 0;
	int near;

	if (!names)
		return err_nomem(r->e);
	for (size_t i = 0; (row = next_word(r->tool, &i, group, &word));)
		if (row->kind != CLI_HIDDEN)
			names[n++] = arena_strdup(r->a, word);
	if (arena_failed(r->a))
		return err_nomem(r->e);
	near = text_nearest(slice_of(typed), names, n);
	return err_set(r->e, ERR_USAGE, "'%.*s%s' is no command of %s%s%.*s%s%s%s",
		       ARGV_SHOWN(slice_of(typed)), r->tool->name, group.len ? " " : "",
		       SLICE_ARG(group), near >= 0 ? "; did you mean '" : "",
		       near >= 0 ? names[near] : "", near >= 0 ? "'?" : "");
}

/* Says that a command is needed below @group, or which ones @typed could be. */
static int which_command(struct argv_reader *r, struct slice group, const char *typed)
{
	AUTO(buf_done) struct buf list = { 0 };

	add_words(r->tool, group, typed, &list);
	if (!*typed)
		return err_set(r->e, ERR_USAGE, "%s%s%.*s needs a command: %s",
			       r->tool->name, group.len ? " " : "", SLICE_ARG(group),
			       buf_text(&list));
	return err_set(r->e, ERR_USAGE, "'%.*s%s' could be %s; write it out",
		       ARGV_SHOWN(slice_of(typed)), buf_text(&list));
}

/* Finds the word below @group that the next typed one means. */
static int take_word(struct argv_reader *r, struct slice group, struct pick *ret)
{
	const char *typed = r->at < r->ret->typed.n ? r->ret->typed.words[r->at] : "";

	*ret = pick(r->tool, group, typed);
	if (!*typed || ret->hits > 1)
		return which_command(r, group, typed);
	if (!ret->hits)
		return unknown_command(r, group, typed);
	r->at++;
	return 0;
}

/* The row called exactly @name; NULL if there is none. */
static const struct cli_command *find_row(const struct cli_tool *t, const char *name)
{
	for (size_t i = 0; i < t->ncommands; i++)
		if (strcmp(t->commands[i].name, name) == 0)
			return &t->commands[i];
	return NULL;
}

/* Finds the command of a tool that has only one: nothing is typed for it. */
static int find_single(struct argv_reader *r)
{
	const struct cli_command *row = NULL;

	if (r->ret->typed.n)
		row = find_row(r->tool, r->ret->typed.words[0]);
	if (row && row->kind == CLI_HIDDEN)
		r->at = 1;
	else
		row = find_row(r->tool, r->tool->name);
	r->ret->command = row;
	return 0;
}

int argv_find_command(struct argv_reader *r)
{
	struct pick p;

	r->ret->stage = ARGV_STAGE_COMMAND;
	if (r->tool->single)
		return find_single(r);
	if (take_word(r, (struct slice){ 0 }, &p))
		return -1;
	/* A word that was taken has its row. */
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	if (p.row->name[p.word.len] == ' ' && take_word(r, p.word, &p))
		return -1;
	r->ret->command =
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		p.row->kind == CLI_ALIAS ? find_row(r->tool, p.row->target) : p.row;
	return 0;
}
