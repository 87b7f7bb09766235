/* SPDX-License-Identifier: MIT */
/* Unit tests for lib/pve/format-ct.c and format-vm.c: one row a format, where its edges are. */
#include "rows.h"

#include "pve/format-ct.h"
#include "pve/format-vm.h"

/* Sixty and 120 characters: 20 and 40 bytes, URL-encoded. */
#define TEN_BYTES    "%2e%2e%2e%2e%2e%2e%2e%2e%2e%2e"
#define TWENTY_BYTES TEN_BYTES TEN_BYTES

static struct format_row {
	const char *name;
	const struct format *format;
	const char *good[10], *bad[14];
} format_rows[] = {
	{ "paths without dots",
	  &format_ct_path,
	  { "local:100/disk.raw", "/srv/a", "./x", ".", "/a/.hidden", "/a/..." },
	  { "../x", "/a/./b", "/a/..", "/a/.", "a/../b" } },
	{ "paths of devices",
	  &format_ct_device,
	  { "/dev/net/tun", "/dev/.x" },
	  { "/dev", "dev/x", "/dev/../x", "/dev/x/.", "/devx" } },
	{ "modes of devices",
	  &format_ct_device_mode,
	  { "0660", "0007", "0000" },
	  { "660", "00660", "1660", "0680", "06-0", "066x", "" } },
	{ "mount options",
	  &format_ct_mountoptions,
	  { "discard", "nodev;noexec", "lazytime;noatime;nosuid" },
	  { "", "nodev;", ";nodev", "nodev,nosuid", "suid", "NODEV" } },
	{ "id maps of mount points",
	  &format_ct_idmap,
	  { "passthrough", "u:0:1000:1", "g:5:0:65536;u:0:0:1" },
	  { "", "u", "u:0", "u:0:1", "u:0:1:", "u:0:1:0", "u:0:1:01", "x:0:1:1",
	    "u:a:1:1", "u:0:a:1", "u:0:1:a", "u:0:1:1;", "passthrough;u:0:0:1",
	    "u:0:1:1:1" } },
	{ "types of mounts",
	  &format_ct_mount_types,
	  { "nfs", "nfs;cifs ext4", "fuse_x" },
	  { "", "nfs,cifs", "a-b", "a.b" } },
	{ "VLANs of a trunk",
	  &format_ct_trunks,
	  { "1", "1;2;4094" },
	  { "", "1;", "1-2" } },

	{ "volumes of drives",
	  &format_vm_volume,
	  { "none", "cdrom", "/dev/sdb", "local:iso/a.iso" },
	  { "", "None", "a", "local:", "a.iso" } },
	{ "serial numbers",
	  &format_vm_serial,
	  { "", "ab%20c", "-%.!~*'()_", TWENTY_BYTES },
	  { "a b", "a/b", TWENTY_BYTES "x" } },
	{ "names of models",
	  &format_vm_model,
	  { "", "QEMU%20X", TWENTY_BYTES TWENTY_BYTES },
	  { "a b", TWENTY_BYTES TWENTY_BYTES "x" } },
	{ "names of products",
	  &format_vm_product,
	  { "", "a b-c_D", "0123456789abcdef" },
	  { "0123456789abcdefg", "a.b", "a\xc3\xa4" } },
	{ "names of vendors",
	  &format_vm_vendor,
	  { "", "AB 01-_c" },
	  { "123456789", "a.b", "a/b" } },
	{ "world-wide names",
	  &format_vm_wwn,
	  { "0x0123456789abCDEF" },
	  { "0123456789abCDEF", "0X0123456789abCDEF", "0x0123456789abCDE",
	    "0x0123456789abCDEF0", "0x0123456789abCDEg", "" } },
	{ "PCI addresses",
	  &format_vm_pci,
	  { "01:00", "01:00.0", "0000:0a:00.f", "10000:01:00.0", "01:00;01:00.1" },
	  { "", "1:00", "01:0", "01:000", "001:00:00.0", "0000:0a", "0000:0:00.0",
	    "0A:00.0", "01:00.", "01:00.10", "01:00.g", "01:00,02:00", "01-00",
	    "01:00;" } },
	{ "files with ROMs",
	  &format_vm_romfile,
	  { "vbios.bin", "../x", " " },
	  { "", "a;b" } },
	{ "types of mediated devices",
	  &format_vm_mdev,
	  { "nvidia-35", "i915-GVTg_V5_4" },
	  { "", "a/b", "a.b", "a:b" } },
	{ "ids of PCI devices",
	  &format_vm_pci_id,
	  { "0x10de", "0xABCD" },
	  { "10de", "0x10d", "0x10de1", "0x10dg", "" } },
	{ "USB devices",
	  &format_vm_usb,
	  { "1234:abCD", "0x1234:0xabcd", "0x1234:abcd", "1-2", "12-3.4.5", "spice",
	    "SPICE", "sPiCe" },
	  { "", "123:abcd", "1234:abc", "1234", "1-", "-1", "1-2.", "1-a", "a-1",
	    "1-2..3", "spic", "spices", "spica", "0x0x1234:abcd" } },
	{ "numbers and ranges",
	  &format_vm_ranges,
	  { "1", "1-5", "1;3-4;7", "5-1" },
	  { "", "1-", "-1", "1,2", "1;", "a", "1-b", "a-1" } },
	{ "machines",
	  &format_vm_machine,
	  { "pc", "q35", "virt", "virt-9.2", "virt-9.2+pve1", "pc-i440fx-9.2+pve1",
	    "pc-q35-9.0.1", "pc-9.2.pxe", "virt+pve1", "pc-q35-9.2+pve0.pxe" },
	  { "", "pcx", "q35-9.2", "virt-", "virt-9", "virt-9.2.", "virt-9.2+pve",
	    "virt.pxe", "pc-9", "pc-q35-9.2+pvex", "pc-q35-9.2+pve", "pc-9.2.pxex", "PC",
	    "pc-i440fx-9.2.11111111111111111111111111111111" } },
	{ "ids of Hyper-V's vendors",
	  &format_vm_hv_vendor,
	  { "a", "proxmox12345" },
	  { "", "proxmox123456", "a-b" } },
	{ "bits of addresses",
	  &format_vm_phys_bits,
	  { "host", "8", "64", "40", "08" },
	  { "", "7", "65", "064", "0x", "hosts", "-8", "+9" } },
	{ "names of shared memory",
	  &format_vm_shm_name,
	  { "a", "pve-shm-100", "-" },
	  { "", "a_b", "a/b" } },
	{ "versions",
	  &format_vm_version,
	  { "9.2", "9.2.0", "10.0.0.1" },
	  { "", "9", "9.", ".9", "9.2.", "9.2a", "9..2" } },
	{ "UUIDs",
	  &format_vm_uuid,
	  { "01234567-89ab-cdef-ABCD-0123456789ab" },
	  { "", "0123456789abcdefABCD0123456789ab", "01234567-89ab-cdef-ABCD-0123456789a",
	    "01234567-89ab-cdef-ABCD-0123456789ag",
	    "012345678-9ab-cdef-ABCD-0123456789ab",
	    "01234567-89ab-cdef-ABCD-0123456789abc" } },
	{ "base64",
	  &format_vm_base64,
	  { "QQ", "QQ=", "QQ==", "a+/Z09" },
	  { "", "=", "QQ===", "QQ=Q", "Q Q", "Q-_" } },
	{ "letters to boot from",
	  &format_vm_boot_legacy,
	  { "a", "cdn", "acdn", "nnnn" },
	  { "", "acdna", "b", "A" } },
	{ "what to boot from",
	  &format_vm_boot_order,
	  { "scsi0", "ide2;net0", "virtio15 sata0,usb0;hostpci0" },
	  { "scsi", "scsi31", "efidisk0", "memory", "scsi0;x", "numa", "unused0" } },
	{ "the disk to boot from",
	  &format_vm_bootdisk,
	  { "scsi0", "efidisk0", "tpmstate0", "virtio1" },
	  { "", "net0", "scsi", "scsi0;ide0" } },
	{ "what is plugged while a VM runs",
	  &format_vm_hotplug,
	  { "0", "1", "network", "network,disk;usb cpu", "memory,cloudinit" },
	  { "2", "net", "network,0" } },
	{ "lists of cores",
	  &format_vm_cpuset,
	  { "", "0", "0,5,8-11", "3-3", " 1 , 2 ", "1,2,", "1,,",
	    "18446744073709551616" },
	  { "a", ",1", "1,,2", "2-1", "1-", "-1", "1-2-3", "1 2", "1-a", "a-1" } },
};

static void is_judged(void **state)
{
	const struct format_row *t = *state;

	for (size_t i = 0; i < ARRAY_LEN(t->good) && t->good[i]; i++)
		if (!t->format->check(slice_of(t->good[i])))
			fail_msg("%s: '%s' is refused", t->name, t->good[i]);
	for (size_t i = 0; i < ARRAY_LEN(t->bad) && t->bad[i]; i++)
		if (t->format->check(slice_of(t->bad[i])))
			fail_msg("%s: '%s' is accepted", t->name, t->bad[i]);
}

int main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, format_rows, is_judged);
	return rows_run(&rows, "formats of guests");
}
