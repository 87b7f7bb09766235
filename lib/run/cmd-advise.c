/* SPDX-License-Identifier: MIT */
/* pve-safe advise: container or VM, why, and the command that the policy accepts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "policy/words.h"
#include "run/advise.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"

static const char usage[] =
	"usage: pve-safe advise [OPTION…] WORKLOAD…\n\n"
	"Says where a workload belongs, why, and how to make a guest for it that the\n"
	"policy accepts. WORKLOAD is a class of the policy, or a tag: postgresql.\n\n"
	"  --needs NEED,…      what it needs: module, sysctl, nesting, kernel, gpu, usb\n"
	"  --policy FILE       by FILE instead of the node's policy\n"
	"  --root DIR          DIR stands for /\n"
	"  --format text|json  json: one object a line\n\n"
	"Where there is no policy it goes by baseline@1 and playbook@1.\n\n"
	"Exit status: 0 there is a way, 1 both are refused, 64 no such workload.\n";

/* What is gone by where there is no policy. */
static const char fallback[] = "version = 1\n"
			       "include = { \"baseline@1\", \"playbook@1\" }\n";

/* Releases @a. For AUTO(). */
static void advisor_done(struct advisor *a)
{
	limits_done(&a->limits);
	settings_done(&a->settings);
	cluster_done(&a->cluster);
	policy_free(a->book);
	store_policy_done(&a->policy);
	place_close(&a->place);
	arena_done(&a->arena);
}

/* Compiles the policy of nobody who has one. */
static int compile_fallback(struct policy **ret, struct err *e)
{
	return policy_compile_text(slice_of("built in"), slice_of(fallback), ret, e);
}

/* Takes the fallback for the policy where none was found. */
static int replace_builtin(struct advisor *a, struct err *e)
{
	struct policy *p = NULL;
	char *name;

	if (strcmp(a->policy.source, "builtin") != 0 || a->policy.problem)
		return 0;
	if (compile_fallback(&p, e) < 0)
		return -1;
	name = strdup("playbook@1");
	if (!name) {
		policy_free(p);
		return err_nomem(e);
	}
	policy_free(a->policy.policy);
	free(a->policy.name);
	a->policy.policy = p;
	a->policy.name = name;
	a->policy.report_starts = false;
	return 0;
}

/* Loads what the cluster says and the templates want. */
static int load_world(struct advisor *a, struct err *e)
{
	const struct policy *p = a->policy.policy;

	if (settings_load(&a->place, p, &a->settings, e) < 0)
		return -1;
	limits_begin(&a->place, p, &a->cluster, LIMITS_COMMAND, &a->limits);
	cluster_load(&a->place,
		     fact_set_sources(&p->facts) | fact_set_sources(&p->class_facts) |
			     fact_set_sources(&a->settings.wanted) |
			     fact_set_sources(&a->limits.wanted),
		     &a->cluster);
	return 0;
}

/* Reads --needs. -1 after saying what is wrong. */
static int read_needs(const char *text, struct advisor *a)
{
	const char *names[NEEDS];
	struct slice item, rest = slice_of(text ? text : "");
	bool more = text != NULL;

	for (enum need n = 0; n < NEEDS; n++)
		names[n] = need_name(n);
	while (more) {
		AUTO(buf_done) struct buf hint = { 0 }, shown = { 0 };
		int i;

		more = slice_cut(rest, ',', &item, &rest);
		i = words_find(item, names, NEEDS);
		if (i >= 0) {
			a->needs[i] = true;
			continue;
		}
		words_suggest(item, names, NEEDS, &hint);
		text_printable(&shown, item, 64);
		(void)fprintf(stderr, "pve-safe: --needs: '%s' is none of its values%s\n",
			      buf_text(&shown), buf_text(&hint));
		return -1;
	}
	return 0;
}

/* Finds all workloads that were named; says which are none. 0, or the exit status. */
static int find_all(struct advisor *a, const struct options *o, struct advice *rows)
{
	int status = EXIT_FINE;

	for (int i = 0; i < o->nargs; i++) {
		AUTO(buf_done) struct buf hint = { 0 }, shown = { 0 };
		struct err e = { 0 };

		rows[i].asked = slice_of(o->args[i]);
		switch (advise_find(a, rows[i].asked, &rows[i].class, &hint, &e)) {
		case 1:
			continue;
		case 0:
			text_printable(&shown, rows[i].asked, 64);
			(void)fprintf(stderr,
				      "pve-safe: advise: no workload or tag '%s'%s\n",
				      buf_text(&shown), buf_text(&hint));
			status = EXIT_USAGE;
			continue;
		default:
			(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
			return EXIT_SYSTEM;
		}
	}
	return status;
}

/* Prints the advice on all of them; the exit status. */
static int print_all(struct advisor *a, const struct options *o, struct advice *rows)
{
	int status = EXIT_FINE;

	for (int i = 0; i < o->nargs; i++) {
		AUTO(buf_done) struct buf out = { 0 };
		struct err e = { 0 };

		if (advise(a, &rows[i], &e) < 0)
			return say_error(&e);
		if (o->json)
			advice_emit(&rows[i], &out);
		else
			advice_render(&rows[i], &out);
		if (i && !o->json)
			(void)putchar('\n');
		if (!say(&out, stdout))
			return EXIT_CANNOT;
		if (!rows[i].command)
			status = EXIT_FOUND;
	}
	return status;
}

/* Advises on what the command line names. */
static int run(struct advisor *a, const struct options *o)
{
	struct advice *rows = arena_array(&a->arena, (size_t)o->nargs, sizeof(*rows));
	struct err e = { 0 };
	int status;

	if (!rows || replace_builtin(a, &e) < 0 || compile_fallback(&a->book, &e) < 0 ||
	    load_world(a, &e) < 0) {
		(void)fprintf(stderr, "pve-safe: %s\n", rows ? e.msg : "out of memory");
		return EXIT_SYSTEM;
	}
	status = find_all(a, o, rows);
	return status ? status : print_all(a, o, rows);
}

int cmd_advise(int argc, char **argv)
{
	AUTO(advisor_done) struct advisor a = { .place.root = -1 };
	AUTO(options_done) struct options o = { 0 };
	int status;

	if (options_read(argc, argv,
			 OPTIONS_POLICY | OPTIONS_ROOT | OPTIONS_FORMAT | OPTIONS_NEEDS,
			 usage, &o, &status) < 0)
		return status;
	if (!o.nargs) {
		(void)fputs("pve-safe: advise: which workload? Name a class or a tag, "
			    "such as database or postgresql\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (read_needs(o.needs, &a) < 0)
		return EXIT_USAGE;
	if (options_open(&o, &a.place, &a.policy, &status) < 0)
		return status;
	say_policy(&a.policy);
	return run(&a, &o);
}
