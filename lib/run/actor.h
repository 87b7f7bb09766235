/* SPDX-License-Identifier: MIT */
/*
 * actor - the Unix login behind a process, by its loginuid.
 */
#pragma once

#include <stddef.h>

#include "base/slice.h"

enum { ACTOR_LOGIN_MAX = 64 };

/*
 * Writes to @buf the login whose session this process belongs to (/proc/self/loginuid
 * below @root), and returns it; {NULL, 0} when it belongs to none. A uid that no user has
 * is given as its number.
 */
struct slice actor_login(int root, char *buf, size_t size);
