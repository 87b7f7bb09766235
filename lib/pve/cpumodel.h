/* SPDX-License-Identifier: MIT */
/*
 * cpumodel - the CPU models and flags that a VM's `cpu` may name.
 *
 * QEMU's package decides which models there are, and the cluster may add some of its own
 * ("custom-NAME"): one that is not listed here may still be known to the node.
 */
#pragma once

#include "base/err.h"
#include "base/slice.h"

/*
 * Checks the values of a `cpu` property string together: 0, or -1 with ERR_SYNTAX (no
 * model), ERR_UNKNOWN (a model or flag that is not listed) or ERR_TYPE (a key that is for
 * custom models). Source: PVE::QemuServer::CPUConfig::validate_vm_cpu_conf.
 */
int cpumodel_check(const struct slice *vals, struct err *e)
	__attribute__((nonnull, warn_unused_result));
