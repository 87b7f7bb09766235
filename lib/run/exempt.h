/* SPDX-License-Identifier: MIT */
/*
 * exempt - waivers and overrides of what was found: which there are, and whether they count.
 *
 * Part of every judgement, so that hooks, wrappers, check, explain and audit agree. Only
 * the names of rules that fired are opened.
 */
#pragma once

#include "base/err.h"
#include "policy/waiver.h"

struct judgement;

/*
 * Applies to what @j found the waivers and overrides that count; of those that do not the
 * finding says why. -1 only without memory.
 */
int exempt_findings(struct judgement *j, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Fills @ret for the guest that @j judged, and @rule. -1 only without memory. */
int exempt_case(struct judgement *j, enum waiver_kind kind, const struct rule *rule,
		struct waiver_case *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));
