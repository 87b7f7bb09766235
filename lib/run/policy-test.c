/* SPDX-License-Identifier: MIT */
/* pve-safe policy test: the files are loaded, their policies, and each test is run. */
#include "run/policy-test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "run/say.h"

static const char usage[] =
	"usage: pve-safe policy test [OPTION…] FILE…\n\n"
	"Judges the guests that FILE describes, and compares verdict and rules with "
	"what\n"
	"it expects of them. At the end: the rules that no test fires.\n\n"
	"  --policy FILE        test FILE instead of the policy that the tests name\n"
	"  --root DIR           DIR stands for /, where neither names one\n"
	"  --format text|json|junit|tap\n\n"
	"Exit status: 0 all passed, 1 some failed, 2 something cannot be read.\n";

/* Releases @run. Fit for AUTO(). */
static void run_done(struct policy_test_run *run)
{
	for (size_t i = 0; i < run->npolicies; i++) {
		struct policy_tested *p = &run->policies[i];

		/* NOLINTNEXTLINE(performance-no-int-to-ptr): ours, though const */
		free((char *)(uintptr_t)p->path);
		free(p->fired);
		free(p->quiet);
		store_policy_done(&p->store);
	}
	for (size_t i = 0; i < run->nfiles; i++)
		conf_free(run->files[i].conf);
	for (size_t i = 0; i < run->nresults; i++)
		buf_done(&run->results[i].why);
	free(run->files);
	free(run->results);
	place_close(&run->place);
	options_done(&run->options);
}

/* Loads the policy @path, NULL for that of the place, into @p. An exit status. */
static int load_policy(const struct policy_test_run *run, const char *path,
		       struct policy_tested *p)
{
	p->path = path ? strdup(path) : NULL;
	if (path && !p->path)
		return EXIT_SYSTEM;
	if (options_load_policy(path, &run->place, &p->store) < 0)
		return EXIT_CANNOT;
	p->fired = calloc(p->store.policy->nrules + 1, sizeof(*p->fired));
	p->quiet = calloc(p->store.policy->nrules + 1, sizeof(*p->quiet));
	return p->fired && p->quiet ? EXIT_FINE : EXIT_SYSTEM;
}

/* Gives @f the policy that it tests, loaded once. An exit status. */
static int find_policy(struct policy_test_run *run, struct policy_test_file *f)
{
	struct slice named = conf_text(conf_root(f->conf), "policy");
	AUTO_FREE char *beside = named.ptr ? policy_test_beside(f->path, named) : NULL;
	const char *path = run->options.policy ? run->options.policy : beside;

	for (size_t i = 0; i < run->npolicies; i++) {
		const char *other = run->policies[i].path;

		if (path && other ? strcmp(path, other) == 0 : path == other) {
			f->policy = &run->policies[i];
			return EXIT_FINE;
		}
	}
	if (run->npolicies == POLICY_TEST_MAX_POLICIES) {
		(void)fprintf(stderr, "pve-safe: policy test: at most %d policies\n",
			      POLICY_TEST_MAX_POLICIES);
		return EXIT_CANNOT;
	}
	f->policy = &run->policies[run->npolicies++];
	return load_policy(run, path, f->policy);
}

/* Loads the file @path. An exit status. */
static int load_file(struct policy_test_run *run, const char *path)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct policy_test_file *f = &run->files[run->nfiles++];
	struct err e = { 0 };
	int status;

	if (policy_test_load(path, f, &problems, &e) < 0)
		return say_problems(&problems, &e);
	status = find_policy(run, f);
	if (status == EXIT_FINE && policy_test_check_rules(f, &problems) < 0)
		return say_problems(&problems, &e);
	return status;
}

/* Runs the tests of all files. False without memory. */
static bool run_tests(struct policy_test_run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->nfiles; i++)
		n += conf_root(run->files[i].conf)->nnodes;
	run->results = calloc(n + 1, sizeof(*run->results));
	for (size_t i = 0; run->results && i < run->nfiles; i++) {
		const struct conf_node *root = conf_root(run->files[i].conf);

		for (size_t k = 0; k < root->nnodes; k++) {
			struct policy_test_result *r = &run->results[run->nresults++];

			r->file = &run->files[i];
			r->test = &root->nodes[k];
			policy_test_judge(run, r);
			run->counts[r->status]++;
		}
	}
	return run->results;
}

/* Loads everything, the worst of it deciding. An exit status. */
static int load_all(struct policy_test_run *run)
{
	struct err e = { 0 };
	int status = EXIT_FINE;

	if (place_open(run->options.root, &run->place, &e) < 0)
		return say_error(&e);
	run->files = calloc((size_t)run->options.nargs, sizeof(*run->files));
	if (!run->files)
		return EXIT_SYSTEM;
	for (int i = 0; i < run->options.nargs; i++) {
		int got = load_file(run, run->options.args[i]);

		status = got > status ? got : status;
	}
	return status;
}

int policy_test(int argc, char **argv)
{
	AUTO(run_done) struct policy_test_run run = { .place.root = -1 };
	int status;

	if (options_read(argc, argv, OPTIONS_POLICY | OPTIONS_ROOT | OPTIONS_REPORT,
			 usage, &run.options, &status) < 0)
		return status;
	if (!run.options.nargs) {
		(void)fputs("pve-safe: policy test: which file? "
			    "pve-safe policy test FILE\n",
			    stderr);
		return EXIT_USAGE;
	}
	status = load_all(&run);
	if (status != EXIT_FINE)
		return status;
	if (!run_tests(&run))
		return EXIT_SYSTEM;
	policy_test_print(&run);
	if (run.counts[POLICY_TEST_BROKEN])
		return EXIT_CANNOT;
	return run.counts[POLICY_TEST_FAILED] ? EXIT_FOUND : EXIT_FINE;
}
