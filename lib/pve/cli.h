/* SPDX-License-Identifier: MIT */
/*
 * cli - the commands and options of pct, qm and qmrestore: rows, and looking them up.
 *
 * One row is what Proxmox VE's own schema says of one option; tests/unit/test-cli.c holds
 * the rows against the list that was taken from Proxmox (tests/fixtures/vectors/pve-cli.tsv),
 * so that they cannot drift. What a row adds to that list (secret, file, …) is what the
 * record and the facts need to know. How a command line is read by them: pve/argv.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum tool { TOOL_PCT, TOOL_QM, TOOL_QMRESTORE, TOOL_COUNT };

enum cli_type {
	CLI_TEXT,
	CLI_BOOL,    /* its value is optional on the command line */
	CLI_INTEGER, /* [+-]?\d+ */
	CLI_NUMBER,  /* with fraction and exponent */
	CLI_LIST,    /* repeats are joined with commas */
};

enum cli_flag {
	CLI_REQUIRED = 1 << 0,
	CLI_ASKS = 1 << 1,   /* without a value Proxmox asks for it on the terminal */
	CLI_SECRET = 1 << 2, /* never shown in a record */
	CLI_FILE = 1 << 3,   /* the whole value names a file of the node */
	CLI_PATHS = 1 << 4,  /* a property string: absolute paths of the node in it */
	CLI_LINES = 1 << 5,  /* may hold line breaks */
	CLI_REST =
		1 << 6, /* all words that are left: the command that a guest is to run */
	CLI_WRITES = 1 << 7, /* CLI_FILE: which the tool writes; without it, reads */
	CLI_VOLUME = 1 << 8, /* CLI_FILE: or a storage's volume, or "-" for a pipe */
	CLI_OPAQUE = 1 << 9, /* may name any file, in a language that we do not read */
};

/* One option, or a family net0 to net31 of them. */
struct cli_option {
	const char *name;
	enum cli_type type;
	unsigned count; /* family: how many, numbered from 0; 0: no family */
	unsigned flags; /* enum cli_flag */
	const char *format;
	const char *const
		*words; /* enumeration, NULL-terminated; "mp[0..255]" is 256 of it */
	bool has_min, has_max;
	int64_t min, max;
};

struct cli_options {
	const struct cli_option *rows;
	size_t n;
};

enum cli_kind {
	CLI_BY_NAME = 0, /* judged by name, guest and login; run as it was typed */
	CLI_JUDGED,      /* judged on what would result; run in canonical form */
	CLI_ALIAS,       /* another name of .target, never abbreviated */
	CLI_HIDDEN,      /* not listed, never abbreviated; its arguments are not read */
};

/* One command; two words for one of a group, "disk import". */
struct cli_command {
	const char *name;
	enum cli_kind kind;
	const char *target;             /* CLI_ALIAS */
	const char *event;              /* NULL: the name */
	const char *const *positionals; /* NULL-terminated, or NULL */
	struct cli_options own, shared; /* shared: what a guest's configuration holds */
	const struct cli_option
		*fixed;         /* boolean that this command always sets, or NULL */
	const char *restore_by; /* option that makes a restore of it, or NULL */
};

struct cli_tool {
	const char *name;
	const struct cli_command *commands; /* sorted by name */
	size_t ncommands;
	bool single;     /* no sub-commands: the only one that is not hidden is meant */
	bool dash_value; /* takes -name=value as well as --name=value */
};

extern const struct cli_tool cli_pct, cli_qm, cli_qmrestore;

/* The tables of @tool. */
const struct cli_tool *cli_tool(enum tool tool);

/* Which tool is called @name, "pct"; -1 if none is. */
int cli_tool_find(const char *name);

/* Row @i of all options of @c, or NULL past the last. */
const struct cli_option *cli_option_at(const struct cli_command *c, size_t i);

/* The row called exactly @name in @c (a family by its plain name), or NULL. */
const struct cli_option *cli_option_find(const struct cli_command *c, const char *name);

/* Which option a typed name means. */
struct cli_match {
	size_t hits;                     /* 0: none; 1: .option; else ambiguous */
	const struct cli_option *option; /* the first that fits */
	unsigned index;                  /* its number in a family */
};

/*
 * What @name means among the options of @c: case is ignored, a unique beginning is enough,
 * a whole name wins over longer ones. Every member of a family counts as an option of its
 * own. Source: Getopt::Long, auto_abbrev and ignore_case.
 */
struct cli_match cli_option_match(const struct cli_command *c, struct slice name);

/* Whether @value is one of the enumeration @words. */
bool cli_words_hold(const char *const *words, struct slice value);

/* Shorthands for tables. */
#define CLI_NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CLI_MIN(n)     .has_min = true, .min = (n)
#define CLI_MAX(n)     .has_max = true, .max = (n)
#define CLI_ROWS(rows)                                   \
	{                                                \
		(rows), sizeof(rows) / sizeof((rows)[0]) \
	}
#define CLI_VMID .format = "pve-vmid", CLI_MIN(100), CLI_MAX(999999999)
#define CLI_VMID_ROW                                                 \
	{                                                            \
		"vmid", CLI_INTEGER, .flags = CLI_REQUIRED, CLI_VMID \
	}
