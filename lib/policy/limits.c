/* SPDX-License-Identifier: MIT */
#include "policy/limits.h"

#include "base/cleanup.h"
#include "policy/schema.h"

/* Limits and their rule, as the keys set them. */
struct draft {
	struct limits limits;
	struct rule rule;
};

/* What limits are judged at: what gives a guest its size. */
static const struct slice events[] = {
	{ "create", 6 },   { "restore", 7 },   { "clone", 5 },
	{ "import", 6 },   { "importovf", 9 }, { "set", 3 },
	{ "rollback", 8 }, { "resize", 6 },    { "disk resize", 11 },
};

const char *limits_unit_name(enum limits_unit u)
{
	static const char *const names[] = { "cores", "memory_mib", "disk_gib" };

	return names[u];
}

#define FIELD(name) offsetof(struct draft, name)
static const struct setter setters[LIMITS_KEY_COUNT] = {
	[LIMITS_KEY_WHEN] = { keys_expr, FIELD(rule.when) },
	[LIMITS_KEY_ACTION] = { keys_action, FIELD(rule.action) },
	[LIMITS_KEY_REASON] = { keys_text, FIELD(rule.reason) },
	[LIMITS_KEY_MAX_GUESTS] = { keys_number, FIELD(limits.max_guests) },
	[LIMITS_KEY_MAX_CORES] = { keys_number, FIELD(limits.max[LIMITS_CORES]) },
	[LIMITS_KEY_MAX_MEMORY_MIB] = { keys_number,
					FIELD(limits.max[LIMITS_MEMORY_MIB]) },
	[LIMITS_KEY_MAX_DISK_GIB] = { keys_number, FIELD(limits.max[LIMITS_DISK_GIB]) },
	[LIMITS_KEY_TOTAL_CORES] = { keys_number, FIELD(limits.total[LIMITS_CORES]) },
	[LIMITS_KEY_TOTAL_MEMORY_MIB] = { keys_number,
					  FIELD(limits.total[LIMITS_MEMORY_MIB]) },
	[LIMITS_KEY_TOTAL_DISK_GIB] = { keys_number,
					FIELD(limits.total[LIMITS_DISK_GIB]) },
};
#undef FIELD

/* Whether @l bounds anything. */
static bool has_bound(const struct limits *l)
{
	bool any = l->max_guests != LIMITS_NONE;

	for (size_t i = 0; i < LIMITS_UNITS; i++)
		any |= l->max[i] != LIMITS_NONE || l->total[i] != LIMITS_NONE;
	return any;
}

void limits_read(struct builder *b, const struct conf_node *node, struct limits *ret,
		 struct rule *rule)
{
	struct draft d = { .rule = *rule };

	if (node->title.len > LIMITS_NAME_MAX)
		keys_problem(b, node,
			     "the name of limits has at most %d letters, for their rule "
			     "is called limits-NAME",
			     LIMITS_NAME_MAX);
	d.rule.kind = RULE_LIMITS;
	d.rule.events = (struct policy_words){ events, ARRAY_LEN(events) };
	d.limits = (struct limits){ .name = node->title, .max_guests = LIMITS_NONE };
	for (size_t i = 0; i < LIMITS_UNITS; i++)
		d.limits.max[i] = d.limits.total[i] = LIMITS_NONE;
	keys_set(b, node, setters, &d);
	if (!has_bound(&d.limits))
		keys_problem(b, node,
			     "limits '%.*s' bound nothing: give max_guests, or max_ or "
			     "total_ with cores, memory_mib or disk_gib",
			     SLICE_ARG(node->title));
	*ret = d.limits;
	*rule = d.rule;
}

void limits_finish(struct rule *rule)
{
	if (!rule->reason.len)
		rule->reason = slice_of("more than the policy has room for");
	if (!rule->remedy.len)
		rule->remedy =
			slice_of("ask for less, make room by shrinking or "
				 "destroying what is not needed, or have the bound "
				 "raised");
}
