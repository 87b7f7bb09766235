/* SPDX-License-Identifier: MIT */
#include "run/cause.h"

#include <stddef.h>

#include "base/cleanup.h"

struct cause_row {
	const char *word;
	const char *cause;
};

/* Types of tasks that start a guest on the way to something else. */
static const struct cause_row task_types[] = {
	{ "vzdump", "backup" },       { "vzmigrate", "migration" },
	{ "qmigrate", "migration" },  { "vzrollback", "rollback" },
	{ "qmrollback", "rollback" }, { "vzreboot", "reboot" },
	{ "qmreboot", "reboot" },     { "qmresume", "resume" },
	{ "vzresume", "resume" },
};

/* Values of `lock` that tell what a start belongs to. */
static const struct cause_row locks[] = {
	{ "backup", "backup" },
	{ "migrate", "migration" },
	{ "rollback", "rollback" },
	{ "suspended", "resume" },
};

/* The cause beside @word in @rows, or NULL. */
static const char *look_up(const struct cause_row *rows, size_t n, struct slice word)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(word, rows[i].word))
			return rows[i].cause;
	return NULL;
}

/* Whether @title is that of the node's "start all guests", as it runs at boot. */
static bool is_start_all(struct slice title)
{
	struct slice head, rest = title;

	if (!slice_starts(title, "task UPID:"))
		return false;
	for (int field = 0; field <= 5; field++)
		if (!slice_cut(rest, ':', &head, &rest))
			return false;
	return slice_eq(head, "startall");
}

/*
 * Whether @title is that of `qm cleanup`, which qmeventd runs when a VM has ended, and which
 * starts it again where it was to reboot. Source: PVE::CLI::qm, cleanup.
 */
static bool is_cleanup(struct slice title)
{
	static const char *const heads[] = { "/usr/bin/perl /usr/sbin/qm cleanup ",
					     "/usr/bin/perl -T /usr/sbin/qm cleanup " };

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (slice_starts(title, heads[i]))
			return true;
	return false;
}

const char *cause_of(const struct cause_traces *t)
{
	const char *cause;

	if (t->migrated)
		return "migration";
	cause = look_up(task_types, ARRAY_LEN(task_types), t->task_type);
	if (!cause)
		cause = look_up(locks, ARRAY_LEN(locks), t->lock);
	if (cause)
		return cause;
	if (is_cleanup(t->above))
		return "reboot";
	if (slice_starts(t->above, "pve-ha-lrm"))
		return "ha";
	if (is_start_all(t->above) && slice_eq(t->task_user, "root@pam"))
		return "boot";
	return t->by_init ? "reboot" : "user";
}
