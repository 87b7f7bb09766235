/* SPDX-License-Identifier: MIT */
#include "run/attach-link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/walk.h"

/* Makes the directory that @path lies in, where the one above it is there. */
static int make_dir(const struct place *p, const char *path, struct err *e)
{
	char dir[PATH_MAX];
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	if (mkdirat(p->root, dir + 1, 0755) < 0 && errno != EEXIST)
		return err_set(e, ERR_SYSTEM, "%s: cannot be made: %s", dir,
			       strerror(errno));
	return 0;
}

/* Whether @path is a link that says where our hookscript is. */
static bool is_link(const struct place *p, const char *path)
{
	char target[sizeof(HOOKSCRIPT_PATH)];
	ssize_t n = readlinkat(p->root, path + 1, target, sizeof(target));

	return n == (ssize_t)strlen(HOOKSCRIPT_PATH) &&
	       memcmp(target, HOOKSCRIPT_PATH, (size_t)n) == 0;
}

int attach_link_make(const struct place *p, const char *path, struct err *e)
{
	if (hookscript_is_ours(p, path))
		return 0;
	if (make_dir(p, path, e) < 0)
		return -1;
	if (symlinkat(HOOKSCRIPT_PATH, p->root, path + 1) == 0)
		return 1;
	if (errno == EEXIST)
		return hookscript_is_ours(p, path)
			       ? 0
			       : err_set(e, ERR_UNKNOWN,
					 "%s is no link to " HOOKSCRIPT_PATH
					 ": move it away, then try again",
					 path);
	if (errno == EPERM || errno == EOPNOTSUPP)
		return err_set(e, ERR_SYSTEM,
			       "%s: this storage takes no symbolic links: put the "
			       "hookscript on another one first",
			       path);
	return err_set(e, ERR_SYSTEM, "%s: cannot be made: %s", path, strerror(errno));
}

int attach_link_remove(const struct place *p, const char *path, struct err *e)
{
	if (!is_link(p, path))
		return 0;
	if (unlinkat(p->root, path + 1, 0) == 0)
		return 1;
	return errno == ENOENT ? 0
			       : err_set(e, ERR_SYSTEM, "%s: cannot be removed: %s", path,
					 strerror(errno));
}

/* What is looked for in the files of all guests. */
struct search {
	const char *name;
	bool found;
	struct err *e;
};

/* Whether a section of @g names the link. */
static int look_into(const struct guest *g, void *context)
{
	struct search *s = context;

	for (size_t i = 0; i < g->conf.nsections; i++) {
		struct slice volume = hookscript_in(&g->conf.sections[i]);
		struct snippet snippet;

		if (volume.ptr && snippet_parse(volume, &snippet) &&
		    slice_eq(snippet.name, s->name))
			s->found = true;
	}
	return EXIT_FINE;
}

/* Keeps why a file could not be read. */
static void keep_failure(const char *path, const char *message, void *context)
{
	struct search *s = context;

	(void)path;
	(void)err_set(s->e, ERR_SYSTEM, "%s", message);
}

int attach_link_is_named(const struct place *p, const char *name, struct err *e)
{
	struct search s = { .name = name, .e = e };
	struct walk w = {
		.place = p, .visit = look_into, .fail = keep_failure, .context = &s
	};
	int status = walk_guests(&w);

	if (s.found)
		return 1;
	return status == EXIT_FINE ? 0 : -1;
}
