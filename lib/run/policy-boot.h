/* SPDX-License-Identifier: MIT */
/*
 * policy-boot - which guests a policy would not let come back after a reboot of their node.
 */
#pragma once

#include "run/policy-diff.h"

/* Of guests that name no order: they start last. */
#define POLICY_BOOT_LAST UINT64_MAX

/*
 * The place in the startup of its node of a guest with this `startup`, "order=2,up=30" or
 * "2,up=30". Source: PVE::JSONSchema::pve_parse_startup_order.
 */
uint64_t policy_boot_order(struct slice startup);

/*
 * What starts @g when its node boots: "ha" or "boot"; NULL: nothing does. A guest that HA
 * has is HA's alone, but in the state `ignored`, which is as if HA had it not. Source:
 * PVE::HA::Config::vm_is_ha_managed, PVE::API2::Nodes (startall).
 */
const char *policy_boot_cause(const struct cluster_ha *resources, const struct guest *g);

/*
 * Prints the guests of the cluster that start with their node, or by HA, and that the new
 * policy of @d would refuse: node by node, in the order in which they start. *@ret is how
 * many. The exit status: EXIT_FINE, or EXIT_CANNOT when a guest could not be read.
 */
int policy_boot_print(struct policy_diff *d, size_t *ret);
