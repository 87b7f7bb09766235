/* SPDX-License-Identifier: MIT */
/*
 * argv - a command line of pct, qm or qmrestore, read exactly as Proxmox VE reads it.
 *
 * A command line that we read one way and Proxmox another is a way round the policy. So:
 * what cannot be read with certainty is an error that names the argument, and what is
 * judged is run in canonical form, in which nothing can be read differently. Tested
 * against the answers of Proxmox's own reader (tests/fixtures/vectors/args.jsonl) and, at
 * random, against Perl's (tests/integration/test-argv-differential.sh).
 *
 * The grammar. Sub-commands: exact, or a unique beginning of one that is no alias; case
 * counts. Options: Perl's Getopt::Long, permuting, abbreviating, ignoring case, prefix "-"
 * or "--"; "=" splits a word from its second byte on, in qm only after "--". A text takes
 * the next word whatever it looks like; a boolean, or an option that Proxmox would ask for
 * on the terminal, only one that does not look like an option. The last value of an option
 * wins, those of a list are joined with commas. "--" ends the options. The words that are
 * left are the positional arguments and win over options of the same name. Source:
 * PVE::CLIHandler::resolve_cmd, PVE::JSONSchema::get_options, Getopt::Long::FindOption.
 *
 * Refused although Proxmox would take it, because the reading would not be certain: values
 * over ARGV_VALUE_MAX or not in UTF-8 (Proxmox replaces bytes), digits and letters outside
 * ASCII in numbers and booleans, and in a judged command a line break in anything but a
 * description (it would write further lines into the guest's configuration).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "pve/cli.h"

enum { ARGV_VALUE_MAX = 64 << 10 }; /* bytes of one value, joined lists included */

/* How far reading came; an error is of that stage. */
enum argv_stage { ARGV_STAGE_COMMAND, ARGV_STAGE_OPTIONS, ARGV_STAGE_VALIDATE };

enum argv_source {
	ARGV_OPTION,     /* --name value */
	ARGV_POSITIONAL, /* by its place */
	ARGV_FIXED,      /* the command itself sets it: pct restore's "restore" */
};

/* One parameter as Proxmox would pass it on. */
struct argv_param {
	const struct cli_option *option;
	unsigned index;     /* its number in a family */
	const char *name;   /* as Proxmox spells it, "net0" */
	struct slice value; /* booleans are "0" or "1", lists joined */
	enum argv_source source;
	bool named;  /* an option named it (a positional may have won afterwards) */
	bool asks;   /* no value was given: Proxmox asks for it on the terminal */
	size_t word; /* index of the word that named it last, or of the positional */
};

/* Words of a command line, with the places that no record may show. */
struct argv_words {
	const char *const *words; /* NULL-terminated */
	const size_t *secret; /* per word: from here on it is secret; SIZE_MAX: nothing */
	size_t n;
};

struct argv_command {
	enum tool tool;
	const struct cli_command *command; /* NULL: not found */
	struct argv_words typed;
	struct argv_param *params; /* in order of their first mention */
	size_t nparams;
	const char *const *extra; /* the command that a guest is to run; borrowed */
	size_t nextra;
	const char *asks;      /* option that Proxmox will ask for, or NULL */
	const size_t *unknown; /* ARGV_NEWER: words that name options unknown to us */
	size_t nunknown;
	bool unknown_alone; /* no word after them was taken for their value */
	enum argv_stage stage;
};

enum argv_flag {
	/*
	 * The tool may be newer than our tables: options and values that they do not know
	 * are let pass as far as possible, see .unknown.
	 */
	ARGV_NEWER = 1 << 0,
};

/*
 * Reads the @argc words after the tool's name, which must outlive @ret; memory from @a.
 * Errors: ERR_USAGE (not to be understood, or refused by Proxmox), ERR_UNKNOWN (an
 * option, word or number that our tables do not allow but a newer Proxmox might),
 * ERR_SYSTEM (memory). On failure @ret holds what was understood before it: .stage,
 * .typed, and .command where one was found.
 */
int argv_read(enum tool tool, int argc, const char *const *argv, unsigned flags,
	      struct arena *a, struct argv_command *ret, struct err *e)
	__attribute__((nonnull(5, 6, 7), warn_unused_result));

/* The parameter called @name ("net0"), or NULL; borrowed. */
const struct argv_param *argv_find(const struct argv_command *c, const char *name);

/* Its value, {NULL, 0} when it was not given; borrowed. */
struct slice argv_value(const struct argv_command *c, const char *name);

/* Whether the boolean @name was given and is true. */
bool argv_true(const struct argv_command *c, const char *name);

/* The VMID that the command acts on, a clone's source; 0: none. */
uint64_t argv_vmid(const struct argv_command *c);

/* The event of the policy: the command's name, or "restore" where create is one. */
const char *argv_event(const struct argv_command *c);

/* Whether the guest runs after a command other than start: --start, --ha-managed, … */
bool argv_starts(const struct argv_command *c);

/*
 * Sets option @name to @value as if it had been typed, in place of a value that is there.
 * Both must outlive @c. Errors as of argv_read().
 */
int argv_set(struct argv_command *c, struct arena *a, const char *name,
	     struct slice value, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * The command line to run: @tool_path, the command in full, then --name=value in Proxmox's
 * spelling. Reading it gives the same command and parameters again. Options that we do not
 * know stand behind all others, as they were typed, so that none can take one for its
 * value. Memory from @a. Errors: ERR_USAGE (they cannot stand there), ERR_SYSTEM (memory).
 */
int argv_canonical(const struct argv_command *c, const char *tool_path, struct arena *a,
		   struct argv_words *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/* The command line to run where nothing is judged: @tool_path and what was typed. */
int argv_as_typed(const struct argv_command *c, const char *tool_path, struct arena *a,
		  struct argv_words *ret, struct err *e)
	__attribute__((nonnull, warn_unused_result));

/*
 * The words for a record, NULL-terminated: secrets replaced by "***", those inside of
 * property strings too. What a guest is told to run is shown as it is. NULL when memory
 * is gone.
 */
const char *const *argv_masked(const struct argv_words *w, struct arena *a);

/* "command", "options" or "validate". */
const char *argv_stage_name(enum argv_stage stage);
