#!/bin/bash
# SPDX-License-Identifier: MIT
# The same guests and policy give the same findings in check, audit, hookscript, node-wide
# hook and wrapper: guests of every sort, and real files out of the vectors.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
lxc_hook=/usr/libexec/pve-safe/pve-safe-lxc-hook
record=/var/log/pve-safe/audit.jsonl
vectors=36

# What all five have of a finding; and of their verdict.
same='[.verdict, ([.findings[] | [.rule, .action, .effect, .reason, .remedy]] | sort)] | tojson'

lab_policy <<'END2'
version = 1
include = { "baseline@1", "operations@1", "playbook@1" }
rule "quiet" { when = "onboot" action = audit reason = "it starts at boot" }
rule "loud" { when = "nesting or memory_mib > 4096" action = warn reason = "look at it" }
rule "mine" { when = "tag ~ shop" unless = "name = allowed" reason = "the shop is closed" }
rule "unread" { when = "pool = students" reason = "students start nothing" }
END2
lab_enable

# --- guests ---
base='arch: amd64
ostype: debian
rootfs: local-lvm:vm-1-disk-0,size=4G'
lab_ct 101 <<<"$base
unprivileged: 0"
lab_ct 102 <<<"$base
unprivileged: 1
features: nesting=1,keyctl=1
tags: docker"
lab_ct 103 <<<"$base
unprivileged: 0
tags: just-chg-1"
lab_ct 104 <<<"$base
unprivileged: 1
mp0: /etc,mp=/mnt
mp1: /run/docker.sock,mp=/run/docker.sock"
lab_ct 105 <<<"$base
unprivileged: 1
lxc.idmap: u 0 100000 1000
lxc.idmap: u 1000 0 1
lxc.apparmor.profile: unconfined
lxc.cgroup2.devices.allow: a
lxc.cap.drop:"
lab_ct 106 <<<"$base
hostname: allowed
unprivileged: 1
tags: shop
onboot: 1"
lab_ct 107 <<<"$base
unprivileged: 1
lxc.idmap: nonsense"
lab_ct 108 <<<"$base
unprivileged: 1

[pve:pending]
features: nesting=1
tags: shop"
lab_vm 201 <<<'name: win
memory: 8192
args: -device x
hostpci0: 0000:01:00.0
cpu: host'
lab_vm 202 <<<'name: plain
memory: 512
scsi0: local-lvm:vm-202-disk-0,size=4G'
lab_vm 203 <<<'name: shop
tags: shop;docker
memory: 2048

[PENDING]
memory: 8192'
lab_ct 109 <<<"$base
unprivileged: 0
hostname: waived"
pve-safe waive 109 privileged --ticket CHG-1 --reason test --until 2099-01-01 >/dev/null 2>&1
n=1000
while IFS= read -r row; do
	n=$((n + 1))
	dir=qemu-server
	[[ $row == *'"kind":"ct"'* ]] && dir=lxc
	jq -j .text <<<"$row" >/etc/pve/$dir/$n.conf
done < <(jq -c 'select(.text | test("(?m)^(lock|template|hookscript):") | not)' \
	tests/fixtures/vectors/conf.jsonl | awk -v n=$vectors 'NR % 11 == 1 && k++ < n')

lab_status

# --- the five ---
pve-safe check --format json >"$LAB/check" 2>/dev/null
pve-safe audit --format json | jq -c '.guests[]' >"$LAB/audit"
for file in /etc/pve/lxc/*.conf /etc/pve/qemu-server/*.conf; do
	vmid=$(basename "$file" .conf)
	tool=qm
	$hook "$vmid" pre-start >/dev/null 2>&1
	rm -rf /run/pve-safe/decision
	if [[ $file == */lxc/* ]]; then
		tool=pct
		# Not below process 1, which is who starts one that reboots from inside.
		bash -c '"$@"; exit $?' asked $lxc_hook "$vmid" lxc start-host >/dev/null 2>&1
		rm -rf /run/pve-safe/decision
	fi
	$tool-safe start "$vmid" >/dev/null 2>&1
done
for layer in hook lxc-hook wrapper; do
	jq -c "select(.layer == \"$layer\" and .event == \"start\")" $record >"$LAB/$layer"
done
for who in check audit hook lxc-hook wrapper; do
	jq -r '"\(.guest.vmid // .vmid) \(.guest.kind // .kind) \('"$same"')"' "$LAB/$who" |
		sort -n >"$LAB/$who.said"
done
grep ' ct ' "$LAB/check.said" >"$LAB/check-ct.said"
guests=$(wc -l <"$LAB/check.said")
for who in audit hook wrapper; do
	run diff "$LAB/check.said" "$LAB/$who.said"
	expect_exit "check and $who say the same" 0
done
run diff "$LAB/check-ct.said" "$LAB/lxc-hook.said"
expect_exit "of containers the node-wide hook does, too" 0
refused=$(grep -c ' \["deny"' "$LAB/check.said")
findings=$(jq -s '[.[].findings | length] | add' "$LAB/check")
expect "of many guests" test "$guests" -ge 35
expect "of which some are refused" test "$refused" -ge 10
expect "and some are not" test "$((guests - refused))" -ge 5
expect "with many findings" test "$findings" -ge 80
finish
