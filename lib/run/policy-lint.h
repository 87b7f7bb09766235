/* SPDX-License-Identifier: MIT */
/*
 * policy-lint - all that is wrong with a policy file, and what is odd about one that loads:
 * by itself, for this node's logins, and for the guests that there are today.
 */
#pragma once

/* pve-safe policy lint [FILE]; the exit status. */
int policy_lint(int argc, char **argv);
