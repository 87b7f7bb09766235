#!/bin/bash
# SPDX-License-Identifier: MIT
# /etc/pve is not mounted, and never was since the node booted.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve none

record=/var/log/pve-safe/audit.jsonl

# Each way to ask for guest 101 is refused with the same reason.
expect_refused() { # NAME
	run /usr/libexec/pve-safe/pve-safe-hook 101 pre-start
	expect_exit "$1: the hookscript refuses" 78
	expect_output "$1: saying why" err '/etc/pve: the cluster file system is not mounted'
	expect_output "$1: and where to look" err 'do: systemctl status pve-cluster'
	expect_equal "$1: on record" "$(tail -n 1 "$record" | jq -r .verdict)" deny
	run /usr/libexec/pve-safe/pve-safe-lxc-hook 101 lxc start-host
	expect_exit "$1: the node-wide hook refuses" 78
	expect "$1: and Proxmox prints why" \
		grep -q 'the cluster file system is not mounted' /run/pve/ct-101.warnings
	rm -f /run/pve/ct-101.warnings
}

run /usr/libexec/pve-safe/pve-safe-hook 101 pre-start
expect_exit "a node that is not enabled lets it pass" 0
expect_equal "and says nothing" "$out$err" ''
lab_enable
expect_refused "without any policy"
printf 'version = 1\nmode = audit\n' >/etc/pve-safe/policy.conf
expect_refused "with a policy of the node's own"
run /usr/libexec/pve-safe/pve-safe-hook 101 pre-start
expect_output "the node's own policy does not take the cluster's place" err \
	'WARN: the policy cannot be used: /etc/pve is not mounted (/etc/pve/nodes is no directory)'
run pve-safe check 101
expect_exit "check could not check" 2
run pve-safe check
expect_exit "nor all of the node" 2
expect_output "and says why" err '/etc/pve: the cluster file system is not mounted; name files instead'
printf 'unprivileged: 1\n' >/tmp/101.conf
run pve-safe check --kind ct /tmp/101.conf
expect_exit "a file can be checked, but not by this node's policy" 1
expect_output "which is said" err 'WARN: the policy cannot be used: /etc/pve is not mounted'
rm /tmp/101.conf
expect_equal "nothing was written there" "$(ls -A /etc/pve)" ''
finish
