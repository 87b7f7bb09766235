/* SPDX-License-Identifier: MIT */
/*
 * policy-install - puts a policy in force in the whole cluster, or out of it.
 *
 * One file in /etc/pve/pve-safe, replaced as a whole: killed at whatever point, the old or
 * the new one is there. On one node there is one install at a time; of two nodes that
 * install at once one does, and the other is told that the policy was changed meanwhile.
 */
#pragma once

/* pve-safe policy install FILE; the exit status. */
int policy_install(int argc, char **argv);

/*
 * pve-safe policy remove; the exit status. The policy that takes the place of the removed
 * one refuses nothing: were the file just gone, nodes would go on with their last good copy.
 */
int policy_remove(int argc, char **argv);
