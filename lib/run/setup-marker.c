/* SPDX-License-Identifier: MIT */
/*
 * setup-marker - whether this node enforces. What says so is one file, the marker: before
 * it is there every hook passes, so that installing the package stops nothing that runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "run/node-report.h"
#include "run/setup.h"

static const char dir_path[] = "etc/pve-safe";
static const char marker_text[] =
	"# This node enforces the policy: pve-safe setup --disable ends that.\n";

/* Puts the directory on disk, so that a crash does not undo what was said to be done. */
static int sync_dir(const struct place *p, struct err *e)
{
	AUTO_CLOSE int fd = openat(p->root, dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_set(e, ERR_SYSTEM, "/%s: %s", dir_path, strerror(errno));
	return 0;
}

/* Makes the marker. */
static int enable(const struct place *p, struct err *e)
{
	mode_t mask = umask(022);
	int made = mkdirat(p->root, dir_path, 0755);
	int r;

	(void)umask(mask);
	if (made < 0 && errno != EEXIST)
		return err_set(e, ERR_SYSTEM, "/%s: cannot be made: %s", dir_path,
			       strerror(errno));
	r = file_create_excl(p->root, &SETUP_MARKER[1], slice_of(marker_text), 0644, e);
	if (r < 0)
		return -1;
	/* 1: somebody else made it at this moment, or tried to. */
	if (r == 1 && !place_is_enabled(p))
		return err_set(e, ERR_SYSTEM,
			       SETUP_MARKER ": another process is making it; try again");
	return 0;
}

/* Removes the marker. */
static int disable(const struct place *p, struct err *e)
{
	if (unlinkat(p->root, &SETUP_MARKER[1], 0) < 0 && errno != ENOENT)
		return err_set(e, ERR_SYSTEM, SETUP_MARKER ": cannot be removed: %s",
			       strerror(errno));
	return sync_dir(p, e);
}

/* Says how it is on this node, or would be. */
static void say(const struct setup *s, bool on, bool already)
{
	const char *node = s->place->node, *what = on ? "enabled" : "disabled";
	const char *meaning =
		on ? "hooks refuse what the policy denies" : "every hook passes";

	if (already)
		(void)printf("%s is %s already: %s (" SETUP_MARKER " %s)\n", node, what,
			     meaning, on ? "is there" : "is not there");
	else
		(void)printf("%s %s %s: %s (" SETUP_MARKER "%s)\n", node,
			     s->dry_run ? "would be" : "is now", what, meaning,
			     on ? "" : " removed");
}

int setup_enable(const struct setup *s, bool on, struct err *e)
{
	bool already = place_is_enabled(s->place) == on;
	int r = 0;

	if (!already && !s->dry_run)
		r = on ? enable(s->place, e) : disable(s->place, e);
	if (r < 0)
		return r;
	say(s, on, already);
	if (on)
		node_report_warn(s->place);
	return 0;
}
