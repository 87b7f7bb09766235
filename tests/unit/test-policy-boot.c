/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/policy-boot.c: what starts with its node, and in which order. */
#include "rows.h"

#include "run/policy-boot.h"

#define LAST POLICY_BOOT_LAST

static struct order_row {
	const char *name, *startup;
	uint64_t want;
} orders[] = {
	{ "the key", "order=2", 2 },
	{ "the number alone", "2", 2 },
	{ "with pauses", "order=2,up=30,down=60", 2 },
	{ "the number alone, with pauses", "7,up=30", 7 },
	{ "after a pause", "up=30,order=3", 3 },
	{ "zeros in front", "order=010", 10 },
	{ "zero is first", "0", 0 },
	{ "blanks", " order=4 , up=1", 4 },
	{ "pauses alone", "up=30", LAST },
	{ "nothing", "", LAST },
	{ "no number", "order=first", LAST },
	{ "a sign", "order=-1", LAST },
	{ "a number that is too big", "order=99999999999999999999", LAST },
};

static void order_is(void **state)
{
	const struct order_row *t = *state;

	assert_int_equal(policy_boot_order(slice_of(t->startup)), t->want);
}

static struct cause_row {
	const char *name, *conf;
	const char *ha; /* of ha/resources.cfg */
	const char *want;
} causes[] = {
	{ "onboot", "onboot: 1\n", "", "boot" },
	{ "no onboot", "cores: 1\n", "", NULL },
	{ "onboot said to be off", "onboot: 0\n", "", NULL },
	{ "a template", "onboot: 1\ntemplate: 1\n", "", NULL },
	{ "HA starts it", "cores: 1\n", "ct: 101\n\tstate started\n", "ha" },
	{ "HA, without a state", "cores: 1\n", "ct: 101\n", "ha" },
	{ "HA, by the old word for it", "cores: 1\n", "ct: 101\n\tstate enabled\n",
	  "ha" },
	{ "HA goes before onboot", "onboot: 1\n", "ct: 101\n\tstate started\n", "ha" },
	{ "stopped by HA stays so, onboot or not", "onboot: 1\n",
	  "ct: 101\n\tstate stopped\n", NULL },
	{ "disabled, too", "onboot: 1\n", "ct: 101\n\tstate disabled\n", NULL },
	{ "ignored by HA: onboot counts", "onboot: 1\n", "ct: 101\n\tstate ignored\n",
	  "boot" },
	{ "ignored by HA, without onboot", "cores: 1\n", "ct: 101\n\tstate ignored\n",
	  NULL },
	{ "a template of HA's", "template: 1\n", "ct: 101\n", NULL },
	{ "another guest's HA", "onboot: 1\n", "ct: 102\n\tstate stopped\n", "boot" },
};

static void cause_is(void **state)
{
	const struct cause_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct guest *g = calloc(1, sizeof(*g));
	struct cluster_ha ha = { 0 };
	struct err e = { 0 };
	const char *got;

	assert_non_null(g);
	g->kind = GUEST_CT;
	g->vmid = 101;
	assert_int_equal(guestconf_parse(GUEST_CT, slice_of(t->conf), &a, &g->conf, &e),
			 0);
	g->start = *guestconf_current(&g->conf);
	assert_int_equal(cluster_read_ha(slice_of(t->ha), &a, &ha, &e), 0);
	got = policy_boot_cause(&ha, g);
	free(g);
	assert_string_equal(got ? got : "none", t->want ? t->want : "none");
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, orders, order_is);
	ROWS_ADD(&rows, causes, cause_is);
	return rows_run(&rows, "policy-boot");
}
