/* SPDX-License-Identifier: MIT */
/*
 * The tables that are searched by halves are sorted and hold nothing twice, or rows would
 * not be found. The sources are included, for their tables are nobody else's business.
 */
#include "rows.h"

#include "pve/cpumodel.c"
#include "pve/lxckey.c"

static void models_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		struct slice vals[VM_CPU_COUNT] = { { 0 } };
		struct err e = { 0 };

		assert_true(!i || strcmp(models[i - 1], models[i]) < 0);
		vals[VM_CPU_CPUTYPE] = slice_of(models[i]);
		assert_int_equal(cpumodel_check(vals, &e), 0);
	}
}

static void raw_keys_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		assert_true(!i || strcmp(taken[i - 1], taken[i]) < 0);
		assert_true(lxckey_is_taken(slice_of(taken[i])));
		assert_null(lxckey_renamed(slice_of(taken[i])));
	}
	for (size_t i = 0; i < ARRAY_LEN(old_names); i++) {
		assert_true(!i || strcmp(old_names[i - 1].was, old_names[i].was) < 0);
		assert_true(lxckey_is_taken(slice_of(old_names[i].was)));
		assert_string_equal(lxckey_renamed(slice_of(old_names[i].was)),
				    old_names[i].is);
	}
}

static struct row {
	const char *name, *key;
	bool taken, cgroup_v1;
	const char *renamed;
} table[] = {
	{ "a key that is taken", "lxc.idmap", true },
	{ "no beginning of it", "lxc.idma", false },
	{ "no longer one", "lxc.idmaps", false },
	{ "any key of cgroup2", "lxc.cgroup2.devices.allow", true },
	{ "but not without the dot", "lxc.cgroup2", false },
	{ "any key of cgroup v1, which has no effect", "lxc.cgroup.cpuset.cpus", true,
	  true },
	{ "limits by their old name", "lxc.limit.nofile", true,
	  .renamed = "lxc.prlimit.*" },
	{ "a network key of old that is not listed", "lxc.network.foo", false },
	{ "the hook that only the node may set", "lxc.hook.start-host", false },
	{ "a sysctl of IPC", "lxc.sysctl.kernel.shmmax", true },
	{ "no other sysctl", "lxc.sysctl.kernel.shmmaxx", false },
};

static void is_judged(void **state)
{
	const struct row *t = *state;
	const char *renamed = lxckey_renamed(slice_of(t->key));

	assert_int_equal(lxckey_is_taken(slice_of(t->key)), t->taken);
	assert_int_equal(lxckey_is_cgroup_v1(slice_of(t->key)), t->cgroup_v1);
	assert_int_equal(renamed != NULL, t->renamed != NULL);
	if (renamed)
		assert_string_equal(renamed, t->renamed);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD_ONE(&rows, "CPU models are sorted and found", models_are_sorted);
	ROWS_ADD_ONE(&rows, "raw keys are sorted and found", raw_keys_are_sorted);
	ROWS_ADD(&rows, table, is_judged);
	return rows_run(&rows, "tables");
}
