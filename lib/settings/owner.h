/* SPDX-License-Identifier: MIT */
/*
 * owner - users and groups of a container by name: looked up in the files of its own root
 * file system where that can be reached, else those that are the same in every Debian.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "facts/input.h"

enum owner_kind { OWNER_USER, OWNER_GROUP };

/*
 * The number of @name, of the container of @in below @root, to *@ret (memory from @a). A
 * number is itself; nothing stays nothing. False, with *@ret {NULL, 0}, when it is not found.
 */
bool owner_look_up(int root, const struct facts_input *in, enum owner_kind kind,
		   struct slice name, struct arena *a, struct slice *ret);
