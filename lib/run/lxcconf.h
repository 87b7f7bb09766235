/* SPDX-License-Identifier: MIT */
/*
 * lxcconf - whether LXC asks us before every start of a container on this node: which
 * depends on the node's own LXC configuration, by the container's ostype.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "run/place.h"

/* Where LXC looks, our file there, and the program that it names. */
#define LXCCONF_DIR  "/usr/share/lxc/config"
#define LXCCONF_FILE LXCCONF_DIR "/common.conf.d/pve-safe.conf"
#define LXCCONF_HOOK "/usr/libexec/pve-safe/pve-safe-lxc-hook"

enum {
	LXCCONF_MAX_FILES = 64, /* that include each other */
	LXCCONF_MAX_BYTES = 1 << 20,
};

/*
 * Whether the configuration that Proxmox gives a container of @ostype runs our hook as
 * lxc.hook.start-host. When not, appends to @why, one line, what is missing.
 */
bool lxcconf_covers(const struct place *p, struct slice ostype, struct buf *why);

/*
 * Whether every configuration that Proxmox may give a container of this node does so. When
 * not, appends to @why what is missing for the first such.
 */
bool lxcconf_covers_all(const struct place *p, struct buf *why);
