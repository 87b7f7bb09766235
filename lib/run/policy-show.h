/* SPDX-License-Identifier: MIT */
/*
 * policy-show - a policy as it is in force, rule by rule, adjustments applied.
 */
#pragma once

#include "policy/store.h"

/*
 * Prints @s to stdout. For people a key is shown where it says something: `events` where
 * they are not the usual ones, `refuse` where it is not `fresh`; as JSON (@json) always.
 */
void policy_show(const struct store_policy *s, bool json) __attribute__((nonnull));
