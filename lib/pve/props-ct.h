/* SPDX-License-Identifier: MIT */
/*
 * props-ct - the property strings of a container's options; the enumerations say in which
 * slot of propstr_parse()'s result a key's value stands. Source: PVE::LXC::Config.
 */
#pragma once

#include "pve/propstr.h"

/* rootfs, mpN */
enum {
	CT_MP_VOLUME,
	CT_MP_SIZE,
	CT_MP_RO,
	CT_MP_SHARED,
	CT_MP_REPLICATE,
	CT_MP_ACL,
	CT_MP_QUOTA,
	CT_MP_MOUNTOPTIONS,
	CT_MP_IDMAP,
	CT_ROOTFS_COUNT,
	CT_MP_MP = CT_ROOTFS_COUNT, /* this and the following: mpN alone */
	CT_MP_BACKUP,
	CT_MP_KEEPATTRS,
	CT_MP_COUNT
};

/* netN */
enum {
	CT_NET_NAME,
	CT_NET_BRIDGE,
	CT_NET_HWADDR,
	CT_NET_IP,
	CT_NET_GW,
	CT_NET_IP6,
	CT_NET_GW6,
	CT_NET_FIREWALL,
	CT_NET_TAG,
	CT_NET_TRUNKS,
	CT_NET_TYPE,
	CT_NET_MTU,
	CT_NET_RATE,
	CT_NET_LINK_DOWN,
	CT_NET_HOST_MANAGED,
	CT_NET_COUNT
};

/* devN */
enum {
	CT_DEV_PATH,
	CT_DEV_MODE,
	CT_DEV_UID,
	CT_DEV_GID,
	CT_DEV_DENY_WRITE,
	CT_DEV_COUNT
};

/* features */
enum {
	CT_FEATURE_NESTING,
	CT_FEATURE_KEYCTL,
	CT_FEATURE_FUSE,
	CT_FEATURE_MKNOD,
	CT_FEATURE_MOUNT,
	CT_FEATURE_FORCE_RW_SYS,
	CT_FEATURE_COUNT
};

/* unusedN */
enum { CT_UNUSED_VOLUME, CT_UNUSED_COUNT };

extern const struct propstr_schema props_ct_rootfs, props_ct_mp, props_ct_net,
	props_ct_dev, props_ct_features, props_ct_unused;
