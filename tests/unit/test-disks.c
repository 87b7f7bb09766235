/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/disks.c, on a /proc, /dev and /sys of their own. Makes block devices. */
#include "rows.h"

#include <sys/sysmacros.h>

#include "base/buf.h"
#include "pve/disks.h"

#include "noread.h"
#include "root.h"

enum { MAJOR = 240, MANY = DISKS_MAX + 8 };

/* The devices, and what /sys calls them. */
static const struct device {
	const char *node, *sys; /* below /dev; below /sys/devices */
	bool part;
} devices[] = {
	{ "sda", "x/sda", false },      { "sdb", "x/sdb", false },
	{ "sr0", "x/sr0", false },      { "dm-3", "virtual/dm-3", false },
	{ "sda1", "x/sda/sda1", true }, { "sda2", "x/sda/sda2", true },
	{ "nameless", NULL, false },
};

static struct disks_row {
	const char *name;
	const char *cmdline; /* words, each ended by a line break */
	const char *open;    /* by descriptor: nodes below /dev */
	const char *want;
} disks_rows[] = {
	{ "a VM without disks", "kvm\n-id\n101\n", "", "" },
	{ "one that is not this VM", "kvm\n-id\n102\n", "sda", "" },
	{ "a file is no device", "kvm\n-id\n101\n-drive\nfile=/srv/x.raw\n", "", "" },
	{ "the order is that of the command line",
	  "kvm\n-id\n101\n-drive\nfile=/dev/sdb,if=none\n-drive\nfile=/dev/sda,if=none\n",
	  "sda sdb", "sdb sda" },
	{ "as Proxmox VE 9 writes it",
	  "kvm\n-id\n101\n-blockdev\n{\"driver\":\"throttle\",\"file\":{\"driver\":"
	  "\"raw\","
	  "\"file\":{\"driver\":\"host_device\",\"filename\":\"/dev/vg/vm-101-disk-0\","
	  "\"node-name\":\"e1\"}},\"node-name\":\"drive-scsi0\"}\n-blockdev\n"
	  "{\"file\":{\"filename\":\"/dev/sda\"},\"node-name\":\"drive-scsi1\"}\n",
	  "sda sda dm-3", "dm-3 sda" },
	{ "what was plugged in since comes last, by its descriptor",
	  "kvm\n-id\n101\n-drive\nfile=/dev/dm-3\n", "sdb sda dm-3", "dm-3 sdb sda" },
	{ "what is not open is not there", "kvm\n-id\n101\n-drive\nfile=/dev/sda\n",
	  "sdb", "sdb" },
	{ "the EFI disk does not count",
	  "kvm\n-id\n101\n-blockdev\n{\"filename\":\"/dev/sda\",\"node-name\":"
	  "\"drive-efidisk0\"}\n-drive\nfile=/dev/sdb\n",
	  "sda sdb", "sdb" },
	{ "nor does a CD drive",
	  "kvm\n-id\n101\n-drive\nfile=/dev/sr0,media=cdrom\n-drive\nfile=/dev/sdb\n",
	  "sr0 sdb", "sdb" },
	{ "nor one of Proxmox VE 9",
	  "kvm\n-id\n101\n-blockdev\n{\"driver\":\"host_cdrom\",\"filename\":\"/dev/"
	  "sr0\"}\n",
	  "sr0", "" },
	{ "nor what cloud-init reads, on a volume of LVM",
	  "kvm\n-id\n101\n-blockdev\n{\"driver\":\"throttle\",\"file\":{\"driver\":"
	  "\"raw\",\"file\":{\"driver\":\"host_device\",\"filename\":"
	  "\"/dev/vg/vm-101-disk-0\",\"read-only\":true}},\"node-name\":"
	  "\"drive-ide2\"}\n-device\nide-cd,bus=ide.1,unit=0,drive=drive-ide2,id=ide2\n"
	  "-blockdev\n{\"file\":{\"filename\":\"/dev/sda\"},\"node-name\":"
	  "\"drive-scsi0\"}\n-device\nscsi-hd,bus=scsihw0.0,drive=drive-scsi0,id=scsi0\n",
	  "dm-3 sda", "sda" },
	{ "a disk beside an empty CD drive, or one whose name begins alike, counts",
	  "kvm\n-id\n101\n-device\nide-cd,bus=ide.1,unit=0,id=ide0\n-device\n"
	  "scsi-cd,bus=scsihw0.0,drive=drive-scsi1,id=scsi1\n-blockdev\n"
	  "{\"filename\":\"/dev/sda\",\"node-name\":\"drive-scsi10\"}\n",
	  "sda", "sda" },
	{ "a partition is its disk", "kvm\n-id\n101\n-drive\nfile=/dev/sda2\n", "sda2",
	  "sda" },
	{ "once", "kvm\n-id\n101\n", "sda1 sda2 sda", "sda" },
	{ "several in one word",
	  "kvm\n-id\n101\n{\"filename\":\"/dev/sdb\",\"backing\":{\"filename\":\"/dev/"
	  "sda\"}}\n",
	  "sda sdb", "sdb sda" },
	{ "a device that /sys does not know", "kvm\n-id\n101\n", "nameless sdb", "sdb" },
	{ "a word that ends in /dev/", "kvm\n-id\n101\n-x\n/dev/\n-drive\n/dev/sda",
	  "sda", "sda" },
};

/* Makes the devices, and what /sys has of them; false: that is not allowed here. */
static bool make_devices(const struct root *r)
{
	char path[64], target[64];

	put(r, "dev/vg/x", "", 0);
	put(r, "sys/dev/block/x", "", 0);
	for (unsigned i = 0; i < ARRAY_LEN(devices); i++) {
		const struct device *d = &devices[i];

		(void)snprintf(path, sizeof(path), "dev/%s", d->node);
		if (mknodat(r->fd, path, S_IFBLK | 0600, makedev(MAJOR, i)) < 0)
			return false;
		if (!d->sys)
			continue;
		(void)snprintf(path, sizeof(path), "sys/devices/%s/%s", d->sys,
			       d->part ? "partition" : "size");
		put(r, path, "1\n", 2);
		(void)snprintf(path, sizeof(path), "sys/dev/block/%d:%u", MAJOR, i);
		(void)snprintf(target, sizeof(target), "../../devices/%s", d->sys);
		assert_int_equal(symlinkat(target, r->fd, path), 0);
	}
	return symlinkat("../dm-3", r->fd, "dev/vg/vm-101-disk-0") == 0;
}

/* Makes process 77, QEMU, with this command line, which has these nodes open. */
static void make_process(const struct root *r, const char *cmdline, const char *open)
{
	char text[1024], path[64], target[64];
	size_t len = strlen(cmdline);
	unsigned fd = 3;

	assert_true(len < sizeof(text));
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(cmdline[i] == '\n' ? '\0' : cmdline[i]);
	put(r, "run/qemu-server/101.pid", "77\n", 3);
	put(r, "proc/77/cmdline", text, len);
	put(r, "proc/77/fd/0", "", 0);
	while (*open) {
		size_t n = strcspn(open, " ");

		/* 9, 10, 11: in a directory sorted by name, 10 is before 9. */
		(void)snprintf(path, sizeof(path), "proc/77/fd/%u", fd++ + 6);
		(void)snprintf(target, sizeof(target), "../../../dev/%.*s", (int)n, open);
		assert_int_equal(symlinkat(target, r->fd, path), 0);
		open += n + (open[n] == ' ');
	}
}

static void check_disks(void **state)
{
	const struct disks_row *row = *state;
	AUTO(arena_done) struct arena a = { 0 };
	AUTO(buf_done) struct buf got = { 0 };
	struct root r = root_make();
	const struct slice *names;
	size_t n;

	if (!make_devices(&r)) {
		root_done(&r);
		skip();
	}
	make_process(&r, row->cmdline, row->open);
	n = disks_open(r.fd, 101, &a, &names);
	for (size_t i = 0; i < n; i++)
		buf_printf(&got, "%s%.*s", i ? " " : "", SLICE_ARG(names[i]));
	root_done(&r);
	assert_string_equal(buf_text(&got), row->want);
}

/* No more than there is room for are looked at. */
static void check_many(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct root r = root_make();
	const struct slice *names;
	char path[64], target[64];

	(void)state;
	if (!make_devices(&r)) {
		root_done(&r);
		skip();
	}
	make_process(&r, "kvm\n-id\n101\n", "");
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(path, sizeof(path), "dev/many%u", i);
		assert_int_equal(
			mknodat(r.fd, path, S_IFBLK | 0600, makedev(MAJOR, 100 + i)), 0);
		(void)snprintf(target, sizeof(target), "../../../dev/many%u", i);
		(void)snprintf(path, sizeof(path), "proc/77/fd/%u", 10 + i);
		assert_int_equal(symlinkat(target, r.fd, path), 0);
		(void)snprintf(target, sizeof(target), "../../devices/many%u", i);
		(void)snprintf(path, sizeof(path), "sys/dev/block/%d:%u", MAJOR, 100 + i);
		assert_int_equal(symlinkat(target, r.fd, path), 0);
	}
	assert_int_equal(disks_open(r.fd, 101, &a, &names), DISKS_MAX);
	root_done(&r);
}

/* Of some disks nobody can say which is the first. */
static void check_unread(void **state)
{
	AUTO(arena_done) struct arena a = { 0 };
	struct root r = root_make();
	const struct slice *names;
	size_t n;

	(void)state;
	if (!make_devices(&r)) {
		root_done(&r);
		skip();
	}
	make_process(&r, "kvm\n-id\n101\n-drive\n/dev/sdb,/dev/sda\n", "sda sdb");
	noread_after = 4; /* with "." and "..": one of both, at least, was seen */
	n = disks_open(r.fd, 101, &a, &names);
	noread_after = -1;
	root_done(&r);
	assert_int_equal(n, 0);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, disks_rows, check_disks);
	ROWS_ADD_ONE(&rows, "descriptors that cannot be listed to their end",
		     check_unread);
	ROWS_ADD_ONE(&rows, "no more than there is room for", check_many);
	return rows_run(&rows, "disks");
}
