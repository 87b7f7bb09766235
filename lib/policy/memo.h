/* SPDX-License-Identifier: MIT */
/*
 * memo - what a policy said of a guest, remembered for the next one with the same facts.
 *
 * Most guests of a cluster are alike in all that rules look at. The facts that the policy
 * names are written down as bytes; where the same bytes were judged before, byte for byte,
 * the findings are the same and are taken from there. Facts that say more than fits are
 * judged anew.
 */
#pragma once

#include "policy/policy.h"

struct policy_memo;

/* Begins one for @p, which must outlive it; NULL without memory: it is of use, no need. */
struct policy_memo *policy_memo_new(const struct policy *p);

/* Releases @m, which may be NULL. */
void policy_memo_free(struct policy_memo *m);

/*
 * Facts of the policy that cost much and few guests need: no workload's match looks at
 * them. They may be withheld at first: .values unknown, not .loaded. Borrowed.
 */
const struct fact_set *policy_memo_dear(const struct policy_memo *m);

/*
 * Which of the dear facts must be loaded before @facts can be judged: those that a rule names
 * which is not false, nor exempted from, whatever they are. To be called before each
 * policy_memo_eval(), which remembers nothing without; gives @facts what policy_give() does,
 * if that is of use.
 */
void policy_memo_open(struct policy_memo *m, const struct policy *p, struct facts *facts,
		      struct arena *a, struct fact_set *ret) __attribute__((nonnull));

/*
 * Does what policy_give() and policy_eval() do for @facts, of which those of the policy and
 * of @wanted were loaded, or withheld where policy_memo_open() has no need of them. The fact `workload` is left out where neither a finding nor
 * @always wants it. @m may be NULL.
 */
void policy_memo_eval(struct policy_memo *m, const struct policy *p,
		      const struct fact_set *wanted, bool always, struct facts *facts,
		      struct arena *a, struct evaluation *ret)
	__attribute__((nonnull(2, 3, 5, 6, 7)));
