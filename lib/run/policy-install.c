/* SPDX-License-Identifier: MIT */
#include "run/policy-install.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/leftover.h"
#include "base/lock.h"
#include "policy/seal.h"
#include "run/options.h"
#include "run/policy-boot.h"
#include "run/policy-diff.h"
#include "run/policy-lock.h"
#include "run/policy-nodes.h"
#include "run/say.h"

#define POLICY_DIR  "etc/pve/pve-safe"
#define POLICY_PATH POLICY_DIR "/policy.conf"

enum { LOCK_WAIT_MS = 10000 };

static const char usage[] =
	"usage: pve-safe policy install [--yes] FILE   put FILE in force everywhere\n"
	"       pve-safe policy remove [--yes]         nothing is refused any more\n\n"
	"Both show whose verdict changes, and who would not come back after a reboot\n"
	"of their node, and ask. The policy is /etc/pve/pve-safe/policy.conf, on all\n"
	"nodes at once. remove puts one in its place that only reports, on the\n"
	"built-in rules: a file that is gone is answered with the last good copy.\n\n"
	"  --yes  do not ask\n\n"
	"Exit status: 0 done, 2 not done, 64 usage.\n";

/* One run of either. */
struct install {
	const char *verb; /* "install" */
	bool yes;
	struct place place;
	int lock;                   /* of this node, while it is asked and shown */
	struct policy_lock cluster; /* while it is written */
	struct store_policy before, after;
};

/* Releases @i. For AUTO(). */
static void install_done(struct install *i)
{
	policy_lock_done(&i->cluster);
	cleanup_close(&i->lock);
	store_policy_done(&i->before);
	store_policy_done(&i->after);
	place_close(&i->place);
}

/* Takes --yes, the only option, into the install @context. */
static int take_option(void *context, int option, const char *value)
{
	struct install *i = context;

	(void)option;
	(void)value;
	i->yes = true;
	return 0;
}

/* Reads the command line, which names @want files. 0, or -1 with *@ret_status. */
static int read_options(int argc, char **argv, int want, struct install *i,
			int *ret_status)
{
	static const struct option longs[] = {
		{ "yes", no_argument, NULL, 'y' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };
	int first = options_each(argc, argv, &grammar, i, ret_status);

	if (first < 0)
		return -1;
	if (argc - first == want)
		return 0;
	(void)fprintf(stderr, "pve-safe: policy %s: %s\n", i->verb,
		      want ? "which file? pve-safe policy install FILE"
			   : "it takes no file");
	return -1;
}

/* Opens the place, sees that it can be written, and keeps other installs here away. */
static int open_install(struct install *i, struct err *e)
{
	int r;

	if (place_open(NULL, &i->place, e) < 0)
		return -1;
	if (!place_has_cluster(&i->place))
		return err_set(e, ERR_SYSTEM,
			       "/etc/pve is not mounted (/etc/pve/nodes is no "
			       "directory): start pve-cluster first");
	if (!place_is_quorate(&i->place))
		return err_set(e, ERR_SYSTEM,
			       "the cluster has no quorum, so /etc/pve cannot be "
			       "written; pvecm status says more");
	/* What cannot be made here is told by the locking. */
	(void)mkdirat(i->place.root, "run/pve-safe", 0755);
	r = lock_file(i->place.root, "run/pve-safe/policy.lock", LOCK_EXCLUSIVE,
		      LOCK_WAIT_MS, &i->lock, e);
	if (r == 1)
		return err_set(e, ERR_SYSTEM,
			       "another pve-safe policy install or remove is at work "
			       "on this node");
	return r < 0 ? -1 : store_load(i->place.root, STORE_LOOK, &i->before, e);
}

/* Adds the included file @t under the name it has beside the policy, if it is there. */
static int add_included(const struct place *p, const struct policy_text *t,
			struct policy_texts *texts, struct err *e)
{
	const char *slash = strrchr(t->name, '/');
	const char *base = slash ? slash + 1 : t->name;
	AUTO(file_text_done) struct file_text there = { 0 };
	struct slice text = { t->text, t->len };
	char name[PLACE_PATH_MAX];
	int r;

	if (!slash && shipped_find(slice_of(base)).ptr)
		return policy_texts_add(texts, slice_of(base), text, e);
	if (snprintf(name, sizeof(name), "/" POLICY_DIR "/%s", base) >= (int)sizeof(name))
		return err_set(e, ERR_RANGE, "the path of '%s' is too long", base);
	r = file_read(p->root, name + 1, &p->files, &there, e);
	if (r < 0)
		return -1;
	if (r == 0 && slice_same(file_slice(&there), text))
		return policy_texts_add(texts, slice_of(name), text, e);
	return err_set(e, ERR_UNKNOWN, "it includes %s, %s %s: copy it there first",
		       t->name, r == 1 ? "which is not yet" : "which differs from", name);
}

/* Makes of the texts @from what will be in force, compiled as every node will do it. */
static int prepare(struct install *i, const struct policy_texts *from, struct err *e)
{
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	const struct policy_text *file = &from->files[0];
	uint64_t serial = i->before.policy->serial + 1;

	if (serial > SEAL_MAX_SERIAL)
		return err_set(e, ERR_RANGE, "there is no serial after %" PRIu64,
			       serial - 1);
	if (seal_render(file->name, seal_open((struct slice){ file->text, file->len }),
			serial, &text, e) < 0 ||
	    policy_texts_add(&texts, slice_of("/" POLICY_PATH), buf_as_slice(&text), e) <
		    0)
		return -1;
	for (size_t n = 1; n < from->n; n++)
		if (add_included(&i->place, &from->files[n], &texts, e) < 0)
			return -1;
	if (policy_compile(&texts, NULL, &i->after.policy, &problems) < 0)
		return problems_as_err(&problems, e);
	i->after.source = "file";
	i->after.name = strdup("/" POLICY_PATH);
	return i->after.name
		       ? policy_nodes_check(&i->place, i->after.policy->version, from, e)
		       : err_nomem(e);
}

/* Shows what would change; the exit status, of which only EXIT_CANNOT speaks against it. */
static int show(const struct install *i)
{
	AUTO(policy_diff_done) struct policy_diff d = { 0 };
	struct err e = { 0 };
	int status, got;
	size_t lost;

	if (policy_diff_begin(&i->place, &i->before, &i->after, &d, &e) < 0)
		return say_error(&e);
	status = policy_diff_print(&d);
	got = policy_boot_print(&d, &lost);
	(void)printf("%zu guest%s would not come back after a reboot\n", lost,
		     lost == 1 ? "" : "s");
	return got > status ? got : status;
}

/* Asks whether to go on; only a person at a terminal can answer. */
static bool ask(const struct install *i)
{
	if (i->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		(void)fprintf(stderr,
			      "pve-safe: policy %s: nothing was changed: nobody can "
			      "answer here, so say --yes\n",
			      i->verb);
		return false;
	}
	(void)printf("%s the policy, serial %" PRIu64 " after %" PRIu64 "? [y/N] ",
		     i->verb, i->after.policy->serial, i->before.policy->serial);
	if (say_confirmed())
		return true;
	(void)fputs("nothing was changed\n", stdout);
	return false;
}

/* Refuses to go on when the policy is no longer the one that was compared with. */
static int check_unchanged(const struct install *i, struct err *e)
{
	AUTO(store_policy_done) struct store_policy now = { 0 };

	if (store_load(i->place.root, STORE_LOOK, &now, e) < 0)
		return -1;
	if (strcmp(now.policy->digest, i->before.policy->digest) == 0 &&
	    !now.problem == !i->before.problem)
		return 0;
	return err_set(e, ERR_DUPLICATE,
		       "the policy in force was changed meanwhile (serial %" PRIu64
		       "): look at it and try again",
		       now.policy->serial);
}

/* Takes the lock of the cluster, and writes the policy file. */
static int write_file(struct install *i, struct err *e)
{
	const struct policy_text *t = &i->after.policy->texts.files[0];

	if (mkdirat(i->place.root, POLICY_DIR, 0755) < 0 && errno != EEXIST)
		return err_set(e, ERR_SYSTEM, "/" POLICY_DIR ": %s", strerror(errno));
	if (policy_lock_take(&i->place, &i->cluster, e) < 0 || check_unchanged(i, e) < 0)
		return -1;
	leftover_remove(i->place.root, POLICY_PATH, 0);
	if (!policy_lock_holds(&i->cluster))
		return err_set(e, ERR_SYSTEM,
			       "this took so long that another node took the lock away "
			       "(/" POLICY_LOCK_DIR "): try again");
	return file_write_atomic(i->place.root, POLICY_PATH,
				 (struct slice){ t->text, t->len }, 0640, e);
}

/* Loads the policy as hooks do, last good copy included, and compares. */
static int read_back(const struct install *i, struct err *e)
{
	AUTO(store_policy_done) struct store_policy now = { 0 };

	if (store_load(i->place.root, STORE_KEEP, &now, e) < 0)
		return -1;
	if (now.problem)
		return err_set(e, ERR_SYNTAX, "%s", now.problem);
	if (strcmp(now.policy->digest, i->after.policy->digest) != 0)
		return err_set(e, ERR_DUPLICATE,
			       "another policy, serial %" PRIu64
			       ", was put in its place at once",
			       now.policy->serial);
	if (now.warning)
		(void)fprintf(stderr, "pve-safe: WARN: %s\n", now.warning);
	return 0;
}

/* Says on stderr why it was not done; the exit status. */
static int fail(const struct install *i, const char *what, const struct err *e)
{
	(void)fprintf(stderr, "pve-safe: policy %s: %s: %s\n", i->verb, what, e->msg);
	return EXIT_CANNOT;
}

/* Puts the policy of the texts @from in force; the exit status. */
static int put_in_force(struct install *i, const struct policy_texts *from)
{
	struct err e = { 0 };

	if (prepare(i, from, &e) < 0)
		return fail(i, "nothing was changed", &e);
	if (show(i) >= EXIT_CANNOT)
		(void)fputs("pve-safe: WARN: not all guests could be judged\n", stderr);
	if (!ask(i))
		return EXIT_CANNOT;
	if (write_file(i, &e) < 0)
		return fail(i, "nothing was changed", &e);
	if (read_back(i, &e) < 0)
		return fail(i, "written, but not in force", &e);
	(void)printf("in force on all nodes: /" POLICY_PATH ", serial %" PRIu64
		     ", sha256 %s\n",
		     i->after.policy->serial, i->after.policy->digest);
	return EXIT_FINE;
}

int policy_install(int argc, char **argv)
{
	AUTO(install_done)
	struct install i = { .verb = "install", .place.root = -1, .lock = -1 };
	AUTO(store_policy_done) struct store_policy file = { 0 };
	struct err e = { 0 };
	int status;

	if (read_options(argc, argv, 1, &i, &status) < 0)
		return status;
	if (options_load_policy(argv[optind], &i.place, &file) < 0)
		return EXIT_CANNOT;
	if (open_install(&i, &e) < 0)
		return fail(&i, "nothing was changed", &e);
	return put_in_force(&i, &file.policy->texts);
}

int policy_remove(int argc, char **argv)
{
	AUTO(install_done)
	struct install i = { .verb = "remove", .place.root = -1, .lock = -1 };
	AUTO(policy_texts_done) struct policy_texts texts = { 0 };
	struct err e = { 0 };
	int status;

	if (read_options(argc, argv, 0, &i, &status) < 0)
		return status;
	if (open_install(&i, &e) < 0 ||
	    policy_texts_add(&texts, slice_of("what remove installs"),
			     slice_of(SEAL_REMOVED_TEXT), &e) < 0)
		return fail(&i, "nothing was changed", &e);
	if (strcmp(i.before.source, "builtin") == 0 && !i.before.problem) {
		(void)printf("no policy is in force but the built-in one, which only "
			     "reports starts\n");
		return EXIT_FINE;
	}
	return put_in_force(&i, &texts);
}
