#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe setup: the marker that says whether this node enforces.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

marker=/etc/pve-safe/enabled
rm -f /etc/pve-safe/*
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_ct 101 <<'END'
hostname: web01
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=4G
unprivileged: 0
END

run pve-safe setup --enable --dry-run
expect_exit "--dry-run succeeds" 0
expect_equal "and says what would be" "$out" \
	"pve1 would be enabled: hooks refuse what the policy denies (/etc/pve-safe/enabled)"
expect "and makes nothing" test ! -e $marker
run pve-safe setup --disable
expect_exit "what is not enabled can be disabled" 0
expect_equal "which says so" "$out" \
	"pve1 is disabled already: every hook passes (/etc/pve-safe/enabled is not there)"
expect "and makes nothing either" test ! -e $marker

(umask 077 && pve-safe setup --enable >/run/said)
expect_equal "enabling says so" "$(cat /run/said)" \
	"pve1 is now enabled: hooks refuse what the policy denies (/etc/pve-safe/enabled)"
expect_equal "the marker is there, for all to see" "$(stat -c '%a %U' $marker)" '644 root'
expect_equal "nothing else is" "$(ls -A /etc/pve-safe)" enabled
before=$(stat -c %i:%Y $marker)
run pve-safe setup --enable
expect_exit "enabling again succeeds" 0
expect_equal "and says so" "$out" \
	"pve1 is enabled already: hooks refuse what the policy denies (/etc/pve-safe/enabled is there)"
expect_equal "and leaves the marker alone" "$(stat -c %i:%Y $marker)" "$before"
silent='has told nothing of itself: a guest with our hookscript cannot start there; install pve-safe on it, then: pve-safe setup'
expect_equal "nodes without pve-safe are named" "$(sort <<<"$err")" \
	"pve-safe: pve2 $silent"$'\n'"pve-safe: pve3 $silent"
mkdir -p /etc/pve/pve-safe/nodes
printf 'version = 1\nkeys = { "mode" }\n' >/etc/pve/pve-safe/nodes/pve3
run pve-safe setup --enable
expect_equal "and not one that has it" "$err" "pve-safe: pve2 $silent"
rm -r /etc/pve/pve-safe/nodes
run pct-safe start 101
expect_exit "now a start is refused" 77

run pve-safe setup --disable --dry-run
expect_equal "--dry-run of the other" "$out" \
	"pve1 would be disabled: every hook passes (/etc/pve-safe/enabled removed)"
expect "does nothing" test -e $marker
run pve-safe setup --disable
expect_exit "disabling" 0
expect_equal "says so" "$out" \
	"pve1 is now disabled: every hook passes (/etc/pve-safe/enabled removed)"
expect "and removes the marker" test ! -e $marker

run pve-safe setup --enable --disable
expect_exit "with both: usage" 64
expect_equal "which says what to say" "$err" \
	"pve-safe: setup: say one of --enable, --disable and --remove"
run pve-safe setup --enable pve2
expect_exit "with an argument: usage" 64
expect_equal "for it is about this node" "$err" \
	"pve-safe: setup: it is about this node: name nothing"
run pve-safe setup --help
expect_exit "--help" 0
expect_output "shows what there is" out "       pve-safe setup --enable [--dry-run]"

# Runs a command with an empty /etc, after a preparation.
in_empty_etc() { # PREPARATION COMMAND
	run unshare --mount sh -c "mount -t tmpfs -o mode=755 tmpfs /etc; $1; umask 077; $2"
}
in_empty_etc : 'pve-safe setup --enable && stat -c "%a %n" /etc/pve-safe /etc/pve-safe/*'
expect_exit "the directory is made" 0
expect_equal "for all to read, with the marker" "$(tail -n 2 <<<"$out")" "755 /etc/pve-safe
644 /etc/pve-safe/enabled"
in_empty_etc ': >/etc/pve-safe' 'pve-safe setup --enable'
expect_exit "where it cannot be made" 2
expect_output "nothing is said to be done" err "pve-safe: setup: nothing was changed: "
expect_output "and what is in the way" err "etc/pve-safe/enabled"
in_empty_etc 'ln -s none /etc/pve-safe' 'pve-safe setup --enable'
expect_exit "nor through a link to nothing" 2

mkdir -p $marker
run pve-safe setup --disable
expect_exit "where it cannot be removed" 2
expect_equal "the message names it" "$err" \
	"pve-safe: setup: nothing was changed: /etc/pve-safe/enabled: cannot be removed: Is a directory"
finish
