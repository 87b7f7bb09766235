/* SPDX-License-Identifier: MIT */
/* pve-safe template: the settings templates that there are, and what they set for a guest. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "run/cmd.h"
#include "run/offline.h"
#include "run/say.h"
#include "run/settings.h"
#include "run/settings-show.h"
#include "run/template-apply.h"

static const char list_usage[] =
	"usage: pve-safe template list [--root DIR] [--format text|json]\n\n"
	"Lists the settings templates: those that come with pve-safe, and the files of\n"
	"/etc/pve/pve-safe/settings, of which one replaces a shipped one by its name.\n\n"
	"Exit status: 0, 1 a file cannot be used, 2 could not.\n";

static const char show_usage[] =
	"usage: pve-safe template show NAME [--root DIR]\n\n"
	"Prints the text of a settings template, and which file it is from.\n";

static const char render_usage[] =
	"usage: pve-safe template render [--template NAME] [--root DIR] [--policy FILE]\n"
	"                                [--kind ct|vm] [--format text|json] "
	"VMID|FILE…\n\n"
	"Prints what the templates of a guest would set for it, where that is asked "
	"for,\n"
	"and what is known only once it runs. Changes nothing.\n\n"
	"  --template NAME  as if somebody had applied this template, too\n\n"
	"Exit status: 0, 1 something cannot be set, 2 could not.\n";

static const char usage[] =
	"usage: pve-safe template list|show|render|apply|undo [OPTION…] [ARGUMENT…]\n\n"
	"  list    which settings templates there are\n"
	"  show    the text of one\n"
	"  render  what they would set for a guest\n"
	"  apply   applies one to a running guest of this node\n"
	"  undo    undoes what it has set on the node\n\n"
	"pve-safe template COMMAND --help says more.\n";

/* One run of the command. */
struct run {
	struct offline o;
	struct settings settings;
	const char *by_hand; /* --template; NULL: none */
};

/* Releases @r. For AUTO(). */
static void run_done(struct run *r)
{
	settings_done(&r->settings);
	offline_done(&r->o);
}

/* Reads the command line and loads the templates. 0, or -1 with the exit status. */
static int open_run(int argc, char **argv, unsigned known, const char *text,
		    struct run *r, int *ret_status)
{
	struct err e = { 0 };

	if (offline_open(argc, argv, known, text, &r->o, ret_status) < 0)
		return -1;
	if (offline_read_settings(&r->o, &r->settings, &e) == 0)
		return 0;
	(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
	*ret_status = EXIT_CANNOT;
	return -1;
}

/* Prints what is wrong with files of templates; the exit status for it. */
static int print_problems(struct templates *set)
{
	AUTO(buf_done) struct buf out = { 0 };

	problems_render(&set->problems, &out);
	(void)fputs(buf_text(&out), stderr);
	return problems_any(&set->problems) ? EXIT_FOUND : EXIT_FINE;
}

/* Where @row is from: shipped, replaces a shipped one, of the administrator's own. */
static const char *origin_of(const struct template_row *row)
{
	if (row->broken)
		return "broken";
	return row->shipped ? "shipped" : row->replaces ? "replaces shipped" : "own";
}

/* Writes the member "where": a place in a file. */
static void emit_where(struct json *j, const char *file, unsigned line)
{
	json_member_object(j, "where");
	json_member_text(j, "file", file);
	json_member_number(j, "line", line);
	json_close(j);
}

/* Prints one template of the list. */
static void print_row(const struct template_row *row, bool as_json)
{
	static const char *const kinds[] = { "ct", "vm", "any" };
	AUTO(buf_done) struct buf out = { 0 };
	const struct template *t = &row->t;
	struct slice match = t->match ? expr_text(t->match) : (struct slice){ 0 };
	struct json j;

	if (!as_json) {
		(void)printf("%-21.*s %-16s %.*s\n", SLICE_ARG(t->name), origin_of(row),
			     t->doc.len ? (int)t->doc.len : (int)strlen(t->file),
			     t->doc.len ? t->doc.ptr : t->file);
		return;
	}
	json_begin(&j, &out);
	json_open_object(&j);
	json_member(&j, "template", t->name);
	json_member_text(&j, "origin", origin_of(row));
	json_member_text(&j, "kind", kinds[t->kind]);
	json_member(&j, "match", match);
	json_member_bool(&j, "required", t->required);
	json_member(&j, "doc", t->doc);
	emit_where(&j, t->file, t->line);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* template list: the exit status. */
static int list(int argc, char **argv)
{
	AUTO(run_done) struct run r = { .o.place.root = -1 };
	struct templates *set = &r.settings.set;
	struct err e = { 0 };
	int status;

	if (open_run(argc, argv, OPTIONS_ROOT | OPTIONS_FORMAT, list_usage, &r, &status) <
	    0)
		return status;
	if (r.o.options.nargs) {
		(void)fputs("pve-safe: template list: takes no arguments\n", stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < set->n; i++) {
		if (templates_complete(set, &set->rows[i], &e) < 0)
			return say_error(&e);
		print_row(&set->rows[i], r.o.options.json);
	}
	return print_problems(set);
}

/* Says that there is no template @name. */
static int no_template(const struct templates *set, const char *name)
{
	AUTO(arena_done) struct arena a = { 0 };
	const char **names = arena_array(&a, set->n + 1, sizeof(*names));
	int near = -1;

	for (size_t i = 0; names && i < set->n; i++)
		names[i] = arena_strdup(&a, set->rows[i].t.name);
	if (names && !arena_failed(&a))
		near = text_nearest(slice_of(name), names, set->n);
	(void)fprintf(stderr, "pve-safe: there is no template '%s'%s%s%s\n", name,
		      near < 0 ? "" : "; did you mean '", near < 0 ? "" : names[near],
		      near < 0 ? "" : "'?");
	return EXIT_USAGE;
}

/* Prints the text of a file of templates below the root. */
static int print_file(const struct place *p, const char *path)
{
	AUTO(file_text_done) struct file_text text = { 0 };
	struct file_rules rules = p->files;
	struct err e = { 0 };

	rules.shown = path;
	if (file_read(p->root, path + 1, &rules, &text, &e) != 0)
		return say_error(&e);
	(void)fwrite(text.ptr, 1, text.len, stdout);
	return EXIT_FINE;
}

/* template show: the exit status. */
static int show(int argc, char **argv)
{
	AUTO(run_done) struct run r = { .o.place.root = -1 };
	const struct template_row *row;
	int status;

	if (open_run(argc, argv, OPTIONS_ROOT, show_usage, &r, &status) < 0)
		return status;
	if (r.o.options.nargs != 1) {
		(void)fputs(
			"pve-safe: template show: which one? pve-safe template list\n",
			stderr);
		return EXIT_USAGE;
	}
	row = templates_find(&r.settings.set, slice_of(r.o.options.args[0]));
	if (!row)
		return no_template(&r.settings.set, r.o.options.args[0]);
	(void)printf("# %s (%s)\n", row->t.file, origin_of(row));
	if (!row->shipped)
		return print_file(&r.o.place, row->t.file);
	(void)fwrite(row->shipped->text, 1, row->shipped->len, stdout);
	return EXIT_FINE;
}

/* Plans for one guest and prints it; the exit status. */
static int render_guest(const struct guest *g, void *context)
{
	struct run *r = (struct run *)((char *)context - offsetof(struct run, o));
	struct settings *s = &r->settings;
	AUTO(judge_done) struct judgement j = { 0 };
	struct slice hand = r->by_hand ? slice_of(r->by_hand) : (struct slice){ 0 };
	struct err e = { 0 };

	r->o.also = &s->wanted;
	if (offline_judge(&r->o, g, &j, &e) < 0 ||
	    settings_plan(s, &j.input, &j.facts, hand, &e) < 0)
		return say_error_of(g->path, &e);
	settings_show(s, g, r->o.options.json);
	return s->plan.nproblems || s->nmissing || s->nopen ? EXIT_FOUND : EXIT_FINE;
}

/* Takes --template NAME out of @argv; -1 without a name. */
static int take_template(int *argc, char **argv, const char **ret)
{
	int n = 1;

	for (int i = 1; i < *argc; i++) {
		if (strncmp(argv[i], "--template=", 11) == 0) {
			*ret = argv[i] + 11;
		} else if (strcmp(argv[i], "--template") == 0) {
			if (++i == *argc)
				return -1;
			*ret = argv[i];
		} else {
			argv[n++] = argv[i];
		}
	}
	*argc = n;
	argv[n] = NULL;
	return 0;
}

/* template render: the exit status. */
static int render(int argc, char **argv)
{
	AUTO(run_done) struct run r = { .o.place.root = -1 };
	int status, wrong;

	if (take_template(&argc, argv, &r.by_hand) < 0) {
		(void)fputs("pve-safe: --template: which one? pve-safe template list\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (open_run(argc, argv,
		     OPTIONS_ROOT | OPTIONS_POLICY | OPTIONS_KIND | OPTIONS_FORMAT,
		     render_usage, &r, &status) < 0)
		return status;
	if (r.by_hand && !templates_find(&r.settings.set, slice_of(r.by_hand)))
		return no_template(&r.settings.set, r.by_hand);
	status = offline_each(&r.o, render_guest);
	wrong = print_problems(&r.settings.set);
	return status > wrong ? status : wrong;
}

int cmd_template(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = { { "list", list },
			 { "show", show },
			 { "render", render },
			 { "apply", template_apply },
			 { "undo", template_undo } };
	AUTO(buf_done) struct buf shown = { 0 };

	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		(void)fputs(usage, stdout);
		return EXIT_FINE;
	}
	if (argc > 1) {
		text_printable(&shown, slice_of(argv[1]), 80);
		(void)fprintf(stderr, "pve-safe: template: no such command: '%s'\n",
			      buf_text(&shown));
	}
	(void)fputs(usage, stderr);
	return EXIT_USAGE;
}
