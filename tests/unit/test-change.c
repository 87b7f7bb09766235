/* SPDX-License-Identifier: MIT */
/*
 * Unit tests for lib/pve/change.c: a guest's file and a command give the configuration that
 * results, as "key=value" lines, "lxc.key->value" for raw ones.
 */
#include "rows.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pve/change.h"

enum { WORDS = 12 };

/* Appends what @s holds. */
static void render(const struct guestconf_section *s, struct buf *out)
{
	for (size_t i = 0; i < s->nentries; i++)
		buf_printf(out, "%.*s=%.*s\n", SLICE_ARG(s->entries[i].key),
			   SLICE_ARG(s->entries[i].value));
	for (size_t i = 0; i < s->nraws; i++)
		buf_printf(out, "%.*s->%.*s\n", SLICE_ARG(s->raws[i].key),
			   SLICE_ARG(s->raws[i].value));
}

/* Reads the command line @line, the tool first. */
static void read_line(const char *const *line, struct arena *a, struct argv_command *ret)
{
	struct err e = { 0 };
	int n = 1;

	while (line[n])
		n++;
	if (argv_read((enum tool)cli_tool_find(line[0]), n - 1, line + 1, 0, a, ret, &e))
		fail_msg("%s", e.msg);
}

static struct create_row {
	const char *name;
	const char *argv[WORDS];
	const char *want;
} create_rows[] = {
	{ "a container is unprivileged and has 4 GiB",
	  { "pct", "create", "101", "local:vztmpl/t.tar" },
	  "unprivileged=1\nrootfs=local:4,size=4G\n" },
	{ "in the storage that was named",
	  { "pct", "create", "101", "t", "--storage", "fast" },
	  "unprivileged=1\nrootfs=fast:4,size=4G\n" },
	{ "a number alone is a volume there",
	  { "pct", "create", "101", "t", "--rootfs", "1.5", "--storage", "fast" },
	  "rootfs=fast:1.5,size=1.5G\nunprivileged=1\n" },
	{ "or on local",
	  { "pct", "create", "101", "t", "--rootfs", "8" },
	  "rootfs=local:8,size=8G\nunprivileged=1\n" },
	{ "with members it is none",
	  { "pct", "create", "101", "t", "--rootfs", "8,ro=1", "--storage", "fast" },
	  "rootfs=8,ro=1\nunprivileged=1\n" },
	{ "privileged where it is said",
	  { "pct", "create", "101", "t", "--unpriv", "no", "--rootfs", "lvm:8" },
	  "unprivileged=0\nrootfs=lvm:8,size=8G\n" },
	{ "the last value counts",
	  { "pct", "create", "101", "t", "-unprivileged=1", "-unprivileged=0", "--rootfs",
	    "a:b" },
	  "unprivileged=0\nrootfs=a:b\n" },
	{ "what is no key of a guest's file is not in it",
	  { "pct", "create", "101", "t", "--pool", "p", "--start", "1", "--rootfs",
	    "a:b" },
	  "rootfs=a:b\nunprivileged=1\n" },
	{ "what a disk is imported from is not written",
	  { "qm", "create", "101", "--scsi0",
	    "local:0,import-from=/srv/disk.raw,discard=on" },
	  "scsi0=local:0,discard=on,size=0G\n" },
	{ "nor another volume it is imported from",
	  { "qm", "create", "101", "--scsi0", "import-from=a:b,file=local:0" },
	  "scsi0=file=local:0,size=0G\n" },
	{ "further members of a volume stay",
	  { "pct", "create", "101", "t", "--rootfs", "lvm:8,ro=1", "--mp0",
	    "mp=/x,volume=lvm:1.5,backup=1" },
	  "rootfs=lvm:8,ro=1,size=8G\nmp0=mp=/x,volume=lvm:1.5,backup=1,size=1.5G\n"
	  "unprivileged=1\n" },
	{ "a bind has no size",
	  { "pct", "create", "101", "t", "--rootfs", "a:b", "--mp0", "/srv,mp=/x" },
	  "rootfs=a:b\nmp0=/srv,mp=/x\nunprivileged=1\n" },
	{ "a VM gets nothing that nobody asked for",
	  { "qm", "create", "200", "--memory", "512" },
	  "memory=512\n" },
	{ "a VM's disks",
	  { "qm", "create", "200", "--scsi0", "lvm:32,ssd=1", "--sata1",
	    "ssd=1,file=lvm:4" },
	  "scsi0=lvm:32,ssd=1,size=32G\nsata1=ssd=1,file=lvm:4,size=4G\n" },
	{ "the size of a new disk is the one that is made",
	  { "qm", "create", "200", "--scsi0", "lvm:32,size=1G,ssd=1" },
	  "scsi0=lvm:32,ssd=1,size=32G\n" },
	{ "a disk that is there keeps what is said",
	  { "qm", "create", "200", "--scsi0", "lvm:vm-1-disk-0,size=1G" },
	  "scsi0=lvm:vm-1-disk-0,size=1G\n" },
	{ "what only begins like a size is none",
	  { "qm", "create", "200", "--scsi0", "lvm:5-1", "--scsi1", "lvm:1.2.3",
	    "--scsi2", "lvm:.5", "--scsi3", "lvm:5." },
	  "scsi0=lvm:5-1\nscsi1=lvm:1.2.3\nscsi2=lvm:.5\nscsi3=lvm:5.\n" },
	{ "empty members of a new disk go",
	  { "qm", "create", "200", "--scsi0", "lvm:8,,ssd=1" },
	  "scsi0=lvm:8,ssd=1,size=8G\n" },
	{ "a disk that Proxmox will refuse stays as typed",
	  { "qm", "create", "200", "--scsi0", "lvm:8,bogus=1" },
	  "scsi0=lvm:8,bogus=1\n" },
	{ "a PCI address is no size",
	  { "qm", "create", "200", "--hostpci0", "01:00.0", "--usb0", "host=1234:5678" },
	  "hostpci0=01:00.0\nusb0=host=1234:5678\n" },
	{ "a new VM's cdrom is its ide2",
	  { "qm", "create", "200", "--cdrom", "nas:iso/b.iso" },
	  "ide2=nas:iso/b.iso,media=cdrom\n" },
	{ "a text that looks like a volume is none",
	  { "qm", "create", "200", "--description", "room:12", "--args", "-x a:1" },
	  "description=room:12\nargs=-x a:1\n" },
};

static void is_created(void **state)
{
	const struct create_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf_section after;
	struct argv_command c;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(change_create(&c, &a, &after, &e), 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct import_row {
	const char *name;
	const char *argv[WORDS];
	const char *want;
} import_rows[] = {
	{ "a manifest's VM has a disk on the storage",
	  { "qm", "importovf", "101", "/srv/vm.ovf", "lvm" },
	  "scsi0=lvm:0\n" },
	{ "an import's options are in it",
	  { "qm", "import", "101", "a:import/b.ova", "--storage", "lvm", "--memory",
	    "512" },
	  "memory=512\nscsi0=lvm:0\n" },
	{ "what is to be deleted is not",
	  { "qm", "import", "101", "a:import/b.ova", "--storage", "lvm", "--delete",
	    "cores,memory", "--memory", "512" },
	  "scsi0=lvm:0\n" },
	{ "a disk that is named is the disk",
	  { "qm", "import", "101", "a:import/b.ova", "--storage", "lvm", "--sata0",
	    "fast:8" },
	  "sata0=fast:8,size=8G\n" },
};

static void is_imported(void **state)
{
	const struct import_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf_section after;
	struct argv_command c;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(change_import(&c, &a, &after, &e), 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct disk_row {
	const char *name, *text;
	const char *argv[WORDS];
	const char *want;
} disk_rows[] = {
	{ "a disk of no name is the first unused one",
	  "memory: 512\n",
	  { "qm", "importdisk", "101", "/srv/d", "lvm" },
	  "memory=512\nunused0=lvm:0\n" },
	{ "that is free",
	  "unused0: lvm:vm-101-disk-1\nunused1: lvm:vm-101-disk-2\n",
	  { "qm", "disk", "import", "101", "/srv/d", "lvm" },
	  "unused0=lvm:vm-101-disk-1\nunused1=lvm:vm-101-disk-2\nunused2=lvm:0\n" },
	{ "one of a name has it",
	  "memory: 512\n",
	  { "qm", "importdisk", "101", "/srv/d", "lvm", "--target-disk", "scsi3" },
	  "memory=512\nscsi3=lvm:0\n" },
};

static void has_disk_more(void **state)
{
	const struct disk_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf conf;
	struct guestconf_section after;
	struct argv_command c;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(guestconf_parse(GUEST_VM, slice_of(t->text), &a, &conf, &e), 0);
	assert_int_equal(change_disk(guestconf_current(&conf), &c, &a, &after, &e), 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct change_row {
	const char *name, *text;
	const char *argv[WORDS];
	const char *want, *keys; /* .keys: those that differ */
} set_rows[] = {
	{ "nothing is set",
	  "memory: 512\n",
	  { "pct", "set", "101" },
	  "memory=512\n",
	  "" },
	{ "a value replaces in its place",
	  "memory: 512\nswap: 1\n",
	  { "pct", "set", "101", "--memory", "256" },
	  "memory=256\nswap=1\n",
	  "memory" },
	{ "a new key comes last",
	  "swap: 1\n",
	  { "pct", "set", "101", "--memory", "256" },
	  "swap=1\nmemory=256\n",
	  "memory" },
	{ "the same value is no change",
	  "memory: 512\n",
	  { "pct", "set", "101", "--memory", "512" },
	  "memory=512\n",
	  "" },
	{ "an empty value is a value",
	  "description: x\n",
	  { "pct", "set", "101", "--description", "" },
	  "description=\n",
	  "description" },
	{ "delete",
	  "memory: 512\nswap: 1\n",
	  { "pct", "set", "101", "--delete", "swap" },
	  "memory=512\n",
	  "swap" },
	{ "delete in one list",
	  "memory: 512\nswap: 1\ntags: a\n",
	  { "pct", "set", "101", "--delete", "swap,tags" },
	  "memory=512\n",
	  "swap tags" },
	{ "a list may hold blanks and semicolons",
	  "memory: 512\nswap: 1\ntags: a\n",
	  { "pct", "set", "101", "--delete", "swap; tags ,memory" },
	  "",
	  "memory swap tags" },
	{ "delete more than once",
	  "memory: 512\nswap: 1\ntags: a\n",
	  { "pct", "set", "101", "--delete", "swap", "--del=tags" },
	  "memory=512\n",
	  "swap tags" },
	{ "delete what is not there",
	  "memory: 512\n",
	  { "pct", "set", "101", "--delete", "swap" },
	  "memory=512\n",
	  "" },
	{ "a property string is replaced as a whole",
	  "features: nesting=1,keyctl=1\n",
	  { "pct", "set", "101", "--features", "fuse=1" },
	  "features=fuse=1\n",
	  "features" },
	{ "raw lines stay",
	  "swap: 1\nlxc.cap.drop:\n",
	  { "pct", "set", "101", "--delete", "swap" },
	  "lxc.cap.drop->\n",
	  "swap" },
	{ "what is pending counts",
	  "swap: 1\n[pve:pending]\nmemory: 7\n",
	  { "pct", "set", "101", "--swap", "2" },
	  "swap=2\nmemory=7\n",
	  "memory swap" },
	{ "delete of what is pending",
	  "swap: 1\n[pve:pending]\nswap: 2\n",
	  { "pct", "set", "101", "--delete", "swap" },
	  "",
	  "swap" },
	{ "revert gives back the current value",
	  "swap: 1\n[pve:pending]\nswap: 2\n",
	  { "pct", "set", "101", "--revert", "swap" },
	  "swap=1\n",
	  "" },
	{ "revert of a new key takes it away",
	  "swap: 1\n[pve:pending]\nmemory: 2\n",
	  { "pct", "set", "101", "--revert", "memory" },
	  "swap=1\n",
	  "" },
	{ "revert of a pending delete",
	  "swap: 1\nmemory: 2\n[pve:pending]\ndelete: swap\n",
	  { "pct", "set", "101", "--revert", "swap" },
	  "memory=2\nswap=1\n",
	  "" },
	{ "snapshots stay out of it",
	  "swap: 1\n[snap]\nswap: 2\nmemory: 3\n",
	  { "pct", "set", "101", "--hostname", "x" },
	  "swap=1\nhostname=x\n",
	  "hostname" },
	{ "a VM's cdrom is its ide2",
	  "ide2: iso:iso/a.iso,media=cdrom\n",
	  { "qm", "set", "101", "--cdrom", "nas:iso/b.iso" },
	  "ide2=nas:iso/b.iso,media=cdrom\n",
	  "ide2" },
	{ "whose medium may be said",
	  "cores: 1\n",
	  { "qm", "set", "101", "--cdrom", "none,media=cdrom" },
	  "cores=1\nide2=none,media=cdrom\n",
	  "ide2" },
	{ "and which wins over an ide2 behind it",
	  "cores: 1\n",
	  { "qm", "set", "101", "--cdrom", "nas:iso/b.iso", "--ide2", "none" },
	  "cores=1\nide2=nas:iso/b.iso,media=cdrom\n",
	  "ide2" },
	{ "delete of the cdrom",
	  "cores: 1\nide2: iso:iso/a.iso,media=cdrom\n",
	  { "qm", "set", "101", "--delete", "cdrom" },
	  "cores=1\n",
	  "ide2" },
	{ "disk unlink is a delete, of whatever it is given",
	  "hookscript: lvm:snippets/h\nname: x\nscsi0: lvm:vm-1-disk-0\n",
	  { "qm", "unlink", "101", "--idlist", "scsi0;hookscript" },
	  "name=x\n",
	  "hookscript scsi0" },
	{ "a VM's disk",
	  "scsi0: lvm:vm-1-disk-0,size=1G\n",
	  { "qm", "set", "101", "--scsi1", "lvm:5" },
	  "scsi0=lvm:vm-1-disk-0,size=1G\nscsi1=lvm:5,size=5G\n",
	  "scsi1" },
};

/* Appends the names of @keys, a blank between them. */
static void render_keys(const struct change_keys *keys, struct buf *out)
{
	for (size_t i = 0; i < keys->n; i++) {
		buf_puts(out, i ? " " : "");
		buf_slice(out, keys->keys[i]);
	}
}

static void is_set(void **state)
{
	const struct change_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 }, changed = { 0 };
	enum guest_kind kind = strcmp(t->argv[0], "pct") == 0 ? GUEST_CT : GUEST_VM;
	struct guestconf_section after;
	struct change_keys keys;
	struct argv_command c;
	struct guestconf conf;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(guestconf_parse(kind, slice_of(t->text), &a, &conf, &e), 0);
	assert_int_equal(change_set(&conf, &c, &a, &after, &e), 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
	assert_int_equal(change_keys(guestconf_current(&conf), &after, &a, &keys, &e), 0);
	render_keys(&keys, &changed);
	assert_string_equal(buf_text(&changed), t->keys);
}

/* .keys: the snapshot that is copied; NULL: the current section. */
static struct change_row copy_rows[] = {
	{ "everything but what is of the source alone",
	  "lock: backup\nparent: s\ntemplate: 1\nhookscript: lvm:snippets/h\ntags: "
	  "just-1\n"
	  "unprivileged: 0\nlxc.cap.drop:\n[pve:pending]\nswap: 7\n",
	  { "pct", "clone", "101", "102" },
	  "hookscript=lvm:snippets/h\ntags=just-1\nunprivileged=0\nlxc.cap.drop->\n",
	  NULL },
	{ "options of the command on top",
	  "hostname: old\nswap: 1\n",
	  { "pct", "clone", "101", "102", "--hostname", "new" },
	  "hostname=new\nswap=1\n",
	  NULL },
	{ "a snapshot",
	  "unprivileged: 1\n[snap]\nsnaptime: 1\nunprivileged: 0\n",
	  { "pct", "clone", "101", "102", "--snapname", "snap" },
	  "unprivileged=0\n",
	  "snap" },
	{ "a rollback adds nothing",
	  "name: web\n[snap]\nname: old\nvmstate: a:b\ncores: 2\n",
	  { "qm", "rollback", "101", "snap" },
	  "name=old\ncores=2\n",
	  "snap" },
	{ "a VM's clone is named after it",
	  "name: web\ncores: 2\n",
	  { "qm", "clone", "101", "102" },
	  "name=Copy-of-VM-web\ncores=2\n",
	  NULL },
	{ "or after its number",
	  "cores: 2\n",
	  { "qm", "clone", "101", "102" },
	  "cores=2\nname=Copy-of-VM-101\n",
	  NULL },
	{ "or as it is said",
	  "name: web\n",
	  { "qm", "clone", "101", "102", "--name", "db" },
	  "name=db\n",
	  NULL },
};

static void is_copied(void **state)
{
	const struct change_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	enum guest_kind kind = strcmp(t->argv[0], "pct") == 0 ? GUEST_CT : GUEST_VM;
	const struct guestconf_section *from;
	struct guestconf_section after;
	struct argv_command c;
	struct guestconf conf;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(guestconf_parse(kind, slice_of(t->text), &a, &conf, &e), 0);
	from = t->keys ? guestconf_snapshot(&conf, slice_of(t->keys))
		       : guestconf_current(&conf);
	assert_non_null(from);
	assert_int_equal(change_copy(from, kind, &c, &a, &after, &e), 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

/* How a guest is made out of .text, or what becomes of it. */
typedef int (*change_fn)(const struct guestconf_section *from, enum guest_kind kind,
			 const struct argv_command *c, struct arena *a,
			 struct guestconf_section *ret, struct err *e);

static struct volume_row {
	const char *name;
	change_fn change;
	const char *text;
	const char *argv[WORDS];
	const char *want;
} volume_rows[] = {
	{ "a clone's volumes are where --storage says",
	  change_clone,
	  "rootfs: lvm:vm-101-disk-0,size=4G\nmp0: "
	  "ro=1,volume=nas:101/vm-101-disk-1.raw,mp=/x\nunused0: nas:vm-101-disk-2\n",
	  { "pct", "clone", "101", "102", "--full", "--storage", "fast" },
	  "rootfs=fast:vm-101-disk-0,size=4G\n"
	  "mp0=ro=1,volume=fast:101/vm-101-disk-1.raw,mp=/x\n" },
	{ "else where they are, but for what is unused",
	  change_clone,
	  "rootfs: lvm:vm-101-disk-0,size=4G\nunused0: nas:vm-101-disk-2\n",
	  { "pct", "clone", "101", "102" },
	  "rootfs=lvm:vm-101-disk-0,size=4G\n" },
	{ "a VM's too, without what is inserted",
	  change_clone,
	  "efidisk0: lvm:vm-1-disk-0,size=4M\nide0: nas:vm-1-cloudinit,media=cdrom\n"
	  "ide1: lvm:101/vm-101-cloudinit.qcow2,media=cdrom\n"
	  "ide2: nas:iso/a.iso,media=cdrom\nname: x\nsata0: none,media=cdrom\n"
	  "scsi0: file=lvm:vm-1-disk-1,ssd=1\nscsi1: /dev/sdb\n",
	  { "qm", "clone", "101", "102", "--full", "--storage", "fast" },
	  "efidisk0=fast:vm-1-disk-0,size=4M\nide0=fast:vm-1-cloudinit,media=cdrom\n"
	  "ide1=fast:101/vm-101-cloudinit.qcow2,media=cdrom\n"
	  "ide2=nas:iso/a.iso,media=cdrom\nname=Copy-of-VM-x\nsata0=none,media=cdrom\n"
	  "scsi0=file=fast:vm-1-disk-1,ssd=1\nscsi1=/dev/sdb\n" },
	{ "an image that is named like cloud-init's is none",
	  change_clone,
	  "ide1: nas:iso/seed-cloudinit.iso,media=cdrom\n"
	  "ide2: nas:iso/cloudinits.iso,media=cdrom\n"
	  "ide3: nas:iso/mycloudinit.iso,media=cdrom\n",
	  { "qm", "clone", "101", "102", "--name", "y", "--storage", "fast" },
	  "ide1=nas:iso/seed-cloudinit.iso,media=cdrom\n"
	  "ide2=nas:iso/cloudinits.iso,media=cdrom\n"
	  "ide3=nas:iso/mycloudinit.iso,media=cdrom\nname=y\n" },
	{ "a container comes out of its archive on local",
	  change_restore,
	  "rootfs: lvm:vm-101-disk-0,size=4G\nmp0: lvm:vm-101-disk-1,mp=/x,size=1G\n"
	  "mp1: /srv/x,mp=/y\nunused3: nas:z\n",
	  { "pct", "restore", "101", "a" },
	  "rootfs=local:vm-101-disk-0,size=4G\nmp0=local:vm-101-disk-1,mp=/x,size=1G\n"
	  "mp1=/srv/x,mp=/y\n" },
	{ "or on --storage",
	  change_restore,
	  "rootfs: lvm:vm-101-disk-0,size=4G\n",
	  { "pct", "create", "101", "a", "--restore", "--storage", "fast" },
	  "rootfs=fast:vm-101-disk-0,size=4G\n" },
	{ "or with the volumes of the command line alone",
	  change_restore,
	  "rootfs: lvm:vm-101-disk-0,size=4G\nmp0: /srv/x,mp=/x\nmp1: lvm:z,mp=/y\n",
	  { "pct", "restore", "101", "a", "--rootfs", "fast:8", "--mp2", "fast:1,mp=/z" },
	  "rootfs=fast:8,size=8G\nmp2=fast:1,mp=/z,size=1G\n" },
	{ "of which a size alone is one",
	  change_restore,
	  "rootfs: lvm:vm-101-disk-0,size=4G\n",
	  { "pct", "restore", "101", "a", "--rootfs", "8", "--storage", "fast" },
	  "rootfs=fast:8,size=8G\n" },
	{ "its networks can be given",
	  change_restore,
	  "net0: name=eth0,bridge=a\nnet1: name=eth1,bridge=b\n",
	  { "pct", "restore", "101", "a", "--net0", "name=eth0,bridge=c" },
	  "net0=name=eth0,bridge=c\nnet1=name=eth1,bridge=b\n" },
	{ "but with --unique the archive's win",
	  change_restore,
	  "net0: name=eth0,bridge=a\n",
	  { "pct", "restore", "101", "a", "--unique", "1", "--net0", "name=eth0,bridge=c",
	    "--net3", "name=eth3,bridge=c" },
	  "net0=name=eth0,bridge=a\nnet3=name=eth3,bridge=c\n" },
	{ "a template stays one",
	  change_restore,
	  "hostname: t\nlock: backup\ntemplate: 1\n",
	  { "pct", "restore", "101", "a" },
	  "hostname=t\ntemplate=1\n" },
	{ "a VM comes on the storages of its archive",
	  change_restore,
	  "scsi0: lvm:vm-1-disk-0,size=8G\nunused0: nas:x\ntemplate: 1\n",
	  { "qmrestore", "a", "101" },
	  "scsi0=lvm:vm-1-disk-0,size=8G\ntemplate=1\n" },
	{ "or on --storage",
	  change_restore,
	  "scsi0: lvm:vm-1-disk-0,size=8G\nide2: nas:iso/a.iso,media=cdrom\n",
	  { "qmrestore", "a", "101", "--storage", "fast" },
	  "scsi0=fast:vm-1-disk-0,size=8G\nide2=nas:iso/a.iso,media=cdrom\n" },
	{ "without the drives that no backup has",
	  change_restore,
	  "scsi0: lvm:vm-1-disk-0,backup=1\nscsi1: /dev/sdb,backup=0\nscsi2: "
	  "lvm:x,backup=off\n",
	  { "qm", "create", "101", "--archive", "a" },
	  "scsi0=lvm:vm-1-disk-0,backup=1\n" },
	{ "its networks are those of the command line, with --unique too",
	  change_restore,
	  "net0: virtio,bridge=a\n",
	  { "qm", "create", "101", "--archive", "a", "--unique", "1", "--net0",
	    "virtio,bridge=c" },
	  "net0=virtio,bridge=c\n" },
	{ "a volume that is moved leaves one that is unused",
	  change_move,
	  "rootfs: lvm:vm-1-disk-0,size=4G\nunused0: lvm:z\n",
	  { "pct", "move-volume", "101", "rootfs", "fast" },
	  "rootfs=fast:vm-1-disk-0,size=4G\nunused0=lvm:z\nunused1=lvm:vm-1-disk-0\n" },
	{ "one that is unused is moved as well",
	  change_move,
	  "unused0: lvm:vm-1-disk-0\n",
	  { "pct", "move-volume", "101", "unused0", "fast", "--delete" },
	  "unused0=fast:vm-1-disk-0\n" },
	{ "or nothing",
	  change_move,
	  "scsi0: lvm:vm-1-disk-0,size=4G\n",
	  { "qm", "move_disk", "101", "scsi0", "fast", "--delete" },
	  "scsi0=fast:vm-1-disk-0,size=4G\n" },
	{ "one that goes to another guest is gone",
	  change_move,
	  "cores: 2\nscsi1: lvm:vm-1-disk-0,size=4G\n",
	  { "qm", "disk", "move", "101", "scsi1", "--target-vmid", "102" },
	  "cores=2\n" },
	{ "one that goes nowhere stays",
	  change_move,
	  "mp1: lvm:vm-1-disk-0,mp=/x\n",
	  { "pct", "move-volume", "101", "mp1", "--target-vmid", "101" },
	  "mp1=lvm:vm-1-disk-0,mp=/x\n" },
	{ "one that is not there does not come",
	  change_move,
	  "cores: 2\n",
	  { "qm", "disk", "move", "101", "scsi1", "fast" },
	  "cores=2\n" },
	{ "a volume grows",
	  change_resize,
	  "rootfs: lvm:vm-1-disk-0,size=4G,ro=1\n",
	  { "pct", "resize", "101", "rootfs", "+2G" },
	  "rootfs=lvm:vm-1-disk-0,ro=1,size=6G\n" },
	{ "or has the size that is said",
	  change_resize,
	  "scsi0: size=4G,file=lvm:vm-1-disk-0\n",
	  { "qm", "resize", "101", "scsi0", "8G" },
	  "scsi0=file=lvm:vm-1-disk-0,size=8G\n" },
	{ "at least what it grows by, where nobody knows its size",
	  change_resize,
	  "scsi0: lvm:vm-1-disk-0\n",
	  { "qm", "resize", "101", "scsi0", "+1G" },
	  "scsi0=lvm:vm-1-disk-0,size=1G\n" },
	{ "in units as small as needed",
	  change_resize,
	  "scsi0: lvm:vm-1-disk-0,size=1K\n",
	  { "qm", "resize", "101", "scsi0", "+1" },
	  "scsi0=lvm:vm-1-disk-0,size=1025\n" },
	{ "by no size it does not",
	  change_resize,
	  "scsi0: lvm:vm-1-disk-0,size=4G\n",
	  { "qm", "resize", "101", "scsi0", "much" },
	  "scsi0=lvm:vm-1-disk-0,size=4G\n" },
};

static void is_placed(void **state)
{
	const struct volume_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	enum guest_kind kind = strcmp(t->argv[0], "pct") == 0 ? GUEST_CT : GUEST_VM;
	struct guestconf_section after;
	struct argv_command c;
	struct guestconf conf;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(guestconf_parse(kind, slice_of(t->text), &a, &conf, &e), 0);
	assert_int_equal(t->change(guestconf_current(&conf), kind, &c, &a, &after, &e),
			 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct migrate_row {
	const char *name, *text;
	const char *argv[WORDS];
	const char *want;
} migrate_rows[] = {
	{ "a volume comes to lie where all are to",
	  "rootfs: lvm:vm-1-disk-0,size=4G\nmp0: fast:vm-1-disk-1,mp=/x\n",
	  { "pct", "migrate", "101", "pve2", "--target-storage", "big" },
	  "rootfs=big:vm-1-disk-0,size=4G\nmp0=big:vm-1-disk-1,mp=/x\n" },
	{ "or where those of its storage are",
	  "scsi0: lvm:vm-1-disk-0,size=4G\nscsi1: file=fast:vm-1-disk-1\n"
	  "sata0: odd:vm-1-disk-2\n",
	  { "qm", "migrate", "101", "pve2", "--targetstorage", "lvm:big,all",
	    "--targetstorage", "fast:slow" },
	  "scsi0=big:vm-1-disk-0,size=4G\nscsi1=file=slow:vm-1-disk-1\n"
	  "sata0=all:vm-1-disk-2\n" },
	{ "what is listed nowhere stays on its own",
	  "scsi0: lvm:vm-1-disk-0\nscsi1: fast:vm-1-disk-1\n",
	  { "qm", "migrate", "101", "pve2", "--targetstorage", "fast:slow" },
	  "scsi0=lvm:vm-1-disk-0\nscsi1=slow:vm-1-disk-1\n" },
	{ "as all do where that is said",
	  "scsi0: lvm:vm-1-disk-0\n",
	  { "qm", "migrate", "101", "pve2", "--targetstorage", "1" },
	  "scsi0=lvm:vm-1-disk-0\n" },
	{ "or nothing",
	  "scsi0: lvm:vm-1-disk-0\n",
	  { "qm", "migrate", "101", "pve2", "--online" },
	  "scsi0=lvm:vm-1-disk-0\n" },
	{ "and what is shared, within the cluster",
	  "scsi0: nas:vm-1-disk-0\nunused0: lvm:vm-1-disk-1\n",
	  { "qm", "migrate", "101", "pve2", "--targetstorage", "big" },
	  "scsi0=nas:vm-1-disk-0\nunused0=big:vm-1-disk-1\n" },
	{ "binds, devices and media stay as they are",
	  "scsi0: /dev/sdb\nide2: lvm:iso/a.iso,media=cdrom\nide0: none,media=cdrom\n"
	  "ide1: lvm:vm-1-cloudinit,media=cdrom\n",
	  { "qm", "migrate", "101", "pve2", "--targetstorage", "big" },
	  "scsi0=/dev/sdb\nide2=lvm:iso/a.iso,media=cdrom\nide0=none,media=cdrom\n"
	  "ide1=big:vm-1-cloudinit,media=cdrom\n" },
	{ "another cluster has its own storages and bridges",
	  "net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=5\nnet1: virtio,bridge=vmbr9\n"
	  "net2: virtio\nscsi0: nas:vm-1-disk-0\n",
	  { "qm", "remote-migrate", "101", "201", "host=a,apitoken=b", "--target-bridge",
	    "vmbr0:lan,wan", "--target-storage", "big" },
	  "net0=virtio=BC:24:11:00:00:01,bridge=lan,tag=5\nnet1=virtio,bridge=wan\n"
	  "net2=virtio\nscsi0=big:vm-1-disk-0\n" },
	{ "for containers, too",
	  "net0: name=eth0,bridge=vmbr0\nrootfs: nas:vm-1-disk-0\n",
	  { "pct", "remote-migrate", "101", "201", "host=a,apitoken=b", "--target-bridge",
	    "1", "--target-storage", "nas:big" },
	  "net0=name=eth0,bridge=vmbr0\nrootfs=big:vm-1-disk-0\n" },
};

static void is_migrated(void **state)
{
	static const char cfg[] = "lvmthin: lvm\n\tvgname a\n\tthinpool b\n\n"
				  "nfs: nas\n\tserver a\n\texport /b\n";
	const struct migrate_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	enum guest_kind kind = strcmp(t->argv[0], "pct") == 0 ? GUEST_CT : GUEST_VM;
	bool stays = strcmp(t->argv[1], "migrate") == 0;
	struct cluster_storages near;
	struct guestconf_section after;
	struct argv_command c;
	struct guestconf conf;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_int_equal(cluster_read_storages(slice_of(cfg), &a, &near, &e), 0);
	assert_int_equal(guestconf_parse(kind, slice_of(t->text), &a, &conf, &e), 0);
	assert_int_equal(change_migrate(guestconf_current(&conf), kind, &c,
					stays ? &near : NULL, &a, &after, &e),
			 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

static struct give_row {
	const char *name, *giver, *text;
	const char *argv[WORDS];
	const char *want;
} give_rows[] = {
	{ "a guest that is given a volume has it",
	  "mp1: lvm:vm-1-disk-0,mp=/x,size=4G\n",
	  "cores: 2\n",
	  { "pct", "move-volume", "101", "mp1", "--target-vmid", "102" },
	  "cores=2\nmp1=lvm:vm-1-disk-0,mp=/x,size=4G\n" },
	{ "under the key that is said",
	  "scsi1: lvm:vm-1-disk-0,size=4G\n",
	  "cores: 2\n",
	  { "qm", "disk", "move", "101", "scsi1", "--target-vmid", "102", "--target-disk",
	    "sata0" },
	  "cores=2\nsata0=lvm:vm-1-disk-0,size=4G\n" },
	{ "as the bare volume where it is unused",
	  "mp1: mp=/x,volume=lvm:vm-1-disk-0,size=4G\n",
	  "cores: 2\n",
	  { "pct", "move-volume", "101", "mp1", "--target-vmid", "102", "--target-volume",
	    "unused7" },
	  "cores=2\nunused7=lvm:vm-1-disk-0\n" },
	{ "what is unused there is unused here",
	  "unused0: lvm:vm-1-disk-0\n",
	  "cores: 2\n",
	  { "qm", "disk", "move", "101", "unused0", "--target-vmid", "102" },
	  "cores=2\nunused0=lvm:vm-1-disk-0\n" },
	{ "what is not there is not given",
	  "cores: 1\n",
	  "cores: 2\n",
	  { "qm", "disk", "move", "101", "scsi0", "--target-vmid", "102" },
	  "cores=2\n" },
};

static void is_given(void **state)
{
	const struct give_row *t = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	enum guest_kind kind = strcmp(t->argv[0], "pct") == 0 ? GUEST_CT : GUEST_VM;
	struct guestconf giver, taker;
	struct guestconf_section after;
	struct argv_command c;
	struct err e = { 0 };

	read_line(t->argv, &a, &c);
	assert_true(change_gives_away(&c));
	assert_int_equal(guestconf_parse(kind, slice_of(t->giver), &a, &giver, &e), 0);
	assert_int_equal(guestconf_parse(kind, slice_of(t->text), &a, &taker, &e), 0);
	assert_int_equal(change_receive(guestconf_current(&taker),
					guestconf_current(&giver), kind, &c, &a, &after,
					&e),
			 0);
	render(&after, &got);
	assert_string_equal(buf_text(&got), t->want);
}

/* Moving a whole guest to another cluster gives it its number there, and no volume away. */
static void a_migration_gives_nothing_away(void **state)
{
	const char *const line[] = { "qm",  "remote-migrate",   "101",
				     "102", "host=x",           "--target-bridge",
				     "1",   "--target-storage", "1",
				     NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;

	(void)state;
	read_line(line, &a, &c);
	assert_false(change_gives_away(&c));
}

static struct unlink_row {
	const char *name, *list;
	bool want;
} unlink_rows[] = {
	{ "volumes are what disk unlink is for", "scsi1,unused0 ide2;efidisk0", false },
	{ "an option is none", "scsi1,hookscript", true },
	{ "nor is what nobody knows", "scsi99", true },
	{ "nothing is nothing", ", ;", false },
};

static void is_unlinked(void **state)
{
	const struct unlink_row *t = *state;
	const char *const line[] = { "qm",       "disk",  "unlink", "101",
				     "--idlist", t->list, NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct argv_command c;

	read_line(line, &a, &c);
	assert_int_equal(change_unlinks_option(&c), t->want);
}

/* What the command sets has no line in the file; what it leaves alone keeps its own. */
static void lines_are_kept(void **state)
{
	const char *const line[] = { "pct", "set", "101", "--swap", "2", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	struct guestconf_section after;
	struct argv_command c;
	struct guestconf conf;
	struct err e = { 0 };

	(void)state;
	read_line(line, &a, &c);
	assert_int_equal(guestconf_parse(GUEST_CT, slice_of("swap: 1\nmemory: 5\n"), &a,
					 &conf, &e),
			 0);
	assert_int_equal(change_set(&conf, &c, &a, &after, &e), 0);
	assert_int_equal(guestconf_find(&after, "swap")->line, 0);
	assert_int_equal(guestconf_find(&after, "memory")->line, 2);
}

/* Against nothing, every key of a new guest is a change. */
static void all_keys_of_a_new_guest(void **state)
{
	const char *const line[] = { "pct", "create",   "101", "t", "--swap",
				     "2",   "--rootfs", "a:b", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf_section after;
	struct change_keys keys;
	struct argv_command c;
	struct err e = { 0 };

	(void)state;
	read_line(line, &a, &c);
	assert_int_equal(change_create(&c, &a, &after, &e), 0);
	assert_int_equal(change_keys(NULL, &after, &a, &keys, &e), 0);
	render_keys(&keys, &got);
	assert_string_equal(buf_text(&got), "rootfs swap unprivileged");
}

/* Pending changes put on top of what a command sets: net0 and net3 are two. */
static void numbers_are_kept(void **state)
{
	const char *const line[] = { "qm",     "create", "101",    "--net0",
				     "virtio", "--net3", "virtio", NULL };
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct guestconf_section both[2] = { [1] = { .type = SECTION_PENDING } }, merged;
	struct guestconf conf = { .kind = GUEST_VM, .sections = both, .nsections = 2 };
	struct argv_command c;
	struct err e = { 0 };

	(void)state;
	read_line(line, &a, &c);
	assert_int_equal(change_create(&c, &a, &both[0], &e), 0);
	assert_int_equal(guestconf_merge_pending(&conf, &a, &merged, &e), 0);
	render(&merged, &got);
	assert_string_equal(buf_text(&got), "net0=virtio\nnet3=virtio\n");
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, create_rows, is_created);
	ROWS_ADD(&r, import_rows, is_imported);
	ROWS_ADD(&r, disk_rows, has_disk_more);
	ROWS_ADD(&r, set_rows, is_set);
	ROWS_ADD(&r, copy_rows, is_copied);
	ROWS_ADD(&r, volume_rows, is_placed);
	ROWS_ADD(&r, migrate_rows, is_migrated);
	ROWS_ADD(&r, give_rows, is_given);
	ROWS_ADD(&r, unlink_rows, is_unlinked);
	ROWS_ADD_ONE(&r, "a migration gives nothing away",
		     a_migration_gives_nothing_away);
	ROWS_ADD_ONE(&r, "lines are kept", lines_are_kept);
	ROWS_ADD_ONE(&r, "all keys of a new guest", all_keys_of_a_new_guest);
	ROWS_ADD_ONE(&r, "numbers of a family are kept", numbers_are_kept);
	return rows_run(&r, "change");
}
