/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/run/archive-kind.c: by its name, by what it holds. */
#include "rows.h"

#include "run/archive-kind.h"

static struct name_row {
	const char *name, *volume;
	bool other_than_ct, other_than_vm;
} name_rows[] = {
	{ "a container's", "local:backup/vzdump-lxc-101-2026_11_01-00_00_00.tar.zst",
	  false, true },
	{ "an old container's", "local:backup/vzdump-openvz-101-2010_01_01-00_00_00.tgz",
	  false, true },
	{ "a VM's", "local:backup/vzdump-qemu-100-2026_11_01-00_00_00.vma", true, false },
	{ "by its path", "/mnt/dump/vzdump-qemu-100-2026_11_01-00_00_00.vma", true,
	  false },
	{ "a container's of a backup server", "pbs:backup/ct/101/2026-11-01T00:00:00Z",
	  false, true },
	{ "a VM's of a backup server", "pbs:backup/vm/100/2026-11-01T00:00:00Z", true,
	  false },
	{ "another name", "local:backup/web.tar", false, false },
	{ "a directory's name", "/mnt/vzdump-qemu-100/web.tar", false, false },
	{ "a path like a backup server's", "/pbs:backup/vm/100/x", false, false },
	{ "the beginning of a name", "local:backup/vzdump-qemu", false, false },
	{ "nothing", "", false, false },
};

static void is_named(void **state)
{
	const struct name_row *t = *state;
	struct slice volume = slice_of(t->volume);

	assert_int_equal(archive_is_named_other(volume, GUEST_CT), t->other_than_ct);
	assert_int_equal(archive_is_named_other(volume, GUEST_VM), t->other_than_vm);
}

static struct text_row {
	const char *name;
	enum guest_kind kind;
	const char *text;
	const char *key; /* NULL: not the other kind's */
} text_rows[] = {
	{ "a container's", GUEST_CT, "arch: amd64\nrootfs: local:b\nunprivileged: 1\n",
	  NULL },
	{ "a VM's", GUEST_VM, "name: x\nscsi0: local:b\n", NULL },
	{ "a VM's for a container", GUEST_CT, "memory: 512\nscsi0: local:b\n", "scsi0" },
	{ "a container's for a VM", GUEST_VM, "memory: 512\nrootfs: local:b\n",
	  "rootfs" },
	{ "raw lines alone for a VM", GUEST_VM, "lxc.cap.drop: \n", "lxc.cap.drop" },
	{ "a stray key of a VM in a container's", GUEST_CT, "rootfs: local:b\nagent: 1\n",
	  NULL },
	{ "a stray key of a container in a VM's", GUEST_VM,
	  "scsi0: local:b\nrootfs: local:b\n", NULL },
	{ "what both have", GUEST_CT, "memory: 512\ncores: 2\n", NULL },
	{ "in a snapshot alone", GUEST_CT, "memory: 512\n[snap]\nscsi0: local:b\n",
	  NULL },
	{ "nothing", GUEST_VM, "", NULL },
};

static void holds(void **state)
{
	const struct text_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct guestconf conf;
	struct slice key = { 0 };
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(t->kind, slice_of(t->text), &a, &conf, &e), 0);
	assert_int_equal(archive_holds_other(&conf, &a, &key), t->key != NULL);
	if (t->key)
		assert_true(slice_eq(key, t->key));
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, name_rows, is_named);
	ROWS_ADD(&r, text_rows, holds);
	return rows_run(&r, "archive-kind");
}
