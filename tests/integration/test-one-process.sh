#!/bin/bash
# SPDX-License-Identifier: MIT
# On the way to a verdict no program starts another process: a start waits for none, and none can
# be missing. What a verdict is followed by, the mail about a denial, comes after the record.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

trace=$LAB/trace

# Runs a command below strace; sets started, how many processes and programs it started before
# its decision was on record, and later, how many afterwards.
traced() { # COMMAND...
	run strace -f -qq -s 0 -E ASAN_OPTIONS=detect_leaks=0 -o "$trace" -e signal=none \
		-e trace=fork,vfork,clone,clone3,execve,execveat,openat "$@"
	read -r started later < <(awk '
		/ (v?fork|clone3?|execveat|execve)\(/ { if (recorded) later++; else before++ }
		/audit\.jsonl/ { recorded = 1 }
		END { print before - 1, later + 0 }' "$trace")
}

# What a command starts on the way to its verdict is nothing.
expect_alone() { # NAME STATUS COMMAND...
	traced "${@:3}"
	expect_exit "$1" "$2"
	expect_equal "and it starts no process before that: $1" "$started" 0
}

lab_policy <<'END'
version = 1
include = { "baseline@1", "playbook@1" }
END
printf 'hostname: web\nrootfs: local-lvm:vm-101-disk-0\nunprivileged: 1\n' | lab_ct 101
printf 'hostname: old\nrootfs: local-lvm:vm-102-disk-0\nunprivileged: 0\n' | lab_ct 102
printf 'name: build\nmemory: 2048\n' | lab_vm 200
printf 'name: raw\nargs: -snapshot\n' | lab_vm 201
lab_enable

# --- the control: a process that is started is seen ---
traced sh -c 'true; /bin/true; exit 3'
expect_exit "a shell runs below it" 3
expect_equal "and what it starts is counted" "$started" 2

# --- the hooks ---
hook=/usr/libexec/pve-safe/pve-safe-hook
for phase in pre-start post-start pre-stop post-stop; do
	expect_alone "the hookscript of a container, $phase" 0 "$hook" 101 $phase
	expect_alone "the hookscript of a VM, $phase" 0 "$hook" 200 $phase
done
expect_equal "an allowed phase has nothing to do after it either" "$later" 0
expect_alone "a container that is refused" 77 "$hook" 102 pre-start
expect_alone "a VM that is refused" 77 "$hook" 201 pre-start
expect_alone "the node-wide hook" 0 /usr/libexec/pve-safe/pve-safe-lxc-hook 101 lxc start-host

# --- the wrappers, and what judges without acting ---
expect_alone "a create that is tried" 0 pct-safe --dry-run create 103 local:vztmpl/x.tar.zst \
	--rootfs local-lvm:4
expect_alone "a create that is refused" 77 pct-safe create 103 local:vztmpl/x.tar.zst \
	--rootfs local-lvm:4 --unprivileged 0
expect_alone "a VM's start that is refused" 77 qm-safe start 201
expect_alone "check" 1 pve-safe check 102
finish
