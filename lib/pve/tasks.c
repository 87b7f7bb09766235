/* SPDX-License-Identifier: MIT */
#include "pve/tasks.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "pve/vmid.h"

enum { CLONE_SLACK_S = 1 }; /* times are whole seconds */

/* Types of tasks that make guests. */
static const struct maker {
	const char *type;
	enum guest_kind kind;
	const char *event;
	bool names_source; /* its id is not that of the guest that it makes */
} makers[] = {
	{ "vzcreate", GUEST_CT, "create", false },
	{ "vzrestore", GUEST_CT, "restore", false },
	{ "vzmtunnel", GUEST_CT, "create", false }, /* comes from another cluster */
	{ "vzclone", GUEST_CT, "clone", true },
	{ "qmcreate", GUEST_VM, "create", false },
	{ "qmrestore", GUEST_VM, "restore", false },
	{ "qmtunnel", GUEST_VM, "create", false },
	{ "qmclone", GUEST_VM, "clone", true },
};

/* Reads the time @s. */
static bool parse_end(struct slice s, uint64_t *ret)
{
	return s.len == 8 && num_parse_hex(s, ret) && *ret;
}

bool task_parse(struct slice line, struct task *ret)
{
	struct task t = { 0 };
	struct slice upid, word, rest;
	bool more = slice_cut(line, ' ', &upid, &rest);

	if (!more || !upid_parse(upid, &t.upid))
		return false;
	more = slice_cut(rest, ' ', &word, &rest);
	if (slice_eq(word, "0") || slice_eq(word, "1")) {
		if (!more) {
			*ret = t;
			return true; /* it runs */
		}
		(void)slice_cut(rest, ' ', &word, &rest);
	}
	if (!parse_end(word, &t.end))
		return false;
	rest = slice_trim(rest);
	t.failed = !slice_eq(rest, "OK") && !slice_starts(rest, "WARNINGS: ");
	*ret = t;
	return true;
}

/* How the task @t makes guests of @kind; NULL when it does not. */
static const struct maker *maker_of(const struct task *t, enum guest_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		if (makers[i].kind == kind && slice_eq(t->upid.type, makers[i].type))
			return &makers[i];
	return NULL;
}

/* Takes the task @t, which names the guest, unless a later one is known. */
static void take_named(const struct task *t, const struct maker *m,
		       struct task_maker *ret)
{
	bool named = ret->event && strcmp(ret->event, "clone") != 0;

	if (named && ret->start > t->upid.starttime)
		return;
	*ret = (struct task_maker){ .event = m->event,
				    .user = t->upid.user,
				    .upid = t->upid.text,
				    .start = t->upid.starttime };
}

/* Takes the clone @t, which may have made the guest. */
static void take_clone(const struct task *t, struct task_maker *ret)
{
	if (ret->event && strcmp(ret->event, "clone") != 0)
		return;
	if (!ret->event) {
		*ret = (struct task_maker){ .event = "clone",
					    .user = t->upid.user,
					    .upid = t->upid.text,
					    .start = t->upid.starttime };
		return;
	}
	if (slice_same(ret->upid, t->upid.text))
		return; /* `active` and `index` both have it */
	ret->upid = (struct slice){ 0 };
	if (!slice_same(ret->user, t->upid.user))
		ret->user = (struct slice){ 0 };
}

/* Whether the task @t, if it did what it should, worked at the second @when. */
static bool is_under_way(const struct task *t, uint64_t when)
{
	return !t->failed && t->upid.starttime <= when &&
	       (!t->end || when <= t->end + CLONE_SLACK_S);
}

/* Takes @line, if it is a task that may have made the guest. */
static void take_line(struct slice line, const struct task_query *q,
		      struct task_maker *ret)
{
	const struct maker *m;
	struct task t;
	uint64_t vmid;

	if (!task_parse(line, &t) || (t.end && t.end < q->since))
		return;
	m = maker_of(&t, q->kind);
	if (!m)
		return;
	if (m->names_source && is_under_way(&t, q->written))
		take_clone(&t, ret);
	else if (!m->names_source && vmid_parse(t.upid.id, &vmid) && vmid == q->vmid)
		take_named(&t, m, ret);
}

void tasks_find_maker(struct slice text, const struct task_query *q,
		      struct task_maker *ret)
{
	struct slice line, rest = text;
	bool more = text.len > 0;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		take_line(line, q, ret);
	}
}

/* Whether @line is a rollback of the guest; one that failed in the end has had its effect. */
static bool is_rollback(struct slice line, const struct task_query *q)
{
	struct task t;
	uint64_t vmid;

	return task_parse(line, &t) && (!t.end || t.end >= q->since) &&
	       slice_eq(t.upid.type, q->kind == GUEST_CT ? "vzrollback" : "qmrollback") &&
	       vmid_parse(t.upid.id, &vmid) && vmid == q->vmid;
}

bool tasks_have_rollback(struct slice text, const struct task_query *q)
{
	struct slice line, rest = text;
	bool more = text.len > 0;

	while (more) {
		more = slice_cut(rest, '\n', &line, &rest);
		if (is_rollback(line, q))
			return true;
	}
	return false;
}
