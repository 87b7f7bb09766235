#!/bin/bash
# SPDX-License-Identifier: MIT
# The lab itself, with stand-ins for the programs under test: real containers, the
# node-wide hook, syslog.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --net

hook=/usr/libexec/pve-safe/pve-safe-lxc-hook
calls=/run/hook-calls

# Puts a node-wide hook in place that notes how it was called and ends as told.
hook_ends() { # STATUS
	cat >"$hook.new" <<-END
	#!/bin/sh
	lxc=\$(sed 's/.*) //' /proc/\$PPID/stat | cut -d' ' -f2)
	echo "\$* parent=\$(cat /proc/\$PPID/comm) grandparent=\$lxc netns=\$(
		readlink /proc/\$LXC_PID/ns/net)" >>$calls
	exit $1
	END
	chmod 755 "$hook.new"
	mv "$hook.new" "$hook"
}

# Prints how often the init of a container ran.
init_count() { # VMID
	grep -c started "/var/lib/lxc/$1/rootfs/started" 2>/dev/null || echo 0
}

# Prints what a container left: mounts, network devices, control groups with processes.
leftovers() { # VMID
	grep "/lxc/$1/rootfs" /proc/mounts
	find /sys/class/net -name 'veth*'
	find /sys/fs/cgroup -path "*lxc*/$1/*" -name cgroup.procs -exec cat {} +
	pgrep -f "lxc-start.* -n $1"
}

hook_ends 0
lab_ct 101 <<END
hostname: web01
net0: name=eth0,bridge=vmbr0,ip=dhcp
rootfs: local-lvm:vm-101-disk-0,size=4G

[before-upgrade]
unprivileged: 1
END
lab_lxc 101
expect "a privileged container starts" lab_lxc_start 101
expect_equal "its init ran" "$(init_count 101)" 1
run lab_lxc_run 101 cat /proc/self/uid_map
expect_equal "its root is the node's root" "$(awk '{ print $2 }' <<<"$out")" 0
expect "it has the network device of its file" test -e "/proc/$(lxc-info -n 101 -p -H)/root/sys/class/net/eth0"
expect_equal "the hook is called with the three arguments of LXC" \
	"$(sed 's/ parent=.*//' $calls)" '101 lxc start-host'
expect "the hook's parent is lxc-start, and process 1 is the parent of that" \
	grep -q 'parent=lxc-start grandparent=1 ' $calls
run cat $calls
expect_output "the container's namespaces exist then" out 'netns=net:'
expect_no_output "they are the container's, not the node's" out "netns=$(readlink /proc/self/ns/net)"

: >$calls
run lab_lxc_reboot_inside 101
expect_exit "a reboot from inside starts it again" 0
expect_equal "its init ran twice" "$(init_count 101)" 2
expect "a reboot from inside asks the hook again, from a new lxc-start" \
	grep -q '101 lxc start-host parent=lxc-start grandparent=1 ' $calls
hook_ends 1
run lab_lxc_reboot_inside 101
expect_exit "a reboot from inside that the hook refuses fails" 1
expect_equal "and leaves the container stopped" "$(lab_lxc_state 101)" STOPPED
expect_equal "and leaves nothing of it" "$(leftovers 101)" ''
expect_equal "its init did not run a third time" "$(init_count 101)" 2

: >$calls
lab_ct 102 <<END
hostname: web02
unprivileged: 1
mp0: /srv,mp=/srv
END
lab_lxc 102
run lab_lxc_start 102
expect_exit "a hook that fails refuses the start" 1
expect_equal "the refused container is stopped" "$(lab_lxc_state 102)" STOPPED
expect_equal "its init never ran" "$(init_count 102)" 0
expect "the hook was asked" grep -q '^102 lxc start-host' $calls
expect_equal "a refused start leaves nothing" "$(leftovers 102)" ''
hook_ends 0
expect "once the hook allows it, it starts" lab_lxc_start 102
run lab_lxc_run 102 cat /proc/self/uid_map
expect_equal "its root is id 100000 of the node" "$(awk '{ print $2 }' <<<"$out")" 100000
expect "its mount point is there" test -d "/proc/$(lxc-info -n 102 -p -H)/root/srv"
expect "it stops" lab_lxc_stop 102
expect_equal "a stopped container leaves nothing" "$(leftovers 102)" ''

rm "$hook"
run lab_lxc_start 102
expect_exit "a hook that is missing refuses the start" 1

hook_ends 0
lab_ct 103 <<END
lxc.idmap: u 0 100000 1000
lxc.idmap: u 1000 0 1
lxc.idmap: g 0 100000 65536
END
lab_lxc 103
expect "a container with an id map of its own starts" lab_lxc_start 103
run lab_lxc_run 103 cat /proc/self/uid_map
expect_equal "with exactly that map" "$(awk '{ printf "%s:%s:%s ", $1, $2, $3 }' <<<"$out")" \
	'0:100000:1000 1000:0:1 '

lab_ct 104 <<END
lxc.hook.start-host: /bin/false
lxc.hook.pre-start:
END
lab_lxc 104
expect_not "raw lines of the guest's file reach LXC" lab_lxc_start 104

# --- together with the stand-in for pct ---
lab_ct 106 <<END
arch: amd64
ostype: debian
hostname: web06
rootfs: local-lvm:vm-106-disk-0,size=4G
unprivileged: 1
END
lab_lxc 106
expect "pct start starts the real container" pct start 106
expect_equal "it runs" "$(lab_lxc_state 106)" RUNNING
expect "a reboot from inside starts it again, without pct" lab_lxc_reboot_inside 106
expect "pct stop stops it" pct stop 106
cat >"$hook.new" <<END
#!/bin/sh
echo refused by the hook >>/run/pve/ct-106.warnings
exit 1
END
chmod 755 "$hook.new"
mv "$hook.new" "$hook"
run pct start 106
expect_exit "pct start fails when the node-wide hook refuses" 255
expect_output "and shows in the task log why" out 'WARN: refused by the hook'
expect_equal "and the container does not run" "$(lab_lxc_state 106)" STOPPED

lab_syslog_clear
logger -p authpriv.alert -t probe 'a word'
logger -p daemon.info -t probe 'another'
run lab_syslog
expect_equal "syslog is kept, with facility and priority" "$out" \
	$'authpriv.alert probe: a word\ndaemon.info probe: another'
lab_syslog_off
run logger -p daemon.info -t probe lost
lab_syslog_on
run lab_syslog
expect_no_output "what is sent while nobody receives is lost" out lost

expect_equal "guest files have the owner and permissions of pmxcfs" \
	"$(stat -c '%a %U:%G' /etc/pve/lxc/101.conf)" '640 root:www-data'
run cat /etc/pve/.vmlist
expect_output "the cluster lists its guests" out '"102": { "node": "pve1", "type": "lxc"'
lab_quorum no
run cat /etc/pve/.members
expect_output "quorum can be taken" out '"quorate": 0'
lab_ct 105 <<<'cores: 1'
run cat /etc/pve/.members
expect_output "and stays taken" out '"quorate": 0'
expect_equal "the node has its name" "$(hostname)" pve1
expect "Proxmox's tools are the stand-ins" test -x /usr/sbin/pct -a -x /usr/sbin/qm
finish
