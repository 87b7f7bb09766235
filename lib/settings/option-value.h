/* SPDX-License-Identifier: MIT */
/*
 * option-value - what a template wants of an option beside what the guest has: Proxmox sets a
 * property string as a whole, so what is not wanted otherwise is kept. Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "pve/option.h"

/* Whether the option @o, which is @is, has all that @wanted names. */
bool option_value_holds(const struct option *o, struct slice is, struct slice wanted);

/*
 * What to set @o to, which is @is, so that it has all of @wanted and keeps the rest. Memory
 * from @a, which remembers where there was none.
 */
struct slice option_value_join(const struct option *o, struct slice is,
			       struct slice wanted, struct arena *a);
