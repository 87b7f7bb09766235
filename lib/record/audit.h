/* SPDX-License-Identifier: MIT */
/*
 * audit - the record: one JSON line a decision in /var/log/pve-safe/audit.jsonl, and a
 * short line through syslog(3) with its id and digest, so that a remote log shows what was
 * cut or changed here. It is written before anything is done.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/decision.h"

#define AUDIT_DIR  "var/log/pve-safe"
#define AUDIT_FILE "audit.jsonl"

/* Where a record went. */
enum audit_result {
	AUDIT_WRITTEN, /* to the file, and to syslog */
	AUDIT_SYSLOG,  /* the file failed (@e says why); syslog carries the whole line */
	AUDIT_NOWHERE, /* neither */
};

/* Builds the record's line of @d, without newline, in @out. */
void audit_line(const struct decision *d, struct buf *out);

/*
 * Writes @line (one line, no newline) below the root @root, and to syslog with @summary.
 * @deny chooses the priority. On anything but AUDIT_WRITTEN @e has the reason.
 */
enum audit_result audit_write(int root, struct slice line, const char *summary, bool deny,
			      struct err *e);

/* Records @d: audit_line() and audit_write(). */
enum audit_result audit_decision(int root, const struct decision *d, struct err *e);

/* Records what became of decision @id: {"type":"outcome","id",…} with @members written. */
enum audit_result audit_outcome(int root, const char *id, const char *text, int status,
				struct err *e);
