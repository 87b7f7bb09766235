/* SPDX-License-Identifier: MIT */
/* pve-safe policy: is it right, what does it say; finds the verbs of other files. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/policy-diff.h"
#include "run/policy-install.h"

static const char usage[] =
	"usage: pve-safe policy lint [FILE]         all that is wrong with a policy\n"
	"       pve-safe policy show [OPTION…]      the policy in force, rule by rule\n"
	"       pve-safe policy diff [OPTION…] NEW  whose verdict NEW would change\n"
	"       pve-safe policy install [--yes] FILE\n"
	"       pve-safe policy remove [--yes]      put FILE, or nothing, in force\n\n"
	"  --policy FILE       show FILE instead of the node's policy\n"
	"  --root DIR          DIR stands for /\n"
	"  --format text|json\n\n"
	"Exit status: 0 fine, 1 something is wrong with it, 2 it cannot be read.\n";

/* Writes a member of text, null when absent. */
static void member(struct json *j, const char *key, struct slice value)
{
	json_put_key(j, key);
	json_put_string(j, value);
}

/* Writes one rule as JSON. */
static void emit_rule(const struct rule *r, struct json *j)
{
	json_open_object(j);
	member(j, "name", r->name);
	member(j, "action", slice_of(action_name(r->action)));
	member(j, "when", expr_text(r->when));
	member(j, "unless", r->unless ? expr_text(r->unless) : (struct slice){ 0 });
	member(j, "refuse", slice_of(r->refuse == REFUSE_ALWAYS ? "always" : "fresh"));
	json_put_key(j, "events");
	json_open_array(j);
	for (size_t i = 0; i < r->events.n; i++)
		json_put_string(j, r->events.items[i]);
	json_close(j);
	member(j, "reason", r->reason);
	member(j, "remedy", r->remedy);
	member(j, "file", slice_of(r->file));
	json_put_key(j, "line");
	json_put_number(j, r->line);
	json_close(j);
}

/* Prints a policy as JSON. */
static void show_json(const struct store_policy *s)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct json j;

	json_begin(&j, &out);
	json_open_object(&j);
	member(&j, "source", slice_of(s->source));
	member(&j, "name", slice_of(s->name));
	json_put_key(&j, "version");
	json_put_number(&j, s->policy->version);
	json_put_key(&j, "serial");
	json_put_number(&j, s->policy->serial);
	member(&j, "digest", slice_of(s->policy->digest));
	json_put_key(&j, "problem");
	json_put_text(&j, s->problem);
	member(&j, "mode", slice_of(mode_name(s->policy->mode)));
	json_put_key(&j, "rules");
	json_open_array(&j);
	for (size_t i = 0; i < s->policy->nrules; i++)
		emit_rule(&s->policy->rules[i], &j);
	json_close(&j);
	json_close(&j);
	(void)printf("%s\n", buf_text(&out));
}

/* Prints a line "    label text" unless @text is absent. */
static void print_line(const char *label, struct slice text)
{
	if (text.len)
		(void)printf("    %-7s %.*s\n", label, SLICE_ARG(text));
}

/* Prints a policy for people. */
static void show_text(const struct store_policy *s)
{
	const struct policy *p = s->policy;

	(void)printf("policy %s (%s), mode %s, serial %" PRIu64 ", sha256 %s\n", s->name,
		     s->source, mode_name(p->mode), p->serial, p->digest);
	if (s->problem)
		(void)printf("WARN: the current policy cannot be used: %s\n", s->problem);
	if (s->report_starts)
		(void)printf(
			"no policy was ever installed here: starts are only reported\n");
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];

		(void)printf("\n%.*s: %s (%s:%u)\n", SLICE_ARG(r->name),
			     action_name(r->action), r->file, r->line);
		print_line("when", expr_text(r->when));
		if (r->unless)
			print_line("unless", expr_text(r->unless));
		print_line("reason", r->reason);
		print_line("do", r->remedy);
	}
}

/* policy show. */
static int show(int argc, char **argv)
{
	AUTO(options_done) struct options o = { 0 };
	AUTO(place_close) struct place p = { .root = -1 };
	AUTO(store_policy_done) struct store_policy s = { 0 };
	int status;

	if (options_read(argc, argv, OPTIONS_POLICY | OPTIONS_ROOT | OPTIONS_FORMAT,
			 usage, &o, &status) < 0 ||
	    options_open(&o, &p, &s, &status) < 0)
		return status;
	if (o.json)
		show_json(&s);
	else
		show_text(&s);
	return s.problem ? EXIT_FOUND : EXIT_FINE;
}

/* Prints the problems of one file; the exit status. */
static int lint_file(const char *path)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(store_policy_done) struct store_policy s = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct err e = { 0 };

	if (store_load_file(path, &s, &problems, &e) == 0) {
		(void)printf("%s: fine, %zu rules\n", path, s.policy->nrules);
		return EXIT_FINE;
	}
	problems_render(&problems, &text);
	if (!text.len) {
		(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
		return EXIT_CANNOT;
	}
	(void)fputs(buf_text(&text), stdout);
	return EXIT_FOUND;
}

/* policy lint [FILE]. */
static int lint(int argc, char **argv)
{
	static const char *const places[] = { "/etc/pve/pve-safe/policy.conf",
					      "/etc/pve-safe/policy.conf" };
	AUTO(options_done) struct options o = { 0 };
	int status;

	if (options_read(argc, argv, 0, usage, &o, &status) < 0)
		return status;
	if (o.nargs > 1) {
		(void)fputs("pve-safe: policy lint: one file at a time\n", stderr);
		return EXIT_USAGE;
	}
	if (o.nargs == 1)
		return lint_file(o.args[0]);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], F_OK) == 0)
			return lint_file(places[i]);
	(void)fprintf(stderr, "pve-safe: there is no policy: neither %s nor %s\n",
		      places[0], places[1]);
	return EXIT_CANNOT;
}

int cmd_policy(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} verbs[] = { { "lint", lint },
		      { "show", show },
		      { "diff", policy_diff },
		      { "install", policy_install },
		      { "remove", policy_remove } };

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(usage, stdout);
		return EXIT_FINE;
	}
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(verbs); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	(void)fputs(usage, stderr);
	return EXIT_USAGE;
}
