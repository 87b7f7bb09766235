/* SPDX-License-Identifier: MIT */
#include "settings/node.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/lock.h"
#include "pve/process.h"
#include "pve/running.h"
#include "settings/node-file.h"

#define LOCK_FILE "run/pve-safe/node.lock"

/* What is done with each state: called with the name of its file and what it says. */
typedef void (*visit)(struct node *n, const char *name, struct state *s, uint64_t vmid);

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

/* Reads the state in the file @name; as file_read() returns. */
static int read_state(const struct node *n, const char *name, struct state *ret,
		      struct err *e)
{
	static const struct file_rules rules = { .owner = FILE_OWNER_ROOT,
						 .max_bytes = STATE_MAX_BYTES,
						 .nofollow = true };
	AUTO(file_text_done) struct file_text text = { 0 };
	int r = file_read(n->dir, name, &rules, &text, e);

	return r ? r : state_parse(file_slice(&text), n->out->arena, ret, e);
}

/* Writes @s to the file @name. */
static int write_state(const struct node *n, const char *name, const struct state *s,
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

/* Puts the broken state in @name aside, where it is not read again, and says so. */
static void put_aside(struct node *n, const char *name, const struct err *why)
{
	struct applied *row;
	char aside[SHA256_HEX_SIZE + 16];

	(void)snprintf(aside, sizeof(aside), "%s.broken", name);
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

/* Calls @f for every state there is. */
static void for_each(struct node *n, visit f, uint64_t vmid)
{
	int fd =
		n->dir < 0 ? -1 : openat(n->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		struct state s;
		struct err e = { 0 };
		char name[SHA256_HEX_SIZE];
		int r;

		if (strstr(entry->d_name, ".tmp.")) /* of a writer that was killed */
			(void)unlinkat(n->dir, entry->d_name, 0);
		if (!state_is_file_name(entry->d_name))
			continue;
		memcpy(name, entry->d_name, sizeof(name));
		r = read_state(n, name, &s, &e);
		if (r == 0)
			f(n, name, &s, vmid);
		else if (r < 0 && e.code != ERR_SYSTEM)
			put_aside(n, name, &e);
	}
	if (d)
		(void)closedir(d);
	else
		cleanup_close(&fd);
}

/* Reads the value that the setting of @s has now. 1: its file is gone. */
static int read_now(const struct node *n, struct slice path, enum setting_form *form,
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

/* Copies @text as a C string into the memory of the rows. */
static const char *shown(const struct node *n, struct slice text)
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

	row->before = shown(n, now);
	if (node_file_write(n->root, s->path, s->before, &e) < 0 ||
	    read_now(n, s->path, &form, &after, &e) < 0) {
		applied_fail(row,
			     arena_printf(n->out->arena,
					  "the value before, '%.*s', is not back: %s",
					  SLICE_SHOWN(s->before), e.msg),
			     "it is tried again at the next start or stop of a guest");
		return -1;
	}
	row->after = shown(n, after);
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
	row->before = row->after = shown(n, now);
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
	int r = read_now(n, s->path, &form, &now, &e);

	if (r < 0) {
		row = applied_add_undone(n->out, s->path);
		if (row)
			applied_fail(row, shown(n, slice_of(e.msg)), NULL);
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

/* Whether @u is gone: it neither runs here nor is it being started. */
static bool is_gone(const struct node *n, const struct state_user *u)
{
	bool starting = u->pid && process_start_time(n->root, u->pid) == u->start_time;

	return !starting && !guest_runs(n->root, u->vmid);
}

/* Drops users of one state; undoes it where none is left. */
static void reconcile_one(struct node *n, const char *name, struct state *s,
			  uint64_t leaving)
{
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
		(void)!write_state(n, name, s, &e);
}

void node_reconcile(struct node *n, uint64_t leaving)
{
	for_each(n, reconcile_one, leaving);
}

void node_drop(struct node *n, struct slice path, uint64_t vmid)
{
	char name[SHA256_HEX_SIZE];
	struct state s;
	struct err e = { 0 };

	state_file_name(path, name);
	if (n->dir >= 0 && read_state(n, name, &s, &e) == 0)
		reconcile_one(n, name, &s, vmid);
}

/* Notes in one state that @vmid has started. */
static void mark_one(struct node *n, const char *name, struct state *s, uint64_t vmid)
{
	struct state_user *u = state_find_user(s, vmid);
	struct err e = { 0 };

	if (!u || !u->pid)
		return;
	u->pid = 0;
	u->start_time = 0;
	(void)!write_state(n, name, s, &e); /* it runs, and that is asked as well */
}

void node_mark_running(struct node *n, uint64_t vmid)
{
	for_each(n, mark_one, vmid);
}

/* Whether one of the patterns @allowed fits @path. */
static bool is_allowed(const struct policy_words *allowed, struct slice path)
{
	char text[VALUE_MAX_BYTES + 1], pattern[VALUE_MAX_BYTES + 1];

	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	for (size_t i = 0; i < allowed->n; i++) {
		struct slice p = allowed->items[i];

		if (p.len > VALUE_MAX_BYTES)
			continue;
		memcpy(pattern, p.ptr, p.len);
		pattern[p.len] = '\0';
		if (fnmatch(pattern, text, FNM_NOESCAPE) == 0)
			return true;
	}
	return false;
}

/* One setting being applied. */
struct applying {
	struct node *n;
	const struct plan_item *item;
	const struct state_user *user;
	struct applied *row;
	char name[SHA256_HEX_SIZE];
	struct state old;   /* as it was found; .path {NULL, 0}: nobody uses it */
	struct state state; /* as it is to be */
	struct slice now;   /* the value found */
};

/* Notes why it was not applied, in words made as by printf. */
#define REFUSE(a, todo, ...) \
	applied_fail((a)->row, arena_printf((a)->n->out->arena, __VA_ARGS__), (todo))

/* The first user of @s that is not @vmid, or NULL. */
static const struct state_user *other_user(const struct state *s, uint64_t vmid)
{
	for (size_t i = 0; i < s->nusers; i++)
		if (s->users[i].vmid != vmid)
			return &s->users[i];
	return NULL;
}

/* Finds out what the setting is, and was; false with the reason in the row. */
static bool look(struct applying *a)
{
	struct err e = { 0 };
	int r = read_state(a->n, a->name, &a->old, &e);

	if (r < 0) {
		REFUSE(a, NULL, "what is remembered of it cannot be read: %s", e.msg);
		return false;
	}
	a->state = r == 0 ? a->old
			  : (struct state){ .path = a->item->target,
					    .form = a->item->setting->form };
	r = read_now(a->n, a->item->target, &a->state.form, &a->now, &e);
	if (r < 0)
		REFUSE(a, NULL, "%s", e.msg);
	a->row->before = r == 0 ? shown(a->n, a->now) : NULL;
	return r == 0;
}

/* Whether what other guests and people did lets this one have its value. */
static bool may_set(struct applying *a)
{
	const struct state_user *other = other_user(&a->old, a->user->vmid);

	if (!a->old.path.ptr)
		return true;
	if (other && !applied_same_value(a->old.set, a->item->value)) {
		REFUSE(a, "let them agree, or move one of them to another node",
		       "guest %" PRIu64 " has set it to '%.*s'", other->vmid,
		       SLICE_SHOWN(a->old.set));
		return false;
	}
	if (applied_same_value(a->now, a->old.set) ||
	    applied_same_value(a->now, a->old.before))
		return true;
	REFUSE(a, "see who did",
	       "is '%.*s' now, and '%.*s' was set before: somebody else has changed it",
	       SLICE_SHOWN(a->now), SLICE_SHOWN(a->old.set));
	return false;
}

/* Remembers what is about to be set, and for whom; false with the reason in the row. */
static bool remember(struct applying *a)
{
	struct err e = { 0 };

	if (!a->old.path.ptr)
		a->state.before = a->now;
	a->state.set = a->item->value;
	if (!state_put_user(&a->state, a->user, a->n->out->arena)) {
		REFUSE(a, NULL, "too many guests want it");
		return false;
	}
	if (write_state(a->n, a->name, &a->state, &e) == 0)
		return true;
	REFUSE(a, "make room in /run: df /run",
	       "the value before could not be remembered, so it is not set: %s", e.msg);
	return false;
}

/* Forgets what was remembered of a value that the kernel did not take. */
static void forget(struct applying *a)
{
	struct err e = { 0 };

	if (a->old.path.ptr)
		(void)!write_state(a->n, a->name, &a->old, &e);
	else
		(void)unlinkat(a->n->dir, a->name, 0);
}

/* Writes the value and reads it back; what the kernel made of it is what is remembered. */
static void set(struct applying *a)
{
	struct slice after = { 0 };
	struct err e = { 0 };

	if (node_file_write(a->n->root, a->item->target, a->item->value, &e) < 0 ||
	    read_now(a->n, a->item->target, &a->state.form, &after, &e) != 0) {
		REFUSE(a, NULL, "%s", *e.msg ? e.msg : "has gone meanwhile");
		forget(a);
		return;
	}
	a->row->after = shown(a->n, after);
	a->row->result = APPLIED_SET;
	if (applied_same_value(after, a->item->value))
		return;
	if (applied_same_value(after, a->now)) {
		REFUSE(a, NULL, "the kernel does not take '%.*s': it stays '%.*s'",
		       SLICE_SHOWN(a->item->value), SLICE_SHOWN(after));
		forget(a);
		return;
	}
	REFUSE(a, NULL, "the kernel has made it '%.*s'", SLICE_SHOWN(after));
	a->state.set = after;
	(void)!write_state(a->n, a->name, &a->state, &e);
}

/* Whether the user stands in the state as it is, so that nothing is to be written. */
static bool is_known(const struct applying *a)
{
	const struct state_user *u = state_find_user(&a->old, a->user->vmid);

	return u && u->pid == a->user->pid && u->start_time == a->user->start_time &&
	       applied_same_value(a->old.set, a->item->value);
}

void node_apply(struct node *n, const struct policy_words *allowed,
		const struct plan_item *item, const struct state_user *user,
		bool must_exist)
{
	struct applying a = { .n = n, .item = item, .user = user };

	a.row = applied_add(n->out, item);
	if (!a.row)
		return;
	if (!state_is_path(item->target)) {
		REFUSE(&a, "mend the template", "is no path below /sys or /proc/sys");
		return;
	}
	if (!is_allowed(allowed, item->target)) {
		REFUSE(&a, "add its path to node_settings in the policy",
		       "the policy does not allow it");
		return;
	}
	if (must_exist)
		REFUSE(&a, NULL, "there is no such file on this node");
	else
		a.row->result = APPLIED_LATER;
	state_file_name(item->target, a.name);
	if (!look(&a) || !may_set(&a))
		return;
	a.row->result = APPLIED_ALREADY;
	a.row->why = NULL;
	a.row->after = a.row->before;
	if (applied_same_value(a.now, item->value) && is_known(&a))
		return;
	if (remember(&a) && !applied_same_value(a.now, item->value))
		set(&a);
}
