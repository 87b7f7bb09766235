#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe audit: what it finds in a cluster, how it says so, and what it does where
# something cannot be read.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

work=$(mktemp -d)

# The JSON report, and a filter of it gives this.
audit_json() { # NAME FILTER EXPECTED [OPTION…]
	run pve-safe audit --format json "${@:4}"
	expect_equal "$1" "$(jq -rc "$2" <<<"$out" 2>&1)" "$3"
}

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
rule "no-backup" {
    when   = "not backed_up"
    action = audit
    reason = "nobody could bring it back"
}
rule "locked" {
    when   = "pool = locked"
    action = warn
    reason = "this pool is to be emptied"
}
END
lab_ct 101 <<<$'hostname: web01\nonboot: 1\nostype: debian\nrootfs: flat:vm-101-disk-0,size=8G\nstartup: order=2\ntags: web\nunprivileged: 0'
lab_ct 102 pve2 <<<$'hostname: web02\nostype: debian\nrootfs: thin:vm-102-disk-0,size=8G\ntags: just-chg-1\nunprivileged: 0'
lab_ct 103 pve3 <<<$'hostname: web03\nnet0: name=eth0,hwaddr=BC:24:11:00:00:03\nostype: debian\nrootfs: thin:vm-103-disk-0,size=8G\nunprivileged: 0'
lab_vm 200 <<<$'cores: 2\nhookscript: local:snippets/pve-safe-hook\nmemory: 2048\nname: build'
lab_vm 201 pve2 <<<$'args: -snapshot\nmemory: 2048\nname: raw'
lab_file /etc/pve/jobs.cfg <<<$'vzdump: all\n\tenabled 1\n\tschedule daily\n\tvmid 101,102,103,200'
lab_file /etc/pve/user.cfg <<<$'user:root@pam:1:0::::::\npool:locked::200:thin:'
lab_file /etc/pve/storage.cfg <<<$'dir: local\n\tpath /var/lib/vz\n\tcontent snippets\n\nlvm: flat\n\tvgname flat\n\tcontent images,rootdir\n\nlvmthin: thin\n\tvgname thin\n\tthinpool data\n\tcontent images,rootdir'
lab_enable

# --- findings ---
run pve-safe audit
expect_exit "an audit that finds something ends with 1" 1
expect_output "a finding is a line, the effect first" out \
	'deny       CT 101 (web01)             pve1     privileged         unprivileged: 0 (/etc/pve/nodes/pve1/lxc/101.conf:7)'
expect_output "guests of other nodes are judged" out 'deny       VM 201 (raw)               pve2     raw-args'
expect_output "the rules are explained once" out '  privileged: 2 denied: root in a privileged container is root on the node'
expect_output "what stays down after a reboot is listed" out \
	'  CT 101 (web01) on pve1: started by onboot with order 2, refused by privileged'
expect_output "guests without a backup job are listed" out $'no backup job covers\n  VM 201 (raw) on pve2'
expect_output "storages without snapshots are listed" out '  flat (lvm): thick volumes'
expect_output "a rule that users can get round is named" out '  privileged: by the tag just-*'
expect_output "with the line for datacenter.cfg" out 'registered-tags: just-TICKET'
expect_output "the numbers come last" out \
	'5 guests (3 CT, 2 VM) on 3 nodes: 3 denied, 1 warned about, 1 audited'
expect_no_output "nothing is said on standard error" err ''
expect_not "nothing is recorded" test -e /var/log/pve-safe/audit.jsonl

audit_json "each finding has effect, rule and line" \
	'.guests[] | select(.vmid == 101) | .findings[] | [.effect, .rule, .found[0].file, .found[0].line]' \
	'["deny","privileged","/etc/pve/nodes/pve1/lxc/101.conf",7]'
audit_json "a guest without findings is there, too" \
	'.guests[] | select(.vmid == 102) | [.verdict, .node, .name, .tag, .backed_up, (.findings | length)]' \
	'["allow","pve2","web02",["just-chg-1"],true,0]'
audit_json "the pool of a guest is there" '.guests[] | select(.vmid == 200) | .pool' locked
audit_json "the numbers by node are there" '[.nodes[] | [.node, .guests, .findings.deny]]' \
	'[["pve1",2,1],["pve2",2,1],["pve3",1,1]]'
audit_json "the numbers by rule are there" '[.rules[] | [.rule, .findings.deny]] | sort' \
	'[["locked",0],["no-backup",0],["privileged",2],["raw-args",1]]'
audit_json "the policy is named" '[.policy.source, .policy.name, .policy.mode]' \
	'["file","/etc/pve/pve-safe/policy.conf","enforce"]'
run pve-safe audit --quiet
expect_exit "--quiet ends as the whole audit" 1
expect_equal "and gives the numbers alone" "$out" \
	'5 guests (3 CT, 2 VM) on 3 nodes: 3 denied, 1 warned about, 1 audited'

# --- selection ---
audit_json "--node" '[.guests[].vmid]' '[102,201]' --node pve2
audit_json "--pool" '[.guests[].vmid]' '[200]' --pool locked
audit_json "--tag" '[.guests[].vmid]' '[101]' --tag web
audit_json "--rule" '[.guests[].findings[].rule]' '["raw-args"]' --rule raw-args
audit_json "--action" '[.guests[].findings[].rule]' '["locked"]' --action warn
run pve-safe audit --tag just-chg-1
expect_exit "nothing found ends with 0" 0
expect_output "and says so" out '1 guest (1 CT, 0 VM) on 1 node: nothing found'
run pve-safe audit --node nowhere
expect_exit "a node that there is not" 2
expect_output "is named" err "pve-safe: --node: the cluster has no node 'nowhere'"
run pve-safe audit --node ..
expect_exit "a directory that is no node's is none" 2
expect_output "either" err "pve-safe: --node: the cluster has no node '..'"
run pve-safe audit --rule privilegd
expect_exit "a rule that there is not" 2
run pve-safe audit --format tabel
expect_exit "a format that there is not" 64
expect_output "one is suggested" err "did you mean 'table'?"
run pve-safe audit 101
expect_exit "guests are not named" 64

# --- where it goes ---
expect "-o writes a file" sh -c "pve-safe audit --format json -o $work/report.json; test \$? = 1"
expect_equal "that is whole" "$(jq '.totals.guests' "$work/report.json")" 5
expect_equal "and alone" "$(ls "$work")" report.json
run pve-safe audit -o "$work/none/report.json"
expect_exit "a file that cannot be written" 2
expect_output "is named" err "pve-safe: cannot write '$work/none/report.json'"
run sh -c 'pve-safe audit --format json >/dev/full'
expect_exit "a full disk is no success" 2

# --- waivers ---
until=$(date -u -d '+60 days' +%F)
pve-safe waive 103 privileged --ticket CHG-9 --reason test --until "$until" >/dev/null
run pve-safe audit
expect_output "a waived finding says so" out 'waived     CT 103 (web03)             pve3     privileged'
expect_output "the waiver is listed" out "CT 103 (web03) on pve3: privileged waived until $until (CHG-9): used"
audit_json "and has the days it has left" '[.waivers[] | [.vmid, .state, .days_left]]' '[[103,"used",60]]'
lab_ct 103 pve3 <<<$'hostname: web03\nnet0: name=eth0,hwaddr=BC:24:11:00:00:03\nostype: debian\nrootfs: thin:vm-103-disk-0,size=8G\nunprivileged: 1'
run pve-safe audit
expect_output "one that no longer fits is told apart" out ": void: privileged was yes, now no"

# --- what cannot be read ---
lab_fail EIO user.cfg
run pve-safe audit
expect_exit "a broken file of the cluster" 2
expect_output "is named" err 'user.cfg'
expect_output "what rests on it is unknown" out 'unknown: pool: '
expect_output "the rest is as before" out 'deny       CT 101 (web01)'
lab_mend
for file in jobs.cfg storage.cfg ha/resources.cfg datacenter.cfg; do
	lab_file "/etc/pve/$file" </etc/pve/$file 2>/dev/null
	lab_fail EIO "$file"
	run pve-safe audit
	expect_exit "$file broken" 2
	expect_output "$file is named" err "$file"
	expect_output "with $file broken the rest is as before" out 'deny       CT 101 (web01)'
	lab_mend
done
lab_fail EIO nodes/pve2/qemu-server/201.conf
run pve-safe audit
expect_exit "a guest's file that cannot be read" 2
expect_output "is named" err '/etc/pve/nodes/pve2/qemu-server/201.conf'
expect_output "the others are judged" out 'CT 101 (web01)'
lab_mend
lab_quorum no
run pve-safe audit
expect_exit "without quorum the reading goes on" 1
lab_quorum yes

# --- a copy of the files ---
mkdir -p "$work/root/etc"
cp -r /etc/pve "$work/root/etc/pve" 2>/dev/null
run pve-safe audit --root "$work/root" --format json
expect_equal "a copy gives the same guests" "$(jq -c '[.guests[].vmid]' <<<"$out")" '[101,200,102,201,103]'
chown nobody "$work/root/etc/pve/nodes/pve1/lxc/101.conf"
run pve-safe audit --root "$work/root"
expect_exit "a file of another owner is not believed" 2
expect_output "and named" err "$work/root/etc/pve/nodes/pve1/lxc/101.conf' belongs to uid"
cp "$work/root/etc/pve/nodes/pve2/lxc/102.conf" "$work/root/etc/pve/nodes/pve3/lxc/102.conf"
run pve-safe audit --root "$work/root"
expect_output "a guest that two files claim to be is named" err 'guest 102 has two files'

# --- why a guest starts ---
cat >"$work/boot.conf" <<-'END'
	version = 1
	workload "late" { match = "tag = web and cause = boot" placement = any }
	rule "by-hand" { when = "workload = late" reason = "it waits for its storage" }
END
run pve-safe audit --policy "$work/boot.conf"
expect_output "a class that looks at the cause keeps a guest down after a reboot" out \
	'  CT 101 (web01) on pve1: started by onboot with order 2, refused by by-hand'

# --- the policy ---
pve-safe policy show >/dev/null
lab_file /etc/pve/pve-safe/policy.conf <<<'version = 1 nonsense'
run pve-safe audit
expect_output "a policy that cannot be used is said" err 'WARN: the policy cannot be used'
expect_output "and stands in the report" out 'WARN: the current policy cannot be used'
finish
