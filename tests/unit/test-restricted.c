/* SPDX-License-Identifier: MIT */
/*
 * The table of docs/restricted.md: it has each key of Incus once, and names no rule that the
 * set restricted@1 has not, nor leaves one out; its example is a policy that loads.
 */
#include "rows.h"

#include <fcntl.h>

#include "base/buf.h"
#include "base/file.h"
#include "policy/policy.h"
#include "policy/schema.h"

static const char *const page = "docs/restricted.md";

/* The keys of a project of Incus that begin with restricted or limits. */
static const char *const keys[] = {
	"limits.containers",
	"limits.cpu",
	"limits.disk",
	"limits.disk.pool.POOL_NAME",
	"limits.instances",
	"limits.memory",
	"limits.networks",
	"limits.processes",
	"limits.virtual-machines",
	"restricted",
	"restricted.backups",
	"restricted.cluster.groups",
	"restricted.cluster.target",
	"restricted.containers.interception",
	"restricted.containers.lowlevel",
	"restricted.containers.nesting",
	"restricted.containers.privilege",
	"restricted.devices.disk",
	"restricted.devices.disk.paths",
	"restricted.devices.gpu",
	"restricted.devices.infiniband",
	"restricted.devices.nic",
	"restricted.devices.pci",
	"restricted.devices.proxy",
	"restricted.devices.unix-block",
	"restricted.devices.unix-char",
	"restricted.devices.unix-hotplug",
	"restricted.devices.usb",
	"restricted.idmap.gid",
	"restricted.idmap.uid",
	"restricted.images.servers",
	"restricted.networks.access",
	"restricted.networks.integrations",
	"restricted.networks.subnets",
	"restricted.networks.uplinks",
	"restricted.networks.zones",
	"restricted.snapshots",
	"restricted.storage-pools.access",
	"restricted.virtual-machines.lowlevel",
	"restricted.virtual-machines.nesting",
};

static struct file_text text;
static struct policy *set;

/* The next word in `` of *@rest; false at its end. */
static bool next_code(struct slice *rest, struct slice *ret)
{
	struct slice before;

	return slice_cut(*rest, '`', &before, rest) && slice_cut(*rest, '`', ret, rest);
}

/* Cuts the next row of a table whose first cell is a key off *@rest. */
static bool next_row(struct slice *rest, struct slice *key, struct slice *cells)
{
	struct slice line;

	while (rest->len) {
		(void)slice_cut(*rest, '\n', &line, rest);
		if (!slice_starts(line, "| `restricted") &&
		    !slice_starts(line, "| `limits."))
			continue;
		*cells = line;
		return next_code(cells, key);
	}
	return false;
}

/* How often the page has a row for @key. */
static size_t count_rows(const char *key)
{
	struct slice found, cells, rest = file_slice(&text);
	size_t n = 0;

	while (next_row(&rest, &found, &cells))
		n += slice_eq(found, key);
	return n;
}

static void each_key_once(void **state)
{
	struct slice key, cells, rest = file_slice(&text);
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (count_rows(keys[i]) != 1)
			fail_msg("%s has %zu rows for %s", page, count_rows(keys[i]),
				 keys[i]);
	while (next_row(&rest, &key, &cells))
		n++;
	assert_int_equal(n, 31 + 9);
	assert_int_equal(ARRAY_LEN(keys), 31 + 9);
}

/* Whether the set has a rule called @name. */
static bool has_rule(struct slice name)
{
	for (size_t i = 0; i < set->nrules; i++)
		if (slice_same(set->rules[i].name, name))
			return true;
	return false;
}

/* Whether limits have a key called @name. */
static bool has_limit(struct slice name)
{
	for (size_t i = 0; i < LIMITS_KEY_COUNT; i++)
		if (slice_eq(name, policy_limits_keys[i].name))
			return true;
	return false;
}

/* The second cell of a row names rules of the set, or keys of limits, or says none. */
static void rules_exist(void **state)
{
	struct slice key, cells, rest = file_slice(&text);

	(void)state;
	while (next_row(&rest, &key, &cells)) {
		struct slice cell, name;
		size_t n = 0;

		(void)slice_cut(cells, '|', &cell, &cells);
		(void)slice_cut(cells, '|', &cell, &cells);
		if (slice_eq(slice_trim(cell), "all of them") ||
		    slice_eq(slice_trim(cell), "none"))
			continue;
		for (; next_code(&cell, &name); n++)
			if (slice_starts(key, "limits.") ? !has_limit(name)
							 : !has_rule(name))
				fail_msg("%.*s: there is no '%.*s'", SLICE_ARG(key),
					 SLICE_ARG(name));
		if (!n)
			fail_msg("%.*s: neither a rule nor 'none'", SLICE_ARG(key));
	}
}

static void rules_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < set->nrules; i++) {
		AUTO(buf_done) struct buf name = { 0 };

		buf_printf(&name, "`%.*s`", SLICE_ARG(set->rules[i].name));
		if (!memmem(text.ptr, text.len, buf_text(&name), strlen(buf_text(&name))))
			fail_msg("%s does not name %s", page, buf_text(&name));
	}
}

/* No rule is exempted by a tag that anybody may set. */
static void no_free_tag(void **state)
{
	(void)state;
	for (size_t i = 0; i < set->nrules; i++) {
		struct fact_set named = { 0 };

		assert_non_null(set->rules[i].unless);
		rule_facts(&set->rules[i], &named);
		assert_true(fact_set_has(&named, FACT_registered_tag));
		assert_false(fact_set_has(&named, FACT_tag));
	}
}

/* Compiles @policy with the shipped sets. */
static int compile(struct slice policy, struct policy **ret, struct problems *problems)
{
	struct policy_texts texts = { 0 };
	struct err e = { 0 };

	assert_int_equal(policy_texts_add(&texts, slice_of("page"), policy, &e), 0);
	return policy_compile(&texts, NULL, ret, problems);
}

/* The example at the top of the page is a policy. */
static void example_loads(void **state)
{
	static const char begin[] = "```\nversion = 1", end[] = "\n```";
	AUTO(problems_done) struct problems problems = { 0 };
	AUTO(policy_freep) struct policy *p = NULL;
	const char *from = memmem(text.ptr, text.len, begin, strlen(begin));
	const char *to;

	(void)state;
	assert_non_null(from);
	from += 4;
	to = memmem(from, (size_t)(text.ptr + text.len - from), end, strlen(end));
	assert_non_null(to);
	if (compile((struct slice){ from, (size_t)(to - from) + 1 }, &p, &problems) < 0)
		fail_msg("%s", problems.rows[0].text);
	assert_true(p->nrules > set->nrules);
}

int main(void)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ANY };
	AUTO(problems_done) struct problems problems = { 0 };
	static struct rows rows;
	struct err e = { 0 };
	int status;

	if (file_read(AT_FDCWD, page, &rules, &text, &e) != 0 ||
	    compile(shipped_find(slice_of("restricted@1")), &set, &problems) < 0) {
		(void)fprintf(stderr, "%s: %s\n", page, e.msg);
		return 1;
	}
	ROWS_ADD_ONE(&rows, "each key of Incus has one row", each_key_once);
	ROWS_ADD_ONE(&rows, "rules and limits that rows name exist", rules_exist);
	ROWS_ADD_ONE(&rows, "each rule of the set is named", rules_are_named);
	ROWS_ADD_ONE(&rows, "no tag that anybody may set exempts", no_free_tag);
	ROWS_ADD_ONE(&rows, "the example is a policy", example_loads);
	status = rows_run(&rows, "restricted");
	policy_free(set);
	file_text_done(&text);
	return status;
}
