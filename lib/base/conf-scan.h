/* SPDX-License-Identifier: MIT */
/*
 * conf-scan - the form of a file that people write: names, titles, values, braces, quotes.
 *
 * The strict half of conf: it knows no schema and refuses every form that libconfuse would
 * swallow, cut or read in two ways. What it accepts is
 *
 *	body  = { entry | section } .
 *	entry = WORD "=" ( value | "{" [ value { "," value } [ "," ] ] "}" ) .
 *	section = WORD [ value ] "{" body "}" .
 *	value = WORD | '"' { any but " } '"' | "'" { any but ' } "'" .
 *	WORD  = [A-Za-z0-9_./:@%-]+ .
 *
 * with blanks, line ends and comments (# and // to the end of the line, and C's) between
 * them; a line may end in CR LF. Nowhere: control characters, what is not UTF-8, a byte
 * order mark, characters that turn the direction of text. Not in a value: line ends, a
 * backslash, "${". Both quotes mean the same; the second kind is there because nothing can
 * be escaped. Lines and columns count from 1, columns in bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/problems.h"
#include "base/slice.h"

/* One entry or section, as it stands in the file. */
struct conf_item {
	struct slice name;
	struct slice title;        /* of a section; {NULL, 0} when it has none */
	unsigned line, col;        /* of the name */
	unsigned tline, tcol;      /* of the title */
	unsigned parent;           /* index of the section that it stands in */
	unsigned first, n;         /* an entry's values */
	unsigned nentries, nnodes; /* what stands directly in a section */
	bool is_section;
	bool is_list; /* an entry's values stand in braces */
};

/* A file that is well formed. */
struct conf_scan {
	char *text;              /* as it was but for comments and CR, blanked; owned */
	struct conf_item *items; /* in the order of the file; [0] is the file; owned */
	size_t nitems;
	struct conf_value *values; /* all of them, in the order of the file; owned */
	size_t nvalues;
};

/* Scans @text; 0, or -1 with the first error of form added to @problems. */
int conf_scan(struct slice text, const char *file, struct conf_scan *ret,
	      struct problems *problems) __attribute__((nonnull, warn_unused_result));

/* Releases what conf_scan() gave; fine on a zeroed one. */
void conf_scan_done(struct conf_scan *s);
