/* SPDX-License-Identifier: MIT */
/*
 * check-vm - the sysctls of a VM: whether its credential has what the plan wants, whether
 * it has a guest agent for those that one sets, and what no template wants any more.
 */
#pragma once

#include "settings/check.h"

/* Reads the credential of the guest of @c, if that is a VM. -1 without memory. */
int check_vm_begin(struct check *c);

/* Checks the sysctl @item; of those that a template has in the credential, all in one. */
void check_vm_sysctl(struct check *c, const struct plan_item *item);

/* Notes in @c which sysctls of the credential nothing in the plan wants. */
void check_vm_leftover(struct check *c);
