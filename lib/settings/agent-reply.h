/* SPDX-License-Identifier: MIT */
/*
 * agent-reply - one line that a QEMU guest agent answers with. The guest writes it, so all
 * of it may be anything: what is not understood is no answer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum {
	AGENT_REPLY_MAX_BYTES = 64 << 10, /* of a line; a longer one is no answer */
	AGENT_OUTPUT_MAX_BYTES = 4096,    /* of what a program printed */
	AGENT_SHOWN_MAX_BYTES = 160,      /* of a text of the guest's in a message */
};

/* What a line says. */
enum agent_reply_kind {
	AGENT_REPLY_OTHER = 0, /* nothing that we ask for */
	AGENT_REPLY_NUMBER,    /* guest-sync: .number */
	AGENT_REPLY_STARTED,   /* guest-exec: .number is the process */
	AGENT_REPLY_RUNNING,   /* guest-exec-status: not ended yet */
	AGENT_REPLY_ENDED,     /* guest-exec-status: .status, .output */
	AGENT_REPLY_ERROR,     /* .text, safe to print */
};

struct agent_reply {
	enum agent_reply_kind kind;
	int64_t number;
	int status;        /* exit status; -1: a signal ended it */
	struct buf output; /* what it printed on stdout, as it is */
	struct buf text;   /* an error, its stderr, or its signal; safe to print */
};

/* Reads @line; agent_reply_done() in any case. */
void agent_reply_read(struct slice line, struct agent_reply *ret);

/* Releases @r. Fit for AUTO(). */
void agent_reply_done(struct agent_reply *r);
