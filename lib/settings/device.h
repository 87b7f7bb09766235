/* SPDX-License-Identifier: MIT */
/*
 * device - a device that a template gives to a container: what its file on the node is, how
 * the container's configuration gives it, and what about that would stop or mislead a start.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "settings/check.h"

struct getting;
struct guestconf_entry;

/* In place of a number of devices: their directory cannot be read. */
#define DEVICE_UNREAD SIZE_MAX

/* Checks one device of the plan. */
void check_device(struct check *c, const struct plan_item *item);

/*
 * Finds the node that @target, a path or pattern below /dev, is on the node below @root:
 * the path itself, or the only one that the pattern fits. Memory from @a. {NULL, 0} when
 * there is none, with *@ret_n several, or with DEVICE_UNREAD and errno, when nobody can tell.
 */
struct slice device_resolve(int root, struct slice target, struct arena *a,
			    size_t *ret_n);

/* The devN that gives what @target, a path or pattern, asks for; its path to *@ret_path. */
const struct guestconf_entry *device_find(struct getting *g, const char *target,
					  struct slice *ret_path);

/*
 * The devN that gives the device @path of the node below @root by another name, which goes
 * to *@ret_name; NULL when there is none.
 */
const struct guestconf_entry *device_find_other(int root, struct getting *g,
						struct slice path, const char **ret_name);

/* Whether both are the same device, whatever their names. */
bool device_is_same(const struct stat *a, const struct stat *b);

/* Whether the container of @in has @target, by devN or raw lines, also by another name. */
bool device_is_given(int root, const struct facts_input *in, struct slice target,
		     struct arena *a);

/*
 * The text of a devN that gives @path as @access says, "/dev/net/tun,mode=0666"; memory
 * from @a. A group or user by name is looked up in the container's own files; one that is
 * not found there, nor known to be the same in every Debian, is left out and put to *@ret_left.
 */
const char *device_option(int root, const struct facts_input *in, struct slice path,
			  const struct device_access *access, struct arena *a,
			  struct slice *ret_left);

/* Name of the first devN that the container of @in does not use, "dev0"; memory from @a. */
const char *device_free_slot(const struct facts_input *in, struct arena *a);
