/* SPDX-License-Identifier: MIT */
/*
 * settle-agent - what the guest agent of a VM sets, once it has come up: by a process of
 * our own that the start does not wait for, with a record of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "settings/plan.h"

/*
 * Sets what of @plan the guest agent of VM @vmid sets, in a process that nobody waits for;
 * what becomes of it is recorded under the decision @id. Where it cannot be started,
 * @message says so.
 */
void settle_agent(uint64_t vmid, const struct plan *plan, const char *id,
		  struct buf *message) __attribute__((nonnull));
