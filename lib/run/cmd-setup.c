/* SPDX-License-Identifier: MIT */
/*
 * pve-safe setup: whether this node enforces. What says so is one file, the marker: before
 * it is there every hook passes, so that installing the package stops nothing that runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "run/cmd.h"
#include "run/place.h"

static const char usage[] =
	"usage: pve-safe setup --enable [--dry-run]    hooks refuse what the policy "
	"denies\n"
	"       pve-safe setup --disable [--dry-run]   every hook of this node passes\n\n"
	"Says so by the file /etc/pve-safe/enabled, on this node alone, and changes "
	"nothing\n"
	"else. What is so already stays as it is.\n\n"
	"  --dry-run  say what would be done, do nothing\n\n"
	"Exit status: 0 done, or so already; 2 not done; 64 usage.\n";

static const char dir_path[] = "etc/pve-safe";
static const char marker_path[] = "etc/pve-safe/enabled";
static const char marker_text[] =
	"# This node enforces the policy: pve-safe setup --disable ends that.\n";

/* What the command line asks for. */
struct setup {
	bool enable, disable, dry_run;
};

/* Reads the command line. 0 to go on; else *@ret_status is the exit status. */
static int read_options(int argc, char **argv, struct setup *ret, int *ret_status)
{
	static const struct option longs[] = {
		{ "enable", no_argument, NULL, 'e' },
		{ "disable", no_argument, NULL, 'd' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*ret = (struct setup){ 0 };
	*ret_status = EXIT_USAGE;
	optind = 1;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(usage, stdout);
			*ret_status = EXIT_FINE;
		}
		if (c == 'h' || c == '?')
			return -1;
		ret->enable |= c == 'e';
		ret->disable |= c == 'd';
		ret->dry_run |= c == 'n';
	}
	if (optind == argc && ret->enable != ret->disable)
		return 0;
	if (optind < argc)
		(void)fprintf(stderr,
			      "pve-safe: setup: it is about this node: name nothing\n");
	else
		(void)fprintf(stderr,
			      "pve-safe: setup: say one of --enable and --disable\n");
	return -1;
}

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
	r = file_create_excl(p->root, marker_path, slice_of(marker_text), 0644, e);
	if (r < 0)
		return -1;
	/* 1: somebody else made it at this moment, or tried to. */
	if (r == 1 && !place_is_enabled(p))
		return err_set(e, ERR_SYSTEM,
			       "/%s: another process is making it; try again",
			       marker_path);
	return 0;
}

/* Removes the marker. */
static int disable(const struct place *p, struct err *e)
{
	if (unlinkat(p->root, marker_path, 0) < 0 && errno != ENOENT)
		return err_set(e, ERR_SYSTEM, "/%s: cannot be removed: %s", marker_path,
			       strerror(errno));
	return sync_dir(p, e);
}

/* Says how it is on this node, or would be. */
static void say(const struct place *p, const struct setup *s, bool already)
{
	const char *what = s->enable ? "enabled" : "disabled";
	const char *meaning =
		s->enable ? "hooks refuse what the policy denies" : "every hook passes";

	if (already)
		(void)printf("%s is %s already: %s (/%s %s)\n", p->node, what, meaning,
			     marker_path, s->enable ? "is there" : "is not there");
	else
		(void)printf("%s %s %s: %s (/%s%s)\n", p->node,
			     s->dry_run ? "would be" : "is now", what, meaning,
			     marker_path, s->enable ? "" : " removed");
}

int cmd_setup(int argc, char **argv)
{
	AUTO(place_close) struct place p = { .root = -1 };
	struct setup s;
	struct err e = { 0 };
	bool already;
	int status, r = 0;

	if (read_options(argc, argv, &s, &status) < 0)
		return status;
	if (place_open(NULL, &p, &e) < 0) {
		(void)fprintf(stderr, "pve-safe: %s\n", e.msg);
		return EXIT_CANNOT;
	}
	already = place_is_enabled(&p) == s.enable;
	if (!already && !s.dry_run)
		r = s.enable ? enable(&p, &e) : disable(&p, &e);
	if (r == 0) {
		say(&p, &s, already);
		return EXIT_FINE;
	}
	(void)fprintf(stderr, "pve-safe: setup: nothing was changed: %s\n", e.msg);
	return EXIT_CANNOT;
}
