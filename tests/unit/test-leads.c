/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/facts/leads.c and class.c: what a look at the node adds, and classes. */
#include "facts-guest.h"

#include "facts/leads.h"

#define BINDS                                                                        \
	"mp0: /srv/a,mp=/a\nmp1: /var/run/b,mp=/b\nlxc.mount.entry: /srv//c c none " \
	"bind\n"

static struct lead_case {
	const char *name;
	struct bind_lead leads[3];
	const char *fact, *want;
} leads[] = {
	{ "paths that lead nowhere else",
	  { { { "/srv/a", 6 }, .why = NULL },
	    { { "/run/b", 6 }, .why = NULL },
	    { { "/srv/c", 6 }, .why = NULL } },
	  "bind_link",
	  "[]" },
	{ "what they lead to",
	  { { { "/srv/a", 6 }, .why = NULL },
	    { { "/run/b", 6 }, .why = NULL },
	    { { "/etc", 4 }, .why = NULL } },
	  "bind_resolved",
	  "/srv/a, /run/b, /etc" },
	{ "a link",
	  { { { "/srv/a", 6 }, .why = NULL },
	    { { "/run/b", 6 }, .why = NULL },
	    { { "/etc", 4 }, .why = NULL } },
	  "bind_link",
	  "/srv/c" },
	{ "a directory that others may change",
	  { { { "/srv/a", 6 }, { "/srv", 4 }, NULL },
	    { { "/run/b", 6 }, .why = NULL },
	    { { "/srv/c", 6 }, .why = NULL } },
	  "bind_unsafe",
	  "/srv/a" },
	{ "a path that cannot be followed",
	  { { { "/srv/a", 6 }, .why = NULL },
	    { .why = "loop" },
	    { { "/srv/c", 6 }, .why = NULL } },
	  "bind_link",
	  "?'/var/run/b' cannot be followed: loop" },
};

static void check_lead(void **state)
{
	const struct lead_case *t = *state;
	struct facts_guest g;

	facts_guest_read(&g, GUEST_CT, BINDS);
	g.in.sources[SOURCE_FILES].state = SOURCE_STATE_READ;
	g.in.leads = t->leads;
	g.in.nleads = 3;
	facts_guest_expect(&g, t->fact, t->want);
	facts_guest_done(&g);
}

/* Where nobody looked, as at another node's guest, they are none. */
static void check_no_look(void **state)
{
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_CT, BINDS);
	facts_guest_expect(&g, "bind_link", "none");
	facts_guest_expect(&g, "bind_resolved", "none");
	facts_guest_expect(&g, "host_id_shared", "none");
	facts_guest_done(&g);
}

static void check_sources(void **state)
{
	struct facts_guest g;
	struct fact got;

	(void)state;
	facts_guest_read(&g, GUEST_CT,
			 BINDS "mp2: /dev/sda,mp=/d\n"
			       "lxc.mount.entry: overlay o overlay lowerdir=/l//x 0 0\n");
	leads_sources(&g.in, &g.arena, &got);
	assert_int_equal(got.nitems, 4);
	assert_true(slice_eq(got.items[1].text, "/var/run/b"));
	assert_true(slice_eq(got.items[2].text, "/srv//c"));
	assert_true(slice_eq(got.items[3].text, "/l//x"));
	facts_guest_done(&g);
}

/* The line says where the path leads to. */
static void check_explained(void **state)
{
	static const struct bind_lead lead = { { "/etc", 4 }, { "/srv", 4 }, NULL };
	struct facts_guest g;
	struct slice text;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "mp0: /srv/a,mp=/a\n");
	g.in.sources[SOURCE_FILES].state = SOURCE_STATE_READ;
	g.in.leads = &lead;
	g.in.nleads = 1;
	text = facts_guest_get(&g, "bind_link")->items[0].origin.text;
	assert_true(slice_eq(text, "mp0: /srv/a,mp=/a (leads to /etc)"));
	text = facts_guest_get(&g, "bind_unsafe")->items[0].origin.text;
	assert_true(
		slice_eq(text, "mp0: /srv/a,mp=/a (others than root may change /srv)"));
	facts_guest_done(&g);
}

static void check_shared(void **state)
{
	static const uint64_t sharers[] = { 102, 999999999 };
	struct facts_guest g;

	(void)state;
	facts_guest_read(&g, GUEST_CT, "lxc.idmap: u 0 200000 65536\n");
	g.in.sources[SOURCE_IDS].state = SOURCE_STATE_READ;
	facts_guest_expect(&g, "host_id_shared", "[]");
	g.in.sharers = sharers;
	g.in.nsharers = 2;
	facts_guest_expect(&g, "host_id_shared", "102, 999999999");
	g.in.sources[SOURCE_IDS] = (struct source_status){
		SOURCE_STATE_FAILED, "/etc/pve/nodes/n/lxc/103.conf", "line 3: broken"
	};
	facts_guest_expect(&g, "host_id_shared", "?line 3: broken");
	facts_guest_done(&g);
}

static struct fact_case containers[] = {
	{ "a render node", "dev0: /dev/dri/renderD128\n", "device_class", "gpu", NULL },
	{ "a GPU by a mount entry",
	  "lxc.mount.entry: /dev/nvidia0 dev/nvidia0 none bind\n", "device_class", "gpu",
	  NULL },
	{ "a USB device", "dev0: /dev/bus/usb/001/002\n", "device_class", "usb", NULL },
	{ "a serial port on USB", "dev0: /dev/ttyUSB0\n", "device_class", "usb", NULL },
	{ "a serial port", "dev0: /dev/ttyS0\n", "device_class", "unix-char", NULL },
	{ "InfiniBand", "dev0: /dev/infiniband/uverbs0\n", "device_class", "infiniband",
	  NULL },
	{ "a disk", "dev0: /dev/sdb\n", "device_class", "unix-block", NULL },
	{ "a disk by its id", "mp0: /dev/disk/by-id/x,mp=/x\n", "device_class",
	  "unix-block", NULL },
	{ "a namespace of NVMe", "dev0: /dev/nvme0n1p1\n", "device_class", "unix-block",
	  NULL },
	{ "a controller of NVMe", "dev0: /dev/nvme0\n", "device_class", "unix-char",
	  NULL },
	{ "/dev/net/tun", "dev0: /dev/net/tun\n", "device_class", "unix-char", NULL },
	{ "one by a detour", "lxc.mount.entry: /srv/../dev//dri x none bind\n",
	  "device_class", "gpu", NULL },
	{ "a host path", "mp0: /srv/a,mp=/a\n", "device_class", "disk", NULL },
	{ "each once", "dev0: /dev/dri/card0\ndev1: /dev/kfd\ndev2: /dev/fuse\n",
	  "device_class", "gpu, unix-char", NULL },
	{ "none at all", "rootfs: local:8\n", "device_class", "[]", NULL },
};

static struct fact_case vms[] = {
	{ "PCI", "hostpci0: 01:00.0\n", "device_class", "pci", NULL },
	{ "PCI by mapping", "hostpci0: mapping=gpu\n", "device_class", "pci", NULL },
	{ "USB by either", "usb0: host=1-1\nusb1: mapping=key\n", "device_class", "usb",
	  NULL },
	{ "USB of SPICE", "usb0: spice\n", "device_class", "[]", NULL },
	{ "a serial port of the node", "serial0: /dev/ttyS0\n", "device_class",
	  "unix-char", NULL },
	{ "a serial socket", "serial0: socket\n", "device_class", "[]", NULL },
	{ "a disk of the node", "scsi0: /dev/sdb\n", "device_class", "unix-block", NULL },
	{ "a file of the node", "scsi0: /srv/x.raw\n", "device_class", "disk", NULL },
	{ "a shared directory", "virtiofs0: share\n", "device_class", "disk", NULL },
	{ "an ISO image", "ide2: local:iso/x.iso,media=cdrom\n", "iso_storage", "local",
	  NULL },
	{ "the node's drive", "ide2: cdrom,media=cdrom\n", "iso_storage", "cdrom", NULL },
	{ "an ISO image by its path", "ide2: /srv/x.iso,media=cdrom\n", "iso_storage",
	  "/srv/x.iso", NULL },
	{ "an empty drive", "ide2: none,media=cdrom\n", "iso_storage", "[]", NULL },
	{ "cloud-init's drive", "ide2: local:vm-101-cloudinit,media=cdrom\n",
	  "iso_storage", "[]", NULL },
	{ "a disk is no ISO image", "scsi0: local:101/d.raw\n", "iso_storage", "[]",
	  NULL },
};

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, leads, check_lead);
	ROWS_ADD(&rows, containers, fact_case_ct);
	ROWS_ADD(&rows, vms, fact_case_vm);
	ROWS_ADD_ONE(&rows, "where nobody looked", check_no_look);
	ROWS_ADD_ONE(&rows, "host paths as they are written", check_sources);
	ROWS_ADD_ONE(&rows, "the line says where it leads", check_explained);
	ROWS_ADD_ONE(&rows, "who shares host ids", check_shared);
	return rows_run(&rows, "leads");
}
