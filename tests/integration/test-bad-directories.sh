#!/bin/bash
# SPDX-License-Identifier: MIT
# Directories of the cluster file system that cannot be listed: what is in them is not taken
# for absent. Nothing is allowed, taken out of force or left out of a report for it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
waivers=/etc/pve/pve-safe/waivers
settings=/etc/pve/pve-safe/settings

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
limits "two" {
    when       = "ct"
    max_guests = 2
    reason     = "small node"
}
END
lab_ct 101 <<<$'hostname: web01\nostype: debian\nunprivileged: 1\nrootfs: local-lvm:vm-101-disk-0,size=4G'
lab_ct 102 pve2 <<<$'hostname: web02\nostype: debian\nunprivileged: 0\nrootfs: local-lvm:vm-102-disk-0,size=4G'
mkdir -p $settings
lab_file $settings/own.conf <<'END'
settings "own" {
    match    = "ct and tag = own"
    required = yes
    option "onboot" { value = "1" }
}
END
lab_enable
pve-safe tick >/dev/null 2>&1
run pve-safe waive 102 privileged --ticket CHG-1 --reason old --until 2099-01-01
expect_exit "a guest of another node has a waiver" 0

# --- the nodes ---
lab_fail EIO nodes
run pve-safe audit
expect_exit "without the list of nodes no audit" 2
expect_output "which is said" err '/etc/pve/nodes: Input/output error'
run pve-safe audit --format json
expect_equal "in JSON, too" \
	"$(jq -r '.failures[] | .file // .path // .why' <<<"$out" | grep -c /etc/pve/nodes)" 1
run pve-safe coverage
expect_exit "no coverage" 2
expect_output "for the same reason" err '/etc/pve/nodes: Input/output error'
run pct-safe create 103 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --unprivileged 1
expect_exit "a bound on guests that nobody could count refuses" 77
expect_output "by the limits' rule" err 'limits-two: '
expect_output "with the reason" err '/etc/pve/nodes'
run pve-safe check 102
expect_exit "a guest that may be on one of them is not said to be gone" 2
expect_output "it is said why it was not found" err '/etc/pve/nodes: Input/output error'
run pve-safe waivers
expect_no_output "nor does its waiver go" out 'no such guest'
run pve-safe tick
expect "the timer leaves it in force" test -s $waivers/102.privileged.conf
run pct-safe destroy 102
expect "and so does a destroy that fails" test -s $waivers/102.privileged.conf
lab_mend

# --- the guests of one node ---
lab_fail EIO nodes/pve2/lxc
run pve-safe audit
expect_exit "one node's guests that cannot be listed" 2
expect_output "are said" err '/etc/pve/nodes/pve2/lxc: Input/output error'
expect_output "the others are judged" out '1 guest (1 CT, 0 VM) on'
run pct-safe create 103 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --unprivileged 1
expect_exit "nobody knows how many guests are there" 77
expect_output "so the bound may be exceeded" err \
	'not known: /etc/pve/nodes/pve2/lxc: Input/output error (/etc/pve/nodes/pve2/lxc)'
lab_mend

# --- the waivers ---
lab_fail EIO pve-safe/waivers
run pve-safe waivers
expect_exit "waivers that cannot be listed" 2
expect_output "are said" err "cannot list '$waivers': Input/output error"
run pve-safe audit
expect_exit "an audit without them is none" 2
expect_output "and says so" err "cannot list '$waivers': Input/output error"
run pve-safe doctor
expect_output "so does doctor" out "cannot list '$waivers': Input/output error"
run pve-safe tick
expect_output "the timer says it" err "cannot list '$waivers': Input/output error"
lab_mend

# --- the templates ---
lab_ct 101 <<<$'hostname: web01\nostype: debian\nunprivileged: 1\ntags: own\nrootfs: local-lvm:vm-101-disk-0,size=4G'
run $hook 101 pre-start
expect_exit "what a template requires refuses the start" 77
lab_fail EIO pve-safe/settings
run pve-safe template list
expect_exit "templates that cannot be listed" 1
expect_output "are said" err "$settings: cannot be read: Input/output error"
run $hook 101 pre-start
expect_output "a start says so, too" err \
	"settings templates cannot be used: $settings: cannot be read: Input/output error"
lab_mend

# --- what nodes said of themselves ---
lab_fail EIO pve-safe/nodes
cp /etc/pve/pve-safe/policy.conf /root/new.conf
echo 'rule "more" { when = "vm" action = audit reason = "r" }' >>/root/new.conf
run pve-safe policy install --yes /root/new.conf
expect_exit "no policy is installed that a node may not read" 2
expect_output "which is said" err '/etc/pve/pve-safe/nodes: Input/output error'
lab_mend
finish
