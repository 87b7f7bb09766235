/* SPDX-License-Identifier: MIT */
/*
 * policy-test - tests of a policy, as people write them beside it.
 *
 *   version = 1
 *   policy  = "shop.conf"                    # beside this file
 *
 *   test "a privileged web server is refused" {
 *       config  = { "hostname: web01", "unprivileged: 0" }
 *       kind    = ct
 *       verdict = deny
 *       rules   = { "privileged" }           # these fire, and no others
 *   }
 *
 * docs/policy-testing.md says what each key means. A test is judged as `pve-safe check`
 * judges a file on its own: nothing of the node it runs on has a part in it, but the policy
 * where none is named.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/file.h"
#include "policy/store.h"
#include "run/options.h"
#include "run/place.h"

enum { POLICY_TEST_MAX_POLICIES = 32 };

/* How one test went. */
enum policy_test_status { POLICY_TEST_PASSED, POLICY_TEST_FAILED, POLICY_TEST_BROKEN };

/* A policy that is tested, and what its tests made of each rule. */
struct policy_tested {
	const char *path; /* of its file; NULL: the one of the place. Owned */
	struct store_policy store;
	size_t *fired; /* by rule: tests in which it fired; owned */
	size_t *quiet; /* tests at whose event it is judged, and in which it did not */
	size_t ntests;
};

/* A file of tests. */
struct policy_test_file {
	const char *path;
	struct conf *conf; /* owned */
	struct policy_tested *policy;
};

/* One test that was run. */
struct policy_test_result {
	const struct policy_test_file *file;
	const struct conf_node *test;
	enum policy_test_status status;
	struct buf why; /* what differs, line by line; empty when it passed; owned */
};

/* A run of all files. */
struct policy_test_run {
	struct options options;
	struct place place;
	struct policy_tested policies[POLICY_TEST_MAX_POLICIES];
	size_t npolicies;
	struct policy_test_file *files; /* owned */
	size_t nfiles;
	struct policy_test_result *results; /* owned */
	size_t nresults;
	size_t counts[POLICY_TEST_BROKEN + 1]; /* results by status */
};

/*
 * Reads the file of tests @path, and checks all in it that needs no policy. 0; -1 with every
 * problem in @problems, or with @e set when it cannot be read at all.
 */
int policy_test_load(const char *path, struct policy_test_file *ret,
		     struct problems *problems, struct err *e);

/* Checks that the rules named in @f are rules of its policy. -1 with @problems. */
int policy_test_check_rules(const struct policy_test_file *f, struct problems *problems);

/* Splits "RULE=EFFECT"; false when it is not of that form. */
bool policy_test_effect(struct slice text, struct slice *ret_rule,
			enum effect *ret_effect);

/* The path of @name, which is beside the file @path if it has no leading '/'; heap. */
char *policy_test_beside(const char *path, struct slice name);

/* Runs the test @result->test, and notes how it went. */
void policy_test_judge(struct policy_test_run *run, struct policy_test_result *result);

/* Prints what came of @run, in the form that its options ask for. */
void policy_test_print(const struct policy_test_run *run);

/* pve-safe policy test; the exit status. */
int policy_test(int argc, char **argv);
