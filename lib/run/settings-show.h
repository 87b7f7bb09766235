/* SPDX-License-Identifier: MIT */
/*
 * settings-show - what the templates of a guest set, for people and as JSON.
 */
#pragma once

#include "run/load.h"
#include "run/settings.h"

/* Prints the plan of @s for @g on stdout; as JSON one object on a line. */
void settings_show(const struct settings *s, const struct guest *g, bool as_json);

/* Appends a line that begins with @prefix for each thing that is not applied, and why. */
void settings_render_problems(const struct settings *s, const char *prefix,
			      struct buf *out);
