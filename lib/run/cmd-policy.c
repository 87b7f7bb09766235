/* SPDX-License-Identifier: MIT */
/* pve-safe policy: is it right, what does it say; finds the verbs of other files. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/policy-diff.h"
#include "run/policy-install.h"
#include "run/policy-show.h"
#include "run/policy-test.h"

static const char usage[] =
	"usage: pve-safe policy lint [FILE]         all that is wrong with a policy\n"
	"       pve-safe policy show [OPTION…]      the policy in force, rule by rule\n"
	"       pve-safe policy diff [OPTION…] NEW  whose verdict NEW would change\n"
	"       pve-safe policy test [OPTION…] FILE…   whether it says what tests expect\n"
	"       pve-safe policy install [--yes] FILE\n"
	"       pve-safe policy remove [--yes]      put FILE, or nothing, in force\n\n"
	"  --policy FILE       show FILE instead of the node's policy\n"
	"  --root DIR          DIR stands for /\n"
	"  --format text|json\n\n"
	"Exit status: 0 fine, 1 something is wrong with it, 2 it cannot be read.\n";

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
	policy_show(&s, o.json);
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
		      { "test", policy_test },
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
