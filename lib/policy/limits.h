/* SPDX-License-Identifier: MIT */
/*
 * limits - how many guests, and how much of the nodes, those that a condition selects may
 * have. For policy/rules alone.
 */
#pragma once

#include "policy/keys.h"

enum { LIMITS_NAME_MAX = 41 }; /* "limits-" before it must be a rule's name */

/* Reads @node into @ret and @rule; what is wrong goes to the problems. */
void limits_read(struct builder *b, const struct conf_node *node, struct limits *ret,
		 struct rule *rule);

/* Gives @rule, that of limits, a reason if none was given. */
void limits_finish(struct rule *rule);
