/* SPDX-License-Identifier: MIT */
/* tick-tasks - who made the guests of this node, by the node's lists of tasks. */
#include "run/tick-internal.h"

enum { SLACK_S = 120 }; /* between the end of a task and what a tick saw of it */

/*
 * Reads the lists of tasks, once; what cannot be read names nobody. The web server may put
 * anything in their place: a link, to a device say, is not followed.
 */
static void read_lists(struct tick *t)
{
	static const char *const paths[TICK_LISTS] = { "var/log/pve/tasks/active",
						       "var/log/pve/tasks/index",
						       "var/log/pve/tasks/index.1" };
	static const struct file_rules rules = { .owner = FILE_OWNER_ANY,
						 .max_bytes = TASKS_MAX_BYTES,
						 .nofollow = true };
	struct err e;

	for (size_t i = 0; !t->lists_read && i < TICK_LISTS; i++)
		(void)!file_read(t->place->root, paths[i], &rules, &t->lists[i], &e);
	t->lists_read = true;
}

/* Asks for tasks of @g since @since_s. */
static struct task_query since(const struct guest *g, uint64_t since_s)
{
	return (struct task_query){ .kind = g->kind,
				    .vmid = g->vmid,
				    .since = since_s > SLACK_S ? since_s - SLACK_S : 0 };
}

void tick_find_maker(struct tick *t, const struct guest *g, uint64_t since_s,
		     struct task_maker *ret)
{
	struct task_query q = since(g, since_s);

	q.written = (uint64_t)g->text.mtime.tv_sec;
	*ret = (struct task_maker){ 0 };
	read_lists(t);
	for (size_t i = 0; i < TICK_LISTS; i++)
		if (t->lists[i].len)
			tasks_find_maker(file_slice(&t->lists[i]), &q, ret);
}

bool tick_was_rolled_back(struct tick *t, const struct guest *g)
{
	const struct task_query q = since(g, t->last_s);

	read_lists(t);
	for (size_t i = 0; i < TICK_LISTS; i++)
		if (t->lists[i].len && tasks_have_rollback(file_slice(&t->lists[i]), &q))
			return true;
	return false;
}
