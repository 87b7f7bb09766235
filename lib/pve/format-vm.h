/* SPDX-License-Identifier: MIT */
/* format-vm - formats of values that only VMs have. Source: PVE::QemuServer and below. */
#pragma once

#include "pve/format.h"

extern const struct format format_vm_volume;      /* pve-volume-id-or-qm-path */
extern const struct format format_vm_serial;      /* of disks */
extern const struct format format_vm_model;       /* of disks */
extern const struct format format_vm_product;     /* of disks */
extern const struct format format_vm_vendor;      /* of disks */
extern const struct format format_vm_wwn;         /* of disks */
extern const struct format format_vm_pci;         /* hostpciN host= */
extern const struct format format_vm_romfile;     /* hostpciN */
extern const struct format format_vm_mdev;        /* hostpciN */
extern const struct format format_vm_pci_id;      /* hostpciN vendor-id= and so on */
extern const struct format format_vm_usb;         /* usbN host= */
extern const struct format format_vm_ranges;      /* 0-3;8: NUMA cores, VLAN trunks */
extern const struct format format_vm_machine;     /* machine type= */
extern const struct format format_vm_hv_vendor;   /* cpu hv-vendor-id= */
extern const struct format format_vm_phys_bits;   /* pve-phys-bits */
extern const struct format format_vm_shm_name;    /* ivshmem name= */
extern const struct format format_vm_version;     /* meta creation-qemu= */
extern const struct format format_vm_uuid;        /* smbios1 uuid= */
extern const struct format format_vm_base64;      /* smbios1 */
extern const struct format format_vm_boot_legacy; /* boot legacy= */
extern const struct format format_vm_boot_order;  /* pve-qm-bootdev-list */
extern const struct format format_vm_bootdisk;    /* pve-qm-bootdisk */
extern const struct format format_vm_hotplug;     /* pve-hotplug-features */
extern const struct format format_vm_cpuset;      /* pve-cpuset */
