/* SPDX-License-Identifier: MIT */
#include "run/hookscript.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/former.h"

struct slice hookscript_in(const struct guestconf_section *s)
{
	const struct guestconf_entry *entry = guestconf_find(s, "hookscript");

	return entry ? entry->value : (struct slice){ 0 };
}

struct slice hookscript_of(const struct guest *g)
{
	return hookscript_in(&g->start);
}

/* What is at @path, links followed within the root; false with errno set. */
static bool look_at(const struct place *p, const char *path, struct stat *ret)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	AUTO_CLOSE int fd = (int)syscall(SYS_openat2, p->root, path, &how, sizeof(how));

	return fd >= 0 && fstat(fd, ret) == 0;
}

bool hookscript_is_ours(const struct place *p, const char *path)
{
	struct stat file, ours;

	return look_at(p, path, &file) && look_at(p, HOOKSCRIPT_PATH, &ours) &&
	       file.st_dev == ours.st_dev && file.st_ino == ours.st_ino;
}

int hookscript_check(const struct place *p, const char *path, struct err *e)
{
	struct stat st;

	if (!look_at(p, path, &st))
		return errno == ENOENT ? err_set(e, ERR_UNKNOWN, "does not exist")
				       : err_set(e, ERR_SYSTEM, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_TYPE, "is no regular file");
	if (!(st.st_mode & 0111))
		return err_set(e, ERR_TRUST, "is not executable");
	return 0;
}

int hookscript_check_former(const struct place *p, const struct hookscript *h,
			    struct buf *path, struct err *e)
{
	buf_printf(path, "%s/%.*s", h->dir, SLICE_ARG(h->former));
	return hookscript_check(p, buf_text(path), e);
}

/* Makes @h one that @state is right for, and says why. */
static void set(struct hookscript *h, enum hookscript_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void set(struct hookscript *h, enum hookscript_state state, const char *fmt, ...)
{
	va_list ap;

	h->state = state;
	va_start(ap, fmt);
	(void)vsnprintf(h->why, sizeof(h->why), fmt, ap);
	va_end(ap);
}

/* Finds the storage of @h; NULL when Proxmox has no use for the volume, as @h then says. */
static const struct cluster_storage *find_storage(const struct cluster *c,
						  struct hookscript *h)
{
	const struct source_status *status = &c->sources[SOURCE_STORAGE];
	const struct cluster_storage *s;

	if (!snippet_parse(h->volume, &h->snippet)) {
		set(h, HOOKSCRIPT_BROKEN,
		    "'%.*s' is no hookscript for Proxmox: expected "
		    "STORAGE:snippets/NAME",
		    SLICE_SHOWN(h->volume));
		return NULL;
	}
	h->former = former_name(h->snippet.name);
	h->named_ours = former_is_ours(h->snippet.name);
	if (status->state == SOURCE_STATE_FAILED) {
		set(h, HOOKSCRIPT_UNSEEN, "%s: %s", status->file, status->why);
		return NULL;
	}
	s = cluster_find_storage(&c->storages, h->snippet.storage);
	if (!s)
		set(h, HOOKSCRIPT_BROKEN, "storage '%.*s' is not in /etc/pve/storage.cfg",
		    SLICE_SHOWN(h->snippet.storage));
	return s;
}

/* Sets directory and path of @h on @s; false when there are none, as @h then says. */
static bool set_path(const struct cluster_storage *s, struct hookscript *h)
{
	AUTO(buf_done) struct buf dir = { 0 };
	int n;

	if (!snippet_dir(s, &dir)) {
		set(h, HOOKSCRIPT_BROKEN, "storage '%.*s' (%.*s) has no directory",
		    SLICE_SHOWN(s->id), SLICE_SHOWN(s->type));
		return false;
	}
	(void)snprintf(h->dir, sizeof(h->dir), "%s", buf_text(&dir));
	n = snprintf(h->path, sizeof(h->path), "%s/%.*s", buf_text(&dir),
		     SLICE_ARG(h->snippet.name));
	if (!buf_failed(&dir) && n > 0 && (size_t)n < sizeof(h->path))
		return true;
	*h->path = '\0';
	set(h, HOOKSCRIPT_BROKEN, "its path is too long");
	return false;
}

/* Looks at the file of @h, whose path is known. */
static void look(const struct place *p, struct hookscript *h)
{
	struct err e = { 0 };

	if (hookscript_check(p, h->path, &e) < 0) {
		h->absent = e.code == ERR_UNKNOWN;
		set(h, HOOKSCRIPT_BROKEN, "%s %s", h->path, e.msg);
	} else if (slice_eq(h->snippet.name, FORMER_MARK)) {
		set(h, HOOKSCRIPT_BROKEN, "%s names no hookscript after '%s'", h->path,
		    FORMER_MARK);
	} else if (hookscript_is_ours(p, h->path)) {
		h->state = h->former.ptr ? HOOKSCRIPT_FORMER : HOOKSCRIPT_OURS;
	} else {
		h->state = HOOKSCRIPT_OTHER;
		if (h->named_ours)
			set(h, HOOKSCRIPT_OTHER,
			    "%s is named like ours, but is not " HOOKSCRIPT_PATH,
			    h->path);
	}
}

void hookscript_look(const struct place *p, const struct cluster *c, struct slice volume,
		     const char *node, struct hookscript *ret)
{
	const struct cluster_storage *s;

	*ret = (struct hookscript){ .volume = volume };
	if (!volume.len)
		return;
	s = find_storage(c, ret);
	if (!s || !set_path(s, ret))
		return;
	ret->shared = s->shared;
	if (!s->shared && strcmp(node, p->node) != 0)
		set(ret, HOOKSCRIPT_UNSEEN, "%s lies on %s, and cannot be seen from %s",
		    ret->path, node, p->node);
	else if (!p->live && !place_has(p, ret->dir + 1))
		set(ret, HOOKSCRIPT_UNSEEN, "%s is not in the copy", ret->dir);
	else
		look(p, ret);
}
