/* SPDX-License-Identifier: MIT */
/*
 * state - what is remembered of a setting of the node that guests have changed: the value
 * before, the value set, and who uses it. One file for each, the parts of a line between
 * blanks, values percent-encoded:
 *
 *	version 1
 *	path /sys/block/sda/queue/scheduler
 *	kind bracket
 *	before mq-deadline
 *	set none
 *	user 101 starting 4711 123456
 *	user 102 running
 *
 * Only the text is here; settings/node.h has the files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sha.h"
#include "base/slice.h"
#include "settings/template.h"

enum {
	STATE_VERSION = 1,
	STATE_MAX_BYTES = 64 << 10,
	STATE_MAX_VALUE = 4096, /* longer values are not taken on */
	STATE_MAX_USERS = 512,
};

/* A guest that wants the value. */
struct state_user {
	uint64_t vmid;
	pid_t pid;           /* of the worker that starts it; 0: the guest has started */
	uint64_t start_time; /* of that process, as /proc has it */
};

struct state {
	struct slice path;
	enum setting_form form; /* not FORM_AUTO */
	struct slice before, set;
	struct state_user *users; /* by order of coming; each guest once */
	size_t nusers;
};

/* Reads @text; memory from @a. Errors: ERR_SYNTAX, ERR_UNKNOWN, ERR_RANGE, with the line. */
int state_parse(struct slice text, struct arena *a, struct state *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Appends the text of @s, which state_parse() reads as the same. */
void state_render(const struct state *s, struct buf *out);

/* Name of the file for the setting @path. */
void state_file_name(struct slice path, char ret[static SHA256_HEX_SIZE]);

/* Whether @name is one that state_file_name() gives. */
bool state_is_file_name(const char *name);

/* The user @vmid of @s, or NULL. */
struct state_user *state_find_user(const struct state *s, uint64_t vmid);

/*
 * Makes @user one of @s, in place of what is there of that guest; memory from @a. false
 * where there are too many.
 */
bool state_put_user(struct state *s, const struct state_user *user, struct arena *a);

/* Whether @path is one that can be a setting of the node: below /sys or /proc/sys. */
bool state_is_path(struct slice path);
