/* SPDX-License-Identifier: MIT */
/* Only rows. The words of an enum stand in the order of the C enum that they become. */
#include "policy/schema.h"

#include "base/cleanup.h"
#include "policy/expr.h"

static const char *const mode_words[] = { "enforce", "warn", "audit", "off", NULL };
static const char *const action_words[] = { "deny", "warn", "audit", NULL };
static const char *const refuse_words[] = { "fresh", "always", NULL };
static const char *const unknown_option_words[] = { "deny", "warn", NULL };
static const char *const placement_words[] = { "ct", "vm", "any", NULL };

static const char *const not_included =
	"belongs in the policy file itself, not in one that it includes";

enum { MAX_SERIAL = 999999999 };

#define MAX_BOUND 999999999999999 /* as in expressions */

static const struct conf_key file_keys[] = {
	{ "version", CONF_NUMBER, .required = true, .min = 1, .max = MAX_SERIAL,
	  .doc = "version of the syntax: 1" },
	{ "serial", CONF_NUMBER, .min = 0, .max = MAX_SERIAL,
	  .doc = "counts the policies of this cluster; written by policy install" },
	{ "mode", CONF_ENUM, .words = mode_words,
	  .doc = "the most that any rule does: enforce, warn, audit or off" },
	{ "include", CONF_LIST,
	  .doc = "shipped sets, as baseline@1, and files beside this one" },
	{ "unknown_option", CONF_ENUM, .words = unknown_option_words,
	  .doc = "what the wrappers do with an option newer than they are" },
	{ "audit_required", CONF_BOOL,
	  .doc = "whether a start that cannot be recorded is refused" },
	{ "want_snapshots", CONF_BOOL,
	  .doc = "whether a storage without snapshots is a finding" },
	{ "node_settings", CONF_LIST,
	  .doc = "paths that settings templates may change on the node" },
};

static const struct conf_key included_keys[] = {
	{ "version", CONF_NUMBER, .required = true, .min = 1, .max = MAX_SERIAL,
	  .doc = "version of the syntax: 1" },
	{ "include", CONF_LIST,
	  .doc = "shipped sets, as baseline@1, and files beside this one" },
	{ "serial", CONF_NUMBER, .later = not_included },
	{ "mode", CONF_ENUM, .words = mode_words, .later = not_included },
	{ "unknown_option", CONF_ENUM, .words = unknown_option_words,
	  .later = not_included },
	{ "audit_required", CONF_BOOL, .later = not_included },
	{ "want_snapshots", CONF_BOOL, .later = not_included },
	{ "node_settings", CONF_LIST, .later = not_included },
};

const struct conf_key policy_rule_keys[RULE_KEY_COUNT] = {
	[RULE_KEY_WHEN] = { "when", CONF_TEXT,
			    .doc = "the condition under which it fires" },
	[RULE_KEY_UNLESS] = { "unless", CONF_TEXT, .doc = "the condition that exempts" },
	[RULE_KEY_ACTION] = { "action", CONF_ENUM, .words = action_words,
			      .doc = "deny (the default), warn or audit" },
	[RULE_KEY_REASON] = { "reason", CONF_TEXT, .doc = "why, for whoever is refused" },
	[RULE_KEY_REMEDY] = { "remedy", CONF_TEXT, .doc = "what to do; shown after do:" },
	[RULE_KEY_ALSO] = { "also", CONF_LIST, .doc = "further lines after the remedy" },
	[RULE_KEY_DOCS] = { "docs", CONF_TEXT, .doc = "where to read more; after see:" },
	[RULE_KEY_EVENTS] = { "events", CONF_LIST,
			      .doc = "commands that it is judged at" },
	[RULE_KEY_REFUSE] = { "refuse", CONF_ENUM, .words = refuse_words,
			      .doc = "fresh (the default): starts that are part of "
				     "something else go on; always: none does" },
	[RULE_KEY_OVERRIDE] = { "override", CONF_LIST,
				.doc = "logins and @groups that may override it" },
	[RULE_KEY_PLACEMENT] = { "placement", CONF_ENUM, .words = placement_words,
				 .doc = "of a workload: ct, vm or any" },
};

const struct conf_key policy_workload_keys[WORKLOAD_KEY_COUNT] = {
	[WORKLOAD_KEY_MATCH] = { "match", CONF_TEXT, .required = true,
				 .doc = "the condition that its guests meet" },
	[WORKLOAD_KEY_PLACEMENT] = { "placement", CONF_ENUM, .required = true,
				     .words = placement_words,
				     .doc = "where they belong: ct, vm or any" },
	[WORKLOAD_KEY_ACTION] = { "action", CONF_ENUM, .words = action_words,
				  .doc = "on those elsewhere: deny (the default), warn "
					 "or audit" },
	[WORKLOAD_KEY_REASON] = { "reason", CONF_TEXT,
				  .doc = "why, for whoever is refused" },
	[WORKLOAD_KEY_REMEDY] = { "remedy", CONF_TEXT,
				  .doc = "what to do; shown after do:" },
	[WORKLOAD_KEY_UNLESS] = { "unless", CONF_TEXT,
				  .doc = "the condition that exempts" },
	[WORKLOAD_KEY_SETTINGS] = { "settings", CONF_LIST,
				    .doc = "names of settings templates for its guests" },
};

/* A row of a bound. */
#define BOUND(NAME, DOC)                                                  \
	{                                                                 \
		NAME, CONF_NUMBER, .min = 0, .max = MAX_BOUND, .doc = DOC \
	}
const struct conf_key policy_limits_keys[LIMITS_KEY_COUNT] = {
	[LIMITS_KEY_WHEN] = { "when", CONF_TEXT, .required = true,
			      .doc = "the condition that its guests meet" },
	[LIMITS_KEY_ACTION] = { "action", CONF_ENUM, .words = action_words,
				.doc = "deny (the default), warn or audit" },
	[LIMITS_KEY_REASON] = { "reason", CONF_TEXT,
				.doc = "why, for whoever is refused" },
	[LIMITS_KEY_MAX_GUESTS] = BOUND("max_guests", "how many guests there may be"),
	[LIMITS_KEY_MAX_CORES] = BOUND("max_cores", "cores of each guest"),
	[LIMITS_KEY_MAX_MEMORY_MIB] = BOUND("max_memory_mib", "memory of each guest"),
	[LIMITS_KEY_MAX_DISK_GIB] = BOUND("max_disk_gib", "disk space of each guest"),
	[LIMITS_KEY_TOTAL_CORES] = BOUND("total_cores", "cores of all together"),
	[LIMITS_KEY_TOTAL_MEMORY_MIB] =
		BOUND("total_memory_mib", "memory of all together"),
	[LIMITS_KEY_TOTAL_DISK_GIB] =
		BOUND("total_disk_gib", "disk space of all together"),
};
#undef BOUND

const struct conf_section policy_section_rule = {
	.name = "rule",
	.titled = true,
	.keys = policy_rule_keys,
	.nkeys = RULE_KEY_PLACEMENT,
};

const struct conf_section policy_section_adjust = {
	.name = "adjust",
	.titled = true,
	.keys = policy_rule_keys,
	.nkeys = RULE_KEY_COUNT,
};

const struct conf_section policy_section_workload = {
	.name = "workload",
	.titled = true,
	.keys = policy_workload_keys,
	.nkeys = WORKLOAD_KEY_COUNT,
};

const struct conf_section policy_section_limits = {
	.name = "limits",
	.titled = true,
	.keys = policy_limits_keys,
	.nkeys = LIMITS_KEY_COUNT,
};

static const struct conf_section *const sections[] = {
	&policy_section_rule,
	&policy_section_adjust,
	&policy_section_workload,
	&policy_section_limits,
	NULL,
};

const struct conf_section policy_section_file = {
	.keys = file_keys,
	.nkeys = ARRAY_LEN(file_keys),
	.sections = sections,
};

const struct conf_section policy_section_included = {
	.keys = included_keys,
	.nkeys = ARRAY_LEN(included_keys),
	.sections = sections,
};
