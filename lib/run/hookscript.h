/* SPDX-License-Identifier: MIT */
/*
 * hookscript - what a guest's `hookscript` really is on this node: the file that Proxmox
 * would call is looked at, for a name like ours says nothing.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "pve/snippet.h"
#include "run/load.h"

/* Our hookscript, where it is installed. */
#define HOOKSCRIPT_PATH "/usr/libexec/pve-safe/pve-safe-hook"

/* The volume of ours for a guest that had none before. */
#define HOOKSCRIPT_VOLUME "local:snippets/pve-safe-hook"

enum hookscript_state {
	HOOKSCRIPT_NONE,   /* the guest has none */
	HOOKSCRIPT_OURS,   /* ours */
	HOOKSCRIPT_FORMER, /* ours, which then runs the guest's former one */
	HOOKSCRIPT_OTHER,  /* a script that is not ours */
	HOOKSCRIPT_BROKEN, /* Proxmox would start the guest with none: .why */
	HOOKSCRIPT_UNSEEN, /* on a directory that is not on this node: .why */
};

struct hookscript {
	enum hookscript_state state;
	struct slice volume;    /* as in the guest's file; borrowed */
	struct snippet snippet; /* its parts, where it has any */
	struct slice former;   /* the former one's name, by the link's; {NULL, 0}: none */
	bool named_ours;       /* pve-safe-hook, or pve-safe-hook@…, whatever it is */
	bool absent;           /* BROKEN: nothing at all is at .path */
	bool shared;           /* its storage is the same on all nodes */
	char dir[PATH_MAX];    /* of the snippets of its storage; "": none */
	char path[PATH_MAX];   /* of the file that Proxmox calls; "": none */
	char why[ERR_MSG_MAX]; /* one line; "": nothing is wrong */
};

/* Whether Proxmox calls ours, whatever that runs then. */
static inline bool hookscript_judges(const struct hookscript *h)
{
	return h->state == HOOKSCRIPT_OURS || h->state == HOOKSCRIPT_FORMER;
}

/* The volume of the hookscript that the section @s has; {NULL, 0}: none. */
struct slice hookscript_in(const struct guestconf_section *s);

/* That which a start of @g uses. */
struct slice hookscript_of(const struct guest *g);

/*
 * Looks at @volume ({NULL, 0}: none) of a guest of @node, by the storages of @c, which was
 * loaded with SOURCE_STORAGE.
 */
void hookscript_look(const struct place *p, const struct cluster *c, struct slice volume,
		     const char *node, struct hookscript *ret);

/* Whether the file @path below the root is our installed hookscript. */
bool hookscript_is_ours(const struct place *p, const char *path);

/* Whether Proxmox would call the script @path below the root: 0, or -1 saying why not. */
int hookscript_check(const struct place *p, const char *path, struct err *e);

/* The same of the former script of @h, whose path is appended to @path. */
int hookscript_check_former(const struct place *p, const struct hookscript *h,
			    struct buf *path, struct err *e);
