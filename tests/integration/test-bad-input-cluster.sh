#!/bin/bash
# SPDX-License-Identifier: MIT
# The cluster file system fails: without quorum, with files that cannot be read, with what
# pmxcfs refuses. Nothing is let through by accident, and nothing is refused without a reason.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
policy=/etc/pve/pve-safe/policy.conf
copy=/var/lib/pve-safe/good/policy

# Prints a value of the newest record.
newest() { # FILTER
	tail -n 1 "$record" | jq -r "$1"
}

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
rule "pool" {
    when   = "pool = locked"
    action = deny
    reason = "this pool takes no starts"
}
END
lab_ct 101 <<<$'hostname: web01\nostype: debian\nunprivileged: 1'
lab_ct 102 <<<$'hostname: web02\nostype: debian\nunprivileged: 0'
lab_enable

# --- no quorum: reads go on, writes fail ---
lab_quorum no
run "$hook" 101 pre-start
expect_exit "without quorum what is allowed goes on" 0
run "$hook" 102 pre-start
expect_exit "and what is denied is refused" 77
expect_equal "by the policy that is there" "$(newest .policy.source)" file
expect_not "no copy is kept of what may be old" test -e "$copy"
run pve-safe check 101 102
expect_exit "check finds what is denied" 1
before=$(cat /etc/pve/lxc/101.conf)
run pct-safe set 101 --unprivileged 1 --tags web
expect_not "a wrapper's command fails, as the tool's own does" test "$status" = 0
expect_equal "and nothing is changed" "$(cat /etc/pve/lxc/101.conf)" "$before"
lab_quorum yes
run "$hook" 101 pre-start
expect_exit "with quorum it goes on as before" 0
expect "and now a copy is kept" test -s "$copy"

# --- files that cannot be read ---
lab_fail EIO nodes/pve1/lxc/101.conf
run "$hook" 101 pre-start
expect_exit "a guest's file that cannot be read refuses its start" 78
expect_output "naming it and the error" err \
	"cannot open '/etc/pve/lxc/101.conf': Input/output error"
expect_output "and what to do" err 'do: mend or restore this file, then start again'
run pve-safe check 101
expect_exit "check could not check it" 2
lab_mend
lab_fail EIO pve-safe/policy.conf
run "$hook" 101 pre-start
expect_exit "with a policy that cannot be read the copy serves" 0
expect_output "and says so" err \
	"WARN: the policy cannot be used: cannot open '$policy': Input/output error"
expect_equal "and is on record" "$(newest .policy.source)" last-good
run "$hook" 102 pre-start
expect_exit "what it denies stays denied" 77
lab_mend
lab_fail EIO user.cfg
run "$hook" 101 pre-start
expect_exit "a rule whose fact cannot be read refuses" 77
expect_output "naming the fact and the file" err \
	"unknown: pool: cannot open '/etc/pve/user.cfg': Input/output error (/etc/pve/user.cfg)"
expect_equal "and the record has it" "$(newest '.findings[0].unknown | tojson')" \
	'[{"fact":"pool","file":"/etc/pve/user.cfg","why":"cannot open '"'/etc/pve/user.cfg'"': Input/output error"}]'
run pve-safe check 101
expect_exit "check says that it could not" 2
lab_mend
run "$hook" 101 pre-start
expect_exit "once it can be read again it goes on" 0

# --- not mounted any more ---
umount -l /etc/pve
run "$hook" 101 pre-start
expect_exit "without /etc/pve no guest can be judged" 78
expect_output "and the message says that" err '/etc/pve: the cluster file system is not mounted'
expect_output "and where to look" err 'do: systemctl status pve-cluster'
expect_equal "the last good policy is on record" "$(newest .policy.source)" last-good
finish
