#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe policy diff: whose verdict another policy would change, in the whole cluster.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

lab_ct 101 <<'END'
hostname: web01
rootfs: local-lvm:vm-101-disk-0,size=4G
unprivileged: 0
END
lab_ct 102 pve2 <<'END'
hostname: db01
rootfs: local-lvm:vm-102-disk-0,size=4G
unprivileged: 1
END
lab_vm 200 pve3 <<'END'
name: win
args: -no-hpet
END
new=/root/new.conf
cat >$new <<'END'
version = 1
include = { "baseline@1" }
END

run pve-safe policy diff $new
expect_exit "the first policy changes verdicts" 1
expect_equal "of those that were only reported" "$out" \
	"CT 101 (web01) on pve1: warn (privileged) -> deny (privileged)
VM 200 (win) on pve3: warn (raw-args) -> deny (raw-args)
2 of 3 guests: the verdict at a start changes"
expect "it leaves nothing behind" test ! -e /var/lib/pve-safe/good/policy

lab_policy <$new
run pve-safe policy diff $new
expect_exit "the policy itself changes nothing" 0
expect_equal "and says so" "$out" "0 of 3 guests: the verdict at a start changes"
cat >$new <<'END'
version = 1
rule "no-db" {
    when   = "name ~ db*"
    reason = "no databases here"
}
END
run pve-safe policy diff $new
expect_exit "another one does" 1
expect_equal "in both directions" "$out" \
	"CT 101 (web01) on pve1: deny (privileged) -> allow
CT 102 (db01) on pve2: allow -> deny (no-db)
VM 200 (win) on pve3: deny (raw-args) -> allow
3 of 3 guests: the verdict at a start changes"
run pve-safe policy diff --format json $new
expect_exit "as JSON, too" 1
expect_equal "one object a line" "$(sed -n 2p <<<"$out")" \
	'{"kind":"ct","vmid":102,"name":"db01","node":"pve2","before":{"verdict":"allow","rules":[]},"after":{"verdict":"deny","rules":["no-db"]}}'
expect_equal "and nothing else" "$(jq -r .vmid <<<"$out" | xargs)" "101 102 200"
run pve-safe policy diff --policy $new $new
expect_exit "two files can be compared" 0

echo 'version 1' >/etc/pve/pve-safe/policy.conf
run pve-safe policy diff $new
expect_output "a policy that cannot be used is said" err \
	"pve-safe: WARN: compared with baseline@1, for the current policy cannot be used: "
lab_policy <$new
echo 'rule "x" { wehn = "ct" }' >>$new
run pve-safe policy diff $new
expect_exit "a file that is wrong" 2
expect_output "is told all that is" err "/root/new.conf:6:12: "
run pve-safe policy diff /root/none.conf
expect_exit "a file that is not there" 2
expect_equal "is named" "$err" "pve-safe: no policy file '/root/none.conf'"
run pve-safe policy diff
expect_exit "without a file: usage" 64
expect_equal "which says what is wanted" "$err" \
	"pve-safe: policy diff: which file? pve-safe policy diff NEW"

# --- what templates require ---
rm /etc/pve/nodes/pve1/lxc/101.conf
lab_ct 103 <<'END'
hostname: gpu
onboot: 1
rootfs: local-lvm:vm-103-disk-0,size=4G
tags: gpu
unprivileged: 1
END
lab_file /etc/pve/pve-safe/settings/gpu.conf <<'END'
settings "gpu" {
    match    = "tag = gpu"
    required = yes
    device "/dev/no-such-device" { }
}
END
printf 'version = 1\nmode = warn\n' | lab_policy
printf 'version = 1\nmode = enforce\n' >$new
run pve-safe policy diff $new
expect_equal "a template that is required keeps a guest down by the policy that enforces it" "$out" \
	$'CT 103 (gpu) on pve1: warn (settings-gpu) -> deny (settings-gpu)\n1 of 3 guests: the verdict at a start changes'
run pve-safe policy install --yes $new
expect_output "of which who installs it is told" out \
	'after a reboot of pve1, not back: CT 103 (gpu), started by onboot: deny (settings-gpu)'
finish
