/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/snippet.c. */
#include "rows.h"

#include "base/arena.h"
#include "pve/snippet.h"

static struct volume_row {
	const char *name, *volume;
	const char *storage, *file; /* NULL: no snippet */
} volumes[] = {
	{ "a snippet of local", "local:snippets/gpu.sh", "local", "gpu.sh" },
	{ "capitals, digits and marks in the storage", "N-a_s.9:snippets/x", "N-a_s.9",
	  "x" },
	{ "a name with blanks, colons and marks", "nfs:snippets/a b:c@d", "nfs",
	  "a b:c@d" },
	{ "a name that would lead upwards is the directory's own", "nfs:snippets/..",
	  "nfs", ".." },
	{ "no sub-directories", "local:snippets/a/b", NULL },
	{ "no name", "local:snippets/", NULL },
	{ "another kind of volume", "local:iso/x.iso", NULL },
	{ "nothing but a path", "/var/lib/vz/snippets/x", NULL },
	{ "a storage of one letter", "a:snippets/x", NULL },
	{ "a storage that begins with a digit", "9a:snippets/x", NULL },
	{ "a storage that ends with a mark", "ab-:snippets/x", NULL },
	{ "a storage with a blank", "a b:snippets/x", NULL },
	{ "no storage", ":snippets/x", NULL },
	{ "nothing", "", NULL },
};

static void parses(void **state)
{
	const struct volume_row *t = *state;
	struct snippet s;

	if (!t->storage) {
		assert_false(snippet_parse(slice_of(t->volume), &s));
		return;
	}
	assert_true(snippet_parse(slice_of(t->volume), &s));
	assert_true(slice_eq(s.storage, t->storage));
	assert_true(slice_eq(s.name, t->file));
}

static struct dir_row {
	const char *name, *cfg;
	const char *storage;
	const char *dir; /* NULL: none; "": no such storage */
} dirs[] = {
	{ "that of local without a file", "", "local", "/var/lib/vz/snippets" },
	{ "of a directory", "dir: iso\n\tpath /srv/iso/\n", "iso", "/srv/iso/snippets" },
	{ "of an NFS without a path", "nfs: nas\n\tserver x\n\texport /y\n", "nas",
	  "/mnt/pve/nas/snippets" },
	{ "moved elsewhere",
	  "dir: d1\n\tpath /srv\n\tcontent-dirs iso=/i,snippets=/a/b\n", "d1",
	  "/srv/a/b" },
	{ "moved twice: the last counts",
	  "dir: d1\n\tpath /srv\n\tcontent-dirs snippets=a snippets=b;iso=c\n", "d1",
	  "/srv/b" },
	{ "moved, beside a word of no meaning",
	  "dir: d1\n\tpath /srv\n\tcontent-dirs snippets,snippets=/c\n", "d1", "/srv/c" },
	{ "moved to the storage's own directory",
	  "dir: d1\n\tpath /srv\n\tcontent-dirs snippets=/\n", "d1", "/srv/" },
	{ "a storage of volumes has none",
	  "lvmthin: thin\n\tvgname pve\n\tthinpool data\n", "thin", NULL },
	{ "an unknown storage", "", "nas", "" },
};

static void directories(void **state)
{
	const struct dir_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf out = { 0 };
	struct cluster_storages all;
	const struct cluster_storage *s;
	struct err e = { 0 };

	assert_int_equal(cluster_read_storages(slice_of(t->cfg), &a, &all, &e), 0);
	s = cluster_find_storage(&all, slice_of(t->storage));
	if (t->dir && !*t->dir) {
		assert_null(s);
		return;
	}
	assert_non_null(s);
	assert_int_equal(snippet_dir(s, &out), t->dir != NULL);
	assert_string_equal(buf_text(&out), t->dir ? t->dir : "");
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, volumes, parses);
	ROWS_ADD(&rows, dirs, directories);
	return rows_run(&rows, "snippet");
}
