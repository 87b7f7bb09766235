/* SPDX-License-Identifier: MIT */
/*
 * hook - what the two hook programs do; they themselves hold nothing but main.
 */
#pragma once

/* pve-safe-hook VMID PHASE: the guest hookscript. Returns its exit status. */
int hook_main(int argc, char **argv);

/* pve-safe-lxc-hook: lxc.hook.start-host of every container. Returns its exit status. */
int lxc_hook_main(int argc, char **argv);
