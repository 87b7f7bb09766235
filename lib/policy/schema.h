/* SPDX-License-Identifier: MIT */
/*
 * schema - what a policy file may hold: the rows for base/conf. For policy/compile and the
 * manual.
 */
#pragma once

#include "base/conf.h"

/*
 * Keys of `adjust`, by their index in policy_rule_keys; `rule` has those before
 * RULE_KEY_PLACEMENT.
 */
enum rule_key {
	RULE_KEY_WHEN,
	RULE_KEY_UNLESS,
	RULE_KEY_ACTION,
	RULE_KEY_REASON,
	RULE_KEY_REMEDY,
	RULE_KEY_ALSO,
	RULE_KEY_DOCS,
	RULE_KEY_EVENTS,
	RULE_KEY_REFUSE,
	RULE_KEY_OVERRIDE,
	RULE_KEY_PLACEMENT,
	RULE_KEY_COUNT
};

extern const struct conf_key policy_rule_keys[RULE_KEY_COUNT];

/* Keys of `workload`. */
enum workload_key {
	WORKLOAD_KEY_MATCH,
	WORKLOAD_KEY_PLACEMENT,
	WORKLOAD_KEY_ACTION,
	WORKLOAD_KEY_REASON,
	WORKLOAD_KEY_REMEDY,
	WORKLOAD_KEY_UNLESS,
	WORKLOAD_KEY_SETTINGS,
	WORKLOAD_KEY_COUNT
};

extern const struct conf_key policy_workload_keys[WORKLOAD_KEY_COUNT];

/* Keys of `limits`. */
enum limits_key {
	LIMITS_KEY_WHEN,
	LIMITS_KEY_ACTION,
	LIMITS_KEY_REASON,
	LIMITS_KEY_MAX_GUESTS,
	LIMITS_KEY_MAX_CORES,
	LIMITS_KEY_MAX_MEMORY_MIB,
	LIMITS_KEY_MAX_DISK_GIB,
	LIMITS_KEY_TOTAL_CORES,
	LIMITS_KEY_TOTAL_MEMORY_MIB,
	LIMITS_KEY_TOTAL_DISK_GIB,
	LIMITS_KEY_COUNT
};

extern const struct conf_key policy_limits_keys[LIMITS_KEY_COUNT];

/* Sections. */
extern const struct conf_section policy_section_rule, policy_section_adjust,
	policy_section_workload, policy_section_limits;

/* The policy file itself, and a file that it includes. */
extern const struct conf_section policy_section_file, policy_section_included;
