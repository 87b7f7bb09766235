/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/run/policy-lock.c. Each process stands for a node: there is nothing
 * but the directory between them.
 */
#include "rows.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "run/policy-lock.h"

#include "root.h"

/* A cluster, seen from the node @node. */
static struct place place_of(const struct root *r, const char *node)
{
	struct place p = { .root = r->fd, .prefix = "" };

	(void)snprintf(p.node, sizeof(p.node), "%s", node);
	return p;
}

/* Makes the directory that the lock stands in. */
static struct root make_cluster(void)
{
	struct root r = root_make();

	put(&r, "etc/pve/pve-safe/policy.conf", "", 0);
	return r;
}

/* Whether nothing of the lock is left. */
static bool is_free(const struct root *r)
{
	return faccessat(r->fd, POLICY_LOCK_DIR, F_OK, 0) != 0;
}

static void taken_and_given_back(void **state)
{
	AUTO(root_done) struct root r = make_cluster();
	struct place p = place_of(&r, "pve1");
	struct policy_lock l;
	struct err e = { 0 };
	char path[128];

	(void)state;
	assert_int_equal(policy_lock_take(&p, &l, &e), 0);
	(void)snprintf(path, sizeof(path), POLICY_LOCK_DIR "/pve1.%d", getpid());
	assert_int_equal(faccessat(r.fd, path, F_OK, 0), 0);
	assert_true(policy_lock_holds(&l));
	policy_lock_done(&l);
	assert_false(policy_lock_holds(&l));
	assert_true(is_free(&r));
	policy_lock_done(&l); /* twice is once */
}

/* A dead process of our own node is not waited for, a directory of nobody's not for long. */
static void dead_of_this_node(void **state)
{
	AUTO(root_done) struct root r = make_cluster();
	struct place p = place_of(&r, "pve1");
	struct policy_lock l;
	struct err e = { 0 };

	(void)state;
	put(&r, POLICY_LOCK_DIR "/pve1.1", "", 0);
	assert_int_equal(policy_lock_take(&p, &l, &e), 0);
	assert_int_equal(faccessat(r.fd, POLICY_LOCK_DIR "/pve1.1", F_OK, 0), -1);
	policy_lock_done(&l);
	assert_true(is_free(&r));
	assert_int_equal(mkdirat(r.fd, POLICY_LOCK_DIR, 0755), 0);
	assert_int_equal(policy_lock_take(&p, &l, &e), 0);
	policy_lock_done(&l);
	assert_true(is_free(&r));
}

/* One of another node is waited for, then broken; who wakes up finds that. */
static void dead_of_another_node(void **state)
{
	AUTO(root_done) struct root r = make_cluster();
	struct place p1 = place_of(&r, "pve1"), p2 = place_of(&r, "pve10");
	struct policy_lock first, second;
	struct err e = { 0 };
	uint64_t began = clock_now().mono_us;

	(void)state;
	assert_int_equal(policy_lock_take(&p1, &first, &e), 0);
	assert_int_equal(policy_lock_take(&p2, &second, &e), 0);
	assert_true(clock_now().mono_us - began >= POLICY_LOCK_DEAD_MS * UINT64_C(1000));
	assert_false(policy_lock_holds(&first));
	assert_true(policy_lock_holds(&second));
	policy_lock_done(&first);
	assert_true(policy_lock_holds(&second));
	policy_lock_done(&second);
	assert_true(is_free(&r));
}

/* Adds 1 to the number in the file, slowly, under the lock; so often. */
static void count_up(const struct root *r, const char *node, int times)
{
	struct place p = place_of(r, node);
	struct err e = { 0 };

	for (int i = 0; i < times; i++) {
		AUTO(policy_lock_done) struct policy_lock l = { 0 };
		char text[16];
		size_t len;

		if (policy_lock_take(&p, &l, &e) < 0)
			_exit(1);
		AUTO_FREE char *was = get(r, "count", &len);
		(void)usleep(200);
		(void)snprintf(text, sizeof(text), "%d", atoi(was) + 1);
		put(r, "count", text, strlen(text));
		if (!policy_lock_holds(&l))
			_exit(2);
	}
	_exit(0);
}

/* Of several nodes one has it at a time. */
static void one_at_a_time(void **state)
{
	enum { NODES = 3, TIMES = 8 };
	AUTO(root_done) struct root r = make_cluster();
	static const char *const nodes[NODES] = { "a", "b", "c" };
	size_t len;

	(void)state;
	put(&r, "count", "0", 1);
	for (int i = 0; i < NODES; i++)
		if (fork() == 0)
			count_up(&r, nodes[i], TIMES);
	for (int i = 0; i < NODES; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	AUTO_FREE char *count = get(&r, "count", &len);
	assert_int_equal(atoi(count), NODES * TIMES);
	assert_true(is_free(&r));
}

/* Where it cannot be made nothing is locked. */
static void cannot_be_made(void **state)
{
	AUTO(root_done) struct root r = root_make();
	struct place p = place_of(&r, "pve1");
	struct policy_lock l;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(policy_lock_take(&p, &l, &e), -1);
	assert_string_equal(e.msg, "cannot make '/" POLICY_LOCK_DIR
				   "': No such file or directory");
	assert_false(policy_lock_holds(&l));
	policy_lock_done(&l);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "it is taken and given back", taken_and_given_back);
	ROWS_ADD_ONE(&rows, "a dead owner of this node's is not waited for",
		     dead_of_this_node);
	ROWS_ADD_ONE(&rows, "an owner of another node's that stays too long loses it",
		     dead_of_another_node);
	ROWS_ADD_ONE(&rows, "one at a time has it", one_at_a_time);
	ROWS_ADD_ONE(&rows, "where it cannot be made nothing is locked", cannot_be_made);
	return rows_run(&rows, "policy-lock");
}
