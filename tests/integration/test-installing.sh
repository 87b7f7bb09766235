#!/bin/bash
# SPDX-License-Identifier: MIT
# `make install` on a node where a privileged container runs: it goes on running, and comes
# back from a reboot, at each step on the way to a policy.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

record=/var/log/pve-safe/audit.jsonl
nodewide=/usr/share/lxc/config/common.conf.d/pve-safe.conf

# As on a node that never saw the package.
rm -rf /usr/sbin/{pve,pct,qm,qmrestore}-safe /usr/libexec/pve-safe /etc/pve-safe/* \
	/var/lib/pve-safe/* /var/lib/vz/snippets/pve-safe-hook $nodewide
lab_ct 101 <<'END'
arch: amd64
hostname: web01
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=4G
unprivileged: 0
END
lab_lxc 101
expect "a privileged container starts on a node without the package" pct start 101

# Reboots the container from inside, and from outside, which both must go.
reboots() { # NAME
	expect "$1: a reboot from inside" lab_lxc_reboot_inside 101
	run pct reboot 101
	expect_exit "$1: a reboot by pct" 0
	expect_equal "$1: it runs" "$(lab_lxc_state 101)" RUNNING
}

# --- the package, and nothing else ---
run make --no-print-directory -o all install B="$LAB_BUILD" PREFIX=/usr
expect_exit "make install" 0
for program in /usr/sbin/{pve,pct,qm,qmrestore}-safe /usr/libexec/pve-safe/pve-safe-{,lxc-}hook; do
	expect "$program is there" test -x "$program"
done
expect_not "the node is not enabled by it" test -e /etc/pve-safe/enabled
expect_not "and there is no policy" test -e /etc/pve/pve-safe/policy.conf
expect_equal "the container runs on" "$(lab_lxc_state 101)" RUNNING
reboots "installed"

# --- the hooks in their place ---
cp /usr/share/pve-safe/lxc/pve-safe.conf $nodewide
run pct set 101 --hookscript local:snippets/pve-safe-hook
expect_exit "the hookscript can be set" 0
reboots "installed and attached"
expect_not "and nothing is on record" test -s $record

# --- enabled, without a policy ---
run pve-safe setup --enable
expect_exit "enabling the node" 0
reboots "enabled, without a policy"
expect_equal "now each start is on record, as one that would be denied" \
	"$(jq -r 'select(.guest.vmid == 101) | .verdict + " " + .policy.source + " " + .findings[0].effect' $record |
		sort -u)" 'warn builtin would-deny'
run pct stop 101
run pct start 101
expect_exit "without a policy even a fresh start goes" 0
expect_output "and is told what would be" out '(would deny; '
run pct-safe create 105 local:vztmpl/debian.tar.zst --unprivileged 0
expect_exit "what is new is refused" 77

# --- with a policy ---
printf 'version = 1\ninclude = { "baseline@1" }\n' >/root/policy.conf
run pve-safe policy install --yes /root/policy.conf
expect_exit "installing a policy" 0
expect_output "says that this one would not be started again" out \
	'CT 101 (web01) on pve1: warn (privileged) -> deny (privileged)'
expect_equal "it runs on" "$(lab_lxc_state 101)" RUNNING
reboots "under a policy that refuses it"
run pct stop 101
run pct start 101
expect_exit "but stopped, it is not started again" 255
expect_output "and says why" out 'privileged: root in a privileged container is root on the node'

# --- and back ---
run pve-safe setup --disable
expect_exit "disabling the node" 0
expect "lets it start" pct start 101
expect "and stop" pct stop 101
finish
