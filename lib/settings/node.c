/* SPDX-License-Identifier: MIT */
#include "settings/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/lock.h"
#include "pve/process.h"
#include "pve/running.h"
#include "settings/node-file.h"
#include "settings/node-internal.h"

#define LOCK_FILE "run/pve-safe/node.lock"

/* Makes the directory of the states. */
static int make_dir(int root, struct err *e)
{
	if ((mkdirat(root, "run/pve-safe", 0755) < 0 && errno != EEXIST) ||
	    (mkdirat(root, NODE_STATE_DIR, 0700) < 0 && errno != EEXIST))
		return err_set(e, ERR_SYSTEM, "cannot make /" NODE_STATE_DIR ": %s",
			       strerror(errno));
	return 0;
}

int node_open(int root, bool create, struct applied_list *out, struct node *ret,
	      struct err *e)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, r;

	*ret = (struct node){ .root = root, .dir = -1, .lock = -1, .out = out };
	if (create && make_dir(root, e) < 0)
		return -1;
	ret->dir = openat(root, NODE_STATE_DIR, flags);
	if (ret->dir < 0)
		return errno == ENOENT ? 0
				       : err_set(e, ERR_SYSTEM,
						 "cannot open /" NODE_STATE_DIR ": %s",
						 strerror(errno));
	r = lock_file(root, LOCK_FILE, LOCK_EXCLUSIVE, NODE_LOCK_MS, &ret->lock, e);
	if (r > 0)
		return err_set(e, ERR_SYSTEM,
			       "/" LOCK_FILE " is held by another one for over %d s",
			       NODE_LOCK_MS / 1000);
	return r;
}

void node_close(struct node *n)
{
	cleanup_close(&n->dir);
	cleanup_close(&n->lock);
	n->dir = n->lock = -1;
}

int node_read_state(const struct node *n, const char *name, struct state *ret,
		    struct err *e)
{
	static const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
						 .max_bytes = STATE_MAX_BYTES,
						 .nofollow = true };
	AUTO(file_text_done) struct file_text text = { 0 };
	int r = file_read(n->dir, name, &rules, &text, e);

	return r ? r : state_parse(file_slice(&text), n->out->arena, ret, e);
}

int node_write_state(const struct node *n, const char *name, const struct state *s,
		     struct err *e)
{
	AUTO(buf_done) struct buf text = { 0 };

	state_render(s, &text);
	if (buf_failed(&text))
		return err_nomem(e);
	if (text.len > STATE_MAX_BYTES)
		return err_set(e, ERR_RANGE, "what is to be remembered is too long");
	return file_write_atomic(n->dir, name, buf_as_slice(&text), 0600, e);
}

/* Says that the state in @name is broken, and puts it aside, where it is not read again. */
static void put_aside(struct node *n, const char *name, const struct err *why)
{
	struct applied *row;
	char aside[SHA256_HEX_SIZE + 16];

	(void)snprintf(aside, sizeof(aside), "%s%s", name, n->dry_run ? "" : ".broken");
	if (!n->dry_run)
		(void)!renameat(n->dir, name, n->dir, aside);
	row = applied_add_undone(n->out, slice_of(name));
	if (row)
		applied_fail(row,
			     arena_printf(n->out->arena,
					  "what it was before cannot be read: %s",
					  why->msg),
			     arena_printf(n->out->arena,
					  "look at /" NODE_STATE_DIR "/%s, set its path "
					  "to what it should be, remove it",
					  aside));
}

/* Calls @f for the state in the file @file, if it is one. -1 where it cannot be read. */
static int visit_file(struct node *n, const char *file, node_visit f, void *context,
		      struct err *e)
{
	struct err why = { 0 };
	struct state s;
	char name[SHA256_HEX_SIZE];
	int r;

	if (!n->dry_run && strstr(file, ".tmp.")) /* of a writer that was killed */
		(void)unlinkat(n->dir, file, 0);
	if (!state_is_file_name(file))
		return 0;
	memcpy(name, file, sizeof(name));
	r = node_read_state(n, name, &s, &why);
	if (r == 0)
		f(n, name, &s, context);
	if (r >= 0)
		return 0;
	if (why.code == ERR_SYSTEM)
		return err_set(e, ERR_SYSTEM, "%s", why.msg);
	put_aside(n, name, &why);
	return 0;
}

int node_for_each(struct node *n, node_visit f, void *context, struct err *e)
{
	const struct dirent *entry;
	int fd, sys, ret = 0;
	DIR *d;

	if (n->dir < 0)
		return 0;
	fd = openat(n->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	while (d && (entry = dir_next(d)))
		if (visit_file(n, entry->d_name, f, context, e) < 0)
			ret = -1;
	sys = errno;
	if (d)
		(void)closedir(d);
	else
		cleanup_close(&fd);
	return sys ? err_set(e, ERR_SYSTEM, "%s", strerror(sys)) : ret;
}

int node_read_now(const struct node *n, struct slice path, enum setting_form *form,
		  struct slice *ret, struct err *e)
{
	AUTO_CLOSE int fd = node_file_open(n->root, path, O_RDONLY);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ENODEV
			       ? 1
			       : err_set(e, ERR_SYSTEM, "cannot be opened: %s",
					 strerror(errno));
	return node_file_read(fd, path, form, n->out->arena, ret, e);
}

const char *node_shown(const struct node *n, struct slice text)
{
	return arena_strdup(n->out->arena, text);
}

/* Puts the value before of @s back, now that nobody uses it; *@row says what came of it. */
static int put_back(struct node *n, const struct state *s, struct slice now,
		    struct applied *row)
{
	enum setting_form form = s->form;
	struct slice after = { 0 };
	struct err e = { 0 };

	row->before = node_shown(n, now);
	if (node_file_write(n->root, s->path, s->before, &e) < 0 ||
	    node_read_now(n, s->path, &form, &after, &e) < 0) {
		applied_fail(row,
			     arena_printf(n->out->arena,
					  "the value before, '%.*s', is not back: %s",
					  SLICE_SHOWN(s->before), e.msg),
			     "it is tried again at the next start or stop of a guest");
		return -1;
	}
	row->after = node_shown(n, after);
	row->result = APPLIED_UNDONE;
	return 0;
}

/* Says that the setting of @s is not what we made it, and so not ours to change. */
static void leave(struct node *n, const struct state *s, struct slice now)
{
	struct applied *row = applied_add_undone(n->out, s->path);

	if (!row)
		return;
	row->result = APPLIED_LEFT;
	row->before = row->after = node_shown(n, now);
	row->why = arena_printf(n->out->arena,
				"is '%.*s' now, and '%.*s' was set: somebody else has "
				"changed it, so it is left alone",
				SLICE_SHOWN(now), SLICE_SHOWN(s->set));
	row->todo = arena_printf(n->out->arena, "see who did; before there was '%.*s'",
				 SLICE_SHOWN(s->before));
}

/* Undoes the setting of @s, which nobody uses; keeps the file where that is to be tried again. */
static void undo(struct node *n, const char *name, const struct state *s)
{
	enum setting_form form = s->form;
	struct slice now = { 0 };
	struct applied *row;
	struct err e = { 0 };
	int r = node_read_now(n, s->path, &form, &now, &e);

	if (r < 0) {
		row = applied_add_undone(n->out, s->path);
		if (row)
			applied_fail(row, node_shown(n, slice_of(e.msg)), NULL);
		return;
	}
	if (r == 0 && applied_same_value(now, s->set) &&
	    !applied_same_value(now, s->before)) {
		row = applied_add_undone(n->out, s->path);
		if (!row || put_back(n, s, now, row) < 0)
			return;
	} else if (r == 0 && !applied_same_value(now, s->before)) {
		leave(n, s, now);
	}
	(void)unlinkat(n->dir, name, 0);
}

/*
 * Whether @u is being started. A worker that had ended when it was noted has no start time,
 * and before that process 1 has taken its place: neither starts anything.
 */
static bool is_starting(const struct node *n, const struct state_user *u)
{
	return u->pid > 1 && u->start_time &&
	       process_start_time(n->root, u->pid) == u->start_time;
}

/* Whether @u is gone: it neither runs here nor is it being started. */
static bool is_gone(const struct node *n, const struct state_user *u)
{
	return !is_starting(n, u) && !guest_runs(n->root, u->vmid);
}

/* Drops users of one state; undoes it where none is left. */
static void reconcile_one(struct node *n, const char *name, struct state *s,
			  void *context)
{
	const uint64_t leaving = *(const uint64_t *)context;
	size_t kept = 0, before = s->nusers;
	struct err e = { 0 };

	for (size_t i = 0; i < s->nusers; i++)
		if (s->users[i].vmid != leaving && !is_gone(n, &s->users[i]))
			s->users[kept++] = s->users[i];
	s->nusers = kept;
	if (!kept)
		undo(n, name, s);
	else if (kept < before)
		/* Where it cannot be written they are still there, and dropped next time. */
		(void)!node_write_state(n, name, s, &e);
}

void node_reconcile(struct node *n, uint64_t leaving)
{
	struct err e;

	(void)!node_for_each(n, reconcile_one, &leaving, &e); /* another time, then */
}

/* Undoes one state for all its users; in a dry run says that it would. */
static void undo_one(struct node *n, const char *name, struct state *s, void *context)
{
	struct applied *row;

	(void)context;
	if (!n->dry_run) {
		undo(n, name, s);
		return;
	}
	row = applied_add_undone(n->out, s->path);
	if (row)
		row->result = APPLIED_UNDONE;
}

void node_undo_all(struct node *n)
{
	struct applied *row;
	struct err e;

	if (node_for_each(n, undo_one, NULL, &e) == 0)
		return;
	row = applied_add_undone(n->out, slice_of("/" NODE_STATE_DIR));
	if (row)
		applied_fail(row, node_shown(n, slice_of(e.msg)),
			     "pve-safe setup --remove again, once it can be read");
}

void node_drop(struct node *n, struct slice path, uint64_t vmid)
{
	char name[SHA256_HEX_SIZE];
	struct state s;
	struct err e = { 0 };

	if (n->dir < 0)
		return;
	node_find_state(n, path, name);
	if (node_read_state(n, name, &s, &e) == 0)
		reconcile_one(n, name, &s, &vmid);
}

/* Notes in one state that @vmid has started. */
static void mark_one(struct node *n, const char *name, struct state *s, void *context)
{
	struct state_user *u = state_find_user(s, *(const uint64_t *)context);
	struct err e = { 0 };

	if (!u || !u->pid)
		return;
	u->pid = 0;
	u->start_time = 0;
	(void)!node_write_state(n, name, s, &e); /* it runs, and that is asked as well */
}

void node_mark_running(struct node *n, uint64_t vmid)
{
	struct err e;

	(void)!node_for_each(n, mark_one, &vmid, &e);
}
