/* SPDX-License-Identifier: MIT */
#include "run/former.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/ended.h"
#include "base/text.h"
#include "run/exec.h"

enum { SHOWN_MAX = 200 };

struct slice former_name(struct slice link)
{
	size_t n = strlen(FORMER_MARK);

	if (!slice_starts(link, FORMER_MARK) || link.len == n)
		return (struct slice){ 0 };
	return (struct slice){ link.ptr + n, link.len - n };
}

bool former_is_ours(struct slice name)
{
	return slice_eq(name, FORMER_HOOK) || slice_starts(name, FORMER_MARK);
}

int former_find(const char *self, struct former *ret, struct err *e)
{
	const char *slash = strrchr(self, '/');
	const char *link = slash ? slash + 1 : self;
	struct slice name = former_name(slice_of(link));
	int n;

	ret->path[0] = '\0';
	if (!name.ptr && strcmp(link, FORMER_MARK) != 0)
		return 0;
	if (!name.ptr)
		return err_set(e, ERR_USAGE, "no hookscript is named after '%s'",
			       FORMER_MARK);
	if (*self != '/')
		return err_set(
			e, ERR_USAGE,
			"called without a directory, so where '%.*s' lies is unknown",
			SLICE_SHOWN(name));
	n = snprintf(ret->path, sizeof(ret->path), "%.*s/%.*s", (int)(slash - self), self,
		     SLICE_ARG(name));
	if (n < 0 || (size_t)n >= sizeof(ret->path))
		return err_set(e, ERR_USAGE,
			       "the path of the former hookscript is over "
			       "%d bytes long",
			       PATH_MAX - 1);
	return 0;
}

int former_check(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? err_set(e, ERR_UNKNOWN, "does not exist")
				       : err_set(e, ERR_SYSTEM, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_TYPE, "is no regular file");
	if (access(path, X_OK) < 0)
		return err_set(e, ERR_TRUST, "is not executable");
	return 0;
}

/* Says on stderr what became of @f. */
static void say(const char *sign, const struct former *f, const char *what,
		const char *todo)
{
	AUTO(buf_done) struct buf path = { 0 };

	text_printable(&path, slice_of(f->path), SHOWN_MAX);
	(void)fprintf(stderr, "%spve-safe-hook: former hookscript '%s' %s%s%s\n", sign,
		      buf_text(&path), what, *todo ? ": " : "", todo);
}

/* Says that @f cannot be called, for @why. */
static void say_unusable(const char *sign, const struct former *f, const struct err *why)
{
	char todo[200];

	(void)snprintf(todo, sizeof(todo),
		       "mend it on this node, or go on without it: pct or qm set %s "
		       "--delete hookscript, then pve-safe attach %s",
		       f->vmid, f->vmid);
	say(sign, f, why->msg, todo);
}

/* Status for Proxmox of a script that ended so, as waitpid(2) has it; says what is not 0. */
static int status_of(const struct former *f, int status)
{
	char what[ENDED_MAX];

	if (status == 0)
		return EXIT_FINE;
	say("", f, ended_text(status, what), "");
	return ended_status(status);
}

int former_run(const struct former *f)
{
	const char *argv[] = { f->path, f->vmid, f->phase, NULL };
	struct err e = { 0 };
	int status;

	if (former_check(f->path, &e) < 0) {
		say_unusable("", f, &e);
		return EXIT_UNUSABLE;
	}
	if (exec_script(f->path, argv, f->envp, &status, &e) == 0)
		return status_of(f, status);
	say("", f, "could not be run", e.msg);
	return EXIT_SYSTEM;
}

int former_become(const struct former *f)
{
	const char *argv[] = { f->path, f->vmid, f->phase, NULL };
	struct err e = { 0 };

	if (former_check(f->path, &e) < 0)
		say_unusable("WARN: ", f, &e);
	else if (exec_replace_script(f->path, argv, f->envp, &e) < 0)
		say("WARN: ", f, "could not be run", e.msg);
	return EXIT_FINE;
}
