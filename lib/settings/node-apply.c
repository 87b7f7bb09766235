/* SPDX-License-Identifier: MIT */
/* Setting one thing of the node: remembered first, then written, then read back. */
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "settings/node-file.h"
#include "settings/node-internal.h"

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

/* What to do where the template does not fit this node. */
static const char *mend(const struct applying *a)
{
	return template_mend(a->item->t, a->item->setting, a->n->out->arena);
}

/* The first user of @s that is not @vmid, or NULL. */
static const struct state_user *other_user(const struct state *s, uint64_t vmid)
{
	for (size_t i = 0; i < s->nusers; i++)
		if (s->users[i].vmid != vmid)
			return &s->users[i];
	return NULL;
}

/* A setting that is looked for among those remembered. */
struct search {
	struct stat st; /* of its file */
	char name[SHA256_HEX_SIZE];
	bool found;
};

/* Notes where the state is of a setting whose file is the one looked for. */
static void compare_file(struct node *n, const char *name, struct state *s, void *context)
{
	struct search *search = context;
	AUTO_CLOSE int fd = node_file_open(n->root, s->path, O_RDONLY);
	struct stat st;

	if (search->found || fd < 0 || fstat(fd, &st) < 0 ||
	    st.st_dev != search->st.st_dev || st.st_ino != search->st.st_ino)
		return;
	search->found = true;
	memcpy(search->name, name, sizeof(search->name));
}

void node_find_state(struct node *n, struct slice path, char ret[static SHA256_HEX_SIZE])
{
	AUTO_CLOSE int fd = -1;
	struct search search = { .found = false };
	struct stat st;
	struct err e;

	state_file_name(path, ret);
	if (fstatat(n->dir, ret, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return;
	fd = node_file_open(n->root, path, O_RDONLY);
	if (fd < 0 || fstat(fd, &search.st) < 0)
		return;
	(void)!node_for_each(n, compare_file, &search, &e);
	if (search.found)
		memcpy(ret, search.name, sizeof(search.name));
}

/* Finds out what the setting is, and was; false with the reason in the row. */
static bool look(struct applying *a)
{
	struct err e = { 0 };
	int r = node_read_state(a->n, a->name, &a->old, &e);

	if (r < 0) {
		REFUSE(a, NULL, "what is remembered of it cannot be read: %s", e.msg);
		return false;
	}
	a->state = r == 0 ? a->old
			  : (struct state){ .path = a->item->target,
					    .form = a->item->setting->form };
	r = node_read_now(a->n, a->item->target, &a->state.form, &a->now, &e);
	if (r < 0)
		REFUSE(a, mend(a), "%s", e.msg);
	a->row->before = r == 0 ? node_shown(a->n, a->now) : NULL;
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

/*
 * Puts the value before back where the only guest that uses it now wants another one: what is
 * remembered is then true at each step, whatever ends it. False with the reason in the row.
 */
static bool step_back(struct applying *a)
{
	struct err e = { 0 };

	if (!a->old.path.ptr || applied_same_value(a->old.set, a->item->value) ||
	    applied_same_value(a->now, a->old.before))
		return true;
	if (node_file_write(a->n->root, a->item->target, a->old.before, &e) < 0) {
		REFUSE(a, mend(a), "%s", e.msg);
		return false;
	}
	a->now = a->old.before;
	a->row->result = APPLIED_SET;
	a->row->after = node_shown(a->n, a->now);
	return true;
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
	if (node_write_state(a->n, a->name, &a->state, &e) == 0)
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
		(void)!node_write_state(a->n, a->name, &a->old, &e);
	else
		(void)unlinkat(a->n->dir, a->name, 0);
}

/*
 * Writes the value and reads it back; what the kernel made of it is what is remembered. Where
 * that cannot be read, it stays remembered that we have written, to be undone.
 */
static void set(struct applying *a)
{
	struct slice after = { 0 };
	struct err e = { 0 }, other = { 0 };
	bool written =
		node_file_write(a->n->root, a->item->target, a->item->value, &e) == 0;
	int r = node_read_now(a->n, a->item->target, &a->state.form, &after,
			      written ? &e : &other);

	if (!written || r != 0) {
		REFUSE(a, mend(a), "%s", *e.msg ? e.msg : "has gone meanwhile");
		a->row->after = r == 0 ? node_shown(a->n, after) : NULL;
		if (r > 0 || (r == 0 && applied_same_value(after, a->now)))
			forget(a);
		return;
	}
	a->row->after = node_shown(a->n, after);
	a->row->result = APPLIED_SET;
	if (applied_same_value(after, a->item->value))
		return;
	if (applied_same_value(after, a->now)) {
		REFUSE(a, mend(a), "the kernel does not take '%.*s': it stays '%.*s'",
		       SLICE_SHOWN(a->item->value), SLICE_SHOWN(after));
		forget(a);
		return;
	}
	REFUSE(a, mend(a), "the kernel has made it '%.*s'", SLICE_SHOWN(after));
	a->state.set = after;
	(void)!node_write_state(a->n, a->name, &a->state, &e);
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
		REFUSE(&a, mend(&a), "is no path below /sys or /proc/sys");
		return;
	}
	if (!is_allowed(allowed, item->target)) {
		REFUSE(&a, "add its path to node_settings in the policy",
		       "the policy does not allow it");
		return;
	}
	if (must_exist)
		REFUSE(&a, mend(&a), "there is no such file on this node");
	else
		a.row->result = APPLIED_LATER;
	node_find_state(n, item->target, a.name);
	if (!look(&a) || !may_set(&a))
		return;
	a.row->result = APPLIED_ALREADY;
	a.row->why = a.row->todo = NULL;
	a.row->after = a.row->before;
	if (applied_same_value(a.now, item->value) && is_known(&a))
		return;
	if (step_back(&a) && remember(&a) && !applied_same_value(a.now, item->value))
		set(&a);
}
