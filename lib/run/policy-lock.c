/* SPDX-License-Identifier: MIT */
#include "run/policy-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/dir.h"

enum { PAUSE_MS = 50, PATH_SIZE = sizeof(POLICY_LOCK_DIR) + POLICY_LOCK_NAME_MAX };

/* Waiting for the lock. */
struct waiting {
	const struct place *place;
	char owner[POLICY_LOCK_NAME_MAX]; /* seen last; "": nobody yet */
	uint64_t since_us;                /* when it was seen first, of CLOCK_MONOTONIC */
};

/* Path of the file of @owner. */
static void owner_path(const char *owner, char ret[static PATH_SIZE])
{
	(void)snprintf(ret, PATH_SIZE, POLICY_LOCK_DIR "/%s", owner);
}

/* Reports what cannot be made, in the terms of pmxcfs. */
static int cannot_lock(struct err *e)
{
	return err_set(e, ERR_SYSTEM, "cannot make '/" POLICY_LOCK_DIR "': %s%s",
		       strerror(errno), errno == EACCES ? " (no quorum?)" : "");
}

/* Finds an owner of the lock that is not @except: "" when there is none. -1 with errno. */
static int find_owner(int root, const char *except, char ret[static POLICY_LOCK_NAME_MAX])
{
	DIR *dir = dir_open(root, POLICY_LOCK_DIR);
	struct dirent *d;
	int sys;

	ret[0] = '\0';
	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while ((d = dir_next(dir)))
		if (d->d_name[0] != '.' && strcmp(d->d_name, except) != 0)
			(void)snprintf(ret, POLICY_LOCK_NAME_MAX, "%s", d->d_name);
	sys = errno;
	(void)closedir(dir);
	errno = sys;
	return sys ? -1 : 0;
}

/*
 * Makes the directory and our file in it. 0; 1 when somebody has it; -1. Between the two
 * another one may have taken the empty directory for that of a dead owner, and a third one
 * may have made it again: who then finds that it is not alone gives way.
 */
static int try_lock(struct policy_lock *l, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	char path[PATH_SIZE], other[POLICY_LOCK_NAME_MAX];

	if (mkdirat(l->root, POLICY_LOCK_DIR, 0755) < 0)
		return errno == EEXIST ? 1 : cannot_lock(e);
	owner_path(l->owner, path);
	fd = openat(l->root, path,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
		    0640);
	if (fd < 0)
		return errno == ENOENT || errno == EEXIST ? 1 : cannot_lock(e);
	l->held = true;
	if (find_owner(l->root, l->owner, other) < 0)
		return cannot_lock(e); /* policy_lock_done() takes it away */
	if (!*other)
		return 0;
	l->held = false;
	(void)unlinkat(l->root, path, 0);
	return 1;
}

/* Whether @owner is a process of this node. */
static bool is_ours(const struct place *p, const char *owner)
{
	size_t n = strlen(p->node);

	return strncmp(owner, p->node, n) == 0 && owner[n] == '.';
}

/* Takes a dead owner's lock away; of several who try one does. */
static void break_lock(int root, const char *owner)
{
	char path[PATH_SIZE];

	owner_path(owner, path);
	if (*owner && unlinkat(root, path, 0) < 0)
		return;
	(void)unlinkat(root, POLICY_LOCK_DIR, AT_REMOVEDIR);
}

/* Looks who has the lock, and breaks it when that one must be dead. */
static void look(struct waiting *w)
{
	const struct timespec moment = { .tv_nsec = PAUSE_MS * 1000000L };
	uint64_t now_us = clock_now().mono_us;
	char owner[POLICY_LOCK_NAME_MAX];
	uint64_t patience_us;

	if (find_owner(w->place->root, "", owner) < 0) {
		(void)nanosleep(&moment, NULL);
		return; /* whose it is cannot be told, so it stays */
	}
	patience_us =
		(*owner ? POLICY_LOCK_DEAD_MS : POLICY_LOCK_EMPTY_MS) * UINT64_C(1000);
	if (strcmp(owner, w->owner) != 0) {
		memcpy(w->owner, owner, sizeof(owner));
		w->since_us = now_us;
	}
	if (is_ours(w->place, owner) || now_us - w->since_us >= patience_us)
		break_lock(w->place->root, owner);
	(void)nanosleep(&moment, NULL);
}

int policy_lock_take(const struct place *p, struct policy_lock *ret, struct err *e)
{
	uint64_t now_us = clock_now().mono_us;
	uint64_t end_us = now_us + (uint64_t)POLICY_LOCK_WAIT_MS * 1000;
	struct waiting w = { .place = p, .since_us = now_us };
	int r;

	*ret = (struct policy_lock){ .root = p->root };
	(void)snprintf(ret->owner, sizeof(ret->owner), "%s.%d", p->node, getpid());
	while ((r = try_lock(ret, e)) == 1 && clock_now().mono_us < end_us)
		look(&w);
	if (r != 1)
		return r;
	return err_set(e, ERR_SYSTEM,
		       "other nodes write the policy all the time (/" POLICY_LOCK_DIR
		       "/%s): try again",
		       w.owner);
}

bool policy_lock_holds(const struct policy_lock *l)
{
	char path[PATH_SIZE];

	owner_path(l->owner, path);
	return l->held && faccessat(l->root, path, F_OK, 0) == 0;
}

void policy_lock_done(struct policy_lock *l)
{
	if (!l->held)
		return;
	l->held = false;
	break_lock(l->root, l->owner);
}
