/* SPDX-License-Identifier: MIT */
/*
 * good - the last good copy of a policy, as a text:
 *
 *	pve-safe last good policy 1
 *	header SHA256          of the lines from here to the empty one
 *	digest SHA256          as the policy has it
 *	serial 7
 *	time 2027-03-31T12:00:00.000Z
 *	source /etc/pve/pve-safe/policy.conf
 *	files 2
 *	body SHA256            of all that follows the empty line
 *
 *	file 812 /etc/pve/pve-safe/policy.conf
 *	(812 bytes and a line end)
 *	file 6100 baseline@1
 *	...
 *
 * Comparing it with a policy at hand needs no digest; only when it is used is the body's
 * computed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/sha.h"
#include "base/slice.h"
#include "policy/policy.h"

enum { GOOD_MAX_BYTES = POLICY_MAX_FILES * (CONF_MAX_BYTES + 256) };

/* One file of the policy. */
struct good_file {
	struct slice name, text;
};

struct good {
	struct slice digest, time, source;
	uint64_t serial;
	struct slice body_digest, body;
	struct good_file files[POLICY_MAX_FILES];
	size_t nfiles;
};

/*
 * Reads @text, which @ret borrows from. The header is proved by its digest, the body only
 * taken apart. Errors: ERR_SYNTAX.
 */
int good_parse(struct slice text, struct good *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Whether the body is the one that the header was written for; -1 with @e if not. */
int good_prove(const struct good *g, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The text of the file called @name, or {NULL, 0}; borrowed. */
struct slice good_find(const struct good *g, const char *name);

/* Whether @g holds exactly the files of @texts, in their order. */
bool good_holds(const struct good *g, const struct policy_texts *texts);

/* Appends the copy of @p, whose file is the first of its texts, at @unix_ms. */
void good_render(const struct policy *p, uint64_t unix_ms, struct buf *out);
