/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/cause.c: which starts may be refused, and which only recorded. */
#include "rows.h"

#include "run/cause.h"

#define UPID(type, user) "task UPID:pve1:0000ABCD:0012D687:5F3B1C2A:" type "::" user ":"

static struct row {
	const char *name;
	const char *type, *user, *above, *lock;
	bool migrated, by_init;
	const char *cause;
} table[] = {
	{ "a container started by hand", "vzstart", "root@pam", "bash", "",
	  .cause = "user" },
	{ "a VM started from the web page", "qmstart", "alice@pve", "pvedaemon worker",
	  "", .cause = "user" },
	{ "nothing known", "", "", "", "", .cause = "user" },
	{ "a task we do not know", "vzfrobnicate", "root@pam", "", "", .cause = "user" },
	{ "at boot", "vzstart", "root@pam", UPID("startall", "root@pam"), "",
	  .cause = "boot" },
	{ "started in bulk by a user is that user's", "vzstart", "alice@pve",
	  UPID("startall", "alice@pve"), "", .cause = "user" },
	{ "half a title of a task is none", "vzstart", "root@pam",
	  "task UPID:pve1:0000ABCD", "", .cause = "user" },
	{ "a task whose id only reads startall is no boot", "vzstart", "root@pam",
	  "task UPID:pve1:0000ABCD:0012D687:5F3B1C2A:x:startall:root@pam:", "",
	  .cause = "user" },
	{ "by the HA manager", "qmstart", "root@pam", "pve-ha-lrm", "", .cause = "ha" },
	{ "backup of a stopped VM", "vzdump", "root@pam", "", "", .cause = "backup" },
	{ "while a backup holds the guest", "vzstart", "root@pam", "", "backup",
	  .cause = "backup" },
	{ "container migration by restart", "vzmigrate", "root@pam", "", "",
	  .cause = "migration" },
	{ "VM migration", "qmigrate", "root@pam", "", "", .cause = "migration" },
	{ "target of a live migration", "qmstart", "root@pam", "", "", .migrated = true,
	  .cause = "migration" },
	{ "locked for migration", "qmstart", "root@pam", "", "migrate",
	  .cause = "migration" },
	{ "rollback of a container", "vzrollback", "root@pam", "", "",
	  .cause = "rollback" },
	{ "rollback of a VM with its memory", "qmrollback", "root@pam", "", "",
	  .cause = "rollback" },
	{ "resume of a hibernated VM", "qmstart", "root@pam", "", "suspended",
	  .cause = "resume" },
	{ "resume task", "qmresume", "root@pam", "", "", .cause = "resume" },
	{ "reboot of a container by pct", "vzreboot", "root@pam", "", "",
	  .cause = "reboot" },
	{ "reboot of a VM by qm", "qmreboot", "root@pam", "", "", .cause = "reboot" },
	{ "which ends it, and leaves the start to qm cleanup", "qmstart", "root@pam",
	  "/usr/bin/perl /usr/sbin/qm cleanup 200 1 0", "", .cause = "reboot" },
	{ "whatever perl checks", "qmstart", "root@pam",
	  "/usr/bin/perl -T /usr/sbin/qm cleanup 200 1 0", "", .cause = "reboot" },
	{ "qm start with such an option is no cleanup", "qmstart", "root@pam",
	  "/usr/bin/perl /usr/sbin/qm start 200 --force-cpu /usr/sbin/qm cleanup 200", "",
	  .cause = "user" },
	{ "nor is another program of that name", "qmstart", "root@pam",
	  "/usr/bin/perl /root/qm cleanup 200 1 0", "", .cause = "user" },
	{ "reboot from inside: a service, nobody holds the lock", "", "", "", "",
	  .by_init = true, .cause = "reboot" },
	{ "a snapshot's lock says nothing of a start", "vzstart", "root@pam", "",
	  "snapshot", .cause = "user" },
};

static void has_cause(void **state)
{
	const struct row *t = *state;
	struct cause_traces traces = { .task_type = slice_of(t->type),
				       .task_user = slice_of(t->user),
				       .above = slice_of(t->above),
				       .lock = slice_of(t->lock),
				       .migrated = t->migrated,
				       .by_init = t->by_init };

	assert_string_equal(cause_of(&traces), t->cause);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, has_cause);
	return rows_run(&rows, "cause");
}
