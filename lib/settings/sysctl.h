/* SPDX-License-Identifier: MIT */
/*
 * sysctl - kernel settings of a container: whose they are, and writing those that are its
 * own before its init runs.
 *
 * The kernel keeps the network's settings once for each network namespace, those of System
 * V IPC and message queues once for each IPC namespace; all others are the node's, and so
 * no container's to set.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "settings/applied.h"

enum {
	SYSCTL_PATH_MAX = 256,
	SYSCTL_VALUE_MAX = 512, /* more is not read back; no setting is longer */
};

/* Whose a setting is. */
enum sysctl_owner {
	SYSCTL_OF_NODE, /* all guests share it */
	SYSCTL_OF_NET,  /* one for each network namespace, if the kernel says so */
	SYSCTL_OF_IPC,  /* one for each IPC namespace */
};

/* Why a setting is the node's, and what to do about it. */
struct sysctl_words {
	const char *why, *todo;
	bool known; /* it is one of the table's, and not just any other */
};

/* Whose the setting @key is, by its name. */
enum sysctl_owner sysctl_owner(struct slice key);

/* What to say of @key, a setting of the node. */
struct sysctl_words sysctl_words(struct slice key);

/*
 * Writes the path of @key below /proc/sys, "net/ipv4/ip_forward". As in sysctl(8), the
 * first of '.' and '/' in the key divides its parts and the other one stands for itself
 * turned around: net.ipv4.conf.eth0/100.forwarding is of the interface eth0.100. False for
 * what is no safe name.
 */
bool sysctl_path(struct slice key, char ret[static SYSCTL_PATH_MAX]);

/*
 * Sets the @n sysctls @items in the namespaces of the process @pid, a container whose init
 * has not run yet; adds what became of each to @out. Nothing of this process changes: a
 * child does it, the network's as root of the node, the IPC's as root of the container.
 * Errors: ERR_SYSTEM where nothing at all could be tried.
 */
int sysctl_apply(int root, pid_t pid, const struct plan_item *items, size_t n,
		 struct applied_list *out, struct err *e)
	__attribute__((nonnull(3, 5, 6), warn_unused_result));
