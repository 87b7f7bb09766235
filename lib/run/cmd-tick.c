/* SPDX-License-Identifier: MIT */
/* pve-safe tick: what the timer runs on each node, once a minute. */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/cmd.h"
#include "run/options.h"
#include "run/say.h"
#include "run/tick.h"

static const char usage[] =
	"usage: pve-safe tick [--dry-run]\n"
	"\n"
	"What pve-safe.timer runs on each node, once a minute. Finds the guests of this\n"
	"node that were made past the wrappers and records who made them; attaches the\n"
	"hookscript to new guests where the node is enabled; takes waivers of vanished\n"
	"guests out of force, and node settings that nobody uses any more back; tells "
	"the\n"
	"other nodes how it is here. The first one only takes stock. Without quorum it\n"
	"does nothing.\n"
	"\n"
	"  --dry-run  say what would be done, do nothing\n"
	"\n"
	"Exit status: 0 done; 1 the policy cannot be used, or refuses a guest that was\n"
	"made; 2 something could not be done; 64 usage.\n";

/* Takes --dry-run, the only option, into the bool @context. */
static int take_option(void *context, int option, const char *value)
{
	(void)option;
	(void)value;
	*(bool *)context = true;
	return 0;
}

int cmd_tick(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct options_grammar grammar = { usage, NULL, longs, take_option };
	AUTO(place_close) struct place p = { .root = -1 };
	struct err e = { 0 };
	bool dry_run = false;
	int status, first;

	first = options_each(argc, argv, &grammar, &dry_run, &status);
	if (first < 0)
		return status;
	if (first < argc) {
		(void)fputs("pve-safe: tick: it is about this node: name nothing\n",
			    stderr);
		return EXIT_USAGE;
	}
	if (place_open(NULL, &p, &e) < 0)
		return say_error(&e);
	return tick_run(&p, dry_run);
}
