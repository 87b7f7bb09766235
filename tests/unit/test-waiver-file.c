/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/waiver-file: names, and files that are written whole or not. */
#include "rows.h"

#include <sys/wait.h>

#include "run/waiver-file.h"

#include "root.h"

#define FILE_120 WAIVER_DIR "/120.privileged.conf"
#define SHOWN    "/" FILE_120

/* Names of files; "" for those that are no waivers. */
static struct name_row {
	const char *name, *file, *want;
} names[] = {
	{ "a waiver", "120.privileged.conf", "120 privileged waiver" },
	{ "an override", "120.bind-root.once", "120 bind-root override" },
	{ "a long VMID", "999999999.a.conf", "999999999 a waiver" },
	{ "one that is out of force", "120.privileged.void", "" },
	{ "one that is being written", "120.privileged.conf.new", "" },
	{ "another one", "120.privileged.conf.tmp.0123456789abcdef", "" },
	{ "no rule", "120.conf", "" },
	{ "an empty rule", "120..conf", "" },
	{ "capitals", "120.Privileged.conf", "" },
	{ "a rule that begins with a digit", "120.9.conf", "" },
	{ "no VMID", "privileged.conf", "" },
	{ "a VMID with a leading zero", "0120.privileged.conf", "" },
	{ "a VMID that is too short", "12.privileged.conf", "" },
	{ "a way out of the directory", "120.../../x.conf", "" },
	{ "a rule that is too long",
	  "120.a23456789012345678901234567890123456789012345678901234567890abcd.conf",
	  "" },
	{ "the directory itself", ".", "" },
};

/* Checks one row. */
static void check_name(void **state)
{
	const struct name_row *row = *state;
	struct waiver_name n;
	char got[128] = "";

	if (waiver_name_parse(row->file, &n))
		(void)snprintf(got, sizeof(got), "%u %.*s %s", (unsigned)n.vmid,
			       SLICE_ARG(n.rule),
			       n.kind == WAIVER_ONCE ? "override" : "waiver");
	assert_string_equal(got, row->want);
}

/* A cluster of one node, and the place there. */
struct cluster_root {
	struct root root;
	struct place place;
};

/* Makes it. */
static struct cluster_root make_cluster(void)
{
	struct cluster_root c = { .root = root_make() };

	put(&c.root, "etc/pve/nodes/pve1/x", "", 0);
	c.place = (struct place){ .root = c.root.fd, .prefix = "" };
	return c;
}

/* Removes it. For AUTO(). */
static void cluster_root_done(struct cluster_root *c)
{
	root_done(&c->root);
}

/* A waiver of guest @vmid with the ticket @ticket. */
static struct waiver waiver_of(uint64_t vmid, const char *ticket)
{
	static const struct slice item = { "ct=yes", 6 };

	return (struct waiver){
		.guest = vmid,
		.name = slice_of("a"),
		.rule = slice_of("privileged"),
		.ticket = slice_of(ticket),
		.reason = slice_of("r"),
		.granted_by = slice_of("g"),
		.until = slice_of("2027-03-31"),
		.until_ms = 1,
		.identity = { &item, 1 },
		.covers = { &item, 1 },
	};
}

static const struct waiver_name name120 = { 120, { "privileged", 10 }, WAIVER_LASTING };

/* Writes a waiver with @ticket; what it returns. */
static int save(const struct cluster_root *c, const char *ticket,
		enum waiver_save_mode mode, struct err *e)
{
	const struct waiver w = waiver_of(120, ticket);

	return waiver_save(&c->place, &name120, &w, mode, e);
}

/* The ticket of the waiver that is there, "none", or what is wrong. */
static const char *ticket_of(const struct cluster_root *c)
{
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	static char got[ERR_MSG_MAX];
	struct arena a = { 0 };
	struct err e = { 0 };
	struct waiver w;
	int r;

	assert_true(waiver_dir_open(&c->place, &dir, &e) >= 0);
	r = waiver_load(&dir, &name120, &a, &w, &e);
	if (r == 0)
		(void)snprintf(got, sizeof(got), "%.*s", SLICE_ARG(w.ticket));
	else
		(void)snprintf(got, sizeof(got), "%s", r == 1 ? "none" : e.msg);
	arena_done(&a);
	return got;
}

/* Creates, does not replace, replaces. */
static void check_save(void **state)
{
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();
	struct err e = { 0 };

	(void)state;
	assert_string_equal(ticket_of(&c), "none");
	assert_int_equal(save(&c, "one", WAIVER_CREATE, &e), 0);
	assert_string_equal(ticket_of(&c), "one");
	assert_int_equal(save(&c, "two", WAIVER_CREATE, &e), 1);
	assert_string_equal(ticket_of(&c), "one");
	assert_int_equal(save(&c, "three", WAIVER_REPLACE, &e), 0);
	assert_string_equal(ticket_of(&c), "three");
}

/* Of several that grant at once one does. */
static void check_race(void **state)
{
	enum { GRANTING = 16 };
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();
	int status, won = 0;

	(void)state;
	for (int i = 0; i < GRANTING; i++)
		if (fork() == 0) {
			struct err e = { 0 };

			_exit(save(&c, "one", WAIVER_CREATE, &e) == 0);
		}
	for (int i = 0; i < GRANTING; i++) {
		assert_true(wait(&status) > 0);
		won += WEXITSTATUS(status);
	}
	assert_int_equal(won, 1);
	assert_string_equal(ticket_of(&c), "one");
}

/* Why nothing can be written. */
static struct refusal_row {
	const char *name, *path, *text; /* a file that is put there first */
	const char *want;
} refusals[] = {
	{ "without quorum", "etc/pve/.members",
	  "{\"nodename\":\"pve1\",\"cluster\":{\"quorate\":0},\"nodelist\":{}}",
	  "the cluster has no quorum, so nothing in /etc/pve can be changed: see pvecm "
	  "status" },
	{ "where a file stands in the way", "etc/pve/pve-safe", "",
	  "cannot make '/etc/pve/pve-safe/waivers': Not a directory" },
};

/* Checks one row. */
static void check_refusal(void **state)
{
	const struct refusal_row *row = *state;
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();
	struct err e = { 0 };

	put(&c.root, row->path, row->text, strlen(row->text));
	assert_int_equal(save(&c, "one", WAIVER_CREATE, &e), -1);
	assert_string_equal(e.msg, row->want);
}

/* Without /etc/pve nothing is written beside it. */
static void check_unmounted(void **state)
{
	AUTO(root_done) struct root root = root_make();
	struct cluster_root c = { .place = { .root = root.fd, .prefix = "" } };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(save(&c, "one", WAIVER_CREATE, &e), -1);
	assert_string_equal(e.msg, "/etc/pve: the cluster file system is not mounted");
	assert_string_equal(ticket_of(&c), "none");
}

/* Files that cannot be used, and what is said of them. */
static struct broken_row {
	const char *name, *text;
	mode_t mode;
	uid_t owner;
	const char *want;
} broken[] = {
	{ "a file that is no waiver", "hello\n", 0640, 0,
	  SHOWN ":2:1: the file ends where '=' or '{' is expected" },
	{ "an empty file", "", 0640, 0,
	  SHOWN ":1:1: 'version' is missing (and 10 more)" },
	{ "a file that others may write", "", 0666, 0,
	  "'" SHOWN "' is writable by others (mode 0666): chmod go-w" },
	{ "a file of somebody else", "", 0640, 1,
	  "'" SHOWN "' belongs to uid 1, not to root: chown root" },
};

/* Checks one row. */
static void check_broken(void **state)
{
	const struct broken_row *row = *state;
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();

	put(&c.root, FILE_120, row->text, strlen(row->text));
	assert_int_equal(fchmodat(c.root.fd, FILE_120, row->mode, 0), 0);
	assert_int_equal(fchownat(c.root.fd, FILE_120, row->owner, 0, 0), 0);
	assert_string_equal(ticket_of(&c), row->want);
}

/* A link is not followed: it may lead to another guest's waiver. */
static void check_link(void **state)
{
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();
	struct err e = { 0 };

	(void)state;
	assert_int_equal(save(&c, "one", WAIVER_CREATE, &e), 0);
	assert_int_equal(renameat(c.root.fd, FILE_120, c.root.fd, "etc/pve/w"), 0);
	assert_int_equal(symlinkat("../../w", c.root.fd, FILE_120), 0);
	assert_string_equal(ticket_of(&c),
			    "'" SHOWN "' is a symbolic link: put the file itself there");
}

/* What is listed, sorted; what is taken out of force. */
static void check_list(void **state)
{
	static const char *const files[] = {
		"200.b.conf", "120.privileged.once", "120.privileged.conf",
		"120.a.conf", "120.old.void",        "120.a.conf.new",
		"README",
	};
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();
	AUTO(waiver_dir_done) struct waiver_dir dir = { .fd = -1 };
	struct arena a = { 0 };
	struct waiver_names got;
	struct err e = { 0 };
	struct buf text = { 0 };
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), WAIVER_DIR "/%s", files[i]);
		put(&c.root, path, "", 0);
	}
	assert_int_equal(waiver_dir_open(&c.place, &dir, &e), 0);
	assert_int_equal(waiver_list(&dir, 0, &a, &got, &e), 0);
	for (size_t i = 0; i < got.n; i++)
		buf_printf(&text, "%u.%.*s.%d ", (unsigned)got.rows[i].vmid,
			   SLICE_ARG(got.rows[i].rule), (int)got.rows[i].kind);
	assert_string_equal(buf_text(&text),
			    "120.a.0 120.privileged.0 120.privileged.1 200.b.0 ");
	assert_int_equal(waiver_list(&dir, 200, &a, &got, &e), 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(waiver_list(&dir, 120, &a, &got, &e), 0);
	for (size_t i = 0; i < got.n; i++)
		assert_int_equal(waiver_void(&dir, &got.rows[i], &e), 0);
	assert_int_equal(waiver_void(&dir, &got.rows[0], &e), 0); /* twice is fine */
	assert_int_equal(waiver_list(&dir, 120, &a, &got, &e), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(faccessat(dir.fd, "120.a.void", F_OK, 0), 0);
	assert_int_equal(faccessat(dir.fd, "120.privileged.void", F_OK, 0), 0);
	assert_int_equal(faccessat(dir.fd, "120.privileged.once", F_OK, 0), -1);
	buf_done(&text);
	arena_done(&a);
}

/* Who was killed while it made one does not keep the next one from it. */
static void half_made_is_replaced(void **state)
{
	AUTO(cluster_root_done) struct cluster_root c = make_cluster();
	const struct waiver_name n = { 120, slice_of("privileged"), WAIVER_LASTING };
	const struct waiver w = waiver_of(120, "CHG-1");
	struct err e = { 0 };

	(void)state;
	put(&c.root, FILE_120 ".new", "version", 7);
	put(&c.root, FILE_120 ".tmp.0123456789abcdef", "version", 7);
	assert_int_equal(waiver_save(&c.place, &n, &w, WAIVER_CREATE, &e), 0);
	assert_int_equal(faccessat(c.root.fd, FILE_120, F_OK, 0), 0);
	assert_int_equal(faccessat(c.root.fd, FILE_120 ".new", F_OK, 0), -1);
	assert_int_equal(waiver_save(&c.place, &n, &w, WAIVER_CREATE, &e), 1);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, names, check_name);
	ROWS_ADD(&r, refusals, check_refusal);
	ROWS_ADD(&r, broken, check_broken);
	ROWS_ADD_ONE(&r, "a waiver is created, and replaced when asked for", check_save);
	ROWS_ADD_ONE(&r, "of sixteen at once one is granted", check_race);
	ROWS_ADD_ONE(&r, "one that was half made is replaced", half_made_is_replaced);
	ROWS_ADD_ONE(&r, "without the cluster file system none is", check_unmounted);
	ROWS_ADD_ONE(&r, "a link is not followed", check_link);
	ROWS_ADD_ONE(&r, "waivers are listed, and taken out of force", check_list);
	return rows_run(&r, "files of waivers");
}
