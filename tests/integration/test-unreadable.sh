#!/bin/bash
# SPDX-License-Identifier: MIT
# One guest, or one file, that cannot be read: each command says which and why, does the rest
# of its work, and its exit status tells that it was not all. And where a report cannot go.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

bad="cannot open '/etc/pve/lxc/104.conf': Input/output error"
there="cannot open '/etc/pve/nodes/pve1/lxc/104.conf': Input/output error"
lab_ct 101 <<<$'arch: amd64\nhostname: web01\nostype: debian\nunprivileged: 1\nrootfs: local:101/d.raw,size=1G\ncores: 2'
lab_ct 102 pve2 <<<$'arch: amd64\nhostname: db01\nostype: debian\nunprivileged: 0\nrootfs: local:102/d.raw,size=1G\ncores: 2'
lab_ct 104 <<<$'arch: amd64\nhostname: bad01\nunprivileged: 1\nrootfs: local:104/d.raw,size=1G'
lab_file /etc/pve/user.cfg <<<'pool:lab::101:'
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
rule "far" { when = "node = pve2" action = warn reason = "far away" }
rule "pool" { when = "pool = lab" reason = "no starts in this pool" }
END
lab_enable

# A command ends with this status, and says this on stderr.
expect_said() { # STATUS TEXT COMMAND...
	run "${@:3}"
	expect_equal "${*:3}" "$status $err" "$1 $2"
}

# --- a file by its path ---
run pve-safe check /etc/pve/nodes/pve2/lxc/102.conf
expect_output "a file of the cluster is the guest of its node" out 'far (warning): far away'
cp /etc/pve/nodes/pve2/lxc/102.conf /root/102.conf
run pve-safe check --kind ct /root/102.conf
expect_exit "a copy is judged, too" 1
expect_no_output "but is of no node" out 'far'
expect_said 64 "pve-safe: '/root/102.conf': container or VM? say --kind ct or --kind vm" \
	pve-safe facts /root/102.conf
expect_said 2 'pve-safe: guest 999: no such guest in /etc/pve/nodes' pve-safe facts 999

for node in pve2 pve3; do # pve-safe is there, too
	lab_file "/etc/pve/pve-safe/nodes/$node" <<<$'version = 1\nkeys = { "mode" }'
done

# --- one guest ---
lab_fail EIO nodes/pve1/lxc/104.conf
expect_said 2 "pve-safe: attach: guest 104: $bad" pve-safe attach 104
expect_said 2 "pve-safe: detach: guest 104: $bad" pve-safe detach 104
expect_said 2 'pve-safe: attach: guest 999: there is no such guest in /etc/pve/nodes' \
	pve-safe attach 999
expect_said 2 "pve-safe: $there" pve-safe attach --all
expect_equal "the others are attached" "$out" \
	'CT 101 (web01): attached: local:snippets/pve-safe-hook'
expect_said 2 "pve-safe: $there" pve-safe coverage
expect_output "the others are looked at" out 'CT 101 (web01) on pve1: enforced'
echo 'version = 1' >/root/new.conf
expect_said 2 "pve-safe: $there" pve-safe policy diff /root/new.conf
expect_output "the others are compared" out \
	'CT 101 (web01) on pve1: deny (pool) -> allow'
expect_said 2 "pve-safe: no policy file '/root/none.conf'" pve-safe policy diff /root/none.conf
for command in 'set 104 --onboot 1' 'start 104' 'clone 104 105' 'rollback 104 before'; do
	# shellcheck disable=SC2086 # words
	run pct-safe $command
	expect_exit "$command of it is refused" 78
	expect_output "$command: it could not be judged" err "104 denied: it could not be judged
$bad
  do: mend or restore this file, then try again"
done
lab_mend
run pct-safe rollback 104 before
expect_exit "a rollback to what there is not" 78
expect_output "says how to find what there is" err \
	"/etc/pve/lxc/104.conf: there is no snapshot 'before'
  do: list them: pct|qm listsnapshot 104"
for command in 'start 101' 'set 101 --onboot 1'; do
	# shellcheck disable=SC2086
	run qm-safe $command
	expect_exit "$command of a container by qm-safe" 78
	expect_output "$command: the right program is named" err '101 is a container
  do: use pct-safe'
done

# --- a fact that a waiver would cover ---
lab_fail EIO user.cfg
expect_said 2 "pve-safe: CT 101 (web01): the fact pool is unknown, so no waiver can cover it: /etc/pve/user.cfg: cannot open '/etc/pve/user.cfg': Input/output error" \
	pve-safe waive 101 pool --ticket T --reason R --until 2099-01-01
run pve-safe waive --existing pool --ticket T --reason R --until 2099-01-01
expect_exit "of all guests, too" 1
expect_output "each says why it cannot be" out \
	'CT 101 (web01) on pve1: not waived: the fact pool is unknown, so no waiver can cover it'
lab_mend

# --- what the cluster says of itself ---
run pve-safe tick
expect_exit "with quorum the timer does its work" 0
lab_fail EIO .members
expect_said 2 'pve-safe: tick: no quorum, so nothing is done until there is: pvecm status' \
	pve-safe tick
run pve-safe doctor
expect_output "doctor has what the timer said" out \
	'the timer says: no quorum, so nothing is done until there is: pvecm status'
lab_mend
run pve-safe tick
expect_exit "and again" 0
rm -r /run/pve-safe/tick
: >/run/pve-safe/tick
expect_said 2 "pve-safe: tick: cannot open lock file 'run/pve-safe/tick/lock': Not a directory" \
	pve-safe tick
rm /run/pve-safe/tick

# --- where an audit goes, and what it is asked for ---
expect_said 64 "pve-safe: --format: 'xml' is none of its values: html, json, junit, prometheus, sarif, table" \
	pve-safe audit --format xml
expect_said 64 "pve-safe: --action: 'allow' is none of its values: deny, warn, audit" \
	pve-safe audit --action allow
expect_said 64 "pve-safe: --action: 'warm' is none of its values; did you mean 'warn'?" \
	pve-safe audit --action warm
expect_said 64 'pve-safe: audit: takes no arguments; check looks at single guests' pve-safe audit 101
expect_said 2 "pve-safe: --node: the cluster has no node 'pve9'" pve-safe audit --node pve9
expect_said 2 "pve-safe: --rule: the policy has no rule 'nix'" pve-safe audit --rule nix
expect_said 2 "pve-safe: cannot write '/nowhere/x': No such file or directory" \
	pve-safe audit --quiet -o /nowhere/x
expect_said 2 "pve-safe: cannot write '/dev/full': No space left on device" \
	pve-safe audit --quiet -o /dev/full
expect_said 1 '' pve-safe audit --quiet -o /dev/null
expect_said 2 'pve-safe: /nowhere: No such file or directory' pve-safe audit --root /nowhere
mkdir /root/empty
expect_said 2 'pve-safe: /root/empty/etc/pve: the cluster file system is not mounted' \
	pve-safe audit --root /root/empty
finish
