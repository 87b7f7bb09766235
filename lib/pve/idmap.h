/* SPDX-License-Identifier: MIT */
/*
 * idmap - which host ids a container's ids are: its raw lxc.idmap lines, or what
 * `unprivileged` stands for where it has none.
 *
 * Root's host uid is the host part of the last `u` line that begins at container id 0,
 * and 0 if none does, whatever `unprivileged` says. Source: PVE::LXC::parse_id_maps.
 *
 * Known differences, all on the side of refusing: numbers over 32 bits, which PVE takes
 * as they stand but the kernel wraps round (4294967296 becomes host id 0), and numbers
 * with zeros in front, which PVE reads as decimal but LXC as octal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "pve/guestconf.h"

/* Host ids of unprivileged containers without id map lines begin here. */
enum { IDMAP_UNPRIVILEGED = 100000 };

/* Ids [.ct, .ct + .count) are the host's from .host on. */
struct idmap_range {
	bool group; /* gids, else uids */
	uint64_t ct, host, count;
	unsigned line; /* 0: there is no line, `unprivileged` says so */
};

struct idmap {
	struct idmap_range
		*ranges; /* in order of the file; none: ids are the host's own */
	size_t n;
	bool custom; /* from lxc.idmap lines */
	uint64_t root_uid;
	uint64_t host_min; /* the lowest mapped host id, 0 without ranges */
};

/*
 * Reads the id map of @s. Errors: ERR_SYNTAX with the line, a line that stops the start
 * or that is not read alike by all; ERR_SYSTEM (memory).
 */
int idmap_parse(const struct guestconf_section *s, struct arena *a, struct idmap *ret,
		struct err *e) __attribute__((nonnull, warn_unused_result));
