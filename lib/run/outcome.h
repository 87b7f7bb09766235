/* SPDX-License-Identifier: MIT */
/*
 * outcome - after a judged command ran: what Proxmox wrote is judged again.
 */
#pragma once

#include "pve/argv.h"
#include "run/judge.h"

/*
 * Records how the command of decision @d ended, with the tool's @status, after judging as
 * @ask what it wrote. A verdict that is stricter than before is said on stderr.
 */
void outcome_record(const struct place *p, const struct store_policy *policy,
		    const struct cluster *c, const struct argv_command *cmd,
		    const struct ask *ask, const struct decision *d, int status);
