/* SPDX-License-Identifier: MIT */
/*
 * relay - one id for one start, and its message once.
 *
 * Wrapper, hookscript and node-wide hook each judge for themselves. What the layer before
 * decided stands in /run/pve-safe/decision/VMID: the next layer of the same start takes
 * over its id and stays silent where guest, configuration and policy are the same.
 */
#pragma once

#include <stdbool.h>

#include "record/decision.h"

#define RELAY_DIR "run/pve-safe/decision"

enum { RELAY_MAX_AGE_MS = 5 * 60 * 1000 }; /* an older decision is another start's */

/*
 * Takes over the id of the decision before @d of the same start: one by an earlier layer,
 * not a denial, of the same guest, configuration and policy, and young enough. Whether it
 * did, and so everything was said already. Nothing readable there is no such decision.
 */
bool relay_take(int root, struct decision *d);

/* Leaves @d for the next layer; a failure only means that it will speak for itself. */
void relay_leave(int root, const struct decision *d);

/* Id of the newest decision about a start of @vmid, to @ret; false where there is none. */
bool relay_id(int root, uint64_t vmid, char ret[static UUID7_SIZE]);
