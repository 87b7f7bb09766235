/* SPDX-License-Identifier: MIT */
/*
 * options - the command lines of the sub-commands of pve-safe. options_read() is for those
 * that judge: which guests, which policy, which root, what is assumed; options_each() for
 * those with options of their own. Hooks and wrappers have none of these.
 */
#pragma once

#include <stdbool.h>

#include "facts/facts.h"
#include "policy/store.h"
#include "run/load.h"

enum { OPTIONS_MAX_ASSUMED = 64 };

/* Options that a sub-command knows; a mask. */
enum options_known {
	OPTIONS_POLICY = 1,    /* --policy FILE */
	OPTIONS_ROOT = 2,      /* --root DIR */
	OPTIONS_KIND = 4,      /* --kind ct|vm */
	OPTIONS_EVENT = 8,     /* --event E */
	OPTIONS_ASSUME = 16,   /* --assume fact=value */
	OPTIONS_FORMAT = 32,   /* --format text|json */
	OPTIONS_LIST = 64,     /* --list */
	OPTIONS_REPORT = 128,  /* --format text|json|junit|tap */
	OPTIONS_NEEDS = 256,   /* --needs N,… */
	OPTIONS_DRY_RUN = 512, /* --dry-run */
};

/* What --format may say. */
enum options_format { OPTIONS_TEXT = 0, OPTIONS_JSON, OPTIONS_JUNIT, OPTIONS_TAP };

/* A fact that the caller wants to hold. */
struct assumed {
	enum fact_id id;
	struct fact value;
};

struct options {
	const char *policy, *root; /* NULL: not given */
	int kind;                  /* enum guest_kind, or -1 */
	const char *event;         /* one of fact_words_event; NULL: not given */
	const char *needs;         /* as typed; NULL: not given */
	bool json, list, dry_run;
	enum options_format format;
	struct assumed assumed[OPTIONS_MAX_ASSUMED];
	size_t nassumed;
	struct arena arena; /* of assumed values */
	char **words;       /* the options, as typed */
	int nwords;
	char **args; /* what is left: guests */
	int nargs;
};

/*
 * Reads @argv by @known; prints what is wrong with it, or the help @usage, itself. 0 to go
 * on; else *@ret_status is the exit status. options_done() releases @ret either way.
 */
int options_read(int argc, char **argv, unsigned known, const char *usage,
		 struct options *ret, int *ret_status);

/* Releases @o. Fit for AUTO(). */
void options_done(struct options *o);

struct option; /* that of <getopt.h> */

/* The options of one sub-command. */
struct options_grammar {
	const char *usage;          /* what --help prints */
	const char *shorts;         /* as getopt_long() takes them, with h; NULL: h */
	const struct option *longs; /* with help as h; ends with zeros */
	/* Takes one of them; -1 after saying on stderr what is wrong with @value. */
	int (*take)(void *context, int option, const char *value);
};

/*
 * Reads the options of @argv by @grammar; --help and what is no option of it are answered
 * here. Returns the index of the first argument, or -1 with the exit status in *@ret_status,
 * which is EXIT_USAGE otherwise: for the caller who finds more that is wrong.
 */
int options_each(int argc, char **argv, const struct options_grammar *grammar,
		 void *context, int *ret_status);

/*
 * Index of @word in the NULL-terminated @words, or -1 after saying what --@option may be, or
 * may have been meant to be.
 */
int options_word(const char *option, const char *word, const char *const *words);

/* Reads the value of --format where text and json are known; -1 after saying so. */
int options_json(const char *value, bool *ret_json);

/*
 * Adds "fact=value" to the facts that shall hold; copies @text. Errors: ERR_USAGE, beginning
 * with the text in quotes.
 */
int options_add_assumed(struct options *o, struct slice text, struct err *e);

/* Lets the assumed facts hold in @facts. */
void options_assume(const struct options *o, struct facts *facts);

/*
 * Loads the policy of the file @path, where that is NULL the one of @p. 0, or -1 after printing
 * all that is wrong with it.
 */
int options_load_policy(const char *path, const struct place *p,
			struct store_policy *ret);

/* Opens the place and loads the policy that the options name; prints what fails. */
int options_open(const struct options *o, struct place *ret_place,
		 struct store_policy *ret_policy, int *ret_status);
