/* SPDX-License-Identifier: MIT */
/*
 * template-vm - what templates want of the configuration of a VM that is there: its sysctls,
 * in its option `args`, and its options. Given and taken through qm alone, with the digest of
 * the file that was looked at.
 */
#pragma once

#include <stdbool.h>

#include "run/judge.h"
#include "run/settings.h"

/* A VM whose configuration is to be changed. */
struct template_change {
	const struct place *place;
	struct settings *settings; /* planned and checked, of template .name as well */
	const struct guest *guest;
	const struct facts_input *in;
	struct slice name; /* whose options are meant; {NULL, 0}: those of all */
	bool undo;         /* take its sysctls away: all without .name */
	bool dry_run;      /* say what would be done, do nothing */
};

/* Changes the VM and says so; EXIT_FINE, EXIT_FOUND (something is left), EXIT_CANNOT. */
int template_change(const struct template_change *c);
