/* SPDX-License-Identifier: MIT */
#include "pve/props-vm.h"

#include "base/cleanup.h"
#include "pve/cpumodel.h"
#include "pve/format-vm.h"

/* Table rows as short as they can be. */
#define WORDS(...)                                           \
	.type = PROPSTR_WORD, .words = (const char *const[]) \
	{                                                    \
		__VA_ARGS__, NULL                            \
	}
#define BOOL                     .type = PROPSTR_BOOL
#define INTEGER                  .type = PROPSTR_INTEGER
#define NUMBER                   .type = PROPSTR_NUMBER
#define FROM(n)                  .bounded = true, .min = (n), .max = INT64_MAX
#define BETWEEN(lowest, highest) .bounded = true, .min = (lowest), .max = (highest)
#define TEXT(id)                 .format = &format_##id

static const struct propstr_alias disk_aliases[] = {
	{ "volume", VM_DRIVE_FILE },
	{ "bps_rd_length", VM_DISK_BPS_RD_MAX_LENGTH },
	{ "bps_wr_length", VM_DISK_BPS_WR_MAX_LENGTH },
	{ "iops_rd_length", VM_DISK_IOPS_RD_MAX_LENGTH },
	{ "iops_wr_length", VM_DISK_IOPS_WR_MAX_LENGTH },
};

static const struct propstr_alias drive_aliases[] = { { "volume", VM_DRIVE_FILE } };

/* What all drives have; what all disks have. */
#define DRIVE_KEYS                                     \
	[VM_DRIVE_FILE] = { "file", TEXT(vm_volume) }, \
	[VM_DRIVE_SIZE] = { "size", TEXT(disk_size) }, \
	[VM_DRIVE_FORMAT] = { "format",                \
			      WORDS("raw", "qcow", "qed", "qcow2", "vmdk", "cloop") }
#define DISK_KEYS                                                                        \
	DRIVE_KEYS, [VM_DISK_MEDIA] = { "media", WORDS("cdrom", "disk") },               \
		    [VM_DISK_CACHE] = { "cache",                                         \
					WORDS("none", "writethrough", "writeback",       \
					      "unsafe", "directsync") },                 \
		    [VM_DISK_DISCARD] = { "discard", WORDS("ignore", "on") },            \
		    [VM_DISK_BACKUP] = { "backup", BOOL },                               \
		    [VM_DISK_REPLICATE] = { "replicate", BOOL },                         \
		    [VM_DISK_SHARED] = { "shared", BOOL },                               \
		    [VM_DISK_SNAPSHOT] = { "snapshot", BOOL },                           \
		    [VM_DISK_DETECT_ZEROES] = { "detect_zeroes", BOOL },                 \
		    [VM_DISK_AIO] = { "aio", WORDS("native", "threads", "io_uring") },   \
		    [VM_DISK_RERROR] = { "rerror", WORDS("ignore", "report", "stop") },  \
		    [VM_DISK_WERROR] = { "werror",                                       \
					 WORDS("enospc", "ignore", "report", "stop") },  \
		    [VM_DISK_SERIAL] = { "serial", TEXT(vm_serial) },                    \
		    [VM_DISK_BPS] = { "bps", INTEGER },                                  \
		    [VM_DISK_BPS_RD] = { "bps_rd", INTEGER },                            \
		    [VM_DISK_BPS_WR] = { "bps_wr", INTEGER },                            \
		    [VM_DISK_MBPS] = { "mbps", NUMBER },                                 \
		    [VM_DISK_MBPS_RD] = { "mbps_rd", NUMBER },                           \
		    [VM_DISK_MBPS_WR] = { "mbps_wr", NUMBER },                           \
		    [VM_DISK_IOPS] = { "iops", INTEGER },                                \
		    [VM_DISK_IOPS_RD] = { "iops_rd", INTEGER },                          \
		    [VM_DISK_IOPS_WR] = { "iops_wr", INTEGER },                          \
		    [VM_DISK_MBPS_MAX] = { "mbps_max", NUMBER },                         \
		    [VM_DISK_MBPS_RD_MAX] = { "mbps_rd_max", NUMBER },                   \
		    [VM_DISK_MBPS_WR_MAX] = { "mbps_wr_max", NUMBER },                   \
		    [VM_DISK_IOPS_MAX] = { "iops_max", INTEGER },                        \
		    [VM_DISK_IOPS_RD_MAX] = { "iops_rd_max", INTEGER },                  \
		    [VM_DISK_IOPS_WR_MAX] = { "iops_wr_max", INTEGER },                  \
		    [VM_DISK_BPS_MAX_LENGTH] = { "bps_max_length", INTEGER, FROM(1) },   \
		    [VM_DISK_BPS_RD_MAX_LENGTH] = { "bps_rd_max_length", INTEGER,        \
						    FROM(1) },                           \
		    [VM_DISK_BPS_WR_MAX_LENGTH] = { "bps_wr_max_length", INTEGER,        \
						    FROM(1) },                           \
		    [VM_DISK_IOPS_MAX_LENGTH] = { "iops_max_length", INTEGER, FROM(1) }, \
		    [VM_DISK_IOPS_RD_MAX_LENGTH] = { "iops_rd_max_length", INTEGER,      \
						     FROM(1) },                          \
		    [VM_DISK_IOPS_WR_MAX_LENGTH] = { "iops_wr_max_length", INTEGER,      \
						     FROM(1) }

static const struct propstr_key ide[] = {
	DISK_KEYS,
	{ "ssd", BOOL },
	{ "wwn", TEXT(vm_wwn) },
	{ "model", TEXT(vm_model) },
};

static const struct propstr_key sata[] = {
	DISK_KEYS,
	{ "ssd", BOOL },
	{ "wwn", TEXT(vm_wwn) },
};

static const struct propstr_key scsi[] = {
	DISK_KEYS,
	{ "iothread", BOOL },
	{ "ssd", BOOL },
	{ "ro", BOOL },
	{ "scsiblock", BOOL },
	{ "queues", INTEGER, FROM(2) },
	{ "product", TEXT(vm_product) },
	{ "vendor", TEXT(vm_vendor) },
	{ "wwn", TEXT(vm_wwn) },
};

static const struct propstr_key virtio[] = {
	DISK_KEYS,
	{ "iothread", BOOL },
	{ "ro", BOOL },
};

static const struct propstr_key efidisk[VM_EFIDISK_COUNT] = {
	DRIVE_KEYS,
	[VM_EFIDISK_EFITYPE] = { "efitype", WORDS("2m", "4m") },
	[VM_EFIDISK_PRE_ENROLLED_KEYS] = { "pre-enrolled-keys", BOOL },
	[VM_EFIDISK_MS_CERT] = { "ms-cert", WORDS("2011", "2023", "2023w", "2023k") },
};

static const struct propstr_key tpmstate[VM_TPMSTATE_COUNT] = {
	[VM_DRIVE_FILE] = { "file", TEXT(vm_volume) },
	[VM_DRIVE_SIZE] = { "size", TEXT(disk_size) },
	[VM_DRIVE_FORMAT] = { "format", WORDS("raw", "qcow2", "vmdk") },
	[VM_TPMSTATE_VERSION] = { "version", WORDS("v1.2", "v2.0") },
};

static const struct propstr_key unused[VM_UNUSED_COUNT] = {
	[VM_UNUSED_FILE] = { "file", TEXT(volume_id) },
};

static const struct propstr_key net[VM_NET_COUNT] = {
	[VM_NET_MODEL] = { "model", WORDS("e1000", "e1000-82540em", "e1000-82544gc",
					  "e1000-82545em", "e1000e", "i82551", "i82557b",
					  "i82559er", "ne2k_isa", "ne2k_pci", "pcnet",
					  "rtl8139", "virtio", "vmxnet3") },
	[VM_NET_MACADDR] = { "macaddr", TEXT(mac) },
	[VM_NET_BRIDGE] = { "bridge", TEXT(bridge_id) },
	[VM_NET_FIREWALL] = { "firewall", BOOL },
	[VM_NET_TAG] = { "tag", INTEGER, BETWEEN(1, 4094) },
	[VM_NET_TRUNKS] = { "trunks", TEXT(vm_ranges) },
	[VM_NET_RATE] = { "rate", NUMBER, FROM(0) },
	[VM_NET_QUEUES] = { "queues", INTEGER, BETWEEN(0, 64) },
	[VM_NET_LINK_DOWN] = { "link_down", BOOL },
	[VM_NET_MTU] = { "mtu", INTEGER, BETWEEN(1, 65520) },
	[VM_NET_HOST_TUNNEL] = { "host-tunnel", BOOL },
};

static const struct propstr_key ipconfig[VM_IPCONFIG_COUNT] = {
	[VM_IPCONFIG_IP] = { "ip", TEXT(ipv4_config) },
	[VM_IPCONFIG_GW] = { "gw", TEXT(ipv4), .needs = "ip" },
	[VM_IPCONFIG_IP6] = { "ip6", TEXT(ipv6_config) },
	[VM_IPCONFIG_GW6] = { "gw6", TEXT(ipv6), .needs = "ip6" },
};

static const struct propstr_key hostpci[VM_HOSTPCI_COUNT] = {
	[VM_HOSTPCI_HOST] = { "host", TEXT(vm_pci) },
	[VM_HOSTPCI_MAPPING] = { "mapping", TEXT(configid) },
	[VM_HOSTPCI_PCIE] = { "pcie", BOOL },
	[VM_HOSTPCI_X_VGA] = { "x-vga", BOOL },
	[VM_HOSTPCI_ROMBAR] = { "rombar", BOOL },
	[VM_HOSTPCI_ROMFILE] = { "romfile", TEXT(vm_romfile) },
	[VM_HOSTPCI_LEGACY_IGD] = { "legacy-igd", BOOL },
	[VM_HOSTPCI_MDEV] = { "mdev", TEXT(vm_mdev) },
	[VM_HOSTPCI_VENDOR_ID] = { "vendor-id", TEXT(vm_pci_id) },
	[VM_HOSTPCI_DEVICE_ID] = { "device-id", TEXT(vm_pci_id) },
	[VM_HOSTPCI_SUB_VENDOR_ID] = { "sub-vendor-id", TEXT(vm_pci_id) },
	[VM_HOSTPCI_SUB_DEVICE_ID] = { "sub-device-id", TEXT(vm_pci_id) },
	[VM_HOSTPCI_DRIVER] = { "driver", WORDS("vfio", "keep") },
};

static const struct propstr_key usb[VM_USB_COUNT] = {
	[VM_USB_HOST] = { "host", TEXT(vm_usb) },
	[VM_USB_MAPPING] = { "mapping", TEXT(configid) },
	[VM_USB_USB3] = { "usb3", BOOL },
};

static const struct propstr_key virtiofs[VM_VIRTIOFS_COUNT] = {
	[VM_VIRTIOFS_DIRID] = { "dirid", TEXT(configid) },
	[VM_VIRTIOFS_CACHE] = { "cache", WORDS("auto", "always", "metadata", "never") },
	[VM_VIRTIOFS_DIRECT_IO] = { "direct-io", BOOL },
	[VM_VIRTIOFS_EXPOSE_XATTR] = { "expose-xattr", BOOL },
	[VM_VIRTIOFS_EXPOSE_ACL] = { "expose-acl", BOOL },
};

static const struct propstr_key cpu[VM_CPU_COUNT] = {
	[VM_CPU_CPUTYPE] = { "cputype" },
	[VM_CPU_FLAGS] = { "flags" },
	[VM_CPU_HIDDEN] = { "hidden", BOOL },
	[VM_CPU_HV_VENDOR_ID] = { "hv-vendor-id", TEXT(vm_hv_vendor) },
	[VM_CPU_PHYS_BITS] = { "phys-bits", TEXT(vm_phys_bits) },
	[VM_CPU_GUEST_PHYS_BITS] = { "guest-phys-bits", INTEGER, BETWEEN(32, 64) },
	[VM_CPU_LEVEL] = { "level", INTEGER, BETWEEN(0, UINT32_MAX) },
	[VM_CPU_REPORTED_MODEL] = { "reported-model" },
};

static const struct propstr_key machine[VM_MACHINE_COUNT] = {
	[VM_MACHINE_TYPE] = { "type", TEXT(vm_machine) },
	[VM_MACHINE_VIOMMU] = { "viommu", WORDS("intel", "virtio") },
	[VM_MACHINE_AW_BITS] = { "aw-bits", NUMBER, BETWEEN(32, 64) },
	[VM_MACHINE_ENABLE_S3] = { "enable-s3", BOOL },
	[VM_MACHINE_ENABLE_S4] = { "enable-s4", BOOL },
};

static const struct propstr_key agent[VM_AGENT_COUNT] = {
	[VM_AGENT_ENABLED] = { "enabled", BOOL },
	[VM_AGENT_TYPE] = { "type", WORDS("virtio", "isa") },
	[VM_AGENT_FSTRIM_CLONED_DISKS] = { "fstrim_cloned_disks", BOOL },
	[VM_AGENT_FREEZE_FS] = { "freeze-fs", BOOL },
};

static const struct propstr_alias agent_aliases[] = {
	{ "freeze-fs-on-backup", VM_AGENT_FREEZE_FS },
	{ "guest-fsfreeze", VM_AGENT_FREEZE_FS },
};

static const struct propstr_key cicustom[VM_CICUSTOM_COUNT] = {
	[VM_CICUSTOM_META] = { "meta", TEXT(volume_id) },
	[VM_CICUSTOM_NETWORK] = { "network", TEXT(volume_id) },
	[VM_CICUSTOM_USER] = { "user", TEXT(volume_id) },
	[VM_CICUSTOM_VENDOR] = { "vendor", TEXT(volume_id) },
};

static const struct propstr_key memory[VM_MEMORY_COUNT] = {
	[VM_MEMORY_CURRENT] = { "current", INTEGER, FROM(16) },
};

static const struct propstr_key numa[] = {
	{ "cpus", TEXT(vm_ranges) },
	{ "memory", NUMBER },
	{ "hostnodes", TEXT(vm_ranges) },
	{ "policy", WORDS("preferred", "bind", "interleave") },
};

static const struct propstr_key watchdog[] = {
	{ "model", WORDS("i6300esb", "ib700") },
	{ "action", WORDS("reset", "shutdown", "poweroff", "pause", "debug", "none") },
};

static const struct propstr_key vga[] = {
	{ "type",
	  WORDS("cirrus", "qxl", "qxl2", "qxl3", "qxl4", "none", "serial0", "serial1",
		"serial2", "serial3", "std", "virtio", "virtio-gl", "vmware") },
	{ "memory", INTEGER, BETWEEN(4, 512) },
	{ "clipboard", WORDS("vnc") },
};

static const struct propstr_key ivshmem[] = {
	{ "size", INTEGER, FROM(1) },
	{ "name", TEXT(vm_shm_name) },
};

static const struct propstr_key audio[] = {
	{ "device", WORDS("ich9-intel-hda", "intel-hda", "AC97") },
	{ "driver", WORDS("spice", "none") },
};

static const struct propstr_key spice[] = {
	{ "foldersharing", BOOL },
	{ "videostreaming", WORDS("off", "all", "filter") },
};

static const struct propstr_key smbios1[] = {
	{ "uuid", TEXT(vm_uuid) },           { "base64", BOOL },
	{ "manufacturer", TEXT(vm_base64) }, { "product", TEXT(vm_base64) },
	{ "version", TEXT(vm_base64) },      { "serial", TEXT(vm_base64) },
	{ "sku", TEXT(vm_base64) },          { "family", TEXT(vm_base64) },
};

static const struct propstr_key sev[] = {
	{ "type", WORDS("std", "es", "snp") },
	{ "no-debug", BOOL },
	{ "no-key-sharing", BOOL },
	{ "allow-smt", BOOL },
	{ "kernel-hashes", BOOL },
};

static const struct propstr_key tdx[] = {
	{ "type", WORDS("tdx") },
	{ "attestation", BOOL },
	{ "vsock-cid", INTEGER, FROM(2) },
	{ "vsock-port", INTEGER, FROM(0) },
};

static const struct propstr_key rng[] = {
	{ "source", WORDS("/dev/urandom", "/dev/random", "/dev/hwrng") },
	{ "max_bytes", INTEGER },
	{ "period", INTEGER },
};

static const struct propstr_key meta[] = {
	{ "ctime", INTEGER, FROM(0) },
	{ "creation-qemu", TEXT(vm_version) },
};

static const struct propstr_key boot[] = {
	{ "legacy", TEXT(vm_boot_legacy) },
	{ "order", TEXT(vm_boot_order) },
};

/* A schema over @table with a bare value for slot @slot, -1 for none. */
#define SCHEMA(table, slot) .keys = (table), .nkeys = ARRAY_LEN(table), .bare = (slot)
#define ALIASES(table)      .aliases = (table), .naliases = ARRAY_LEN(table)
#define REQUIRED(slot)      .required = PROPSTR_SLOT(slot)
#define DISK(table) \
	SCHEMA(table, VM_DRIVE_FILE), ALIASES(disk_aliases), REQUIRED(VM_DRIVE_FILE)
#define DRIVE(table) \
	SCHEMA(table, VM_DRIVE_FILE), ALIASES(drive_aliases), REQUIRED(VM_DRIVE_FILE)

const struct propstr_schema props_vm_ide = { DISK(ide) };
const struct propstr_schema props_vm_sata = { DISK(sata) };
const struct propstr_schema props_vm_scsi = { DISK(scsi) };
const struct propstr_schema props_vm_virtio = { DISK(virtio) };
const struct propstr_schema props_vm_efidisk = { DRIVE(efidisk) };
const struct propstr_schema props_vm_tpmstate = { DRIVE(tpmstate) };
const struct propstr_schema props_vm_unused = { DRIVE(unused) };
const struct propstr_schema props_vm_net = { SCHEMA(net, VM_NET_MODEL),
					     REQUIRED(VM_NET_MODEL), .word_keys = true,
					     .word_slot = VM_NET_MODEL,
					     .word_value = VM_NET_MACADDR };
const struct propstr_schema props_vm_ipconfig = { SCHEMA(ipconfig, -1) };
const struct propstr_schema props_vm_hostpci = { SCHEMA(hostpci, VM_HOSTPCI_HOST) };
const struct propstr_schema props_vm_usb = { SCHEMA(usb, VM_USB_HOST) };
const struct propstr_schema props_vm_virtiofs = { SCHEMA(virtiofs, VM_VIRTIOFS_DIRID),
						  REQUIRED(VM_VIRTIOFS_DIRID) };
const struct propstr_schema props_vm_cpu = { SCHEMA(cpu, VM_CPU_CPUTYPE),
					     .check = cpumodel_check };
const struct propstr_schema props_vm_machine = { SCHEMA(machine, VM_MACHINE_TYPE) };
const struct propstr_schema props_vm_agent = { SCHEMA(agent, VM_AGENT_ENABLED),
					       REQUIRED(VM_AGENT_ENABLED),
					       ALIASES(agent_aliases) };
const struct propstr_schema props_vm_cicustom = { SCHEMA(cicustom, -1) };
const struct propstr_schema props_vm_memory = { SCHEMA(memory, VM_MEMORY_CURRENT),
						REQUIRED(VM_MEMORY_CURRENT) };
const struct propstr_schema props_vm_numa = { SCHEMA(numa, -1), REQUIRED(0) };
const struct propstr_schema props_vm_watchdog = { SCHEMA(watchdog, 0) };
const struct propstr_schema props_vm_vga = { SCHEMA(vga, 0) };
const struct propstr_schema props_vm_ivshmem = { SCHEMA(ivshmem, -1), REQUIRED(0) };
const struct propstr_schema props_vm_audio = { SCHEMA(audio, -1), REQUIRED(0) };
const struct propstr_schema props_vm_spice = { SCHEMA(spice, -1) };
const struct propstr_schema props_vm_smbios1 = { SCHEMA(smbios1, -1) };
const struct propstr_schema props_vm_sev = { SCHEMA(sev, 0), REQUIRED(0) };
const struct propstr_schema props_vm_tdx = { SCHEMA(tdx, 0),
					     .required =
						     PROPSTR_SLOT(0) | PROPSTR_SLOT(1) };
const struct propstr_schema props_vm_rng = { SCHEMA(rng, 0), REQUIRED(0) };
const struct propstr_schema props_vm_meta = { SCHEMA(meta, -1) };
const struct propstr_schema props_vm_boot = { SCHEMA(boot, 0) };
