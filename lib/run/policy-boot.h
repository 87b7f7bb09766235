/* SPDX-License-Identifier: MIT */
/*
 * policy-boot - which guests a policy would not let come back after a reboot of their node.
 */
#pragma once

#include "run/policy-diff.h"

/*
 * Prints the guests of the cluster that start with their node, or by HA, and that the new
 * policy of @d would refuse: node by node, in the order in which they start. *@ret is how
 * many. The exit status: EXIT_FINE, or EXIT_CANNOT when a guest could not be read.
 */
int policy_boot_print(const struct policy_diff *d, size_t *ret);
