/* SPDX-License-Identifier: MIT */
/*
 * credential - sysctls that a VM is given without any agent: as the systemd credential
 * sysctl.extra (systemd 252 and later) in an SMBIOS string, one argument of QEMU's in the
 * guest's option `args`. systemd-sysctl sets them before the guest's services start.
 *
 *	# by hand: ci-vm
 *	vm.max_map_count = 262144
 *	vm.swappiness = 1
 *
 * is the text, in base64, of several templates in one. Its first line, if there is one,
 * names templates that a person applied, which no condition would choose. The form of the
 * argument is in facts/smbios.h. Pure.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "settings/plan.h"

enum {
	CREDENTIAL_MAX_BYTES = 8192, /* of the text; a page or two pass through SMBIOS */
	CREDENTIAL_MAX_LINES = 512,
	CREDENTIAL_MAX_NAMES = 64,
};

/* One sysctl. */
struct credential_line {
	struct slice key, value;
};

/* What is given to a VM. */
struct credential {
	struct credential_line *lines; /* in the order of the text */
	size_t n;
	struct slice *names; /* of templates that were applied by hand */
	size_t nnames;
};

/* Whether there is nothing in @c. */
static inline bool credential_is_empty(const struct credential *c)
{
	return !c->n && !c->nnames;
}

/* The line for @key, or NULL; of several the last, which systemd-sysctl goes by. */
const struct credential_line *credential_find(const struct credential *c,
					      struct slice key);

/*
 * Reads @text; memory from @a, all borrows from @text. Comments, blank lines and the '-' for
 * what may fail are read as systemd-sysctl reads them. Errors: ERR_SYNTAX, ERR_RANGE, with
 * the line.
 */
int credential_parse(struct slice text, struct arena *a, struct credential *ret,
		     struct err *e) __attribute__((nonnull, warn_unused_result));

/* Appends the text of @c, which credential_parse() reads as the same. */
void credential_render(const struct credential *c, struct buf *out);

/*
 * Reads the credential in @args, a VM's option. 1; 0 when our argument is not there; -1 when
 * it is and its text is not one of ours. Memory from @a.
 */
int credential_read(struct slice args, struct arena *a, struct credential *ret,
		    struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Makes of the sysctls of @plan and the @n templates @chosen the credential of a VM; memory
 * from @a. Errors: ERR_RANGE (too long to be given so), memory.
 */
int credential_make(const struct plan *plan, const struct chosen *chosen, size_t n,
		    struct arena *a, struct credential *ret, struct err *e)
	__attribute__((nonnull(1, 4, 5, 6), warn_unused_result));

/*
 * Appends @args with @c in it: in place of ours where that is there, else at the end; with
 * an empty @c without ours. All other bytes stay. -1 without memory.
 */
int credential_put(struct slice args, const struct credential *c, struct buf *out,
		   struct err *e) __attribute__((nonnull, warn_unused_result));

/* Whether @item is a sysctl that a VM is given by its credential. */
bool credential_has(const struct plan_item *item);
