/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/facts/identity: what tells a guest from the next one of its VMID. */
#include "facts-guest.h"

#include "facts/identity.h"

/* A guest's file, and its identity, items joined by blanks; "?why" when it has none. */
static struct identity_row {
	const char *name;
	enum guest_kind kind;
	const char *text, *want;
} rows[] = {
	{ "a container: root volume and addresses, sorted", GUEST_CT,
	  "rootfs: local-lvm:vm-101-disk-0,size=4G\n"
	  "net1: name=eth1,bridge=vmbr1,hwaddr=BC:24:11:00:00:02\n"
	  "net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01\n",
	  "net0=BC:24:11:00:00:01 net1=BC:24:11:00:00:02 "
	  "rootfs=local-lvm:vm-101-disk-0" },
	{ "letters of an address do not matter", GUEST_CT,
	  "net0: name=eth0,hwaddr=bc:24:11:00:00:0a\n", "net0=BC:24:11:00:00:0A" },
	{ "those of a volume do", GUEST_CT, "rootfs: Local:vm-101-disk-0\n",
	  "rootfs=Local:vm-101-disk-0" },
	{ "a network device without address", GUEST_CT,
	  "net0: name=eth0,bridge=vmbr0\nrootfs: l:v\n", "net0= rootfs=l:v" },
	{ "size and mount points are not part of it", GUEST_CT,
	  "rootfs: l:v,size=8G\nmp0: l:w,mp=/srv\n", "rootfs=l:v" },
	{ "a container with neither has none", GUEST_CT, "hostname: a\n", "" },
	{ "a container's line that cannot be read", GUEST_CT,
	  "rootfs: l:v\nnet0: bogus\n", "?net0: " },
	{ "a container has no generation id", GUEST_CT,
	  "vmgenid: 11111111-2222-3333-4444-555555555555\n", "" },

	{ "a VM: the generation id alone", GUEST_VM,
	  "vmgenid: 11111111-2222-3333-4444-55555555555A\n"
	  "smbios1: uuid=99999999-2222-3333-4444-555555555555\nscsi0: local:v\n",
	  "vmgenid=11111111-2222-3333-4444-55555555555a" },
	{ "a VM without generation id: the UUID of its SMBIOS", GUEST_VM,
	  "smbios1: uuid=AAAAAAAA-2222-3333-4444-555555555555\nscsi0: local:v\n",
	  "uuid=aaaaaaaa-2222-3333-4444-555555555555" },
	{ "a generation id of 0 is none", GUEST_VM,
	  "vmgenid: 0\nsmbios1: uuid=99999999-2222-3333-4444-555555555555\n",
	  "uuid=99999999-2222-3333-4444-555555555555" },
	{ "an SMBIOS without UUID: volumes and addresses", GUEST_VM,
	  "smbios1: product=YQ==,base64=1\nscsi0: local:vm-1-disk-0\n"
	  "net0: virtio=bc:24:11:00:00:01,bridge=vmbr0\n",
	  "net0=BC:24:11:00:00:01 scsi0=local:vm-1-disk-0" },
	{ "what is inserted, and what is attached to nothing, is not counted", GUEST_VM,
	  "ide2: local:iso/debian.iso,media=cdrom\nunused0: local:old\nscsi0: local:v\n"
	  "efidisk0: local:efi\n",
	  "efidisk0=local:efi scsi0=local:v" },
	{ "a VM with nothing has none", GUEST_VM, "name: a\n", "" },
	{ "a VM's line that cannot be read", GUEST_VM, "scsi0: local:v,bogus=1\n",
	  "?scsi0: " },
	{ "an SMBIOS that cannot be read", GUEST_VM, "smbios1: bogus=1\nscsi0: local:v\n",
	  "?smbios1: " },
};

/* Checks one row. */
static void check(void **state)
{
	const struct identity_row *row = *state;
	struct facts_guest g;
	struct identity got;
	struct buf text = { 0 };
	struct err e = { 0 };

	facts_guest_read(&g, row->kind, row->text);
	assert_int_equal(identity_load(&g.in, &g.arena, &got, &e), 0);
	if (got.why)
		buf_printf(&text, "?%.*s", (int)strlen(row->want) - 1, got.why);
	for (size_t i = 0; i < got.n; i++)
		buf_printf(&text, "%s%.*s", i ? " " : "", SLICE_ARG(got.items[i]));
	assert_string_equal(buf_text(&text), row->want);
	buf_done(&text);
	facts_guest_done(&g);
}

int main(void)
{
	static struct rows r;

	ROWS_ADD(&r, rows, check);
	return rows_run(&r, "identity");
}
