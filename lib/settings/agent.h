/* SPDX-License-Identifier: MIT */
/*
 * agent - sysctls set through the QEMU guest agent of a VM that runs: over its socket, with
 * sysctl(8) in the guest, and read back. Every wait has an end, every answer a limit: what
 * the guest does, or does not, is in what became of the settings and nowhere else.
 */
#pragma once

#include <stdint.h>

#include "settings/applied.h"

enum {
	AGENT_WAIT_MS = 300000, /* for a guest to come up */
	AGENT_TRY_MS = 2000,    /* for one sign of life; then others may use the socket */
	AGENT_REST_MS = 1000,   /* between two tries */
	AGENT_EXEC_MS = 10000,  /* for one program in the guest */
	AGENT_WORK_MS = 60000,  /* for all of them */
};

/*
 * Waits until @wait_ms for the agent of VM @vmid, whose sockets are below @root, and sets
 * those of @plan that go by it; adds a row for each to @out. Once an answer has not come in
 * time nothing more is asked: it could still come, and be taken for that to another question.
 */
void agent_apply(int root, uint64_t vmid, unsigned wait_ms, const struct plan *plan,
		 struct applied_list *out);

/* Whether @item is a sysctl that the guest agent sets. */
bool agent_has(const struct plan_item *item);
