/* SPDX-License-Identifier: MIT */
#include "pve/argv.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/argv-internal.h"

/* Makes room in @r for everything that @argc words can hold. */
static int prepare(struct argv_reader *r, size_t argc, const char *const *argv)
{
	struct argv_words *typed = &r->ret->typed;
	const char **words = arena_array(r->a, argc + 1, sizeof(*words));
	size_t most = argc + 1; /* parameters: one a word, and the fixed one */

	r->secret = arena_array(r->a, argc + 1, sizeof(*r->secret));
	r->unknown = arena_array(r->a, argc + 1, sizeof(*r->unknown));
	r->positionals = arena_array(r->a, argc + 1, sizeof(*r->positionals));
	r->pieces = arena_array(r->a, most, sizeof(*r->pieces));
	r->ret->params = arena_array(r->a, most, sizeof(*r->ret->params));
	if (arena_failed(r->a) || !words)
		return err_nomem(r->e);
	for (size_t i = 0; i < argc; i++) {
		words[i] = argv[i];
		r->secret[i] = SIZE_MAX;
	}
	*typed = (struct argv_words){ words, r->secret, argc };
	r->ret->unknown = r->unknown;
	return 0;
}

/* Reads the words from the first on. */
static int read_words(struct argv_reader *r, size_t argc, const char *const *argv)
{
	*r->ret = (struct argv_command){ .tool = r->ret->tool };
	r->at = r->npositionals = 0;
	if (prepare(r, argc, argv))
		return -1;
	if (argv_find_command(r)) {
		argv_hide_values(r);
		return -1;
	}
	if (r->ret->command->kind == CLI_HIDDEN)
		return 0;
	if (argv_take_options(r) || argv_place_positionals(r) || argv_normalise(r) ||
	    argv_check(r))
		return -1;
	return 0;
}

int argv_read(enum tool tool, int argc, const char *const *argv, unsigned flags,
	      struct arena *a, struct argv_command *ret, struct err *e)
{
	size_t n = argc > 0 ? (size_t)argc : 0;
	struct argv_reader r = { .tool = cli_tool(tool),
				 .ret = ret,
				 .a = a,
				 .e = e,
				 .newer = flags & ARGV_NEWER };

	ret->tool = tool;
	if (read_words(&r, n, argv) == 0)
		return 0;
	if (!r.guessed)
		return -1;
	/* The word after an unknown option was taken for its value; perhaps it is not. */
	r.flags_only = true;
	if (read_words(&r, n, argv) < 0)
		return -1;
	ret->unknown_alone = true;
	return 0;
}

const struct argv_param *argv_find(const struct argv_command *c, const char *name)
{
	for (size_t i = 0; i < c->nparams; i++)
		if (strcmp(c->params[i].name, name) == 0)
			return &c->params[i];
	return NULL;
}

struct slice argv_value(const struct argv_command *c, const char *name)
{
	const struct argv_param *p = argv_find(c, name);

	return p ? p->value : (struct slice){ 0 };
}

bool argv_true(const struct argv_command *c, const char *name)
{
	const struct argv_param *p = argv_find(c, name);

	return p && p->option->type == CLI_BOOL && slice_eq(p->value, "1");
}

uint64_t argv_vmid(const struct argv_command *c)
{
	uint64_t vmid;

	return num_parse(argv_value(c, "vmid"), 100, 999999999, &vmid) ? vmid : 0;
}

const char *argv_event(const struct argv_command *c)
{
	const char *by = c->command->restore_by;
	struct slice value = by ? argv_value(c, by) : (struct slice){ 0 };

	if (value.len && !slice_eq(value, "0"))
		return "restore";
	return c->command->event ? c->command->event : c->command->name;
}

bool argv_starts(const struct argv_command *c)
{
	return argv_true(c, "start") || argv_true(c, "ha-managed") ||
	       argv_true(c, "live-restore") || argv_true(c, "live-import");
}

/*
 * Puts @p in the place of the parameter of its option, or after the last. One that an option
 * of the caller's named stays named.
 */
static int put(struct argv_command *c, struct arena *a, const struct argv_param *p,
	       struct err *e)
{
	struct argv_param *params;

	for (size_t i = 0; i < c->nparams; i++) {
		if (c->params[i].option == p->option && c->params[i].index == p->index) {
			bool named = c->params[i].named || p->named;

			c->params[i] = *p;
			c->params[i].named = named;
			return 0;
		}
	}
	params = arena_array(a, c->nparams + 1, sizeof(*params));
	if (!params)
		return err_nomem(e);
	if (c->nparams)
		memcpy(params, c->params, c->nparams * sizeof(*params));
	params[c->nparams++] = *p;
	c->params = params;
	return 0;
}

int argv_set(struct argv_command *c, struct arena *a, const char *name,
	     struct slice value, struct err *e)
{
	struct cli_match m = cli_option_match(c->command, slice_of(name));
	struct argv_param p = {
		.option = m.option, .index = m.index, .value = value, .word = c->typed.n
	};

	if (m.hits == 1)
		p.name = argv_name(a, m.option, m.index);
	if (m.hits == 1 && !p.name)
		return err_nomem(e);
	if (m.hits != 1 || strcmp(p.name, name) != 0)
		return err_set(e, ERR_UNKNOWN, "%s %s has no option --%s",
			       cli_tool(c->tool)->name, c->command->name, name);
	if (argv_normalise_bool(c, &p, e) || argv_check_value(c, &p, false, e))
		return -1;
	return put(c, a, &p, e);
}

const char *argv_stage_name(enum argv_stage stage)
{
	static const char *const names[] = {
		[ARGV_STAGE_COMMAND] = "command",
		[ARGV_STAGE_OPTIONS] = "options",
		[ARGV_STAGE_VALIDATE] = "validate",
	};

	return names[stage];
}
