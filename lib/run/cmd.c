/* SPDX-License-Identifier: MIT */
#include "run/cmd.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/env.h"
#include "base/text.h"

#include "version.inc"

struct cmd_row {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *doc;
};

static const struct cmd_row commands[] = {
	{ "advise", cmd_advise, "container or VM for a workload, and the command" },
	{ "argv", cmd_argv, "how a pct or qm command line is read" },
	{ "attach", cmd_attach, "gives guests our hookscript, beside the one they have" },
	{ "audit", cmd_audit, "the whole cluster at once" },
	{ "check", cmd_check, "what the policy says of guests" },
	{ "coverage", cmd_coverage,
	  "what enforces the policy on each guest, or why not" },
	{ "detach", cmd_detach, "takes it from guests, who get their own back" },
	{ "doctor", cmd_doctor, "what is wrong with this node's installation" },
	{ "explain", cmd_explain, "every rule: matched, or why not" },
	{ "facts", cmd_facts, "what is known about guests" },
	{ "log", cmd_log, "what was decided on this node, and what became of it" },
	{ "policy", cmd_policy, "check and show the policy, compare it with another" },
	{ "setup", cmd_setup,
	  "puts this node in order; whether it refuses what the policy denies" },
	{ "template", cmd_template, "what settings templates set for guests" },
	{ "tick", cmd_tick, "what the timer does once a minute on each node" },
	{ "waive", cmd_waive, "let a guest go on as it is, with a reason and an end" },
	{ "waivers", cmd_waivers, "which waivers there are, and what became of them" },
};

/* Prints the sub-commands. */
static void print_help(FILE *to)
{
	(void)fputs("usage: pve-safe COMMAND [OPTION…] [ARGUMENT…]\n\n", to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].doc);
	(void)fputs("\npve-safe COMMAND --help says more; --version which one this is.\n",
		    to);
}

/* Says that @word is no command. */
static int unknown_command(const char *word)
{
	const char *names[ARRAY_LEN(commands)];
	AUTO(buf_done) struct buf shown = { 0 };
	int near;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		names[i] = commands[i].name;
	near = text_nearest(slice_of(word), names, ARRAY_LEN(names));
	text_printable(&shown, slice_of(word), 80);
	(void)fprintf(stderr, "pve-safe: no such command: '%s'", buf_text(&shown));
	if (near >= 0)
		(void)fprintf(stderr, "; did you mean '%s'?", names[near]);
	(void)fputs("\n", stderr);
	return EXIT_USAGE;
}

/* Ends with @status, but where not all that was printed could be written, with 2. */
static int finish(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	(void)fprintf(stderr, "pve-safe: cannot write to stdout%s%s\n", errno ? ": " : "",
		      errno ? strerror(errno) : "");
	return status == EXIT_FINE || status == EXIT_FOUND ? EXIT_CANNOT : status;
}

/* The command called @name, or NULL. */
static const struct cmd_row *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

/* Prints the help of the command @name, of all where it is NULL. */
static int help(const char *name)
{
	char option[] = "--help";
	const struct cmd_row *row = name ? find_command(name) : NULL;
	char *argv[] = { (char *)(uintptr_t)name, option, NULL };

	if (row)
		return finish(row->run(2, argv));
	if (name)
		return unknown_command(name);
	print_help(stdout);
	return finish(EXIT_FINE);
}

int cmd_main(int argc, char **argv)
{
	const struct cmd_row *row;
	struct err e = { 0 };

	if (env_clean(NULL, &e) < 0) {
		(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
		return EXIT_SYSTEM;
	}
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("pve-safe %s\n", version);
		return finish(EXIT_FINE);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(argc > 2 ? argv[2] : NULL);
	row = find_command(argv[1]);
	return row ? finish(row->run(argc - 1, argv + 1)) : unknown_command(argv[1]);
}
