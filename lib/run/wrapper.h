/* SPDX-License-Identifier: MIT */
/*
 * wrapper - pct-safe, qm-safe and qmrestore-safe: judge the command, run the real tool.
 */
#pragma once

#include "pve/cli.h"

/* The whole program; argv[0] is its name as called. Returns the exit status. */
int wrapper_main(enum tool tool, int argc, char **argv);
