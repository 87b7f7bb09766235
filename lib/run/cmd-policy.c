/* SPDX-License-Identifier: MIT */
/* pve-safe policy: is it right, what does it say; finds the verbs of other files. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/policy-diff.h"
#include "run/policy-install.h"
#include "run/policy-lint.h"
#include "run/policy-show.h"
#include "run/policy-test.h"

static const char usage[] =
	"usage: pve-safe policy lint [OPTION…] [FILE]  what is wrong with it, or odd\n"
	"       pve-safe policy show [OPTION…]       the policy in force, rule by rule\n"
	"       pve-safe policy diff [OPTION…] NEW   whose verdict NEW would change\n"
	"       pve-safe policy test [OPTION…] FILE… whether it says what tests expect\n"
	"       pve-safe policy install [--yes] FILE\n"
	"       pve-safe policy remove [--yes]       put FILE, or nothing, in force\n\n"
	"  --policy FILE       show FILE instead of the node's policy\n"
	"  --root DIR          DIR stands for /\n"
	"  --format text|json\n\n"
	"pve-safe policy COMMAND --help says more.\n"
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

int cmd_policy(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} verbs[] = { { "lint", policy_lint },       { "show", show },
		      { "diff", policy_diff },       { "test", policy_test },
		      { "install", policy_install }, { "remove", policy_remove } };

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
