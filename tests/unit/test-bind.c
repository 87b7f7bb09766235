/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/facts/bind.c: host paths as text, mount entries, what holds what. */
#include "rows.h"

#include "facts/bind.h"

static struct path_case {
	const char *name;
	const char *in, *want;
} paths[] = {
	{ "a plain path stays", "/srv/data", "/srv/data" },
	{ "the root stays", "/", "/" },
	{ "double slashes are one", "//srv///data", "/srv/data" },
	{ "a trailing slash goes", "/srv/data/", "/srv/data" },
	{ "slashes alone are the root", "///", "/" },
	{ "single dots go", "/./srv/./data/.", "/srv/data" },
	{ "dots that begin a name stay", "/srv/.git/..x", "/srv/.git/..x" },
	{ "two dots go up", "/srv/data/../etc", "/srv/etc" },
	{ "two dots at the end go up", "/srv/..", "/" },
	{ "no way leads above the root", "/../../etc", "/etc" },
	{ "a relative path begins at the root", "srv/data", "/srv/data" },
	{ "a relative way up is the root's", "../../etc/shadow", "/etc/shadow" },
	{ "/var/run is /run", "/var/run/docker.sock", "/run/docker.sock" },
	{ "/var/run itself is /run", "/var/run", "/run" },
	{ "/var//run/. is /run", "/var//run/.", "/run" },
	{ "a way up from /var/run leads to the root", "/var/run/../etc", "/etc" },
	{ "a name that begins like /var/run is another", "/var/running", "/var/running" },
	{ "/var/run is a link there alone", "/srv/var/run", "/srv/var/run" },
	{ "/var/run found by a detour is /run", "/srv/../var/run/x", "/run/x" },
	{ "the mounting process's root is the root", "/proc/self/root/etc", "/etc" },
	{ "so is that of process 1", "/proc/1/root", "/" },
	{ "and of a thread, twice over", "/proc/thread-self/root/proc/1/root/x", "/x" },
	{ "its directory is the root", "/proc/self/cwd/srv", "/srv" },
	{ "another process's root stays", "/proc/17/root/etc", "/proc/17/root/etc" },
	{ "a root elsewhere stays", "/srv/proc/self/root", "/srv/proc/self/root" },
	{ "/var/lock is a link, too", "/var/lock/../docker.sock", "/run/docker.sock" },
	{ "/var/lock itself", "/var/lock/x", "/run/lock/x" },
	{ "a way up from /dev/fd leads to the process", "/dev/fd/../root/etc", "/etc" },
	{ "one from /proc/net as well", "/proc/net/../root", "/" },
	{ "and one from a thread", "/proc/thread-self/../../root/x", "/x" },
	{ "a thread's root", "/proc/1/task/1/root", "/" },
	{ "what a process works in may be the root", "/proc/2/cwd/etc", "/etc" },
	{ "what a thread does", "/proc/17/task/18/cwd", "/" },
	{ "what it has open as well", "/proc/self/fd/7/etc", "/etc" },
	{ "by its short name, too", "/dev/fd/7", "/" },
	{ "what else a process has stays", "/proc/17/net/x", "/proc/17/net/x" },
	{ "what is no process stays", "/proc/sys/cwd", "/proc/sys/cwd" },
	{ "nor is a thread that is none", "/proc/17/task/x/cwd", "/proc/17/task/x/cwd" },
	{ "a floppy is no descriptor", "/dev/fd0", "/dev/fd0" },
	{ "links over and over",
	  "/dev/fd/../../../dev/fd/../../../proc/net/../../../proc/thread-self/x",
	  "/proc/self/task/self/x" },
	{ "an empty path is the root", "", "/" },
};

static void check_path(void **state)
{
	const struct path_case *t = *state;
	struct arena a = { 0 };
	struct slice got = bind_path(slice_of(t->in), &a);

	assert_int_equal(got.len, strlen(t->want));
	assert_memory_equal(got.ptr, t->want, got.len);
	arena_done(&a);
}

static struct holds_case {
	const char *name;
	const char *outer, *inner;
	bool want;
} holds[] = {
	{ "a path holds itself", "/run/docker.sock", "/run/docker.sock", true },
	{ "a directory holds what is in it", "/run", "/run/docker.sock", true },
	{ "the root holds everything", "/", "/run/docker.sock", true },
	{ "a name that begins alike holds nothing", "/ru", "/run/docker.sock", false },
	{ "what is in a directory does not hold it", "/run/docker.sock", "/run", false },
	{ "a sibling holds nothing", "/run/docker", "/run/docker.sock", false },
};

static void check_holds(void **state)
{
	const struct holds_case *t = *state;

	assert_int_equal(bind_holds(slice_of(t->outer), slice_of(t->inner)), t->want);
}

static struct entry_case {
	const char *name;
	const char *in;
	enum mount_source kind;
	const char *source; /* NULL: not looked at */
} entries[] = {
	{ "a bind is a host path", "/srv srv none bind 0 0", MOUNT_HOST, "/srv" },
	{ "a recursive bind too", "/srv srv none rbind,ro", MOUNT_HOST, "/srv" },
	{ "a moved mount too", "/srv srv none move 0 0", MOUNT_HOST, "/srv" },
	{ "options of ours hide nothing", "/srv srv none bind,optional,create=dir 0 0",
	  MOUNT_HOST, "/srv" },
	{ "tabs divide fields", "/srv\tsrv\tnone\tbind\t0\t0", MOUNT_HOST, "/srv" },
	{ "runs of blanks divide fields", "/srv   srv  none   bind", MOUNT_HOST, "/srv" },
	{ "\\040 is a blank", "/srv/a\\040b srv none bind 0 0", MOUNT_HOST, "/srv/a b" },
	{ "\\011, \\012 and \\134 are decoded", "/a\\011b\\012c\\134d x none bind",
	  MOUNT_HOST, "/a\tb\nc\\d" },
	{ "two backslashes are one", "/a\\\\b x none bind", MOUNT_HOST, "/a\\b" },
	{ "another escape stays", "/a\\057etc x none bind", MOUNT_HOST, "/a\\057etc" },
	{ "the path is normalised", "/var/run//docker.sock x none bind", MOUNT_HOST,
	  "/run/docker.sock" },
	{ "a relative source begins at the root", "srv/data x none bind", MOUNT_HOST,
	  "/srv/data" },
	{ "a relative source climbs to the root", "../../etc x none bind", MOUNT_HOST,
	  "/etc" },
	{ "relative means inside the container", "dev/null proc/kcore none bind,relative",
	  MOUNT_INSIDE, NULL },
	{ "relative that climbs out is a host path", "../etc x none bind,relative",
	  MOUNT_HOST, "/etc" },
	{ "dots and double slashes are no directories to climb out of",
	  "./a/.//../../etc x none bind,relative", MOUNT_HOST, "/etc" },
	{ "nor do they climb out", ".//./b/. x none bind,relative", MOUNT_INSIDE, NULL },
	{ "a detour that stays inside is inside", "a/../b x none bind,relative",
	  MOUNT_INSIDE, NULL },
	{ "a disk is a host path", "/dev/sdb1 mnt ext4 defaults 0 0", MOUNT_HOST,
	  "/dev/sdb1" },
	{ "a path without options is a host path", "/srv srv", MOUNT_HOST, "/srv" },
	{ "proc is a name", "proc proc proc nodev,noexec 0 0", MOUNT_NOTHING, NULL },
	{ "sysfs is a name", "sysfs sys sysfs ro 0 0", MOUNT_NOTHING, NULL },
	{ "tmpfs is a name", "tmpfs tmp tmpfs size=1g 0 0", MOUNT_NOTHING, NULL },
	{ "none is a name", "none run tmpfs defaults", MOUNT_NOTHING, NULL },
	{ "a path as label of a tmpfs is a name", "/srv tmp tmpfs defaults",
	  MOUNT_NOTHING, NULL },
	{ "a bind with the type tmpfs is a bind", "/etc mnt tmpfs bind", MOUNT_HOST,
	  "/etc" },
	{ "an NFS export is a name", "nas:/export mnt nfs ro 0 0", MOUNT_NOTHING, NULL },
	{ "a Lustre file system is a name", "10.0.0.1@tcp:/home mnt lustre ro 0 0",
	  MOUNT_NOTHING, NULL },
	{ "an OrangeFS volume is a name", "tcp://nas:3334/vol mnt pvfs2 ro 0 0",
	  MOUNT_NOTHING, NULL },
	{ "by its other word, too", "tcp://nas:3334/vol mnt orangefs ro 0 0",
	  MOUNT_NOTHING, NULL },
	{ "a Gluster volume is a name", "nas:/vol mnt glusterfs ro 0 0", MOUNT_NOTHING,
	  NULL },
	{ "but not what is bound", "/home mnt lustre bind 0 0", MOUNT_HOST, "/home" },
	{ "a CIFS share is a name", "//nas/share mnt cifs ro 0 0", MOUNT_NOTHING, NULL },
	{ "a FUSE source is a name", "/x mnt fuse.sshfs ro", MOUNT_NOTHING, NULL },
	{ "a comment is nothing", "#/srv srv none bind 0 0", MOUNT_NOTHING, NULL },
	{ "an empty value is nothing", "", MOUNT_NOTHING, NULL },
	{ "blanks are nothing", "  \t ", MOUNT_NOTHING, NULL },
	{ "an option that ends in bind is none", "srv x none unbind", MOUNT_NOTHING,
	  NULL },
	{ "an option that begins with bind is a bind for LXC",
	  "/etc x proc bindx,optional", MOUNT_HOST, "/etc" },
	{ "one that begins with rbind too", "/etc x tmpfs rbindfoo", MOUNT_HOST, "/etc" },
	{ "a disk by a relative path is the node's", "dev/sdb1 mnt ext4 rw", MOUNT_HOST,
	  "/dev/sdb1" },
	{ "a data set of ZFS is a name", "rpool/data mnt zfs rw", MOUNT_NOTHING, NULL },
};

static void check_entry(void **state)
{
	const struct entry_case *t = *state;
	struct arena a = { 0 };
	struct mount_entry m = mount_entry_parse(slice_of(t->in), &a);

	assert_int_equal(m.kind, t->kind);
	if (t->source) {
		assert_int_equal(m.source.len, strlen(t->source));
		assert_memory_equal(m.source.ptr, t->source, m.source.len);
	}
	arena_done(&a);
}

static struct opened_case {
	const char *name;
	const char *in;
	const char *want; /* NULL: nothing besides the source */
} opened[] = {
	{ "of a relative bind LXC drops the first part", "srv/data x none bind",
	  "/data" },
	{ "and so binds the root where there is no other", "srv x none rbind", "/" },
	{ "dots are a part, too", "./etc x none bind", "/etc" },
	{ "of an absolute one it drops nothing", "/srv/data x none bind", NULL },
	{ "nor of one inside the container", "srv/data x none bind,relative", NULL },
	{ "nor of a disk", "dev/sdb1 x ext4 rw", NULL },
};

static void check_opened(void **state)
{
	const struct opened_case *t = *state;
	struct arena a = { 0 };
	struct mount_entry m = mount_entry_parse(slice_of(t->in), &a);

	if (t->want)
		assert_true(slice_eq(m.opened, t->want));
	else
		assert_null(m.opened.ptr);
	arena_done(&a);
}

/* What stands beyond the bytes that LXC reads of an entry says nothing. */
static void check_long(void **state)
{
	static const char head[] = "etc x none bind", tail[] = ",relative";
	const size_t len = sizeof(tail) - 1;
	char text[4096 + sizeof(tail)];
	struct arena a = { 0 };

	(void)state;
	for (size_t beyond = 0; beyond < 2; beyond++) {
		size_t n = 4095 - len + beyond;
		struct slice in = { text, n + len };

		memset(text, ',', n);
		memcpy(text, head, sizeof(head) - 1);
		memcpy(text + n, tail, len);
		assert_int_equal(mount_entry_parse(in, &a).kind,
				 beyond ? MOUNT_HOST : MOUNT_INSIDE);
	}
	arena_done(&a);
}

static struct layer_case {
	const char *name;
	const char *options;
	const char *want[4];
} layers[] = {
	{ "every layer is a host path",
	  "lowerdir=/a:/b,upperdir=/c/,workdir=/var/run/d",
	  { "/a", "/b", "/c", "/run/d" } },
	{ "layers added one by one", "lowerdir+=/a,datadir+=/b,ro", { "/a", "/b" } },
	{ "a relative layer begins at the root", "lowerdir=etc", { "/etc" } },
	{ "an empty layer is none", "lowerdir=:/b", { "/b" } },
	{ "a layer behind a colon may be relative to nothing",
	  "lowerdir=/a:,ro",
	  { "/a" } },
	{ "other options are none", "ro,nosuid,index=off" },
	{ "no options, no layers", "" },
};

static void check_layers(void **state)
{
	const struct layer_case *t = *state;
	struct slice got, options = slice_of(t->options);
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(t->want) && t->want[i]; i++) {
		assert_true(mount_entry_layer(&options, &a, &got));
		assert_int_equal(got.len, strlen(t->want[i]));
		assert_memory_equal(got.ptr, t->want[i], got.len);
	}
	assert_false(mount_entry_layer(&options, &a, &got));
	arena_done(&a);
}

static void check_fields(void **state)
{
	struct arena a = { 0 };
	struct mount_entry m = mount_entry_parse(
		slice_of("overlay mnt overlay lowerdir=/a 0 0 rest"), &a);

	(void)state;
	assert_true(m.overlay);
	assert_true(slice_eq(m.target, "mnt"));
	assert_true(slice_eq(m.type, "overlay"));
	assert_true(slice_eq(m.options, "lowerdir=/a"));
	arena_done(&a);
}

static void check_device(void **state)
{
	(void)state;
	assert_true(bind_is_device(slice_of("/dev/net/tun")));
	assert_false(bind_is_device(slice_of("/dev")));
	assert_false(bind_is_device(slice_of("/devices/x")));
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, paths, check_path);
	ROWS_ADD(&r, holds, check_holds);
	ROWS_ADD(&r, entries, check_entry);
	ROWS_ADD(&r, opened, check_opened);
	ROWS_ADD_ONE(&r, "LXC forgets what of an entry is beyond 4095 bytes", check_long);
	ROWS_ADD(&r, layers, check_layers);
	ROWS_ADD_ONE(&r, "the fields of an entry are its four first words", check_fields);
	ROWS_ADD_ONE(&r, "devices are below /dev", check_device);
	return rows_run(&r, "bind");
}
