/* SPDX-License-Identifier: MIT */
/*
 * conf - the one reader of files that people write: policy, settings, waivers, nodes.
 *
 * A strict pre-scan of the text, then libconfuse, each checking the other (libraries.md of
 * the design: what libconfuse alone would let pass). The rows of the schema are the one
 * place where a key exists: libconfuse's options, the names the pre-scan knows, types,
 * suggestions and manuals come from them. The result is a tree of values with exact
 * positions; what a value means is its reader's business. The form of a file (characters,
 * quotes, comments, line ends) is in conf-scan.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problems.h"
#include "base/slice.h"

enum {
	CONF_MAX_BYTES = 256 << 10, /* longer files are refused */
	CONF_MAX_DEPTH = 16,        /* nested sections */
	CONF_MAX_SECTIONS = 4096,   /* in one file; libconfuse is slow with more */
	CONF_MAX_KINDS = 16,        /* of sections in one section of a schema */
	CONF_MAX_KEYS = 48,         /* in one section of a schema */
};

enum conf_type {
	CONF_TEXT,   /* "..." or a word */
	CONF_BOOL,   /* yes or no, unquoted */
	CONF_NUMBER, /* decimal, unquoted; .min to .max */
	CONF_ENUM,   /* one of .words */
	CONF_LIST, /* { "a", "b" } of texts; a last comma is fine, as is "a" for { "a" } */
};

/* One key of a section. */
struct conf_key {
	const char *name;
	enum conf_type type;
	bool required;
	uint64_t min,
		max; /* CONF_NUMBER: bounds; CONF_TEXT, LIST: longest value if max */
	const char *const *words; /* CONF_ENUM: NULL-terminated */
	const char *later;        /* not NULL: known, but refused with these words */
	const char *doc;          /* one line, for manuals and help */
};

/* One kind of section, with the sections that may stand in it. */
struct conf_section {
	const char *name;   /* "rule"; NULL for the file itself */
	bool titled;        /* name "title" { ... }; titles are unique */
	bool title_is_path; /* title may be any printable text, else [a-z][a-z0-9-]{0,47} */
	const struct conf_key *keys;
	size_t nkeys;
	const struct conf_section *const *sections; /* NULL-terminated or NULL */
	const char *later;                          /* as in conf_key */
	/*
	 * Names that are not known are passed over: of a file that programs write for each
	 * other, each of its own version, and in which nothing unknown can matter. libconfuse
	 * does not read a file that has some.
	 */
	bool open;
};

/* One value as it stands in the file. */
struct conf_value {
	struct slice text;  /* without quotes; borrowed from the tree */
	unsigned line, col; /* of its first byte (the quote, if quoted) */
	bool quoted;
};

/* One key that was given. */
struct conf_entry {
	const struct conf_key *key;
	unsigned line, col; /* of the key */
	struct conf_value *values;
	size_t nvalues; /* 1, or any number for CONF_LIST */
	uint64_t
		number; /* CONF_NUMBER: it; CONF_BOOL: 0 or 1; CONF_ENUM: index into .words */
};

/* One section that was given; the root is the file. */
struct conf_node {
	const struct conf_section *section;
	struct slice title; /* {NULL, 0} when it has none */
	unsigned line, col; /* of the section's name */
	struct conf_entry *entries;
	size_t nentries;
	struct conf_node *nodes;
	size_t nnodes;
};

struct conf; /* owns the text and the tree */

/*
 * Reads @text, called @file in messages, by @schema. 0, or -1 with every problem found in
 * @problems (names, types, repeats and values are reported together; an error of form ends
 * the reading there). The caller owns *@ret.
 */
int conf_parse(const struct conf_section *schema, const char *file, struct slice text,
	       struct conf **ret, struct problems *problems)
	__attribute__((nonnull, warn_unused_result));

/*
 * Like conf_parse(), but a file that is wrong only in names and values gives -1 *and* its
 * tree in *@ret, so that its reader finds the rest of what is wrong in the same go. There,
 * values that do not fit their key stand as they are, with .number 0, and a list in place
 * of one value is one empty value.
 */
int conf_parse_more(const struct conf_section *schema, const char *file,
		    struct slice text, struct conf **ret, struct problems *problems)
	__attribute__((nonnull, warn_unused_result));

/*
 * Like conf_parse_more(), for a text that libconfuse is known to read the same: one that is
 * compiled into the program, for the tests have had it read every such text; or one that was
 * read by both before, byte for byte. It does not read it once more at each start.
 */
int conf_parse_agreed(const struct conf_section *schema, const char *file,
		      struct slice text, struct conf **ret, struct problems *problems)
	__attribute__((nonnull, warn_unused_result));

/* The file's own node; borrowed. */
const struct conf_node *conf_root(const struct conf *c);

/* The entry of @key in @node, or NULL when it was not given; borrowed. */
const struct conf_entry *conf_find(const struct conf_node *node, const char *key);

/* The single value of @key as text, or {NULL, 0} when it was not given; borrowed. */
struct slice conf_text(const struct conf_node *node, const char *key);

/* Number, boolean or enum index of @key, or @otherwise when it was not given. */
uint64_t conf_number(const struct conf_node *node, const char *key, uint64_t otherwise);

/* Releases a tree and all that was borrowed from it. NULL is fine. */
void conf_free(struct conf *c);

/* For AUTO(). */
void conf_freep(struct conf **c);
