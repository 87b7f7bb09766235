/* SPDX-License-Identifier: MIT */
/*
 * audit-settings - what became of settings, as an outcome in the record: each with the value
 * before and after.
 */
#pragma once

#include "record/audit.h"
#include "settings/applied.h"

/*
 * Records what became of the settings @l of guest @vmid, under the id of the decision that
 * they belong to: {"type":"outcome","id",…,"settings":[…]}. @status: of the program.
 */
enum audit_result audit_settings(int root, const char *id, uint64_t vmid,
				 const struct applied_list *l, int status, struct err *e);
