/* SPDX-License-Identifier: MIT */
#include "run/caller.h"

#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "pve/process.h"

enum { GROUPS_FIRST = 256 }; /* room for as many at first */

/* Who asks, as far as it is known. */
struct found {
	const struct passwd *account; /* NULL: there is none of that name or number */
	const char *name;             /* NULL: known by its number alone */
	uid_t uid;
};

/* What sudo says in @variable; NULL when it says nothing, or is not who called. */
static const char *from_sudo(const char *variable)
{
	const char *value = getuid() == 0 ? getenv(variable) : NULL;

	return value && *value ? value : NULL;
}

/* Finds the account of the caller. */
static struct found find(int root)
{
	struct found f = { .name = from_sudo("SUDO_USER") };
	const char *number = from_sudo("SUDO_UID");
	uint64_t n;

	if (f.name) {
		f.account = getpwnam(f.name);
		return f;
	}
	if (number && num_parse(slice_of(number), 0, UINT32_MAX, &n))
		f.uid = (uid_t)n; /* of a name that is not kept in an environment */
	else if (!process_loginuid(root, &f.uid))
		f.uid = getuid();
	f.account = getpwuid(f.uid);
	return f;
}

/* The numbers of the groups of @login, *@ret_n; NULL without memory. */
static const gid_t *numbers_of(const char *login, gid_t gid, struct arena *a, int *ret_n)
{
	gid_t *gids = NULL;
	int n = GROUPS_FIRST, room = 0;

	while (n > room) {
		room = n;
		gids = arena_array(a, (size_t)n, sizeof(*gids));
		if (!gids)
			return NULL;
		if (getgrouplist(login, gid, gids, &n) < 0 && n <= room) {
			a->failed = true; /* too little room it would have said in n */
			return NULL;
		}
	}
	*ret_n = n;
	return gids;
}

/* Lists the names of the groups of @login; NULL items, "none", without memory. */
static struct request_list groups_of(const char *login, gid_t gid, struct arena *a)
{
	struct request_list list = { 0 };
	int n = 0;
	const gid_t *gids = numbers_of(login, gid, a, &n);
	struct slice *names = gids ? arena_array(a, (size_t)n, sizeof(*names)) : NULL;

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
	const struct found f = find(root);
	const struct passwd *pw = f.account;
	char *login;

	*ret = (struct caller){ 0 };
	if (pw || f.name)
		login = arena_strdup(a, slice_of(pw ? pw->pw_name : f.name));
	else if (f.uid == 0)
		login = arena_strdup(a, slice_of("root"));
	else
		login = arena_printf(a, "#%u", (unsigned)f.uid);
	ret->login = slice_of(login ? login : "(out of memory)");
	ret->has_account = pw || (!f.name && f.uid == 0);
	if (!pw)
		return;
	ret->uid = pw->pw_uid;
	ret->gid = pw->pw_gid;
}

void caller_load_groups(struct arena *a, struct caller *c)
{
	if (c->has_account && !c->groups.items)
		c->groups = groups_of(c->login.ptr, c->gid, a);
}
