/* SPDX-License-Identifier: MIT */
#include "pve/props-ct.h"

#include "pve/format-ct.h"

static const struct propstr_key mp[CT_MP_COUNT] = {
	[CT_MP_VOLUME] = { "volume", .format = &format_ct_path },
	[CT_MP_SIZE] = { "size", .format = &format_disk_size },
	[CT_MP_RO] = { "ro", PROPSTR_BOOL },
	[CT_MP_SHARED] = { "shared", PROPSTR_BOOL },
	[CT_MP_REPLICATE] = { "replicate", PROPSTR_BOOL },
	[CT_MP_ACL] = { "acl", PROPSTR_BOOL },
	[CT_MP_QUOTA] = { "quota", PROPSTR_BOOL },
	[CT_MP_MOUNTOPTIONS] = { "mountoptions", .format = &format_ct_mountoptions },
	[CT_MP_IDMAP] = { "idmap", .format = &format_ct_idmap },
	[CT_MP_MP] = { "mp", .format = &format_ct_path },
	[CT_MP_BACKUP] = { "backup", PROPSTR_BOOL },
	[CT_MP_KEEPATTRS] = { "keepattrs", PROPSTR_BOOL },
};

static const char *const words_net_type[] = { "veth", NULL };

static const struct propstr_key net[CT_NET_COUNT] = {
	[CT_NET_NAME] = { "name", .format = &format_bridge_id },
	[CT_NET_BRIDGE] = { "bridge", .format = &format_bridge_id },
	[CT_NET_HWADDR] = { "hwaddr", .format = &format_mac },
	[CT_NET_IP] = { "ip", .format = &format_ipv4_config },
	[CT_NET_GW] = { "gw", .format = &format_ipv4 },
	[CT_NET_IP6] = { "ip6", .format = &format_ipv6_config },
	[CT_NET_GW6] = { "gw6", .format = &format_ipv6 },
	[CT_NET_FIREWALL] = { "firewall", PROPSTR_BOOL },
	[CT_NET_TAG] = { "tag", PROPSTR_INTEGER, .bounded = true, .min = 1, .max = 4094 },
	[CT_NET_TRUNKS] = { "trunks", .format = &format_ct_trunks },
	[CT_NET_TYPE] = { "type", PROPSTR_WORD, .words = words_net_type },
	[CT_NET_MTU] = { "mtu", PROPSTR_INTEGER, .bounded = true, .min = 64,
			 .max = 65535 },
	[CT_NET_RATE] = { "rate", PROPSTR_NUMBER },
	[CT_NET_LINK_DOWN] = { "link_down", PROPSTR_BOOL },
	[CT_NET_HOST_MANAGED] = { "host-managed", PROPSTR_BOOL },
};

static const struct propstr_key dev[CT_DEV_COUNT] = {
	[CT_DEV_PATH] = { "path", .format = &format_ct_device },
	[CT_DEV_MODE] = { "mode", .format = &format_ct_device_mode },
	[CT_DEV_UID] = { "uid", PROPSTR_INTEGER, .bounded = true, .max = INT64_MAX },
	[CT_DEV_GID] = { "gid", PROPSTR_INTEGER, .bounded = true, .max = INT64_MAX },
	[CT_DEV_DENY_WRITE] = { "deny-write", PROPSTR_BOOL },
};

static const struct propstr_key features[CT_FEATURE_COUNT] = {
	[CT_FEATURE_NESTING] = { "nesting", PROPSTR_BOOL },
	[CT_FEATURE_KEYCTL] = { "keyctl", PROPSTR_BOOL },
	[CT_FEATURE_FUSE] = { "fuse", PROPSTR_BOOL },
	[CT_FEATURE_MKNOD] = { "mknod", PROPSTR_BOOL },
	[CT_FEATURE_MOUNT] = { "mount", .format = &format_ct_mount_types },
	[CT_FEATURE_FORCE_RW_SYS] = { "force_rw_sys", PROPSTR_BOOL },
};

static const struct propstr_key unused[CT_UNUSED_COUNT] = {
	[CT_UNUSED_VOLUME] = { "volume", .format = &format_volume_id },
};

const struct propstr_schema props_ct_rootfs = { mp, CT_ROOTFS_COUNT,
						PROPSTR_SLOT(CT_MP_VOLUME),
						.bare = CT_MP_VOLUME };
const struct propstr_schema props_ct_mp = { mp, CT_MP_COUNT,
					    PROPSTR_SLOT(CT_MP_VOLUME) |
						    PROPSTR_SLOT(CT_MP_MP),
					    .bare = CT_MP_VOLUME };
const struct propstr_schema props_ct_net = { net, CT_NET_COUNT, PROPSTR_SLOT(CT_NET_NAME),
					     .bare = -1 };
const struct propstr_schema props_ct_dev = { dev, CT_DEV_COUNT, .bare = CT_DEV_PATH };
const struct propstr_schema props_ct_features = { features, CT_FEATURE_COUNT,
						  .bare = -1 };
const struct propstr_schema props_ct_unused = { unused, CT_UNUSED_COUNT,
						PROPSTR_SLOT(CT_UNUSED_VOLUME),
						.bare = CT_UNUSED_VOLUME };
