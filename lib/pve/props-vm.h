/* SPDX-License-Identifier: MIT */
/*
 * props-vm - the property strings of a VM's options; the enumerations say in which slot
 * of propstr_parse()'s result a key's value stands. Source: PVE::QemuServer and below it
 * Drive, Network, PCI, USB, CPUConfig, Machine, Memory, Agent, Virtiofs, RNG, MetaInfo.
 */
#pragma once

#include "pve/propstr.h"

/* ideN, sataN, scsiN, virtioN, efidisk0, tpmstate0, cdrom: what all of them have. */
enum { VM_DRIVE_FILE, VM_DRIVE_SIZE, VM_DRIVE_FORMAT, VM_DRIVE_COMMON };

/* ideN, sataN, scsiN, virtioN, cdrom: what all of these have. */
enum {
	VM_DISK_MEDIA = VM_DRIVE_COMMON,
	VM_DISK_CACHE,
	VM_DISK_DISCARD,
	VM_DISK_BACKUP,
	VM_DISK_REPLICATE,
	VM_DISK_SHARED,
	VM_DISK_SNAPSHOT,
	VM_DISK_DETECT_ZEROES,
	VM_DISK_AIO,
	VM_DISK_RERROR,
	VM_DISK_WERROR,
	VM_DISK_SERIAL,
	VM_DISK_BPS,
	VM_DISK_BPS_RD,
	VM_DISK_BPS_WR,
	VM_DISK_MBPS,
	VM_DISK_MBPS_RD,
	VM_DISK_MBPS_WR,
	VM_DISK_IOPS,
	VM_DISK_IOPS_RD,
	VM_DISK_IOPS_WR,
	VM_DISK_MBPS_MAX,
	VM_DISK_MBPS_RD_MAX,
	VM_DISK_MBPS_WR_MAX,
	VM_DISK_IOPS_MAX,
	VM_DISK_IOPS_RD_MAX,
	VM_DISK_IOPS_WR_MAX,
	VM_DISK_BPS_MAX_LENGTH,
	VM_DISK_BPS_RD_MAX_LENGTH,
	VM_DISK_BPS_WR_MAX_LENGTH,
	VM_DISK_IOPS_MAX_LENGTH,
	VM_DISK_IOPS_RD_MAX_LENGTH,
	VM_DISK_IOPS_WR_MAX_LENGTH
};

/* efidisk0 */
enum {
	VM_EFIDISK_EFITYPE = VM_DRIVE_COMMON,
	VM_EFIDISK_PRE_ENROLLED_KEYS,
	VM_EFIDISK_MS_CERT,
	VM_EFIDISK_COUNT
};

/* tpmstate0 */
enum { VM_TPMSTATE_VERSION = VM_DRIVE_COMMON, VM_TPMSTATE_COUNT };

/* unusedN */
enum { VM_UNUSED_FILE, VM_UNUSED_COUNT };

/* netN */
enum {
	VM_NET_MODEL,
	VM_NET_MACADDR,
	VM_NET_BRIDGE,
	VM_NET_FIREWALL,
	VM_NET_TAG,
	VM_NET_TRUNKS,
	VM_NET_RATE,
	VM_NET_QUEUES,
	VM_NET_LINK_DOWN,
	VM_NET_MTU,
	VM_NET_HOST_TUNNEL,
	VM_NET_COUNT
};

/* ipconfigN */
enum {
	VM_IPCONFIG_IP,
	VM_IPCONFIG_GW,
	VM_IPCONFIG_IP6,
	VM_IPCONFIG_GW6,
	VM_IPCONFIG_COUNT
};

/* hostpciN */
enum {
	VM_HOSTPCI_HOST,
	VM_HOSTPCI_MAPPING,
	VM_HOSTPCI_PCIE,
	VM_HOSTPCI_X_VGA,
	VM_HOSTPCI_ROMBAR,
	VM_HOSTPCI_ROMFILE,
	VM_HOSTPCI_LEGACY_IGD,
	VM_HOSTPCI_MDEV,
	VM_HOSTPCI_VENDOR_ID,
	VM_HOSTPCI_DEVICE_ID,
	VM_HOSTPCI_SUB_VENDOR_ID,
	VM_HOSTPCI_SUB_DEVICE_ID,
	VM_HOSTPCI_DRIVER,
	VM_HOSTPCI_COUNT
};

/* usbN */
enum { VM_USB_HOST, VM_USB_MAPPING, VM_USB_USB3, VM_USB_COUNT };

/* virtiofsN */
enum {
	VM_VIRTIOFS_DIRID,
	VM_VIRTIOFS_CACHE,
	VM_VIRTIOFS_DIRECT_IO,
	VM_VIRTIOFS_EXPOSE_XATTR,
	VM_VIRTIOFS_EXPOSE_ACL,
	VM_VIRTIOFS_COUNT
};

/* cpu */
enum {
	VM_CPU_CPUTYPE,
	VM_CPU_FLAGS,
	VM_CPU_HIDDEN,
	VM_CPU_HV_VENDOR_ID,
	VM_CPU_PHYS_BITS,
	VM_CPU_GUEST_PHYS_BITS,
	VM_CPU_LEVEL,
	VM_CPU_REPORTED_MODEL,
	VM_CPU_COUNT
};

/* machine, runningmachine */
enum {
	VM_MACHINE_TYPE,
	VM_MACHINE_VIOMMU,
	VM_MACHINE_AW_BITS,
	VM_MACHINE_ENABLE_S3,
	VM_MACHINE_ENABLE_S4,
	VM_MACHINE_COUNT
};

/* agent */
enum {
	VM_AGENT_ENABLED,
	VM_AGENT_TYPE,
	VM_AGENT_FSTRIM_CLONED_DISKS,
	VM_AGENT_FREEZE_FS,
	VM_AGENT_COUNT
};

/* cicustom */
enum {
	VM_CICUSTOM_META,
	VM_CICUSTOM_NETWORK,
	VM_CICUSTOM_USER,
	VM_CICUSTOM_VENDOR,
	VM_CICUSTOM_COUNT
};

/* memory */
enum { VM_MEMORY_CURRENT, VM_MEMORY_COUNT };

extern const struct propstr_schema props_vm_ide, props_vm_sata, props_vm_scsi,
	props_vm_virtio, props_vm_efidisk, props_vm_tpmstate, props_vm_unused,
	props_vm_net, props_vm_ipconfig, props_vm_hostpci, props_vm_usb,
	props_vm_virtiofs, props_vm_cpu, props_vm_machine, props_vm_agent,
	props_vm_cicustom, props_vm_memory, props_vm_numa, props_vm_watchdog,
	props_vm_vga, props_vm_ivshmem, props_vm_audio, props_vm_spice, props_vm_smbios1,
	props_vm_sev, props_vm_tdx, props_vm_rng, props_vm_meta, props_vm_boot;
