/* SPDX-License-Identifier: MIT */
/*
 * template-apply - pve-safe template apply, undo: a settings template for a guest of this
 * node, by hand. What a guest that runs can have is set at once, in a container and on the
 * node; what is of a VM's configuration goes through qm (run/template-vm.h).
 */
#pragma once

/* pve-safe template apply; the exit status. */
int template_apply(int argc, char **argv);

/* pve-safe template undo; the exit status. */
int template_undo(int argc, char **argv);
