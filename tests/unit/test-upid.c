/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/upid.c. */
#include "rows.h"

#include "pve/upid.h"

#define HEAD "UPID:pve1:0000ABCD:0012D687:5F3B1C2A:"

static struct row {
	const char *name, *in;
	bool ok;
	const char *type, *id, *user;
} table[] = {
	{ "a container's start", HEAD "vzstart:101:root@pam:", true, "vzstart", "101",
	  "root@pam" },
	{ "a VM's start by a user of a realm", HEAD "qmstart:100:alice@pve:", true,
	  "qmstart", "100", "alice@pve" },
	{ "an API token as user", HEAD "qmstart:100:ci@pve!deploy:", true, "qmstart",
	  "100", "ci@pve!deploy" },
	{ "a task of the node has no id", HEAD "startall::root@pam:", true, "startall",
	  "", "root@pam" },
	{ "lower-case hexadecimal",
	  "UPID:pve-2:0000abcd:0012d6870:5f3b1c2a:vzdump:101:root@pam:", true, "vzdump",
	  "101", "root@pam" },
	{ "the last colon is needed", HEAD "vzstart:101:root@pam", false },
	{ "nothing follows the last colon", HEAD "vzstart:101:root@pam:x", false },
	{ "a type is needed", HEAD ":101:root@pam:", false },
	{ "a user is needed", HEAD "vzstart:101::", false },
	{ "a blank in the type", HEAD "vz start:101:root@pam:", false },
	{ "a slash in the user", HEAD "vzstart:101:../x:", false },
	{ "a pid of seven digits",
	  "UPID:pve1:000ABCD:0012D687:5F3B1C2A:vzstart:101:r@p:", false },
	{ "a pid of nine digits",
	  "UPID:pve1:00000ABCD:0012D687:5F3B1C2A:vzstart:101:r@p:", false },
	{ "a node that ends in a hyphen",
	  "UPID:pve-:0000ABCD:0012D687:5F3B1C2A:vzstart:101:r@p:", false },
	{ "no node", "UPID::0000ABCD:0012D687:5F3B1C2A:vzstart:101:r@p:", false },
	{ "a pstart of seven digits",
	  "UPID:pve1:0000ABCD:012D687:5F3B1C2A:vzstart:101:r@p:", false },
	{ "a time that is no number",
	  "UPID:pve1:0000ABCD:0012D687:5F3B1C2G:vzstart:101:r@p:", false },
	{ "a DEL in the type", HEAD "vz\x7fstart:101:r@p:", false },
	{ "a slash in the id", HEAD "vzstart:1/1:r@p:", false },
	{ "a tag alone", "UPID:", false },
	{ "up to the node", "UPID:pve1:", false },
	{ "up to the pid", "UPID:pve1:0000ABCD:", false },
	{ "up to its start", "UPID:pve1:0000ABCD:0012D687:", false },
	{ "up to the time", HEAD, false },
	{ "up to the type", HEAD "vzstart:", false },
	{ "another tag", "upid:pve1:0000ABCD:0012D687:5F3B1C2A:vzstart:101:r@p:", false },
	{ "empty text", "", false },
};

static struct title_row {
	const char *name, *in;
	bool ok;
} titles[] = {
	{ "a worker's title", "task " HEAD "vzstart:101:root@pam:", true },
	{ "blanks after it, as process titles are padded",
	  "task " HEAD "vzstart:101:root@pam:   ", true },
	{ "a UPID alone is no title", HEAD "vzstart:101:root@pam:", false },
	{ "a shell that mentions one",
	  "sh -c task " HEAD "vzstart:101:root@pam:", false },
};

static void reads(void **state)
{
	const struct row *t = *state;
	struct upid u = { 0 };

	assert_int_equal(upid_parse(slice_of(t->in), &u), t->ok);
	if (!t->ok) {
		assert_null(u.text.ptr);
		return;
	}
	assert_true(slice_eq(u.text, t->in));
	assert_true(slice_eq(u.type, t->type));
	assert_true(slice_eq(u.id, t->id));
	assert_true(slice_eq(u.user, t->user));
}

static void reads_title(void **state)
{
	const struct title_row *t = *state;
	struct upid u;

	assert_int_equal(upid_parse_title(slice_of(t->in), &u), t->ok);
}

static void numbers(void **state)
{
	struct upid u;

	(void)state;
	assert_true(upid_parse(slice_of(HEAD "vzstart:101:root@pam:"), &u));
	assert_int_equal(u.pid, 0xabcd);
	assert_int_equal(u.pstart, 0x12d687);
	assert_int_equal(u.starttime, 0x5f3b1c2a);
}

static void too_long(void **state)
{
	char text[UPID_MAX_BYTES + 64];
	struct upid u;
	int n = snprintf(text, sizeof(text), HEAD "vzstart:");

	(void)state;
	memset(text + n, '1', UPID_MAX_BYTES - (size_t)n);
	strcpy(text + UPID_MAX_BYTES, ":root@pam:");
	assert_false(upid_parse(slice_of(text), &u));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, reads);
	ROWS_ADD(&rows, titles, reads_title);
	ROWS_ADD_ONE(&rows, "the numbers are hexadecimal", numbers);
	ROWS_ADD_ONE(&rows, "a longer text than any task has", too_long);
	return rows_run(&rows, "upid");
}
