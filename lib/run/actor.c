/* SPDX-License-Identifier: MIT */
#include "run/actor.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#include "pve/process.h"

struct slice actor_login(int root, char *buf, size_t size)
{
	char memory[4096];
	struct passwd entry, *found = NULL;
	uid_t uid;

	if (!process_loginuid(root, &uid))
		return (struct slice){ 0 };
	if (getpwuid_r(uid, &entry, memory, sizeof(memory), &found) == 0 && found)
		(void)snprintf(buf, size, "%s", found->pw_name);
	else
		(void)snprintf(buf, size, "%ju", (uintmax_t)uid);
	return slice_of(buf);
}
