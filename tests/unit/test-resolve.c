/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/resolve.c: paths followed on a real file system. */
#include "rows.h"

#include "root.h"

#include "pve/resolve.h"

static struct resolve_case {
	const char *name;
	const char *in;
	const char *want;  /* NULL: an error that holds .loose */
	const char *loose; /* NULL: none */
} cases[] = {
	{ "a directory is itself", "/srv/data", "/srv/data", NULL },
	{ "slashes and dots go", "//srv/./data//", "/srv/data", NULL },
	{ "two dots go up", "/srv/data/../other", "/srv/other", NULL },
	{ "nothing is above the root", "/../../srv", "/srv", NULL },
	{ "the root is itself", "/", "/", NULL },
	{ "a relative path begins at the root", "srv/data", "/srv/data", NULL },
	{ "a link to the root's own directory", "/srv/out", "/etc", NULL },
	{ "what is below a link", "/srv/out/shadow", "/etc/shadow", NULL },
	{ "a relative link", "/srv/beside", "/srv/data", NULL },
	{ "a relative link that climbs", "/srv/climbs", "/etc", NULL },
	{ "one that climbs above the root stays there", "/srv/above", "/etc", NULL },
	{ "a link to a link", "/srv/twice", "/etc", NULL },
	{ "two dots behind a link leave its target, not its name", "/srv/deep/../x",
	  "/etc/ssl/x", NULL },
	{ "what does not exist is as it is written", "/srv/none/a/b", "/srv/none/a/b",
	  NULL },
	{ "what a broken link names does not exist", "/srv/broken/a", "/gone/a", NULL },
	{ "two dots behind what does not exist", "/srv/none/../../etc", NULL,
	  "/srv/none does not exist, and '..' follows" },
	{ "links that lead to each other", "/srv/round", NULL,
	  "there are more than 40 links on the way" },
	{ "a file is no directory", "/etc/file/x", NULL, "/etc/file/x: Not a directory" },
	{ "others own the directory above", "/home/eve/data", "/home/eve/data",
	  "/home/eve" },
	{ "others own the path itself alone", "/home/eve", "/home/eve", NULL },
	{ "all may write above", "/open/data", "/open/data", "/open" },
	{ "a group may write above", "/team/data", "/team/data", "/team" },
	{ "root's in a directory like /tmp", "/tmp/root", "/tmp/root", NULL },
	{ "another's in a directory like /tmp", "/tmp/eve", "/tmp/eve", "/tmp" },
	{ "nothing yet in a directory like /tmp", "/tmp/none", "/tmp/none", "/tmp" },
	{ "a link that another may change", "/home/eve/link", "/srv/data", "/home/eve" },
	{ "a link of root into another's directory", "/srv/eves", "/home/eve/data",
	  "/home/eve" },
};

/* Directories: path, mode, owner, group. */
static const struct {
	const char *path;
	mode_t mode;
	unsigned uid, gid;
} dirs[] = {
	{ "srv", 0755, 0, 0 },          { "srv/data", 0755, 0, 0 },
	{ "etc", 0755, 0, 0 },          { "etc/ssl", 0755, 0, 0 },
	{ "etc/ssl/deep", 0755, 0, 0 }, { "home", 0755, 0, 0 },
	{ "home/eve", 0755, 1000, 0 },  { "home/eve/data", 0755, 0, 0 },
	{ "closed", 0700, 0, 0 },       { "closed/data", 0755, 0, 0 },
	{ "open", 0777, 0, 0 },         { "open/data", 0755, 0, 0 },
	{ "team", 0775, 0, 50 },        { "team/data", 0755, 0, 0 },
	{ "tmp", 01777, 0, 0 },         { "tmp/root", 0755, 0, 0 },
	{ "tmp/eve", 0755, 1000, 0 },
};

static const struct {
	const char *path, *target;
} links[] = {
	{ "srv/out", "/etc" },          { "srv/beside", "data" },
	{ "srv/climbs", "../etc" },     { "srv/above", "../../../etc" },
	{ "srv/twice", "out" },         { "srv/deep", "/etc/ssl/deep" },
	{ "srv/broken", "/gone" },      { "srv/round", "round2" },
	{ "srv/round2", "round" },      { "home/eve/link", "/srv/data" },
	{ "closed/link", "/srv/data" }, { "srv/eves", "/home/eve/data" },
};

static struct root root;

/* Lays out the tree. */
static void make_tree(void)
{
	root = root_make();
	if (fchmod(root.fd, 0755) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (mkdirat(root.fd, dirs[i].path, 0755) < 0 ||
		    fchownat(root.fd, dirs[i].path, dirs[i].uid, dirs[i].gid, 0) < 0 ||
		    fchmodat(root.fd, dirs[i].path, dirs[i].mode, 0) < 0)
			abort();
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (symlinkat(links[i].target, root.fd, links[i].path) < 0)
			abort();
	put(&root, "etc/file", "x", 1);
}

static void check_resolve(void **state)
{
	const struct resolve_case *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct resolved got = { 0 };
	struct err e = { 0 };
	int status = resolve_path(root.fd, slice_of(t->in), &a, &got, &e);

	if (!t->want) {
		assert_int_equal(status, -1);
		assert_string_equal(e.msg, t->loose);
		return;
	}
	assert_int_equal(status, 0);
	assert_int_equal(got.path.len, strlen(t->want));
	assert_memory_equal(got.path.ptr, t->want, got.path.len);
	assert_int_equal(got.loose.ptr != NULL, t->loose != NULL);
	if (t->loose)
		assert_true(slice_eq(got.loose, t->loose));
}

/* Links of /proc belong to the process that follows them. */
static void check_proc(void **state)
{
	static const char *const paths[] = { "/proc/self/root/etc", "/proc/1/root",
					     "/dev/fd/0", "/proc/self/cwd",
					     "/proc/thread-self/root" };
	AUTO_CLOSE int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO(arena_done) struct arena a = { 0 };
		struct resolved got;
		struct err e = { 0 };

		assert_int_equal(resolve_path(fd, slice_of(paths[i]), &a, &got, &e), -1);
		assert_non_null(strstr(e.msg, "leads elsewhere for each process"));
	}
}

static void check_long(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	static char text[8192];
	struct resolved got;
	struct err e = { 0 };

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[0] = '/';
	assert_int_equal(resolve_path(root.fd, slice_of(text), &a, &got, &e), -1);
	assert_string_equal(e.msg, "the path is too long");
	for (size_t i = 0; i + 1 < sizeof(text); i += 64)
		text[i] = '/';
	text[4094] = '\0'; /* just not too long, before the link is followed */
	memcpy(text, "/srv/deep/", 10);
	assert_int_equal(resolve_path(root.fd, slice_of(text), &a, &got, &e), -1);
	assert_string_equal(e.msg, "the path is too long");
	memset(text + 1, 'a', 300);
	text[300] = '\0';
	assert_int_equal(resolve_path(root.fd, slice_of(text), &a, &got, &e), -1);
	assert_string_equal(e.msg, "a name in the path is too long");
}

/* Who may not look into a directory cannot say what is below it. */
static void check_closed(void **state)
{
	static const char *const paths[] = { "/closed/data", "/closed/data/x",
					     "/closed/link" };

	(void)state;
	if (geteuid() != 0 || seteuid(65534) < 0)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO(arena_done) struct arena a = { 0 };
		struct resolved got;
		struct err e = { 0 };
		int r = resolve_path(root.fd, slice_of(paths[i]), &a, &got, &e);

		assert_int_equal(r, -1);
		assert_non_null(strstr(e.msg, "Permission denied"));
	}
	assert_int_equal(seteuid(0), 0);
}

int main(void)
{
	static struct rows rows;
	int status;

	make_tree();
	ROWS_ADD(&rows, cases, check_resolve);
	ROWS_ADD_ONE(&rows, "links of /proc are not followed", check_proc);
	ROWS_ADD_ONE(&rows, "what is too long is refused", check_long);
	ROWS_ADD_ONE(&rows, "a directory that may not be searched", check_closed);
	status = rows_run(&rows, "resolve");
	root_done(&root);
	return status;
}
