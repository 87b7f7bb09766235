#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe template apply and undo, of a running container: its sysctls, the node's settings.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

record=/var/log/pve-safe/audit.jsonl
ttl=/proc/sys/net/ipv4/ip_default_ttl # of the lab's own network
before=$(<$ttl)

for vmid in 103 110; do
	printf '%s\n' 'arch: amd64' "hostname: web$vmid" 'ostype: debian' \
		"rootfs: local-lvm:vm-$vmid-disk-0,size=4G" 'unprivileged: 1' | lab_ct $vmid
	lab_lxc $vmid
done
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/by-hand.conf <<'END'
settings "by-hand" {
    kind = ct
    module "loop" { }
    sysctl "net.core.somaxconn" { value = "8191" }
    sysctl "kernel.shmmni" { value = "1000" }
    host "/proc/sys/net/ipv4/ip_default_ttl" { value = "75" }
}
END
lab_policy <<'END'
version = 1
include = { "baseline@1" }
node_settings = { "/proc/sys/net/ipv4/ip_default_ttl" }
END
lab_enable
shm=$(</proc/sys/kernel/shmmni)
pct start 110 >/dev/null 2>&1
run pve-safe template apply by-hand 110
expect_exit "a template for a running container, by hand" 0
expect_equal "is applied, on the node and inside" \
	"$(<$ttl) $(lab_lxc_run 110 /bin/busybox cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shmmni | paste -sd' ')" \
	'75 8191 1000'
expect_equal "and says what was before" "$out" \
	"applied: sysctl kernel.shmmni = 1000 (before: $shm)
applied: sysctl net.core.somaxconn = 8191 (before: 4096)
applied: host $ttl = 75 (before: $before)
at the next start: module loop"
expect_equal "it is on record as a decision of the login" \
	"$(tail -n 2 "$record" | jq -r '.event // .outcome')" \
	$'template apply\nsettings of guest 110: 3 applied'
run pve-safe template apply by-hand 110
expect_output "once more changes nothing" out "unchanged: host $ttl = 75 (before: 75)"
run bash -c 'trap "" CHLD; exec pve-safe template apply by-hand 110'
expect_exit "for a caller that ignores SIGCHLD, too" 0
expect_output "its sysctls are known to be set" out "unchanged: sysctl net.core.somaxconn = 8191"
run pve-safe template undo by-hand 110
expect_exit "it is undone by hand" 0
expect_equal "the value before is back" "$(<$ttl)" "$before"
expect_equal "and nothing is remembered" "$(find /run/pve-safe/node -type f | wc -l)" 0
expect_equal "and says so" "$out" "undone: host $ttl = $before (before: 75)"
run pve-safe template undo by-hand 110
expect_equal "where nothing is set, that is said" "$out$err" \
	'CT 110: nothing to undo: template by-hand has set nothing on this node for it'
run pve-safe template apply by-hand 110
mv /etc/pve/pve-safe/settings/by-hand.conf /run/
run pve-safe template undo by-hand 110
expect_exit "of a template that is gone nobody knows what it has set" 2
expect_equal "which is said, and no success" "$out$err" \
	"pve-safe: there is no template 'by-hand': what one of that name has set for CT 110 is undone when it stops"
mv /run/by-hand.conf /etc/pve/pve-safe/settings/
pve-safe template undo by-hand 110 >/dev/null
lab_file /etc/pve/pve-safe/settings/empty.conf <<<'settings "empty" { kind = ct }'
run pve-safe template apply empty 110
expect_exit "a template that sets nothing is no fault" 0
expect_equal "and that is said" "$out$err" 'CT 110: nothing to do: template empty sets nothing for it'
pct stop 110 >/dev/null 2>&1
run pve-safe template apply by-hand 110
expect_exit "a guest that does not run gets nothing" 2
expect_output "and why" err \
	'pve-safe: guest 110 does not run here: what is for it is applied when it starts'
run pve-safe template apply no-such 103
expect_exit "nor by a template that is not there" 2
run pve-safe template apply by-hand
expect_exit "both are needed" 64
run pve-safe template apply by-hand 999
expect_output "a guest that is not there" err 'pve-safe: there is no guest 999 on this node'
finish
