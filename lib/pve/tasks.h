/* SPDX-License-Identifier: MIT */
/*
 * tasks - the list of a node's tasks, /var/log/pve/tasks: which one made a guest, and for
 * whom; which guests were rolled back.
 *
 *	index, index.1	UPID ENDTIME STATUS
 *	active		UPID SAVED [ENDTIME [STATUS]]
 *
 * SAVED is 0 or 1, ENDTIME 8 hexadecimal digits, STATUS "OK" or what went wrong. Lines of
 * another form are passed over, as Proxmox does. Who may write these files may say what he
 * likes in them. Source: PVE::RESTEnvironment::active_workers, PVE::INotify.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pve/guestconf.h"
#include "pve/upid.h"

enum { TASKS_MAX_BYTES = 4 << 20 }; /* Proxmox rotates the index at 50,000 */

/* One line. */
struct task {
	struct upid upid;
	uint64_t end; /* seconds since 1970; 0: it runs */
	bool failed;  /* it ended with an error; one with warnings did not */
};

/* Reads @line, without newline, which @ret borrows; false when it is none. */
bool task_parse(struct slice line, struct task *ret) __attribute__((warn_unused_result));

/* The guest whose maker is looked for. */
struct task_query {
	enum guest_kind kind;
	uint64_t vmid;
	/* In seconds since 1970: tasks that ended before .since did not make it, nor
	 * clones that had ended when its file was written. */
	uint64_t since, written;
};

/* What was found; zeroed at first. */
struct task_maker {
	const char *event;       /* create, restore or clone; NULL: no task is known */
	struct slice user, upid; /* {NULL, 0}: several may have been it */
	uint64_t start;          /* of the task */
};

/*
 * Looks through @text, a whole file, and takes into @ret what is better than what it has:
 * the newest task that names the guest; else a clone, whose task names the source alone,
 * under way when the file was written, if all clones of that time had one user.
 */
void tasks_find_maker(struct slice text, const struct task_query *q,
		      struct task_maker *ret);

/* Whether @text, a whole file, has a rollback of the guest of @q that did not end before .since. */
bool tasks_have_rollback(struct slice text, const struct task_query *q);
