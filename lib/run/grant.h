/* SPDX-License-Identifier: MIT */
/*
 * grant - writes a waiver or an override for a guest that was judged.
 */
#pragma once

#include "run/judge.h"
#include "run/waiver-file.h"

/* What is granted; the guest is the one that was judged. */
struct grant {
	enum waiver_kind kind;
	const struct rule *rule;
	struct slice ticket, reason, granted_by;
	struct slice until; /* as it will be written */
	uint64_t until_ms;
	bool is_new; /* override: the guest is only being created */
	enum waiver_save_mode mode;
};

/*
 * Whether a waiver of @g can be granted to the guest of @j; else -1 with the reason in @e:
 * nothing tells it from another guest, or a fact that would be covered is unknown.
 */
int grant_check(struct judgement *j, const struct grant *g, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * Checks that it would count, and writes it. 0; 1 when there is one already and it
 * may not be replaced; -1 with @e set, and nothing granted.
 */
int grant_write(struct judgement *j, const struct grant *g, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* @login as it may stand in a waiver; "nobody" when there is none. Memory from @a. */
struct slice grant_login(struct slice login, struct arena *a);
