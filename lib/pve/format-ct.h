/* SPDX-License-Identifier: MIT */
/* format-ct - formats of values that only containers have. Source: PVE::LXC::Config. */
#pragma once

#include "pve/format.h"

extern const struct format format_ct_path;         /* pve-lxc-mp-string */
extern const struct format format_ct_device;       /* pve-lxc-dev-string */
extern const struct format format_ct_device_mode;  /* of devN */
extern const struct format format_ct_mountoptions; /* of rootfs and mpN */
extern const struct format format_ct_idmap;        /* of rootfs and mpN */
extern const struct format format_ct_mount_types;  /* of features */
extern const struct format format_ct_trunks;       /* of netN */
