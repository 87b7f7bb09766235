#!/bin/bash
# SPDX-License-Identifier: MIT
# A real Debian with systemd in a real VM: what templates put into the option args is in
# force before its services start; without it, it is not.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"
top=$(cd "$(dirname "$0")/../.." && pwd -P)
LAB_BUILD=$(realpath "${LAB_BUILD:-$top/build}")
TEST_GUEST=${TEST_GUEST:-$(realpath -m "${PVE_SAFE_CACHE:-$LAB_BUILD}/guest-systemd")}
export LAB_BUILD TEST_GUEST # of the environment, a lab keeps TEST_*
if [ -z "${LAB:-}" ]; then # outside, where there is a network
	"$top/tests/lab/vm" "$LAB_BUILD/vm" >&2 || exit 1
	"$top/tests/slow/guest-systemd" "$TEST_GUEST" >&2 || exit 1
fi
in_lab --pve tmpfs

# Prints the option args of a VM.
args_of() { # VMID
	sed -n '/^\[/q; s/^args: //p' "/etc/pve/qemu-server/$1.conf"
}

# Boots the guest as VM VMID, with its args, until it ends; sets console.
boot() { # VMID
	# shellcheck disable=SC2046 # args are words
	timeout 900 qemu-system-x86_64 -machine accel=tcg -m 1024 -nodefaults -display none \
		-no-reboot -serial "file:/run/console.$1" \
		-kernel "$LAB_BUILD/vm/kernel" -initrd "$TEST_GUEST/initrd" \
		-append 'console=ttyS0 quiet panic=-1 systemd.mask=serial-getty@ttyS0.service' \
		$(args_of "$1") >&2
	console=$(tr -d '\r' <"/run/console.$1")
}

# Prints what the guest told at this point of its boot.
told() { # POINT
	sed -n "s/.*tell $1: //p" <<<"$console"
}

mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/test.conf <<'END'
settings "database" {
    match = "vm and tag = database"
    sysctl "vm.swappiness" { value = "1" }
}
settings "search" {
    match = "vm and tag = search"
    sysctl "vm.max_map_count" { value = "{memory_mib * 1024}" }
    sysctl "net.core.somaxconn" { value = "12345" }
}
END
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
END
lab_enable
lab_vm 130 <<'END'
memory: 1024
name: db130
tags: database;search
END
lab_vm 131 <<'END'
memory: 1024
name: db131
tags: none
END
run pve-safe template apply 130
expect_exit "the templates of a VM are applied" 0
run pve-safe template apply 131
expect_equal "the other VM has none" "$(args_of 131)" ''

# --- without: what the guest's own files say, and the kernel's defaults ---
boot 131
expect_equal "a VM without our argument reaches multi-user.target" \
	"$(told reached | sed 's/.*target=//')" active
expect_equal "and has what its own sysctl.d sets, and what is the kernel's" "$(told service)" \
	'swappiness=42 maps=65530 backlog=4096 target=inactive'

# --- with ---
boot 130
values='swappiness=1 maps=1048576 backlog=12345'
expect_equal "right after systemd-sysctl, the values of the templates are in force" \
	"$(told early)" "$values target=inactive"
expect_equal "a service that multi-user.target waits for finds them" "$(told service)" \
	"$values target=inactive"
expect_equal "and they are there once it is reached, over the guest's own sysctl.d" \
	"$(told reached)" "$values target=active"
expect_equal "in this order" "$(sed -n 's/.*tell \([a-z]*\):.*/\1/p' <<<"$console" | tr '\n' ' ')" \
	'early service reached '

# --- taken away ---
run pve-safe template undo 130
expect_exit "it can be taken away" 0
expect_equal "and leaves nothing" "$(args_of 130)" ''
finish
