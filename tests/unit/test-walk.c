/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/walk: which files are guests, each once, and what is said of others. */
#include "rows.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "run/walk.h"

#include "root.h"

/* Files below etc/pve/nodes, what is visited, what is said, and the status. */
static struct walk_row {
	const char *name;
	const char *files[6];
	const char *node, *want, *said;
	int status;
} rows[] = {
	{ "by node, containers first, by VMID",
	  { "b/lxc/100.conf", "a/qemu-server/102.conf", "a/lxc/1000.conf",
	    "a/lxc/999.conf" },
	  NULL,
	  "a/ct/999 a/ct/1000 a/vm/102 b/ct/100 ",
	  "",
	  0 },
	{ "names that are no VMID.conf are no guests",
	  { "a/lxc/099.conf", "a/lxc/0104.conf", "a/lxc/104.conf.bak", "a/lxc/x.conf",
	    "a/lxc/1234567890.conf", "a/lxc/105.conf" },
	  NULL,
	  "a/ct/105 ",
	  "",
	  0 },
	{ "one node alone",
	  { "a/lxc/100.conf", "b/lxc/101.conf" },
	  "b",
	  "b/ct/101 ",
	  "",
	  0 },
	{ "no guest at all", { "a/other" }, NULL, "", "", 0 },
	{ "two files of one guest: the first is visited, and it is said",
	  { "a/lxc/100.conf", "b/qemu-server/100.conf" },
	  NULL,
	  "a/ct/100 ",
	  "guest 100 has two files",
	  EXIT_CANNOT },
	{ "a file that cannot be parsed is named, and the others are visited",
	  { "a/lxc/100.conf", "a/lxc/101.conf=lxc: x", "a/lxc/102.conf" },
	  NULL,
	  "a/ct/100 a/ct/102 ",
	  "101.conf",
	  EXIT_CANNOT },
	{ "a directory in place of a file is named",
	  { "a/lxc/100.conf/x", "a/lxc/101.conf" },
	  NULL,
	  "a/ct/101 ",
	  "is a directory",
	  EXIT_CANNOT },
};

/* What a walk has done. */
struct seen {
	struct buf visited, said;
	const struct place *place; /* for visit_and_move() */
};

/* Notes a guest. */
static int visit(const struct guest *g, void *context)
{
	struct seen *s = context;

	buf_printf(&s->visited, "%s/%s/%llu ", g->node, g->kind == GUEST_CT ? "ct" : "vm",
		   (unsigned long long)g->vmid);
	return EXIT_FINE;
}

/* Notes what is said. */
static void note_failure(const char *path, const char *message, void *context)
{
	(void)path;
	buf_puts(&((struct seen *)context)->said, message);
}

/* Writes the files of @row below @root. */
static void put_files(const struct root *root, const struct walk_row *row)
{
	put(root, "etc/pve/nodes/a/empty", "", 0);
	for (size_t i = 0; i < ARRAY_LEN(row->files) && row->files[i]; i++) {
		const char *text = strchr(row->files[i], '=');
		size_t len =
			text ? (size_t)(text - row->files[i]) : strlen(row->files[i]);
		char path[128];

		(void)snprintf(path, sizeof(path), "etc/pve/nodes/%.*s", (int)len,
			       row->files[i]);
		text = text ? text + 1 : "ostype: debian\n";
		put(root, path, text, strlen(text));
	}
}

/* Walks one row. */
static void test_walk(void **state)
{
	const struct walk_row *row = *state;
	AUTO(root_done) struct root root = root_make();
	AUTO(place_close) struct place p = { .root = -1 };
	struct seen s = { 0 };
	struct walk walk = { .place = &p,
			     .node = row->node,
			     .visit = visit,
			     .fail = note_failure,
			     .context = &s };
	struct err e = { 0 };

	put_files(&root, row);
	assert_int_equal(place_open(root.path, &p, &e), 0);
	assert_int_equal(walk_guests(&walk), row->status);
	assert_string_equal(buf_text(&s.visited), row->want);
	assert_non_null(strstr(buf_text(&s.said), row->said));
	if (!*row->said)
		assert_string_equal(buf_text(&s.said), "");
	buf_done(&s.visited);
	buf_done(&s.said);
}

/* Moves guest 300 to node b as soon as another is visited. */
static int visit_and_move(const struct guest *g, void *context)
{
	struct seen *s = context;

	(void)renameat(s->place->root, "etc/pve/nodes/a/lxc/300.conf", s->place->root,
		       "etc/pve/nodes/b/lxc/300.conf");
	return visit(g, context);
}

/* A guest that moves from a directory not yet read to one read already is not lost. */
static void test_move(void **state)
{
	AUTO(root_done) struct root root = root_make();
	AUTO(place_close) struct place p = { .root = -1 };
	struct seen s = { .place = &p };
	struct walk walk = { .place = &p, .visit = visit_and_move, .context = &s };
	struct err e = { 0 };

	(void)state;
	put(&root, "etc/pve/nodes/a/lxc/100.conf", "", 0);
	put(&root, "etc/pve/nodes/a/lxc/300.conf", "", 0);
	put(&root, "etc/pve/nodes/b/lxc/200.conf", "", 0);
	assert_int_equal(place_open(root.path, &p, &e), 0);
	assert_int_equal(walk_guests(&walk), EXIT_FINE);
	assert_string_equal(buf_text(&s.visited), "a/ct/100 b/ct/200 b/ct/300 ");
	buf_done(&s.visited);
}

/* Makes the next guest at each visit, so that no two passes find the same. */
static void make_next(const struct guest *g, const struct root *root)
{
	char path[64];

	if (g->vmid < 100 || g->vmid > 105)
		return;
	(void)snprintf(path, sizeof(path), "etc/pve/nodes/a/lxc/%llu.conf",
		       (unsigned long long)g->vmid + 1);
	put(root, path, "", 0);
}

/* What a walk over a cluster without rest has done. */
struct restless {
	struct seen seen; /* the first, for visit() and note_failure() */
	const struct root *root;
};

/* Lets guests come in the last pass, of which .vmlist alone knows. */
static int visit_and_make(const struct guest *g, void *context)
{
	const struct restless *r = context;

	make_next(g, r->root);
	if (g->vmid == 105) {
		put(r->root, "etc/pve/nodes/b/qemu-server/900.conf", "", 0);
		put(r->root, "etc/pve/nodes/b/lxc/902.conf", "lxc: x", 6);
	}
	return visit(g, context);
}

/* Guests that no pass has found are looked for by their numbers. */
static void test_chase(void **state)
{
	static const char list[] =
		"{\"version\":1,\"ids\":{"
		"\"100\":{\"node\":\"a\",\"type\":\"lxc\",\"version\":1},"
		"\"900\":{\"node\":\"b\",\"type\":\"qemu\",\"version\":1},"
		"\"901\":{\"node\":\"b\",\"type\":\"lxc\",\"version\":1},"
		"\"902\":{\"node\":\"b\",\"type\":\"lxc\",\"version\":1}}}";
	AUTO(root_done) struct root root = root_make();
	AUTO(place_close) struct place p = { .root = -1 };
	struct restless r = { .root = &root };
	struct walk walk = {
		.place = &p, .visit = visit_and_make, .fail = note_failure, .context = &r
	};
	struct err e = { 0 };

	(void)state;
	put(&root, "etc/pve/nodes/a/lxc/100.conf", "", 0);
	put(&root, "etc/pve/nodes/b/lxc/x", "", 0);
	put(&root, "etc/pve/.vmlist", list, sizeof(list) - 1);
	assert_int_equal(place_open(root.path, &p, &e), 0);
	assert_int_equal(walk_guests(&walk), EXIT_CANNOT);
	assert_string_equal(buf_text(&r.seen.visited),
			    "a/ct/100 a/ct/101 a/ct/102 a/ct/103 a/ct/104 a/ct/105 "
			    "b/vm/900 ");
	assert_non_null(strstr(buf_text(&r.seen.said), "902.conf"));
	assert_null(strstr(buf_text(&r.seen.said), "901"));
	buf_done(&r.seen.visited);
	buf_done(&r.seen.said);
}

/* Takes guest 200 away before it is read in the last pass, and brings it back after. */
static int visit_and_hide(const struct guest *g, void *context)
{
	const struct restless *r = context;

	make_next(g, r->root);
	if (g->vmid == 104) {
		put(r->root, "etc/pve/nodes/b/lxc/200.conf", "", 0);
		put(r->root, "etc/pve/nodes/b/lxc/201.conf", "", 0);
	} else if (g->vmid == 105) {
		(void)renameat(r->root->fd, "etc/pve/nodes/b/lxc/200.conf", r->root->fd,
			       "etc/pve/nodes/b/lxc/away");
	} else if (g->vmid == 201) {
		(void)renameat(r->root->fd, "etc/pve/nodes/b/lxc/away", r->root->fd,
			       "etc/pve/nodes/a/qemu-server/200.conf");
	}
	return visit(g, context);
}

/* Without .vmlist those are looked for that were listed and gone. */
static void test_gone(void **state)
{
	AUTO(root_done) struct root root = root_make();
	AUTO(place_close) struct place p = { .root = -1 };
	struct restless r = { .root = &root };
	struct walk walk = {
		.place = &p, .visit = visit_and_hide, .fail = note_failure, .context = &r
	};
	struct err e = { 0 };

	(void)state;
	put(&root, "etc/pve/nodes/a/lxc/100.conf", "", 0);
	put(&root, "etc/pve/nodes/a/qemu-server/x", "", 0);
	put(&root, "etc/pve/nodes/b/lxc/x", "", 0);
	assert_int_equal(place_open(root.path, &p, &e), 0);
	assert_int_equal(walk_guests(&walk), EXIT_FINE);
	assert_string_equal(buf_text(&r.seen.visited),
			    "a/ct/100 a/ct/101 a/ct/102 a/ct/103 a/ct/104 a/ct/105 "
			    "b/ct/201 a/vm/200 ");
	buf_done(&r.seen.visited);
	buf_done(&r.seen.said);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, test_walk);
	ROWS_ADD_ONE(&r, "a guest that moves meanwhile is visited where it went",
		     test_move);
	ROWS_ADD_ONE(&r, "guests that .vmlist has and no pass found are looked for",
		     test_chase);
	ROWS_ADD_ONE(&r, "without it, those that were gone when they were read",
		     test_gone);
	return rows_run(&r, "walk");
}
