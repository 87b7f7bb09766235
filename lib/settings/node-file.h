/* SPDX-License-Identifier: MIT */
/*
 * node-file - one file below /sys or /proc/sys: opened so that no link leads out of there,
 * read, written.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "settings/template.h"

/*
 * Opens the setting @path below @root with @flags of open(2). Links are followed as long as
 * they stay below /sys, or /proc/sys. The descriptor; -1 with errno.
 */
int node_file_open(int root, struct slice path, int flags);

/* What form the setting @path has that shows as @text. */
enum setting_form node_file_form(struct slice path, struct slice text);

/*
 * Reads the value of the setting @path at @fd by its form; *@form FORM_AUTO is made what it is. Memory from @a.
 * Errors: ERR_SYSTEM; ERR_TYPE for what cannot be put back as it was.
 */
int node_file_read(int fd, struct slice path, enum setting_form *form, struct arena *a,
		   struct slice *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Writes @value to the setting @path below @root in one go. Errors: ERR_SYSTEM. */
int node_file_write(int root, struct slice path, struct slice value, struct err *e)
	__attribute__((nonnull, warn_unused_result));
