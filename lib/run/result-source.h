/* SPDX-License-Identifier: MIT */
/* result-source - what a command line says of where a guest comes from. */
#pragma once

#include "run/result.h"

/*
 * Lists the storages that templates, archives and images named by @c lie on; one that lies
 * on none is listed as it is written: a path, an address, or - for a pipe. Memory from @a.
 */
struct request_list result_sources(const struct argv_command *c, struct arena *a);
