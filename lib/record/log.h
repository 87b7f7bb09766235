/* SPDX-License-Identifier: MIT */
/*
 * log - the record, read back: one line, what it says to people, and whether a remote log
 * knows the same lines.
 *
 * Grammar: what audit.h writes. Whatever else stands in the file is an error of that line,
 * never skipped in silence: somebody wrote it there.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha.h"
#include "base/slice.h"

enum {
	LOG_MAX_LINE = 4 << 20,  /* bytes of one line */
	LOG_MAX_LINES = 1 << 22, /* that one comparison holds */
	LOG_ID_SIZE = 37,        /* of an id, with the NUL */
};

/* One line of the record. */
struct log_line {
	json_t *json; /* owned */
	const char *id;
	uint64_t time_ms; /* since 1970 */
	uint64_t vmid;    /* 0: none, or an outcome */
	bool outcome;     /* of a decision that stands before it */
};

/* Reads @text, without newline. 0; -1 with ERR_SYNTAX. log_line_done() releases @ret. */
int log_line_read(struct slice text, struct log_line *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* Releases @l. Fit for AUTO(). */
void log_line_done(struct log_line *l);

/* Appends what @l says, for people; nothing of it can steer a terminal. */
void log_line_render(const struct log_line *l, struct buf *out);

/* The digest of one line, and whose it is. */
struct log_mark {
	char digest[SHA256_HEX_SIZE];
	char id[LOG_ID_SIZE];
	size_t number; /* of the line in its file */
	bool matched;
};

/* Lines of one side of the comparison. */
struct log_marks {
	struct log_mark *rows;
	size_t n, size;
};

/* Releases @m. Fit for AUTO(). */
void log_marks_done(struct log_marks *m);

/* Adds line @number of the record, whose id is @id. */
int log_marks_add(struct log_marks *m, struct slice line, const char *id, size_t number,
		  struct err *e) __attribute__((nonnull, warn_unused_result));

/*
 * Adds what @line, number @number of a log kept elsewhere, says of a record: any syslog
 * format in which "id=UUID … sha256=DIGEST" follows "pve-safe". 0 added; 1 it says nothing of
 * one; -1 with @e.
 */
int log_marks_add_remote(struct log_marks *m, struct slice line, size_t number,
			 struct err *e) __attribute__((nonnull, warn_unused_result));

/* Matches the two sides by digest, each line with one. Sorts both. */
void log_marks_match(struct log_marks *here, struct log_marks *there);

/* Milliseconds since 1970 at which the id was made (version 7); 0 when it is another. */
uint64_t log_id_ms(const char *id);
