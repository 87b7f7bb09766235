/* SPDX-License-Identifier: MIT */
#include "run/caller.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "pve/process.h"

enum { GROUPS_MAX = 256 };

/* The account of the caller, or NULL. */
static const struct passwd *account(int root)
{
	const char *sudo = getenv("SUDO_USER");
	uid_t uid;

	if (sudo && *sudo)
		return getpwnam(sudo);
	return getpwuid(process_loginuid(root, &uid) ? uid : getuid());
}

/* Lists the names of the groups of @login; NULL items, "none", without memory. */
static struct request_list groups_of(const char *login, gid_t gid, struct arena *a)
{
	struct request_list list = { 0 };
	gid_t gids[GROUPS_MAX];
	struct slice *names;
	int n = GROUPS_MAX;

	if (getgrouplist(login, gid, gids, &n) < 0)
		n = GROUPS_MAX;
	names = arena_array(a, (size_t)n, sizeof(*names));
	if (!names)
		return list;
	for (int i = 0; i < n; i++) {
		const struct group *group = getgrgid(gids[i]);
		char *name = group ? arena_strdup(a, slice_of(group->gr_name)) : NULL;

		if (name)
			names[list.n++] = slice_of(name);
	}
	list.items = names;
	return list;
}

void caller_load(int root, struct arena *a, struct caller *ret)
{
	const struct passwd *pw = account(root);
	char *login;

	*ret = (struct caller){ 0 };
	login = pw ? arena_strdup(a, slice_of(pw->pw_name)) : NULL;
	if (!login)
		return;
	ret->login = slice_of(login);
	ret->gid = pw->pw_gid;
}

void caller_load_groups(struct arena *a, struct caller *c)
{
	if (c->login.ptr && !c->groups.items)
		c->groups = groups_of(c->login.ptr, c->gid, a);
}
