/* SPDX-License-Identifier: MIT */
/*
 * cause - why a guest starts: asked by a user, at boot, by HA, or as part of something
 * that must not be left half done (backup, migration, rollback, resume, reboot).
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Traces of a start; absent texts are {NULL, 0}. */
struct cause_traces {
	struct slice task_type; /* of the UPID that asked: "vzstart" */
	struct slice task_user; /* of the same UPID: "root@pam" */
	struct slice above;     /* title of the process above the task's own */
	struct slice lock;      /* the guest's lock: option */
	bool migrated;          /* VM: its file is still under the source node */
	bool by_init; /* container: nobody holds its lock, lxc-start is a service */
};

/*
 * The cause, one of facts.def's words. What is unclear is "user", the strictest. Source:
 * the types that PVE::API2::{LXC,Qemu,VZDump,Nodes} give to fork_worker.
 */
const char *cause_of(const struct cause_traces *t) __attribute__((nonnull));
