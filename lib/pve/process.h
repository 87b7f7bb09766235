/* SPDX-License-Identifier: MIT */
/*
 * process - what /proc says of the processes around a start: titles, parents, who holds a
 * guest's lock, whose login it is. All below a root, so tests bring a /proc of their own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Appends the title of @pid: its command line with blanks between the words, at most
 * PROCESS_TITLE_MAX bytes. Nothing is appended when there is no such process.
 */
void process_title(int root, pid_t pid, struct buf *out);

enum { PROCESS_TITLE_MAX = 4096 };

/* Parent of @pid, or 0. */
pid_t process_parent(int root, pid_t pid);

/* When @pid began, in clock ticks since boot; with the pid it names one process. 0: gone. */
uint64_t process_start_time(int root, pid_t pid);

/* Process of root that holds a flock on the file @path (beneath @root), or 0. */
pid_t process_lock_holder(int root, const char *path);

/* Login uid of this process; false when it belongs to no login. */
bool process_loginuid(int root, uid_t *ret);
