/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/ct.c: mount points and features. */
#include "rows.h"

#include "pve/ct.h"

static struct mount_row {
	const char *name, *line;
	enum ct_mount_type type;
	const char *volume, *mp; /* NULL: cannot be read */
	const char *msg;
} mount_rows[] = {
	{ "a volume as rootfs", "rootfs: local:101/disk.raw,size=8G", CT_MOUNT_VOLUME,
	  "local:101/disk.raw", "/" },
	{ "a directory as rootfs", "rootfs: /srv/root", CT_MOUNT_BIND, "/srv/root", "/" },
	{ "a volume", "mp0: local-lvm:vm-101-disk-1,mp=/srv", CT_MOUNT_VOLUME,
	  "local-lvm:vm-101-disk-1", "/srv" },
	{ "the host's root", "mp0: /,mp=/host", CT_MOUNT_BIND, "/", "/host" },
	{ "a directory of the host", "mp0: mp=/b,volume=/a", CT_MOUNT_BIND, "/a", "/b" },
	{ "a device of the host", "mp1: /dev/sdb,mp=/b", CT_MOUNT_DEVICE, "/dev/sdb",
	  "/b" },
	{ "/dev itself is a directory", "mp1: /dev,mp=/b", CT_MOUNT_BIND, "/dev", "/b" },
	{ "what is no path is a volume", "mp255: x,mp=/b", CT_MOUNT_VOLUME, "x", "/b" },
	{ "a bare path replaces volume=0, as in Proxmox", "mp0: volume=0,/a,mp=/b",
	  CT_MOUNT_BIND, "/a", "/b" },
	{ "a mount point without mp= cannot be read", "mp0: /a",
	  .msg = "'mp' is missing" },
	{ "nor can rootfs with it", "rootfs: /a,mp=/", .msg = "unknown key 'mp'" },
	{ "nor a path with '..'", "mp0: /a/../b,mp=/c",
	  .msg = "volume: '/a/../b' is not a path without . and .." },
};

static void is_mounted(void **state)
{
	const struct mount_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	const struct guestconf_entry *entry;
	struct guestconf c;
	struct ct_mount m = { .type = CT_MOUNT_DEVICE };
	struct err e = { 0 };

	assert_int_equal(guestconf_parse(GUEST_CT, slice_of(t->line), &a, &c, &e), 0);
	entry = &guestconf_current(&c)->entries[0];
	assert_true(ct_is_mount(entry));
	if (!t->volume) {
		assert_int_equal(ct_mount_parse(entry, &m, &e), -1);
		assert_string_equal(e.msg, t->msg);
		assert_int_equal(e.line, 1);
		assert_null(m.volume.ptr);
		return;
	}
	assert_int_equal(ct_mount_parse(entry, &m, &e), 0);
	assert_string_equal(ct_mount_type_name(m.type), ct_mount_type_name(t->type));
	assert_true(slice_eq(m.volume, t->volume));
	assert_true(slice_eq(m.mp, t->mp));
}

static void others_are_no_mounts(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct guestconf c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(guestconf_parse(GUEST_CT,
					 slice_of("mp256: /a,mp=/b\nmp00: /a,mp=/b\n"
						  "unused0: local:x\nnet0: name=eth0\n"),
					 &a, &c, &e),
			 0);
	assert_int_equal(guestconf_current(&c)->nentries, 4);
	for (size_t i = 0; i < 4; i++)
		assert_false(ct_is_mount(&guestconf_current(&c)->entries[i]));
}

static struct feature_row {
	const char *name, *text;
	const char *want; /* "nesting=1 ", or NULL */
	const char *msg;
} feature_rows[] = {
	{ "none", "", "" },
	{ "0 is none", "features: 0\n", "" },
	{ "nesting=on", "features: nesting=on\n", "nesting=1 " },
	{ "some", "features: mount=nfs;cifs,keyctl=1,nesting=0\n",
	  "nesting=0 keyctl=1 mount=nfs;cifs " },
	{ "a bare word cannot be read", "features: nesting\n", NULL,
	  "'nesting' lacks its key" },
	{ "nor a bad boolean", "features: nesting=2\n", NULL,
	  "nesting: '2' is not a boolean" },
	{ "nor a repeat", "features: nesting=1,nesting=0\n", NULL,
	  "'nesting' is given twice" },
	{ "nor an unknown one", "features: bogus=1\n", NULL, "unknown key 'bogus'" },
};

static void has_features(void **state)
{
	const struct feature_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	struct slice values[CT_FEATURE_COUNT];
	struct guestconf c;
	struct err e = { 0 };
	char got[128] = "";
	size_t n = 0;

	assert_int_equal(guestconf_parse(GUEST_CT, slice_of(t->text), &a, &c, &e), 0);
	if (!t->want) {
		assert_int_equal(ct_features_parse(guestconf_current(&c), values, &e),
				 -1);
		assert_string_equal(e.msg, t->msg);
		assert_int_equal(e.line, 1);
		return;
	}
	assert_int_equal(ct_features_parse(guestconf_current(&c), values, &e), 0);
	for (size_t i = 0; i < CT_FEATURE_COUNT; i++)
		if (values[i].ptr)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%s=%.*s ",
					      props_ct_features.keys[i].name,
					      SLICE_ARG(values[i]));
	assert_string_equal(got, t->want);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, mount_rows, is_mounted);
	ROWS_ADD_ONE(&rows, "mp256, mp00, unusedN and netN are no mounts",
		     others_are_no_mounts);
	ROWS_ADD(&rows, feature_rows, has_features);
	return rows_run(&rows, "ct");
}
