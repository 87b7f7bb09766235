#!/bin/bash
# SPDX-License-Identifier: MIT
# Sysctls of containers: there before the first process runs, in privileged and id-mapped
# ones, again after a reboot from inside; the node's own values stay what they are.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs --net

record=/var/log/pve-safe/audit.jsonl
own='net/ipv4/ip_forward net/core/somaxconn net/ipv4/tcp_rmem net/ipv4/conf/all/forwarding
	kernel/shmmax kernel/sem fs/mqueue/msg_max vm/swappiness net/core/netdev_max_backlog'

# Prints the node's own values.
node_values() {
	local name

	for name in $own; do
		echo "$name $(cat "/proc/sys/$name" 2>/dev/null)"
	done
}

# Writes container VMID with this tag, privileged or not; its init notes what it sees.
container() { # VMID UNPRIVILEGED TAG
	printf '%s\n' 'arch: amd64' "hostname: web$1" \
		'net0: name=eth0,bridge=vmbr0' 'ostype: debian' \
		"rootfs: local-lvm:vm-$1-disk-0,size=4G" "tags: just-test;$3" \
		"unprivileged: $2" | lab_ct "$1"
	lab_lxc "$1"
	cat >"/var/lib/lxc/$1/rootfs/etc/rc" <<-'END'
	for name in net/ipv4/ip_forward net/core/somaxconn kernel/shmmax net/ipv4/tcp_rmem \
		fs/mqueue/msg_max net/ipv4/conf/eth0/rp_filter; do
		echo $name $(cat /proc/sys/$name)
	done >/seen
	echo end >>/seen
	END
}

# Prints what the first process of a container saw, and forgets it.
seen() { # VMID
	local file=/var/lib/lxc/$1/rootfs/seen

	wait_for 5 grep -qs end "$file"
	grep -v end "$file"
	rm -f "$file"
}

# Prints a value of the newest outcome with settings.
outcome() { # FILTER
	jq -r 'select(.type == "outcome" and .settings)' "$record" | jq -rs "last | $1"
}

mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/test.conf <<'END'
settings "net-ct" {
    match = "ct and tag ~ settings"
    sysctl "net.ipv4.ip_forward" { value = "1" }
    sysctl "net.core.somaxconn" { value = "8191" }
    sysctl "net.ipv4.tcp_rmem" { value = "4096 131072 8388608" }
    sysctl "net.ipv4.conf.eth0.rp_filter" { value = "1" }
    sysctl "kernel.shmmax" { value = "{memory_bytes / 2}" }
    sysctl "fs.mqueue.msg_max" { value = "32" }
}
settings "node-ct" {
    match = "ct and tag ~ wants-node"
    sysctl "vm.swappiness" { value = "1" }
    sysctl "net.core.netdev_max_backlog" { value = "4000" }
    sysctl "net.core.rmem_max" { value = "8388608" }
    sysctl "net.nothing.at_all" { value = "1" }
    sysctl "net.core.somaxconn" { value = "8191" }
}
settings "needs-ct" {
    match = "ct and tag ~ needs-node"
    required = yes
    sysctl "vm.swappiness" { value = "1" }
}
settings "needs-net-ct" {
    match = "ct and tag ~ needs-net"
    required = yes
    sysctl "net.core.netdev_max_backlog" { value = "4000" }
}
settings "own-ct" {
    match = "ct and tag ~ needs-own"
    required = yes
    sysctl "net.core.somaxconn" { value = "8191" }
}
settings "bad-ct" {
    match = "ct and tag ~ bad-value"
    sysctl "net.ipv4.ip_forward" { value = "many" }
    sysctl "net.ipv4.conf.eth0/100.forwarding" { value = "1" }
    sysctl "kernel.shmmni" { value = "1000" }
}
END
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
END
lab_enable
before=$(node_values)

want='net/ipv4/ip_forward 1
net/core/somaxconn 8191
kernel/shmmax 268435456
net/ipv4/tcp_rmem 4096 131072 8388608
fs/mqueue/msg_max 32
net/ipv4/conf/eth0/rp_filter 1'

for kind in 1:id-mapped 0:privileged; do
	vmid=10${kind%%:*}
	name=${kind#*:}
	container "$vmid" "${kind%%:*}" settings
	run pct start "$vmid"
	expect_exit "the $name container starts" 0
	expect_equal "the first process of the $name container sees all of it" \
		"$(seen "$vmid")" "$want"
	expect_equal "the record has it with the values before and after ($name)" \
		"$(outcome '.settings[] | select(.target == "net.core.somaxconn") |
			[.template, .result, .before, .value, .after] | join(" ")')" \
		"net-ct applied $(cat /proc/sys/net/core/somaxconn) 8191 8191"
	expect_equal "all six were applied ($name)" "$(outcome .outcome)" \
		"settings of guest $vmid: 6 applied"
	expect_equal "under the id of the decision ($name)" "$(outcome .id)" \
		"$(jq -rs '[.[] | select(.layer)] | last | .id' "$record")"
	expect_equal "and nothing is said of it ($name)" \
		"$(cat "/run/pve/ct-$vmid.warnings" 2>/dev/null)" ''
	expect "the $name container reboots from inside" lab_lxc_reboot_inside "$vmid"
	expect_equal "and its first process sees it again ($name)" "$(seen "$vmid")" "$want"
	expect_equal "the node's own values are unchanged ($name)" "$(node_values)" "$before"
	pct stop "$vmid" >/dev/null 2>&1
done

# --- what belongs to the node ---
container 110 1 wants-node
run pct start 110
expect_exit "a container that wants more than it may have starts" 0
said=$out$err
for words in \
	'sysctl vm.swappiness belongs to the node: the node'"'"'s kernel decides for all guests what is swapped' \
	'template node-ct: sysctl net.core.netdev_max_backlog not applied: belongs to the node: each processor of the node has one such queue for all its interfaces; do: set it on the node' \
	'template node-ct: sysctl net.core.rmem_max not applied: belongs to the node: a bound on socket buffers of the whole node' \
	'template node-ct: sysctl net.nothing.at_all not applied: the kernel has no such setting'; do
	case $said in
	*"$words"*) ok "it is told: $words" ;;
	*) not_ok "it is told: $words" "$said" ;;
	esac
done
expect_equal "what is its own is set" "$(lab_lxc_run 110 /bin/busybox cat /proc/sys/net/core/somaxconn)" 8191
expect_equal "the record says what became of each" \
	"$(outcome '[.settings[] | .target + " " + .result] | sort | join(", ")')" \
	'net.core.netdev_max_backlog failed, net.core.rmem_max failed, net.core.somaxconn applied, net.nothing.at_all failed, vm.swappiness failed'
expect_equal "the node is unchanged" "$(node_values)" "$before"
run pve-safe template apply needs-ct 110
expect_exit "by hand it cannot be had either" 1
expect_output "and that is said" err \
	"WARN: pve-safe: template needs-ct: sysctl vm.swappiness not applied: belongs to the node: the node's kernel decides"

# --- a namespace that is the node's own ---
container 115 0 settings
echo 'lxc.include: /run/keep.conf' >>/etc/pve/lxc/115.conf
lab_lxc 115
sed -i 's/^include.*/&\nadjust "lxc-include" { action = audit }/' /etc/pve/pve-safe/policy.conf
for kind in ipc net; do
	echo "lxc.namespace.keep = user $kind" >/run/keep.conf
	run pct start 115
	expect_exit "a container with the node's own $kind namespace starts" 0
	expect_equal "and changes nothing of the node ($kind)" "$(node_values)" "$before"
	pct stop 115 >/dev/null 2>&1
done
# shellcheck disable=SC2034 # by its name
said=$out$err
expect_output "which is said" said \
	'template net-ct: sysctl net.ipv4.ip_forward not applied: belongs to the node'

# --- the container's own process is not to be found ---
mount -t tmpfs tmpfs /sys/fs/cgroup/lxc.monitor
run pve-safe template apply own-ct 110
umount /sys/fs/cgroup/lxc.monitor
expect_exit "a container whose first process is not found is given nothing" 1
expect_output "and that is said, too" err \
	"sysctl net.core.somaxconn not applied: the container's first process was not found"
pct stop 110 >/dev/null 2>&1
container 114 1 needs-own
# shellcheck disable=SC2016 # the inner shell expands it
run bash -c '"$@"; exit $?' lxc-start /usr/libexec/pve-safe/pve-safe-lxc-hook 114 lxc start-host
expect_exit "what is required is not left out where LXC names no process" 77
expect_output "for that reason" err \
	"settings-own-ct: sysctl net.core.somaxconn not applied: the container's first process was not found"

container 111 1 needs-node
run pct start 111
expect_exit "a required one refuses the start" 255
said=$out$err
expect_output "with the reason" said 'sysctl vm.swappiness belongs to the node'
expect_equal "the container is stopped" "$(lab_lxc_state 111)" STOPPED

run pve-safe waive 111 settings-needs-ct --ticket CHG-1 --reason test --until 2999-01-01
expect_exit "which is waived" 0
run pct start 111
expect_exit "then it starts" 0
# shellcheck disable=SC2034 # by its name
said=$out$err
expect_output "with a word" said 'settings-needs-ct (waived: would deny; CHG-1 until 2999-01-01)'
pct stop 111 >/dev/null 2>&1

container 112 1 needs-net
run pct start 112
said=$out$err
expect_exit "one that only the kernel can tell of refuses it as well" 255
expect_output "with the first line of every refusal" said 'pve-safe: start of CT 112 (web112) denied'
expect_output "and the reason" said \
	'settings-needs-net-ct: sysctl net.core.netdev_max_backlog not applied: belongs to the node'
expect_equal "that container is stopped" "$(lab_lxc_state 112)" STOPPED
expect_equal "the record has the status of the refusal" "$(outcome .status)" 77
lab_disable
pct start 112 >/dev/null 2>&1
expect_equal "a node that enforces nothing starts it" "$(lab_lxc_state 112)" RUNNING
lab_enable
expect "and a reboot from inside is not refused" lab_lxc_reboot_inside 112
pct stop 112 >/dev/null 2>&1

# --- a node without the node-wide hook ---
mv /usr/share/lxc/config/common.conf.d/pve-safe.conf /run/
echo 'hookscript: local:snippets/pve-safe-hook' >>/etc/pve/lxc/114.conf
run pct start 114
expect_exit "where nothing would set what is required, the start is refused" 255
# shellcheck disable=SC2034 # by its name
said=$out$err
expect_output "and the way to mend it shown" said \
	'settings-own-ct: sysctl net.core.somaxconn not applied: the node-wide hook for containers is not installed on this node; do: pve-safe setup'
mv /run/pve-safe.conf /usr/share/lxc/config/common.conf.d/
run pct start 114
expect_exit "with it, it starts" 0
expect_equal "and has it" "$(lab_lxc_run 114 /bin/busybox cat /proc/sys/net/core/somaxconn)" 8191
pct stop 114 >/dev/null 2>&1

container 113 1 bad-value
run pct start 113
said=$out$err
expect_exit "a value that the kernel does not take stops nothing" 0
expect_output "but is said" said \
	'sysctl net.ipv4.ip_forward not applied: the kernel does not take this value: Invalid argument; do: mend line '
expect_output "so is an interface that is not there" said \
	'sysctl net.ipv4.conf.eth0/100.forwarding not applied: the kernel has no such setting'
expect_equal "the others are set" "$(lab_lxc_run 113 /bin/busybox cat /proc/sys/kernel/shmmni)" 1000
expect_equal "and the node is unchanged all the while" "$(node_values)" "$before"
finish
