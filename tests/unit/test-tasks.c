/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/tasks.c. */
#include "rows.h"

#include "pve/tasks.h"

#define UPID(time, type, id, user) \
	"UPID:pve1:0000ABCD:0012D687:" time ":" type ":" id ":" user ":"
#define CREATE UPID("5F3B1C2A", "vzcreate", "101", "alice@pve")

static struct row {
	const char *name, *in;
	bool ok;
	uint64_t end;
	bool failed;
} table[] = {
	{ "a task that ended well", CREATE " 5F3B1C2B OK", true, 0x5F3B1C2B, false },
	{ "one with warnings did what it should", CREATE " 5F3B1C2B WARNINGS: 2", true,
	  0x5F3B1C2B, false },
	{ "one that failed", CREATE " 5F3B1C2B unable to create CT 101", true, 0x5F3B1C2B,
	  true },
	{ "no status is no success", CREATE " 5F3B1C2B", true, 0x5F3B1C2B, true },
	{ "of `active`: it runs", CREATE " 0", true, 0, false },
	{ "of `active`: it ended", CREATE " 1 5F3B1C2B OK", true, 0x5F3B1C2B, false },
	{ "of `active`: blanks before the status", CREATE " 1 5F3B1C2B  OK", true,
	  0x5F3B1C2B, false },
	{ "of `active`: neither 0 nor 1", CREATE " 2", false },
	{ "a UPID alone", CREATE, false },
	{ "a UPID and a blank", CREATE " ", false },
	{ "an end of seven digits", CREATE " 5F3B1C2 OK", false },
	{ "an end that is no number", CREATE " 5F3B1C2G OK", false },
	{ "an end at the beginning of time", CREATE " 00000000 OK", false },
	{ "no UPID", "x 5F3B1C2B OK", false },
	{ "nothing", "", false },
};

static void reads(void **state)
{
	const struct row *r = *state;
	struct task t = { .end = 1 };

	assert_int_equal(task_parse(slice_of(r->in), &t), r->ok);
	if (!r->ok) {
		assert_int_equal(t.end, 1);
		return;
	}
	assert_int_equal(t.end, r->end);
	assert_int_equal(t.failed, r->failed);
}

/* Guest 101, looked for since 5F3B1C00, whose file was written at 5F3B1C2C. */
static struct maker_row {
	const char *name, *in;
	enum guest_kind kind;
	const char *event, *user; /* NULL: none */
	bool upid;
} makers[] = {
	{ "who created it", CREATE " 5F3B1C2B OK\n", GUEST_CT, "create", "alice@pve",
	  true },
	{ "the last line may have no end", CREATE " 5F3B1C2B OK", GUEST_CT, "create",
	  "alice@pve", true },
	{ "a task that still runs", CREATE " 0\n", GUEST_CT, "create", "alice@pve",
	  true },
	{ "who restored it",
	  UPID("5F3B1C2A", "qmrestore", "101", "bob@pam") " 5F3B1C2B OK\n", GUEST_VM,
	  "restore", "bob@pam", true },
	{ "who brought it from another cluster",
	  UPID("5F3B1C2A", "qmtunnel", "101", "bob@pam") " 5F3B1C2B OK\n", GUEST_VM,
	  "create", "bob@pam", true },
	{ "of two the later one",
	  CREATE " 5F3B1C2B OK\n" UPID("5F3B1C29", "vzrestore", "101",
				       "bob@pve") " 5F3B1C2B OK\n",
	  GUEST_CT, "create", "alice@pve", true },
	{ "of two the later one, that comes second",
	  CREATE " 5F3B1C2B OK\n" UPID("5F3B1C30", "vzrestore", "101",
				       "bob@pve") " 5F3B1C31 OK\n",
	  GUEST_CT, "restore", "bob@pve", true },
	{ "one that was over long ago", CREATE " 5F3B1BFF OK\n", GUEST_CT, NULL, NULL,
	  false },
	{ "one of another guest",
	  UPID("5F3B1C2A", "vzcreate", "1011", "alice@pve") " 5F3B1C2B OK\n", GUEST_CT,
	  NULL, NULL, false },
	{ "one of another kind", CREATE " 5F3B1C2B OK\n", GUEST_VM, NULL, NULL, false },
	{ "one that makes none",
	  UPID("5F3B1C2A", "vzstart", "101", "alice@pve") " 5F3B1C2B OK\n", GUEST_CT,
	  NULL, NULL, false },
	{ "a failed create may have left it",
	  CREATE " 5F3B1C2B unable to create CT 101\n", GUEST_CT, "create", "alice@pve",
	  true },
	{ "a clone, whose task names the source",
	  UPID("5F3B1C2A", "vzclone", "900", "alice@pve") " 5F3B1C2B OK\n", GUEST_CT,
	  "clone", "alice@pve", true },
	{ "a clone that had ended when the file was written",
	  UPID("5F3B1C29", "vzclone", "900", "alice@pve") " 5F3B1C2A OK\n", GUEST_CT,
	  NULL, NULL, false },
	{ "a clone that began later",
	  UPID("5F3B1C2D", "vzclone", "900", "alice@pve") " 5F3B1C2E OK\n", GUEST_CT,
	  NULL, NULL, false },
	{ "a clone that still runs",
	  UPID("5F3B1C29", "vzclone", "900", "alice@pve") " 0\n", GUEST_CT, "clone",
	  "alice@pve", true },
	{ "a clone that failed made nothing",
	  UPID("5F3B1C2A", "vzclone", "900", "alice@pve") " 5F3B1C2B no space\n",
	  GUEST_CT, NULL, NULL, false },
	{ "two clones of one user",
	  UPID("5F3B1C2A", "vzclone", "900", "alice@pve") " 5F3B1C2B OK\n" UPID(
		  "5F3B1C2C", "vzclone", "900", "alice@pve") " 5F3B1C2D OK\n",
	  GUEST_CT, "clone", "alice@pve", false },
	{ "two clones of two users",
	  UPID("5F3B1C2A", "vzclone", "900", "alice@pve") " 5F3B1C2B OK\n" UPID(
		  "5F3B1C2C", "vzclone", "900", "bob@pve") " 5F3B1C2D OK\n",
	  GUEST_CT, "clone", NULL, false },
	{ "one clone in two lists",
	  UPID("5F3B1C2A", "vzclone", "900", "alice@pve") " 1 5F3B1C2B OK\n" UPID(
		  "5F3B1C2A", "vzclone", "900", "alice@pve") " 5F3B1C2B OK\n",
	  GUEST_CT, "clone", "alice@pve", true },
	{ "a task that names it is better than a clone",
	  CREATE
	  " 5F3B1C2B OK\n" UPID("5F3B1C2C", "vzclone", "900", "bob@pve") " 5F3B1C2D OK\n",
	  GUEST_CT, "create", "alice@pve", true },
	{ "also when it comes second",
	  UPID("5F3B1C2C", "vzclone", "900", "bob@pve") " 5F3B1C2D OK\n" CREATE
							" 5F3B1C2B OK\n",
	  GUEST_CT, "create", "alice@pve", true },
	{ "lines that are none are passed over", "\n\nx\n" CREATE " 5F3B1C2B OK\n",
	  GUEST_CT, "create", "alice@pve", true },
	{ "an empty list", "", GUEST_CT, NULL, NULL, false },
};

static void finds(void **state)
{
	const struct maker_row *r = *state;
	const struct task_query q = { r->kind, 101, 0x5F3B1C00, 0x5F3B1C2C };
	struct task_maker m = { 0 };

	tasks_find_maker(slice_of(r->in), &q, &m);
	if (!r->event) {
		assert_null(m.event);
		return;
	}
	assert_non_null(m.event);
	assert_string_equal(m.event, r->event);
	assert_true(r->user ? slice_eq(m.user, r->user) : !m.user.ptr);
	assert_int_equal(m.upid.ptr != NULL, r->upid);
}

static struct rollback_row {
	const char *name, *in;
	enum guest_kind kind;
	bool found;
} rollbacks[] = {
	{ "a rollback", UPID("5F3B1C2A", "qmrollback", "101", "bob@pve") " 5F3B1C2B OK\n",
	  GUEST_VM, true },
	{ "one of a container whose line is cut",
	  "x\n" CREATE " 5F3B1C2B OK\n" UPID("5F3B1C2A", "vzrollback", "101", "bob@pve"),
	  GUEST_CT, false },
	{ "one of a container, after other tasks",
	  CREATE " 5F3B1C2B OK\n" UPID("5F3B1C2A", "vzrollback", "101",
				       "bob@pve") " 5F3B1C2B OK",
	  GUEST_CT, true },
	{ "one that runs", UPID("5F3B1B00", "qmrollback", "101", "bob@pve") " 0\n",
	  GUEST_VM, true },
	{ "one that failed in the end",
	  UPID("5F3B1C2A", "qmrollback", "101", "bob@pve") " 5F3B1C2B start failed\n",
	  GUEST_VM, true },
	{ "one that was over before",
	  UPID("5F3B1B00", "qmrollback", "101", "bob@pve") " 5F3B1BFF OK\n", GUEST_VM,
	  false },
	{ "one of another guest",
	  UPID("5F3B1C2A", "qmrollback", "102", "bob@pve") " 5F3B1C2B OK\n", GUEST_VM,
	  false },
	{ "one of the other kind",
	  UPID("5F3B1C2A", "vzrollback", "101", "bob@pve") " 5F3B1C2B OK\n", GUEST_VM,
	  false },
	{ "another task", CREATE " 5F3B1C2B OK\n", GUEST_CT, false },
	{ "no task", "", GUEST_CT, false },
};

static void has_rollback(void **state)
{
	const struct rollback_row *r = *state;
	const struct task_query q = { r->kind, 101, 0x5F3B1C00, 0 };

	assert_int_equal(tasks_have_rollback(slice_of(r->in), &q), r->found);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, reads);
	ROWS_ADD(&rows, makers, finds);
	ROWS_ADD(&rows, rollbacks, has_rollback);
	return rows_run(&rows, "tasks");
}
