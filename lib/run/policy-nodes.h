/* SPDX-License-Identifier: MIT */
/*
 * policy-nodes - whether the nodes of the cluster can read a policy, by what they say of
 * themselves (node-report.h).
 *
 * A cluster is upgraded node by node, and a policy that one of them cannot read is none
 * there. A node without a file restricts nothing, nor does one that left the cluster.
 */
#pragma once

#include "policy/policy.h"
#include "run/place.h"

/*
 * Refuses the policy of @texts, of @version, when a node does not know that or a key. Not
 * asked about is `serial`, which every version knows.
 */
int policy_nodes_check(const struct place *p, uint64_t version,
		       const struct policy_texts *texts, struct err *e)
	__attribute__((nonnull, warn_unused_result));
