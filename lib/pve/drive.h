/* SPDX-License-Identifier: MIT */
/*
 * drive - what a VM's drive names.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/*
 * Whether @file, "STORAGE:NAME", is the image that Proxmox makes for cloud-init; a path is
 * none, for it makes them on storages alone. Source: PVE::QemuServer::Drive,
 * drive_is_cloudinit.
 */
bool drive_is_cloudinit(struct slice file);
