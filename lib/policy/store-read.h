/* SPDX-License-Identifier: MIT */
/*
 * store-read - a policy out of the files of one directory. For policy/store alone.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/file.h"
#include "base/problems.h"
#include "policy/good.h"
#include "policy/policy.h"

/* The directory of a policy file. */
struct store_dir {
	int fd;            /* what .path is below */
	const char *path;  /* "etc/pve/pve-safe" */
	const char *shown; /* "/etc/pve/pve-safe" */
	enum file_owner owner;
	const struct good *good; /* the last good copy, for comparison; or NULL */
};

/*
 * Reads and compiles the policy file @name of @d, with what it includes from beside it. 0;
 * 1 when there is no such file; -1 with the first problem in @e, and those of its text in
 * @problems.
 */
int store_read(const struct store_dir *d, const char *name, struct policy **ret,
	       struct problems *problems, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether the files of @p in @d still say what they said when it was read. */
bool store_is_settled(const struct store_dir *d, const struct policy *p);
