/* SPDX-License-Identifier: MIT */
/*
 * attach-say - what became of a guest that was to be attached or detached, on stdout; what
 * went wrong on stderr.
 */
#pragma once

#include "run/attach.h"

/* The words of one sub-command. */
struct attach_words {
	const char *verb, *done,
		*already; /* "attach", "attached", "is attached already" */
	bool attaching;
};

extern const struct attach_words words_of_attach, words_of_detach;

/* Says for people what became of @g, or with @dry what would. */
void attach_say_text(const struct attach_report *g, const struct attach_words *words,
		     bool dry);

/* Writes the same as one line of JSON. */
void attach_say_json(const struct attach_report *g, const char *node, bool dry);
