/* SPDX-License-Identifier: MIT */
/*
 * argv-internal - what the files of the command line's reader share; see pve/argv.h.
 */
#pragma once

#include "pve/argv.h"

/* One value of a list option. */
struct argv_piece {
	struct slice text;
	struct argv_piece *next;
};

/* The values of a list option in order. */
struct argv_pieces {
	struct argv_piece *first, *last;
	size_t len; /* of all, joined */
};

/* A word that names an option: "--name", "-name" or either with "=value". */
struct argv_option {
	size_t word; /* its index */
	struct slice name;
	struct slice value; /* after "=", else absent */
};

/* One reading under way. */
struct argv_reader {
	const struct cli_tool *tool;
	struct argv_command *ret;
	struct arena *a;
	struct err *e;
	bool newer;          /* ARGV_NEWER */
	bool flags_only;     /* an option unknown to us takes no word after it */
	bool guessed;        /* whether .flags_only made a difference */
	size_t at;           /* the next word */
	size_t *secret;      /* ret->typed.secret */
	size_t *unknown;     /* ret->unknown */
	size_t *positionals; /* words that are no options, in order */
	size_t npositionals;
	struct argv_pieces *pieces; /* one for each of ret->params */
};

/* Finds the command; .at is then the first word after it. */
int argv_find_command(struct argv_reader *r);

/* Whether an optional value leaves @word alone. */
bool argv_looks_like_option(const char *word);

/* Takes options out of the words that are left. */
int argv_take_options(struct argv_reader *r);

/* Says why @t, which fits @hits options (0 or several), cannot be read; returns -1. */
int argv_explain(struct argv_reader *r, const struct argv_option *t, size_t hits);

/* Marks what follows anything that looks like an option as secret. */
void argv_hide_values(struct argv_reader *r);

/* Gives the words that are no options to the positional arguments. */
int argv_place_positionals(struct argv_reader *r);

/* Joins lists, makes booleans "0" or "1", and finds what Proxmox will ask for. */
int argv_normalise(struct argv_reader *r);

/* Checks all values, and that none is missing. */
int argv_check(struct argv_reader *r);

/* The parameter of @o and @index, new if it has none yet; NULL without memory. */
struct argv_param *argv_slot(struct argv_reader *r, const struct cli_option *o,
			     unsigned index);

/* Makes @p "0" or "1" if it is a boolean. */
int argv_normalise_bool(const struct argv_command *c, struct argv_param *p,
			struct err *e);

/* Checks one value; @newer: what our tables do not allow may pass. */
int argv_check_value(const struct argv_command *c, const struct argv_param *p, bool newer,
		     struct err *e);

/* "net0" of @o and @index; NULL without memory. */
const char *argv_name(struct arena *a, const struct cli_option *o, unsigned index);

enum { ARGV_SHOWN_MAX = 60 };

/* How many bytes of @s a message shows: whole characters. */
static inline int argv_shown(struct slice s)
{
	size_t n = s.len < ARGV_SHOWN_MAX ? s.len : ARGV_SHOWN_MAX;

	while (n && n < s.len && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

/* What stands for the rest of @s in a message. */
static inline const char *argv_shown_end(struct slice s)
{
	return s.len > ARGV_SHOWN_MAX ? "…" : "";
}

/* For "%.*s%s": the part of a word that a message shows. */
#define ARGV_SHOWN(s) argv_shown(s), (s).ptr, argv_shown_end(s)
