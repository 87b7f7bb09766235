/* SPDX-License-Identifier: MIT */
/*
 * wrapper-options - the options of ours that stand before the command, where the real
 * tools have none.
 */
#pragma once

#include <stdbool.h>

#include "pve/cli.h"

struct wrapper_options {
	bool dry_run, json;
	const char *override; /* REASON, or NULL */
	int first;            /* index in argv of the command */
};

/*
 * Reads them. 0 to go on; else what is wrong, or the help, was printed and *@ret_status is
 * the exit status.
 */
int wrapper_options_read(enum tool tool, int argc, char **argv,
			 struct wrapper_options *ret, int *ret_status);
