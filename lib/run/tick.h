/* SPDX-License-Identifier: MIT */
/*
 * tick - what the timer does on each node, once a minute: finds the guests that were made
 * past the wrappers, attaches our hookscript to new ones, takes waivers and settings of
 * vanished guests back, and tells the other nodes how it is here.
 *
 * It changes nothing without quorum. It may be killed at any point: what a guest's record
 * says is written before the guest counts as known, and all else is looked at again by the
 * next one.
 */
#pragma once

#include "run/place.h"

/* Runs it; says what it did. The exit status: EXIT_FINE, EXIT_FOUND, EXIT_CANNOT. */
int tick_run(const struct place *p, bool dry_run) __attribute__((nonnull));
