/* SPDX-License-Identifier: MIT */
#include "run/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "base/text.h"
#include "run/say.h"

/* What getopt_long() returns for each option. */
enum {
	OPT_POLICY = 256,
	OPT_ROOT,
	OPT_KIND,
	OPT_EVENT,
	OPT_ASSUME,
	OPT_FORMAT,
	OPT_REPORT,
	OPT_NEEDS,
	OPT_DRY_RUN,
	OPT_LIST
};

enum { SHOWN_WORDS = 8 }; /* of those that an option may have */

/* The file of what nobody wrote into one. */
static const struct fact_origin assumed_origin = { .file = "--assume" };

struct option_row {
	unsigned known; /* bit of enum options_known */
	struct option option;
};

static const struct option_row rows[] = {
	{ OPTIONS_POLICY, { "policy", required_argument, NULL, OPT_POLICY } },
	{ OPTIONS_ROOT, { "root", required_argument, NULL, OPT_ROOT } },
	{ OPTIONS_KIND, { "kind", required_argument, NULL, OPT_KIND } },
	{ OPTIONS_EVENT, { "event", required_argument, NULL, OPT_EVENT } },
	{ OPTIONS_ASSUME, { "assume", required_argument, NULL, OPT_ASSUME } },
	{ OPTIONS_FORMAT, { "format", required_argument, NULL, OPT_FORMAT } },
	{ OPTIONS_REPORT, { "format", required_argument, NULL, OPT_REPORT } },
	{ OPTIONS_NEEDS, { "needs", required_argument, NULL, OPT_NEEDS } },
	{ OPTIONS_DRY_RUN, { "dry-run", no_argument, NULL, OPT_DRY_RUN } },
	{ OPTIONS_LIST, { "list", no_argument, NULL, OPT_LIST } },
	{ ~0U, { "help", no_argument, NULL, 'h' } },
};

/* Says in @e that @word is none of @words; -1. */
static int not_a_word(struct slice word, const char *const *words, size_t n,
		      struct err *e)
{
	AUTO(buf_done) struct buf hint = { 0 };
	int near = text_nearest(word, words, n);

	if (near >= 0)
		buf_printf(&hint, "; did you mean '%s'?", words[near]);
	else
		for (size_t i = 0; i < n && i < SHOWN_WORDS; i++)
			buf_printf(&hint, "%s%s", i ? ", " : ": ", words[i]);
	if (near < 0 && n > SHOWN_WORDS)
		buf_printf(&hint, " and %zu more", n - SHOWN_WORDS);
	return err_set(e, ERR_USAGE, "'%.*s' is none of its values%s", SLICE_ARG(word),
		       buf_text(&hint));
}

/* Index of @word in the NULL-terminated @words, or -1 with @e saying what was expected. */
static int word_index(struct slice word, const char *const *words, struct err *e)
{
	size_t n = 0;

	for (; words[n]; n++)
		if (slice_eq(word, words[n]))
			return (int)n;
	return not_a_word(word, words, n, e);
}

int options_word(const char *option, const char *word, const char *const *words)
{
	struct err e = { 0 };
	int i = word_index(slice_of(word), words, &e);

	if (i < 0)
		(void)fprintf(stderr, "pve-safe: --%s: %s\n", option, e.msg);
	return i;
}

/* Makes the list @value, elements between commas, into @f. */
static int assume_list(struct options *o, struct slice value, struct fact *f,
		       struct err *e)
{
	struct slice item, rest = value;
	bool more = true;
	size_t n = 1;

	for (size_t i = 0; i < value.len; i++)
		n += value.ptr[i] == ',';
	f->items = arena_array(&o->arena, n, sizeof(*f->items));
	if (!f->items)
		return err_nomem(e);
	while (more) {
		more = slice_cut(rest, ',', &item, &rest);
		if (item.len)
			f->items[f->nitems++] =
				(struct fact_item){ item, assumed_origin };
	}
	return 0;
}

/* Reads @value as the type of @row wants it. -1 with @e saying why not. */
static int assume_value(struct options *o, const struct fact_row *row, struct slice value,
			struct fact *f, struct err *e)
{
	f->state = FACT_STATE_KNOWN;
	f->origin = assumed_origin;
	switch (row->type) {
	case FACT_BOOL:
		f->flag = slice_eq(value, "yes");
		if (!f->flag && !slice_eq(value, "no"))
			return err_set(e, ERR_USAGE, "this fact is yes or no");
		return 0;
	case FACT_NUMBER:
		if (slice_eq(value, "unlimited"))
			f->number = FACT_UNLIMITED;
		else if (!num_parse(value, 0, UINT64_MAX - 1, &f->number))
			return err_set(e, ERR_USAGE,
				       "this fact is a whole number or unlimited");
		return 0;
	case FACT_ENUM:
		f->text = value;
		return word_index(value, row->words, e) < 0 ? -1 : 0;
	case FACT_TEXT:
		f->text = value;
		return 0;
	case FACT_LIST:
		return assume_list(o, value, f, e);
	}
	return err_set(e, ERR_USAGE, "this fact has no type");
}

/* Reads fact=value, of which @text is a copy in the arena of @o. */
static int add_assumed(struct options *o, struct slice text, struct err *e)
{
	struct assumed *a = &o->assumed[o->nassumed];
	struct slice name, value;
	int id;

	if (o->nassumed == OPTIONS_MAX_ASSUMED)
		return err_set(e, ERR_USAGE, "too many of them");
	if (!slice_cut(text, '=', &name, &value))
		return err_set(e, ERR_USAGE, "it has the form fact=value");
	id = fact_find(name);
	if (id < 0)
		return err_set(e, ERR_USAGE,
			       "no such fact; pve-safe facts --list has them all");
	*a = (struct assumed){ .id = (enum fact_id)id };
	if (value.len && assume_value(o, &fact_rows[id], value, &a->value, e) < 0)
		return -1;
	o->nassumed++;
	return 0;
}

int options_add_assumed(struct options *o, struct slice text, struct err *e)
{
	const char *copy = arena_strdup(&o->arena, text);

	if (!copy)
		return err_nomem(e);
	if (add_assumed(o, (struct slice){ copy, text.len }, e) < 0)
		return err_wrap(e, "'%.*s'", SLICE_ARG(text));
	return 0;
}

/* Reads one --assume fact=value. -1 after saying what is wrong with it. */
static int read_assume(struct options *o, const char *text)
{
	struct err e = { 0 };

	if (options_add_assumed(o, slice_of(text), &e) == 0)
		return 0;
	(void)fprintf(stderr, "pve-safe: --assume %s\n", e.msg);
	return -1;
}

int options_json(const char *value, bool *ret_json)
{
	static const char *const words[] = { "text", "json", NULL };
	int i = options_word("format", value, words);

	*ret_json = i == OPTIONS_JSON;
	return i < 0 ? -1 : 0;
}

/* Reads --format of what also reports as tests do. */
static int read_report(struct options *o, const char *value)
{
	static const char *const words[] = { "text", "json", "junit", "tap", NULL };
	int i = options_word("format", value, words);

	o->json = i == OPTIONS_JSON;
	o->format = i < 0 ? OPTIONS_TEXT : (enum options_format)i;
	return i < 0 ? -1 : 0;
}

/* Takes one option with its value into the options @context. */
static int read_option(void *context, int option, const char *value)
{
	struct options *o = context;

	switch (option) {
	case OPT_POLICY:
		o->policy = value;
		return 0;
	case OPT_ROOT:
		o->root = value;
		return 0;
	case OPT_NEEDS:
		o->needs = value;
		return 0;
	case OPT_KIND:
		o->kind = options_word("kind", value, fact_words_kind);
		return o->kind < 0 ? -1 : 0;
	case OPT_EVENT:
		o->event = value;
		return options_word("event", value, fact_words_event) < 0 ? -1 : 0;
	case OPT_ASSUME:
		return read_assume(o, value);
	case OPT_FORMAT:
		return options_json(value, &o->json);
	case OPT_REPORT:
		return read_report(o, value);
	case OPT_DRY_RUN:
		o->dry_run = true;
		return 0;
	default:
		o->list = true;
		return 0;
	}
}

/* Takes all options; -1 with *@status. */
static int take_all(int argc, char **argv, const struct options_grammar *grammar,
		    void *context, int *status)
{
	int c;

	*status = EXIT_USAGE;
	optind = 1;
	while ((c = getopt_long(argc, argv, grammar->shorts ? grammar->shorts : "h",
				grammar->longs, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(grammar->usage, stdout);
			*status = EXIT_FINE;
			return -1;
		}
		if (c == '?' || grammar->take(context, c, optarg) < 0)
			return -1;
	}
	return optind;
}

int options_each(int argc, char **argv, const struct options_grammar *grammar,
		 void *context, int *ret_status)
{
	char name[64], *verb = argv[0];
	int first;

	/* getopt_long() begins its messages with it. */
	(void)snprintf(name, sizeof(name), "pve-safe: %s", verb);
	argv[0] = name;
	first = take_all(argc, argv, grammar, context, ret_status);
	argv[0] = verb;
	return first;
}

int options_read(int argc, char **argv, unsigned known, const char *usage,
		 struct options *ret, int *ret_status)
{
	struct option longs[ARRAY_LEN(rows) + 1] = { { 0 } };
	const struct options_grammar grammar = { usage, NULL, longs, read_option };
	size_t n = 0;
	int first;

	*ret = (struct options){ .kind = -1 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].known == ~0U || (rows[i].known & known))
			longs[n++] = rows[i].option;
	first = options_each(argc, argv, &grammar, ret, ret_status);
	if (first < 0)
		return -1;
	ret->words = argv + 1;
	ret->nwords = first - 1;
	ret->args = argv + first;
	ret->nargs = argc - first;
	*ret_status = EXIT_FINE;
	return 0;
}

void options_done(struct options *o)
{
	arena_done(&o->arena);
}

void options_assume(const struct options *o, struct facts *facts)
{
	for (size_t i = 0; i < o->nassumed; i++)
		facts->values[o->assumed[i].id] = o->assumed[i].value;
}

int options_load_policy(const char *path, const struct place *p, struct store_policy *ret)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct err e = { 0 };

	if ((path ? store_load_file(path, ret, &problems, &e)
		  : store_load(p->root, p->live ? STORE_LOOK : STORE_OFFLINE, ret, &e)) ==
	    0)
		return 0;
	(void)say_problems(&problems, &e);
	return -1;
}

int options_open(const struct options *o, struct place *ret_place,
		 struct store_policy *ret_policy, int *ret_status)
{
	struct err e = { 0 };

	*ret_status = EXIT_CANNOT;
	if (place_open(o->root, ret_place, &e) == 0)
		return options_load_policy(o->policy, ret_place, ret_policy);
	(void)say_error(&e);
	return -1;
}
