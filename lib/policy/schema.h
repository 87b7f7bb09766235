/* SPDX-License-Identifier: MIT */
/*
 * schema - what a policy file may hold: the rows for base/conf. For policy/compile and the
 * manual.
 */
#pragma once

#include "base/conf.h"

/* Keys of `rule` and `adjust`, by their index in policy_rule_keys. */
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
	RULE_KEY_COUNT
};

extern const struct conf_key policy_rule_keys[RULE_KEY_COUNT];

/* Sections. */
extern const struct conf_section policy_section_rule, policy_section_adjust;

/* The policy file itself, and a file that it includes. */
extern const struct conf_section policy_section_file, policy_section_included;
