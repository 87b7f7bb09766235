/* SPDX-License-Identifier: MIT */
/* pve-safe setup: puts this node in order; whether it enforces; undoes it. */
#include <getopt.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"
#include "run/setup.h"

static const char usage[] =
	"usage: pve-safe setup [--dry-run]             puts this node in order\n"
	"       pve-safe setup --enable [--dry-run]    hooks refuse what is denied\n"
	"       pve-safe setup --disable [--dry-run]   every hook of this node passes\n"
	"       pve-safe setup --remove [--dry-run]    undoes all of it\n"
	"\n"
	"Makes what is missing of: the directory of the record and its rotation, the "
	"link\n"
	"to the hookscript, the file by which LXC asks it at the start of every\n"
	"container, the directories in /etc/pve/pve-safe, the timer. What is so already\n"
	"stays as it is. Nothing is refused by that: what says so is the file\n"
	"/etc/pve-safe/enabled, on this node alone. --remove also takes the hookscript\n"
	"from this node's guests; policy, waivers and records stay.\n"
	"\n"
	"  --dry-run           say what would be done, do nothing\n"
	"  --format text|json  json: one object a line for each step\n"
	"\n"
	"Exit status: 0 done, or so already; 2 not all was done; 64 usage.\n";

enum setup_verb { VERB_APPLY, VERB_ENABLE, VERB_DISABLE, VERB_REMOVE };

/* What the command line asks for. */
struct asked {
	enum setup_verb verb;
	unsigned nverbs; /* that were given */
	bool dry_run, json;
};

/* Says what is wrong with the command line; returns -1. */
static int bad_usage(const char *what)
{
	(void)fprintf(stderr, "pve-safe: setup: %s\n", what);
	return -1;
}

/* Takes one option; -1 when it is not what it should be. */
static int take_option(void *context, int option, const char *value)
{
	struct asked *ret = context;

	switch (option) {
	case 'n':
		ret->dry_run = true;
		return 0;
	case 'f':
		return options_json(value, &ret->json);
	default: /* one of the verbs */
		ret->nverbs += !ret->nverbs || ret->verb != (enum setup_verb)option;
		ret->verb = (enum setup_verb)option;
		return 0;
	}
}

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(int argc, char **argv, struct asked *ret, int *ret_status)
{
	static const struct option longs[] = {
		{ "enable", no_argument, NULL, VERB_ENABLE },
		{ "disable", no_argument, NULL, VERB_DISABLE },
		{ "remove", no_argument, NULL, VERB_REMOVE },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };
	int first;

	*ret = (struct asked){ 0 };
	first = options_each(argc, argv, &grammar, ret, ret_status);
	if (first < 0)
		return -1;
	if (first < argc)
		return bad_usage("it is about this node: name nothing");
	if (ret->nverbs > 1)
		return bad_usage("say one of --enable, --disable and --remove");
	return 0;
}

/* Enables or disables; the exit status. */
static int mark(const struct setup *s, bool on)
{
	struct err e = { 0 };

	if (setup_enable(s, on, &e) == 0)
		return EXIT_FINE;
	(void)fprintf(stderr, "pve-safe: setup: nothing was changed: %s\n", e.msg);
	return EXIT_CANNOT;
}

int cmd_setup(int argc, char **argv)
{
	AUTO(place_close) struct place p = { .root = -1 };
	AUTO(cluster_done) struct cluster cluster = { 0 };
	struct setup s = { .place = &p, .cluster = &cluster };
	struct asked asked;
	struct err e = { 0 };
	int status;

	if (read_options(argc, argv, &asked, &status) < 0)
		return status;
	if (place_open(NULL, &p, &e) < 0)
		return say_error(&e);
	s.dry_run = asked.dry_run;
	s.json = asked.json;
	if (asked.verb == VERB_ENABLE || asked.verb == VERB_DISABLE)
		return mark(&s, asked.verb == VERB_ENABLE);
	cluster_load(&p, 1U << SOURCE_STORAGE, &cluster);
	return asked.verb == VERB_REMOVE ? setup_remove(&s) : setup_apply(&s);
}
