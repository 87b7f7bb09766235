/* SPDX-License-Identifier: MIT */
/*
 * Proxmox includes OSTYPE.common.conf where there is one, else common.conf; these include
 * common.conf.d, of which LXC takes the files that end in ".conf".
 *
 * In which order they come is not followed: a file that empties the list of start-host hooks
 * anywhere counts as taking ours away.
 */
#include "run/lxcconf.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "run/hookscript.h"

/* The files to be read, and what was found in them. */
struct reading {
	const struct place *place;
	char (*paths)[PATH_MAX]; /* owned */
	size_t n;
	bool hook;   /* ours is run */
	bool failed; /* it is taken away, or a file cannot be read: .why */
	struct buf *why;
};

/* Adds the file @path, once. */
static void add(struct reading *r, const char *path)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->paths[i], path) == 0)
			return;
	if (r->n < LXCCONF_MAX_FILES) {
		(void)snprintf(r->paths[r->n++], PATH_MAX, "%s", path);
		return;
	}
	if (!r->failed)
		buf_printf(r->why, "%s: over %d files include each other", LXCCONF_DIR,
			   LXCCONF_MAX_FILES);
	r->failed = true;
}

/* Adds the files of the directory @path; false when it is none. */
static bool add_dir(struct reading *r, const char *path)
{
	AUTO(dir_close) DIR *dir = dir_open(r->place->root, path + 1);
	char file[PATH_MAX];
	struct dirent *d;

	if (!dir)
		return false;
	while ((d = dir_next(dir))) {
		size_t len = strlen(d->d_name);

		if (len < 6 || strcmp(d->d_name + len - 5, ".conf") != 0)
			continue;
		(void)snprintf(file, sizeof(file), "%.*s/%s",
			       (int)(sizeof(file) - 1 - NAME_MAX - 1), path, d->d_name);
		add(r, file);
	}
	if (errno) {
		if (!r->failed)
			buf_printf(r->why, "%s cannot be listed: %s", path,
				   strerror(errno));
		r->failed = true;
	}
	return true;
}

/* Follows lxc.include = @value. */
static void follow(struct reading *r, struct slice value)
{
	char path[PATH_MAX];

	if (!value.len || *value.ptr != '/' || value.len >= sizeof(path))
		return;
	while (value.len > 1 && value.ptr[value.len - 1] == '/')
		value.len--;
	(void)snprintf(path, sizeof(path), "%.*s", SLICE_ARG(value));
	if (!add_dir(r, path))
		add(r, path);
}

/* Takes the line key = value of the file @path. */
static void take(struct reading *r, const char *path, struct slice key,
		 struct slice value)
{
	struct slice program, rest;

	if (slice_eq(key, "lxc.include"))
		follow(r, value);
	if (!slice_eq(key, "lxc.hook.start-host"))
		return;
	(void)slice_cut(value, ' ', &program, &rest);
	r->hook |= slice_eq(program, LXCCONF_HOOK);
	if (value.len)
		return;
	buf_printf(r->why, "%s empties lxc.hook.start-host", path);
	r->failed = true;
}

/* Reads one file; one that is not there is no matter of ours. */
static void read_one(struct reading *r, const char *path)
{
	const struct file_rules rules = { .owner = FILE_OWNER_ANY,
					  .max_bytes = LXCCONF_MAX_BYTES };
	AUTO(file_text_done) struct file_text text = { 0 };
	struct slice line, key, value, rest;
	struct err e = { 0 };
	bool more;
	int got = file_read(r->place->root, path + 1, &rules, &text, &e);

	if (got < 0) {
		buf_puts(r->why, e.msg);
		r->failed = true;
	}
	more = got == 0;
	rest = file_slice(&text);
	while (more && !r->failed) {
		more = slice_cut(rest, '\n', &line, &rest);
		if (slice_cut(line, '=', &key, &value))
			take(r, path, slice_trim(key), slice_trim(value));
	}
}

bool lxcconf_covers(const struct place *p, struct slice ostype, struct buf *why)
{
	AUTO_FREE char(*paths)[PATH_MAX] = calloc(LXCCONF_MAX_FILES, sizeof(*paths));
	struct reading r = { .place = p, .paths = paths, .why = why };
	char first[PATH_MAX];
	struct err e = { 0 };

	if (!paths) {
		buf_puts(why, "out of memory");
		return false;
	}
	(void)snprintf(first, sizeof(first), LXCCONF_DIR "/%.*s.common.conf",
		       SLICE_SHOWN(ostype));
	if (!ostype.len || memchr(ostype.ptr, '/', ostype.len) ||
	    !place_has(p, first + 1))
		(void)snprintf(first, sizeof(first), LXCCONF_DIR "/common.conf");
	add(&r, first);
	for (size_t i = 0; !r.failed && i < r.n; i++)
		read_one(&r, r.paths[i]);
	if (r.failed)
		return false;
	if (!r.hook)
		buf_printf(why,
			   "%s includes no file that runs pve-safe-lxc-hook: cp "
			   "/usr/share/pve-safe/lxc/pve-safe.conf " LXCCONF_DIR
			   "/common.conf.d/",
			   first);
	else if (hookscript_check(p, LXCCONF_HOOK, &e) < 0)
		buf_printf(why, LXCCONF_HOOK " %s: install the package again", e.msg);
	else
		return true;
	return false;
}

/* The ostypes that Proxmox knows. Source: ostype of PVE::LXC::Config. */
static const char *const ostypes[] = { "alpine",   "archlinux", "centos",   "debian",
				       "devuan",   "fedora",    "gentoo",   "nixos",
				       "opensuse", "ubuntu",    "unmanaged" };

bool lxcconf_covers_all(const struct place *p, struct buf *why)
{
	for (size_t i = 0; i < ARRAY_LEN(ostypes); i++)
		if (!lxcconf_covers(p, slice_of(ostypes[i]), why))
			return false;
	return true;
}
