/* SPDX-License-Identifier: MIT */
#include "policy/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/leftover.h"
#include "policy/good.h"
#include "policy/store-read.h"
#include "pve/cluster.h"

enum {
	SETTLE_MS = 20,   /* a policy that is new here is read again after so long, */
	SETTLE_TRIES = 5, /* so often */
	LEFTOVER_S = 300, /* a temporary file as old as this has lost its writer */
};

static const char policy_name[] = "policy.conf";
static const char good_path[] = "var/lib/pve-safe/good/policy";
static const char baseline[] = "baseline@1";

/* Where a policy file is looked for, the first that is there. */
static const struct {
	const char *path, *shown;
} dirs[] = {
	{ "etc/pve/pve-safe", "/etc/pve/pve-safe" },
	{ "etc/pve-safe", "/etc/pve-safe" },
};

/* The last good copy, if any. */
struct copy {
	struct file_text text;
	struct good good;
	bool exists; /* a policy was known here */
	bool usable; /* .good can be used */
	struct err e;
};

/* Loading under way. */
struct store {
	int root;
	enum store_mode mode;
	struct copy copy;
	struct err e; /* why the current policy cannot be used */
};

/* Releases @s. For AUTO(). */
static void store_done(struct store *s)
{
	file_text_done(&s->copy.text);
}

/* Reads the last good copy. */
static void read_copy(struct store *s)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
					  .max_bytes = GOOD_MAX_BYTES,
					  .nofollow = true,
					  .shown = "/var/lib/pve-safe/good/policy" };
	struct copy *c = &s->copy;
	int r = file_read(s->root, good_path, &rules, &c->text, &c->e);

	c->exists = r != 1;
	if (r != 0)
		return;
	c->usable = good_parse(file_slice(&c->text), &c->good, &c->e) == 0;
	if (!c->usable)
		(void)err_wrap(&c->e, "%s", rules.shown);
}

/* Whether /etc/pve is mounted. */
static bool is_mounted(int root)
{
	struct stat st;

	return fstatat(root, "etc/pve/nodes", &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* Whether the cluster has a quorum; where nothing says so this is a single node. */
static bool is_quorate(int root)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ROOT };
	AUTO(file_text_done) struct file_text text = { 0 };
	AUTO(arena_done) struct arena a = { 0 };
	struct cluster_members members;
	struct err e;
	int r = file_read(root, "etc/pve/.members", &rules, &text, &e);

	if (r != 0)
		return r == 1;
	return cluster_read_members(file_slice(&text), &a, &members, &e) == 0 &&
	       members.quorate;
}

/* Refuses @p when its serial is older than that of the last good copy of its file. */
static int check_serial(struct store *s, const struct policy *p)
{
	const char *name = p->texts.files[0].name;

	if (!p->serial || p->serial >= s->copy.good.serial ||
	    !slice_eq(s->copy.good.source, name))
		return 0;
	return err_set(
		&s->e, ERR_RANGE,
		"%s: its serial %" PRIu64 " is older than %" PRIu64
		", which was in force here; if it is meant, pve-safe policy install "
		"makes it new",
		name, p->serial, s->copy.good.serial);
}

/* Refuses @p when one of its files is only the beginning of what it was. */
static int check_cut(struct store *s, const struct policy *p)
{
	for (size_t i = 0; i < p->texts.n; i++) {
		const struct policy_text *t = &p->texts.files[i];
		struct slice was = good_find(&s->copy.good, t->name);

		if (was.len <= t->len || memcmp(was.ptr, t->text, t->len) != 0 ||
		    slice_blank((struct slice){ was.ptr + t->len, was.len - t->len }))
			continue;
		return err_set(&s->e, ERR_RANGE,
			       "%s looks cut short: it is the first %zu bytes of the %zu "
			       "that were in force here; if it is meant, pve-safe policy "
			       "install makes it new",
			       t->name, t->len, was.len);
	}
	return 0;
}

/* Waits until a file that is being written should be there as a whole. */
static void wait_a_moment(void)
{
	const struct timespec moment = { .tv_nsec = SETTLE_MS * 1000000L };

	(void)nanosleep(&moment, NULL);
}

/*
 * Reads the policy of @d, twice if it is new here: some editors write in place, and half of
 * a policy may be a policy. As store_read(), with the reason in s->e.
 */
static int read_settled(struct store *s, const struct store_dir *d, struct policy **ret)
{
	for (int i = 0; i < SETTLE_TRIES; i++) {
		AUTO(problems_done) struct problems problems = { 0 };
		AUTO(policy_freep) struct policy *p = NULL;
		int r = store_read(d, policy_name, &p, &problems, &s->e);

		if (r != 0)
			return r;
		if (s->mode == STORE_KEEP &&
		    !(d->good && good_holds(d->good, &p->texts))) {
			wait_a_moment();
			if (!store_is_settled(d, p))
				continue;
		}
		*ret = STEAL(p);
		return 0;
	}
	return err_set(&s->e, ERR_SYSTEM, "%s/%s changes while it is read", d->shown,
		       policy_name);
}

/* Whether the last good copy is that of the policy file of @shown. */
static bool was_known(const struct store *s, const char *shown)
{
	size_t n = strlen(shown);
	struct slice source = s->copy.good.source;

	return s->copy.usable && slice_starts(source, shown) && source.len > n &&
	       source.ptr[n] == '/';
}

/* Reads the current policy below the root; 1 when there is none; else as store_read(). */
static int read_current(struct store *s, struct policy **ret)
{
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		const struct store_dir d = {
			.fd = s->root,
			.path = dirs[i].path,
			.shown = dirs[i].shown,
			.owner = s->mode == STORE_OFFLINE ? FILE_OWNER_ROOT_OR_CALLER
							  : FILE_OWNER_ROOT,
			.good = s->copy.usable ? &s->copy.good : NULL,
		};
		AUTO(policy_freep) struct policy *p = NULL;
		int r = read_settled(s, &d, &p);

		if (r == 1 && was_known(s, d.shown))
			return err_set(
				&s->e, ERR_UNKNOWN,
				"%s/%s is gone: put it back; pve-safe policy remove "
				"takes a policy out of force",
				d.shown, policy_name);
		if (r == 1)
			continue;
		if (r < 0 || !p ||
		    (d.good && (check_serial(s, p) < 0 || check_cut(s, p) < 0)))
			return -1;
		*ret = STEAL(p);
		return 0;
	}
	return 1;
}

/* Whether a policy file of the node itself exists. */
static bool has_own_file(int root)
{
	struct stat st;

	return fstatat(root, "etc/pve-safe/policy.conf", &st, 0) == 0;
}

/* The current policy. 0; 1 when there is none and never was; -1 with s->e. */
static int load_current(struct store *s, struct policy **ret)
{
	bool mounted = s->mode == STORE_OFFLINE || is_mounted(s->root);
	int r = mounted ? read_current(s, ret) : 1;

	if (r != 1)
		return r;
	if (!mounted && (s->copy.exists || has_own_file(s->root)))
		return err_set(
			&s->e, ERR_SYSTEM,
			"/etc/pve is not mounted (/etc/pve/nodes is no directory)");
	if (s->copy.exists)
		return err_set(&s->e, ERR_UNKNOWN,
			       "no policy file is there, though one was known here");
	return 1;
}

/* Compiles the last good copy. */
static int load_copy(struct store *s, struct policy **ret)
{
	AUTO(problems_done) struct problems problems = { 0 };
	struct policy_texts texts = { 0 };
	const struct good *g = &s->copy.good;

	if (!s->copy.usable || good_prove(g, &s->copy.e) < 0)
		return -1;
	for (size_t i = 0; i < g->nfiles; i++)
		if (policy_texts_add(&texts, g->files[i].name, g->files[i].text,
				     &s->copy.e) < 0) {
			policy_texts_done(&texts);
			return -1;
		}
	if (policy_compile(&texts, NULL, ret, &problems) == 0)
		return 0;
	return problems_as_err(&problems, &s->copy.e);
}

/* Compiles the baseline. */
static int load_builtin(struct policy **ret, struct err *e)
{
	const struct slice name = slice_of(baseline);

	return policy_compile_text(name, shipped_find(name), ret, e);
}

/* Writes the last good copy. */
static int write_copy(int root, const struct policy *p, struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };

	good_render(p, clock_now().unix_ms, &text);
	if (buf_failed(&text))
		return err_nomem(e);
	/* What cannot be made here is told by the writing. */
	(void)mkdirat(root, "var/lib/pve-safe", 0755);
	(void)mkdirat(root, "var/lib/pve-safe/good", 0700);
	leftover_remove(root, good_path, LEFTOVER_S);
	return file_write_atomic(root, good_path, buf_as_slice(&text), 0600, e);
}

/* Keeps @p as last good copy if it is not that already; why not, to *@ret_warning. */
static void keep_copy(const struct store *s, const struct policy *p, char **ret_warning)
{
	struct err e = { 0 };

	if (s->mode != STORE_KEEP ||
	    (s->copy.usable && good_holds(&s->copy.good, &p->texts)) ||
	    !is_quorate(s->root) || write_copy(s->root, p, &e) == 0)
		return;
	(void)err_wrap(&e, "no last good copy of the policy can be kept");
	*ret_warning = strdup(e.msg);
}

/* Fills @ret; -1 without memory. */
static int fill(struct store_policy *ret, struct policy *p_take, const char *source,
		const char *problem, struct err *e)
{
	*ret = (struct store_policy){
		.policy = p_take,
		.source = source,
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one at least */
		.name = strdup(p_take->texts.files[0].name),
		.problem = problem ? strdup(problem) : NULL,
	};
	if (ret->name && (ret->problem || !problem))
		return 0;
	store_policy_done(ret);
	return err_nomem(e);
}

/*
 * Whether memory ran out while policy or copy was read. Nothing of them is known then: to
 * judge by another one in their place could allow what they refuse.
 */
static bool ran_out(const struct store *s, struct err *e)
{
	const struct err *why = err_is_nomem(&s->e) ? &s->e : &s->copy.e;

	if (!err_is_nomem(why))
		return false;
	*e = *why;
	return true;
}

/* Loads the baseline in place of what cannot be used, or where there is nothing. */
static int fall_back(struct store *s, bool nothing, struct store_policy *ret,
		     struct err *e)
{
	struct policy *p = NULL;

	if (load_builtin(&p, e) < 0)
		return -1;
	if (s->copy.exists && !nothing)
		(void)err_wrap(&s->copy.e, "%s; nor can its last good copy be used",
			       s->e.msg);
	if (fill(ret, p, "builtin",
		 nothing          ? NULL
		 : s->copy.exists ? s->copy.e.msg
				  : s->e.msg,
		 e) < 0)
		return -1;
	ret->report_starts = nothing && s->mode != STORE_OFFLINE;
	return 0;
}

int store_load(int root, enum store_mode mode, struct store_policy *ret, struct err *e)
{
	AUTO(store_done) struct store s = { .root = root, .mode = mode };
	struct policy *p = NULL;
	int r;

	if (mode != STORE_OFFLINE)
		read_copy(&s);
	if (ran_out(&s, e))
		return -1;
	r = load_current(&s, &p);
	if (r == 0) {
		if (fill(ret, p, "file", NULL, e) < 0)
			return -1;
		keep_copy(&s, p, &ret->warning);
		return 0;
	}
	if (!ran_out(&s, e) && load_copy(&s, &p) == 0)
		return fill(ret, p, "last-good", s.e.msg, e);
	return ran_out(&s, e) ? -1 : fall_back(&s, r == 1, ret, e);
}

int store_load_file(const char *path, struct store_policy *ret, struct problems *problems,
		    struct err *e)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *dir = slash ? strndup(path, (size_t)(slash - path)) : strdup("");
	struct store_dir d = { AT_FDCWD, dir, dir, FILE_OWNER_ROOT_OR_CALLER, NULL };
	struct policy *p = NULL;
	int r;

	if (!dir)
		return err_nomem(e);
	if (slash == path)
		d.path = d.shown = "/."; /* "/policy.conf" */
	r = store_read(&d, slash ? slash + 1 : path, &p, problems, e);
	if (r == 1)
		return err_set(e, ERR_UNKNOWN, "no policy file '%s'", path);
	return r < 0 ? -1 : fill(ret, p, "file", NULL, e);
}

void store_policy_done(struct store_policy *p)
{
	policy_free(p->policy);
	free(p->name);
	free(p->problem);
	free(p->warning);
	*p = (struct store_policy){ 0 };
}
