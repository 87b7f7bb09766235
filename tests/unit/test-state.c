/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/settings/state: the text of what is remembered of a node's setting. */
#include "rows.h"

#include "settings/state.h"

#define HEAD "version 1\npath /sys/x/y\nkind plain\nbefore 1\nset 2\n"

/* Texts that are read, and written as they were. */
static struct good_row {
	const char *name, *text;
	size_t nusers;
} good[] = {
	{ "without a user", HEAD, 0 },
	{ "a guest that runs", HEAD "user 101 running\n", 1 },
	{ "a guest that is being started", HEAD "user 101 starting 4711 123456\n", 1 },
	{ "several guests", HEAD "user 102 running\nuser 101 starting 1 0\n", 2 },
	{ "values with blanks and signs",
	  "version 1\npath /sys/a%20b/c%25\nkind bracket\nbefore %5Ba%5D%20b\nset "
	  "%C3%A4\n",
	  0 },
	{ "an empty value",
	  "version 1\npath /proc/sys/net/x\nkind link\nbefore \nset 1\n", 0 },
};

/* Texts that are refused, and with which words. */
static struct bad_row {
	const char *name, *text, *want;
} bad[] = {
	{ "nothing", "", "line 1: 'version' is missing or cut off" },
	{ "another version", "version 2\n", "line 1: version 1 expected" },
	{ "cut off in a line", "version 1\npath /sys/x",
	  "line 2: 'path' is missing or cut off" },
	{ "cut off between lines", "version 1\npath /sys/x\nkind plain\nbefore 1\n",
	  "line 5: 'set' is missing or cut off" },
	{ "another order", "version 1\nkind plain\n", "line 2: 'path' expected" },
	{ "a path elsewhere", "version 1\npath /etc/passwd\n",
	  "line 2: a path below /sys or /proc/sys expected" },
	{ "a path that leaves", "version 1\npath /sys/../etc/passwd\n",
	  "line 2: a path below /sys or /proc/sys expected" },
	{ "a path with a line's end", "version 1\npath /sys/a%0Ab\n",
	  "line 2: a path below /sys or /proc/sys expected" },
	{ "a path with a NUL", "version 1\npath /sys/a%00b\n",
	  "line 2: 'path' is no such value" },
	{ "encoded where it need not be", "version 1\npath /sys/%61\n",
	  "line 2: 'path' is not encoded as it is" },
	{ "encoded in small letters", "version 1\npath /sys/%c3%a4\n",
	  "line 2: 'path' is not encoded as it is" },
	{ "not encoded where it must be", "version 1\npath /sys/a b\n",
	  "line 2: 'path' is not encoded as it is" },
	{ "another kind", "version 1\npath /sys/x\nkind auto\n",
	  "line 3: plain, bracket or link expected" },
	{ "a VMID that is none", HEAD "user 99 running\n",
	  "line 6: 'user VMID running' or 'user VMID starting PID STARTTIME' expected, "
	  "each guest once" },
	{ "a guest twice", HEAD "user 101 running\nuser 101 running\n",
	  "line 7: 'user VMID running' or 'user VMID starting PID STARTTIME' expected, "
	  "each guest once" },
	{ "a process 0", HEAD "user 101 starting 0 1\n",
	  "line 6: 'user VMID running' or 'user VMID starting PID STARTTIME' expected, "
	  "each guest once" },
	{ "a start without its time", HEAD "user 101 starting 1\n",
	  "line 6: 'user VMID running' or 'user VMID starting PID STARTTIME' expected, "
	  "each guest once" },
	{ "a word too many", HEAD "user 101 starting 1 2 3\n",
	  "line 6: 'user VMID running' or 'user VMID starting PID STARTTIME' expected, "
	  "each guest once" },
	{ "something else at the end", HEAD "end\n", "line 6: 'user' expected" },
	{ "an empty line", HEAD "\n", "line 6: 'user' expected" },
};

static void reads(void **state)
{
	const struct good_row *t = *state;
	AUTO(buf_done) struct buf out = { 0 };
	struct arena a = { 0 };
	struct state s;
	struct err e = { 0 };

	assert_int_equal(state_parse(slice_of(t->text), &a, &s, &e), 0);
	assert_int_equal(s.nusers, t->nusers);
	state_render(&s, &out);
	assert_string_equal(buf_text(&out), t->text);
	arena_done(&a);
}

static void refuses(void **state)
{
	const struct bad_row *t = *state;
	struct arena a = { 0 };
	struct state s;
	struct err e = { 0 };

	assert_int_equal(state_parse(slice_of(t->text), &a, &s, &e), -1);
	assert_string_equal(e.msg, t->want);
	arena_done(&a);
}

static void users(void **state)
{
	struct state_user one = { 101, 5, 7 }, again = { 101, 0, 0 }, two = { 102, 0, 0 };
	struct state s = { .nusers = 0 };
	struct arena a = { 0 };

	(void)state;
	assert_true(state_put_user(&s, &one, &a));
	assert_true(state_put_user(&s, &two, &a));
	assert_true(state_put_user(&s, &again, &a));
	assert_int_equal(s.nusers, 2);
	assert_int_equal(state_find_user(&s, 101)->pid, 0);
	assert_null(state_find_user(&s, 103));
	for (uint64_t i = 0; i < STATE_MAX_USERS - 2; i++)
		assert_true(
			state_put_user(&s, &(struct state_user){ 1000 + i, 0, 0 }, &a));
	assert_false(state_put_user(&s, &(struct state_user){ 5000, 0, 0 }, &a));
	assert_int_equal(s.nusers, STATE_MAX_USERS);
	arena_done(&a);
}

static void names(void **state)
{
	char name[SHA256_HEX_SIZE];

	(void)state;
	state_file_name(slice_of("/proc/sys/net/ipv4/ip_default_ttl"), name);
	assert_string_equal(
		name, "53a680034a8e6dac4e62b059e3d60e77aa7950e5c556241a9915781c14426955");
	assert_true(state_is_file_name(name));
	name[0] = 'A';
	assert_false(state_is_file_name(name));
	assert_false(state_is_file_name("node.lock"));
	assert_false(state_is_file_name(""));
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, good, reads);
	ROWS_ADD(&rows, bad, refuses);
	ROWS_ADD_ONE(&rows, "each guest is a user once, and not too many are", users);
	ROWS_ADD_ONE(&rows, "a file is named by the path that is set", names);
	return rows_run(&rows, "state");
}
