/* SPDX-License-Identifier: MIT */
#include "pve/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A path that is being followed. */
struct walker {
	int root;
	int dir; /* the directory that was reached; owned */
	struct arena *arena;
	struct slice rest; /* what is still to be followed */
	char *path;        /* what was reached, as text: "" is the root */
	size_t len;
	unsigned links;
	struct slice loose;
};

/* Releases @w. For AUTO(). */
static void walker_done(struct walker *w)
{
	if (w->dir >= 0)
		(void)close(w->dir);
}

/* Puts @fd, which it takes, in place of the directory that was reached. */
static void move_to(struct walker *w, int fd_take)
{
	walker_done(w);
	w->dir = fd_take;
}

/* Goes back to the root. */
static int go_to_root(struct walker *w, struct err *e)
{
	int fd = openat(w->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, ERR_SYSTEM, "/: %s", strerror(errno));
	move_to(w, fd);
	w->len = 0;
	return 0;
}

/* Goes one directory up, from the root nowhere. */
static int go_up(struct walker *w, struct err *e)
{
	int fd;

	if (!w->len)
		return 0;
	fd = openat(w->dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_SYSTEM, "%.*s/..: %s", (int)w->len, w->path,
			       strerror(errno));
	move_to(w, fd);
	while (w->path[--w->len] != '/')
		;
	return 0;
}

/* Appends the component @part to the text of what was reached. */
static int append(struct walker *w, struct slice part, struct err *e)
{
	if (w->len + 1 + part.len >= PATH_MAX)
		return err_set(e, ERR_SYNTAX, "the path is too long");
	w->path[w->len++] = '/';
	memcpy(w->path + w->len, part.ptr, part.len);
	w->len += part.len;
	return 0;
}

/*
 * Notes the directory that was reached if others than root can change what is called by the
 * next component in it. @entry is that, NULL where there is none yet.
 */
static int note_loose(struct walker *w, const struct stat *entry, struct err *e)
{
	struct stat st;
	bool others;
	const char *text;

	if (w->loose.ptr)
		return 0;
	if (fstat(w->dir, &st) < 0)
		return err_set(e, ERR_SYSTEM, "%.*s: %s", (int)w->len, w->path,
			       strerror(errno));
	others = st.st_mode & S_IWOTH || (st.st_mode & S_IWGRP && st.st_gid != 0);
	/* In a directory like /tmp what is root's stays as it is. */
	if (others && st.st_mode & S_ISVTX && entry && entry->st_uid == 0)
		others = false;
	if (st.st_uid == 0 && !others)
		return 0;
	text = w->len ? arena_strdup(w->arena, (struct slice){ w->path, w->len }) : "/";
	if (!text)
		return err_nomem(e);
	w->loose = slice_of(text);
	return 0;
}

/* Puts what the link @fd holds before what is still to be followed. */
static int follow(struct walker *w, int fd, struct err *e)
{
	char target[PATH_MAX];
	struct statfs fs;
	ssize_t n;
	char *rest;

	if (fstatfs(fd, &fs) < 0)
		return err_set(e, ERR_SYSTEM, "%.*s: %s", (int)w->len, w->path,
			       strerror(errno));
	if (fs.f_type == PROC_SUPER_MAGIC)
		return err_set(e, ERR_SYNTAX,
			       "a link in %.*s leads elsewhere for each process",
			       (int)w->len, w->path);
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return err_set(e, ERR_SYSTEM, "%.*s: %s", (int)w->len, w->path,
			       strerror(errno));
	if (++w->links > RESOLVE_MAX_LINKS)
		return err_set(e, ERR_SYNTAX, "there are more than %d links on the way",
			       RESOLVE_MAX_LINKS);
	rest = arena_printf(w->arena, "%.*s/%.*s", (int)n, target, SLICE_ARG(w->rest));
	if (!rest)
		return err_nomem(e);
	w->rest = slice_of(rest);
	return *rest == '/' ? go_to_root(w, e) : 0;
}

/* Appends what stands below something that does not exist: nothing can be looked up there. */
static int append_missing(struct walker *w, struct slice part, struct err *e)
{
	bool more = true;

	while (more) {
		if (slice_eq(part, ".."))
			return err_set(e, ERR_SYNTAX,
				       "%.*s does not exist, and '..' follows",
				       (int)w->len, w->path);
		if (part.len && !slice_eq(part, ".") && append(w, part, e) < 0)
			return -1;
		more = w->rest.len > 0;
		(void)slice_cut(w->rest, '/', &part, &w->rest);
	}
	return 0;
}

/* Takes one step, to what is called @part in the directory that was reached. */
static int step(struct walker *w, struct slice part, struct err *e)
{
	char name[NAME_MAX + 1];
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (part.len > NAME_MAX)
		return err_set(e, ERR_SYNTAX, "a name in the path is too long");
	memcpy(name, part.ptr, part.len);
	name[part.len] = '\0';
	fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return note_loose(w, NULL, e) < 0 ? -1 : append_missing(w, part, e);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, ERR_SYSTEM, "%.*s/%s: %s", (int)w->len, w->path, name,
			       strerror(errno));
	if (note_loose(w, &st, e) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, e);
	if (append(w, part, e) < 0)
		return -1;
	move_to(w, STEAL_FD(fd));
	return 0;
}

int resolve_path(int root, struct slice path, struct arena *a, struct resolved *ret,
		 struct err *e)
{
	AUTO(walker_done)
	struct walker w = { .root = root, .dir = -1, .arena = a, .rest = path };

	w.path = arena_alloc(a, PATH_MAX);
	if (!w.path)
		return err_nomem(e);
	if (path.len >= PATH_MAX)
		return err_set(e, ERR_SYNTAX, "the path is too long");
	if (go_to_root(&w, e) < 0)
		return -1;
	while (w.rest.len) {
		struct slice part;
		int got = 0;

		(void)slice_cut(w.rest, '/', &part, &w.rest);
		if (slice_eq(part, ".."))
			got = go_up(&w, e);
		else if (part.len && !slice_eq(part, "."))
			got = step(&w, part, e);
		if (got < 0)
			return -1;
	}
	if (!w.len)
		w.path[w.len++] = '/';
	*ret = (struct resolved){ { w.path, w.len }, w.loose };
	return 0;
}
