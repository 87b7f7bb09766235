/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/run/hookscript.c and lib/run/lxcconf.c, below a root of their own: what
 * a name leads to, and what LXC's configuration includes.
 */
#include "rows.h"

#include <fcntl.h>

#include "noread.h"
#include "root.h"
#include "run/hookscript.h"
#include "run/lxcconf.h"

#define HOOK      "usr/libexec/pve-safe/pve-safe-hook"
#define LXC_HOOK  "usr/libexec/pve-safe/pve-safe-lxc-hook"
#define SNIPPETS  "var/lib/vz/snippets/"
#define LXC_DIR   "usr/share/lxc/config/"
#define INCLUDE_D "lxc.include = /usr/share/lxc/config/common.conf.d/\n"
#define START     "lxc.hook.start-host = /usr/libexec/pve-safe/pve-safe-lxc-hook\n"

/* Puts a program there. */
static void put_program(const struct root *r, const char *path)
{
	put(r, path, "#!/bin/sh\n", 10);
	assert_int_equal(fchmodat(r->fd, path, 0755, 0), 0);
}

/* The place at @r, whose node is pve1. */
static struct place place_of(const struct root *r)
{
	struct place p = { .root = -1 };
	struct err e = { 0 };

	put(r, "etc/pve/nodes/pve1/x", "", 0);
	assert_int_equal(symlinkat("nodes/pve1", r->fd, "etc/pve/local"), 0);
	assert_int_equal(place_open(r->path, &p, &e), 0);
	return p;
}

static struct look_row {
	const char *name, *volume;
	const char *link;   /* a link of the volume's name to this; NULL: none */
	const char *script; /* a program of this name in the snippets; NULL: none */
	enum hookscript_state state;
	const char *former; /* NULL: none */
	const char *why;
} looks[] = {
	{ "no hookscript", "", NULL, NULL, HOOKSCRIPT_NONE, NULL, "" },
	{ "a link to ours", "local:snippets/pve-safe-hook", "/" HOOK, NULL,
	  HOOKSCRIPT_OURS, NULL, "" },
	{ "a relative link to ours", "local:snippets/pve-safe-hook", "../../../../" HOOK,
	  NULL, HOOKSCRIPT_OURS, NULL, "" },
	{ "a link that would lead out of the root", "local:snippets/pve-safe-hook",
	  "../../../../../../../../" HOOK, NULL, HOOKSCRIPT_OURS, NULL, "" },
	{ "a link with a former one in its name", "local:snippets/pve-safe-hook@a",
	  "/" HOOK, NULL, HOOKSCRIPT_FORMER, "a", "" },
	{ "a link of another name to ours", "local:snippets/policy", "/" HOOK, NULL,
	  HOOKSCRIPT_OURS, NULL, "" },
	{ "another script", "local:snippets/a", NULL, "a", HOOKSCRIPT_OTHER, NULL, "" },
	{ "another script whose name begins like ours", "local:snippets/pve-safe-hook-2",
	  NULL, "pve-safe-hook-2", HOOKSCRIPT_OTHER, NULL, "" },
	{ "a script that is named as ours", "local:snippets/pve-safe-hook", NULL,
	  "pve-safe-hook", HOOKSCRIPT_OTHER, NULL,
	  "/" SNIPPETS "pve-safe-hook is named like ours, but is not /" HOOK },
	{ "a link to another script, named as ours", "local:snippets/pve-safe-hook@b",
	  "a", "a", HOOKSCRIPT_OTHER, "b",
	  "/" SNIPPETS "pve-safe-hook@b is named like ours, but is not /" HOOK },
	{ "nothing there", "local:snippets/a", NULL, NULL, HOOKSCRIPT_BROKEN, NULL,
	  "/" SNIPPETS "a does not exist" },
	{ "a link to nothing", "local:snippets/pve-safe-hook", "/nowhere", NULL,
	  HOOKSCRIPT_BROKEN, NULL, "/" SNIPPETS "pve-safe-hook does not exist" },
	{ "a directory", "local:snippets/..", NULL, NULL, HOOKSCRIPT_BROKEN, NULL,
	  "/" SNIPPETS ".. is no regular file" },
	{ "nothing after the mark", "local:snippets/pve-safe-hook@", "/" HOOK, NULL,
	  HOOKSCRIPT_BROKEN, NULL,
	  "/" SNIPPETS "pve-safe-hook@ names no hookscript after 'pve-safe-hook@'" },
	{ "a path for a volume", "/" HOOK, NULL, NULL, HOOKSCRIPT_BROKEN, NULL,
	  "'/" HOOK "' is no hookscript for Proxmox: expected STORAGE:snippets/NAME" },
	{ "an unknown storage", "nas:snippets/a", NULL, NULL, HOOKSCRIPT_BROKEN, NULL,
	  "storage 'nas' is not in /etc/pve/storage.cfg" },
	{ "a storage without files", "thin:snippets/a", NULL, NULL, HOOKSCRIPT_BROKEN,
	  NULL, "storage 'thin' (lvmthin) has no directory" },
	{ "a storage that the copy has not", "else:snippets/pve-safe-hook", NULL, NULL,
	  HOOKSCRIPT_UNSEEN, NULL, "/srv/else/snippets is not in the copy" },
};

static const char storages[] = "lvmthin: thin\n\tvgname a\n\tthinpool b\n\n"
			       "dir: else\n\tpath /srv/else\n";

/* Makes a root with our hook, the snippets' directory and the storages. */
static struct root make_root(void)
{
	struct root r = root_make();

	put_program(&r, HOOK);
	put(&r, SNIPPETS ".keep", "", 0);
	put(&r, "etc/pve/storage.cfg", storages, sizeof(storages) - 1);
	return r;
}

static void looks_at(void **state)
{
	const struct look_row *t = *state;
	AUTO(root_done) struct root r = make_root();
	AUTO(place_close) struct place p = place_of(&r);
	AUTO(cluster_done) struct cluster c = { 0 };
	struct hookscript h;
	char path[256];

	cluster_load(&p, 1U << SOURCE_STORAGE, &c);
	if (t->link) {
		(void)snprintf(path, sizeof(path), SNIPPETS "%s",
			       strchr(t->volume, '/') + 1);
		assert_int_equal(symlinkat(t->link, r.fd, path), 0);
	}
	if (t->script) {
		(void)snprintf(path, sizeof(path), SNIPPETS "%s", t->script);
		put_program(&r, path);
	}
	hookscript_look(&p, &c, *t->volume ? slice_of(t->volume) : (struct slice){ 0 },
			"pve1", &h);
	assert_string_equal(h.why, t->why);
	assert_int_equal(h.state, t->state);
	assert_true(t->former ? slice_eq(h.former, t->former) : !h.former.ptr);
}

static void other_node(void **state)
{
	AUTO(root_done) struct root r = make_root();
	AUTO(place_close) struct place p = place_of(&r);
	AUTO(cluster_done) struct cluster c = { 0 };
	struct hookscript h;

	(void)state;
	cluster_load(&p, 1U << SOURCE_STORAGE, &c);
	hookscript_look(&p, &c, slice_of("local:snippets/pve-safe-hook"), "pve2", &h);
	assert_int_equal(h.state, HOOKSCRIPT_UNSEEN);
	assert_true(h.named_ours);
	assert_string_equal(h.why,
			    "/" SNIPPETS "pve-safe-hook lies on pve2, and cannot be "
			    "seen from pve1");
}

static struct lxc_row {
	const char *name, *ostype;
	const char *common, *own; /* common.conf and debian.common.conf; NULL: none */
	const char *ours;         /* common.conf.d/pve-safe.conf; NULL: none */
	const char *why;          /* "": covered */
} lxcs[] = {
	{ "our file is included", "debian", INCLUDE_D, NULL, START, "" },
	{ "without an ostype as well", "", INCLUDE_D, NULL, START, "" },
	{ "blanks do not matter", "alpine",
	  "\tlxc.include=/usr/share/lxc/config/common.conf.d\n", NULL,
	  "  lxc.hook.start-host=/usr/libexec/pve-safe/pve-safe-lxc-hook x\n", "" },
	{ "by way of the ostype's own file", "debian", INCLUDE_D,
	  "lxc.include = /usr/share/lxc/config/common.conf\n", START, "" },
	{ "files that include each other", "debian",
	  "lxc.include = /usr/share/lxc/config/debian.common.conf\n" INCLUDE_D,
	  "lxc.include = /usr/share/lxc/config/common.conf\n", START, "" },
	{ "an ostype's own file that includes nothing", "debian", INCLUDE_D, "# none\n",
	  START,
	  "/usr/share/lxc/config/debian.common.conf includes no file that runs "
	  "pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf "
	  "/usr/share/lxc/config/common.conf.d/" },
	{ "which is not another ostype's", "alpine", INCLUDE_D, "# none\n", START, "" },
	{ "an ostype that would lead elsewhere", "../debian", INCLUDE_D, "# none\n",
	  START, "" },
	{ "a comment is no include", "debian", "#" INCLUDE_D, NULL, START,
	  "/usr/share/lxc/config/common.conf includes no file that runs "
	  "pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf "
	  "/usr/share/lxc/config/common.conf.d/" },
	{ "another program at start-host", "debian", INCLUDE_D, NULL,
	  "lxc.hook.start-host = /usr/libexec/pve-safe/pve-safe-lxc-hook2\n",
	  "/usr/share/lxc/config/common.conf includes no file that runs "
	  "pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf "
	  "/usr/share/lxc/config/common.conf.d/" },
	{ "our program at another hook", "debian", INCLUDE_D, NULL,
	  "lxc.hook.pre-start = /usr/libexec/pve-safe/pve-safe-lxc-hook\n",
	  "/usr/share/lxc/config/common.conf includes no file that runs "
	  "pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf "
	  "/usr/share/lxc/config/common.conf.d/" },
	{ "a list that is emptied", "debian", INCLUDE_D "lxc.hook.start-host =\n", NULL,
	  START, "/usr/share/lxc/config/common.conf empties lxc.hook.start-host" },
	{ "no configuration at all", "debian", NULL, NULL, NULL,
	  "/usr/share/lxc/config/common.conf includes no file that runs "
	  "pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf "
	  "/usr/share/lxc/config/common.conf.d/" },
};

/* Writes @text to @path unless it is NULL. */
static void put_text(const struct root *r, const char *path, const char *text)
{
	if (text)
		put(r, path, text, strlen(text));
}

static void covers(void **state)
{
	const struct lxc_row *t = *state;
	AUTO(root_done) struct root r = root_make();
	AUTO(place_close) struct place p = place_of(&r);
	AUTO(buf_done) struct buf why = { 0 };

	put_program(&r, LXC_HOOK);
	put_text(&r, LXC_DIR "common.conf", t->common);
	put_text(&r, LXC_DIR "debian.common.conf", t->own);
	put_text(&r, LXC_DIR "common.conf.d/pve-safe.conf", t->ours);
	put_text(&r, LXC_DIR "common.conf.d/zz.conf.bak", "lxc.hook.start-host =\n");
	assert_int_equal(lxcconf_covers(&p, slice_of(t->ostype), &why), !*t->why);
	assert_string_equal(buf_text(&why), t->why);
}

static void unread(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(place_close) struct place p = place_of(&r);
	AUTO(buf_done) struct buf why = { 0 };
	bool got;

	(void)state;
	put_program(&r, LXC_HOOK);
	put_text(&r, LXC_DIR "common.conf", INCLUDE_D);
	put_text(&r, LXC_DIR "common.conf.d/pve-safe.conf", START);
	noread_after =
		3; /* ours is among them, but so may one be that empties the list */
	got = lxcconf_covers(&p, slice_of("debian"), &why);
	noread_after = -1;
	assert_false(got);
	assert_string_equal(buf_text(&why), "/usr/share/lxc/config/common.conf.d cannot "
					    "be listed: Input/output error");
}

static void too_many(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(place_close) struct place p = place_of(&r);
	AUTO(buf_done) struct buf why = { 0 };
	char path[64];

	(void)state;
	put_text(&r, LXC_DIR "common.conf", INCLUDE_D);
	for (int i = 0; i < LXCCONF_MAX_FILES; i++) {
		(void)snprintf(path, sizeof(path), LXC_DIR "common.conf.d/%d.conf", i);
		put_text(&r, path, START);
	}
	assert_false(lxcconf_covers(&p, slice_of("debian"), &why));
	assert_string_equal(buf_text(&why),
			    LXCCONF_DIR ": over 64 files include each other");
}

static void program_gone(void **state)
{
	AUTO(root_done) struct root r = root_make();
	AUTO(place_close) struct place p = place_of(&r);
	AUTO(buf_done) struct buf why = { 0 };

	(void)state;
	put_text(&r, LXC_DIR "common.conf", START);
	assert_false(lxcconf_covers(&p, slice_of("debian"), &why));
	assert_string_equal(buf_text(&why),
			    LXCCONF_HOOK " does not exist: install the package again");
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, looks, looks_at);
	ROWS_ADD_ONE(&rows, "another node's own directory", other_node);
	ROWS_ADD(&rows, lxcs, covers);
	ROWS_ADD_ONE(&rows, "a directory that cannot be read to its end", unread);
	ROWS_ADD_ONE(&rows, "more files than anybody has", too_many);
	ROWS_ADD_ONE(&rows, "the program that is named is not there", program_gone);
	return rows_run(&rows, "hookscript");
}
