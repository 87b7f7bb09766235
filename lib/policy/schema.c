/* SPDX-License-Identifier: MIT */
/* Only rows. The words of an enum stand in the order of the C enum that they become. */
#include "policy/schema.h"

#include "base/cleanup.h"
#include "policy/expr.h"

static const char *const mode_words[] = { "enforce", "warn", "audit", "off", NULL };
static const char *const action_words[] = { "deny", "warn", "audit", NULL };
static const char *const refuse_words[] = { "fresh", "always", NULL };
static const char *const unknown_option_words[] = { "deny", "warn", NULL };

static const char *const not_yet = "not in this version";
static const char *const not_included =
	"belongs in the policy file itself, not in one that it includes";

enum { MAX_SERIAL = 999999999 };

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
	{ "want_snapshots", CONF_BOOL, .later = not_yet,
	  .doc = "whether a storage without snapshots is a finding" },
	{ "node_settings", CONF_LIST, .later = not_yet,
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
};

const struct conf_section policy_section_rule = {
	.name = "rule",
	.titled = true,
	.keys = policy_rule_keys,
	.nkeys = RULE_KEY_COUNT,
};

const struct conf_section policy_section_adjust = {
	.name = "adjust",
	.titled = true,
	.keys = policy_rule_keys,
	.nkeys = RULE_KEY_COUNT,
};

static const struct conf_section section_workload = {
	.name = "workload",
	.titled = true,
	.later = not_yet,
};

static const struct conf_section section_limits = {
	.name = "limits",
	.titled = true,
	.later = not_yet,
};

static const struct conf_section *const sections[] = {
	&policy_section_rule,
	&policy_section_adjust,
	&section_workload,
	&section_limits,
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
