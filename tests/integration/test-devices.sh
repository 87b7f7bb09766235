#!/bin/bash
# SPDX-License-Identifier: MIT
# Devices that templates give to containers, with real LXC: opened inside an unprivileged one;
# what would stop or mislead a start is refused before it, with the line to mend.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

record=/var/log/pve-safe/audit.jsonl
file=/etc/pve/lxc/101.conf
tun='lxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file'
numbers='lxc.cgroup2.devices.allow: c 10:200 rwm'

# The module is the node's matter; what this machine's kernel has says nothing.
printf '#!/bin/sh\nexit 0\n' >/usr/sbin/modprobe.new
chmod 755 /usr/sbin/modprobe.new
mv /usr/sbin/modprobe.new /usr/sbin/modprobe

# Container VMID with this tag and further lines; the hookscript is attached.
container() { # VMID TAG [LINE...]
	printf '%s\n' 'arch: amd64' "hostname: c$1" \
		'hookscript: local:snippets/pve-safe-hook' 'ostype: debian' \
		"rootfs: local-lvm:vm-$1-disk-0,size=4G" "tags: $2" 'unprivileged: 1' \
		"${@:3}" | lab_ct "$1"
	lab_lxc "$1"
}

# Prints what a device is in a container, when that can open it: type, numbers, mode, owner.
opens() { # VMID PATH
	lab_lxc_run "$1" /bin/sh -c "exec 3<>$2" 2>/dev/null &&
		lab_lxc_run "$1" /bin/busybox stat -c '%F %t:%T %a %u:%g' "$2" 2>/dev/null
}

# Whether a container cannot open a device that it sees.
# shellcheck disable=SC2317 # "expect" calls it
cannot_open() { # VMID PATH
	lab_lxc_run "$1" /bin/sh -c "[ -e $2 ] && ! (exec 3<>$2)"
}

# A start of 101 by a layer is refused; its message has these lines.
expect_refused() { # LAYER NAME LINE...
	local line name=$2 layer=$1

	shift 2
	case $layer in
	hook) run pct start 101 ;;
	lxc)
		# Without a hookscript: what LXC's hook says, Proxmox prints as warnings.
		sed -i 's/^hookscript/#&/' "$file"
		run pct start 101
		sed -i 's/^#hookscript/hookscript/' "$file"
		out=$(sed -n 's/^WARN: //p' <<<"$out"$'\n'"$err")
		set -- "${@#  }"
		;;
	wrapper) run pct-safe start 101 ;;
	esac
	out+=$'\n'$err
	case $layer in
	wrapper) expect_exit "$name: refused by the $layer" 77 ;;
	*) expect_exit "$name: refused by the $layer" 255 ;;
	esac
	for line; do
		if grep -qxF -- "$line" <<<"$out"; then
			ok "$name: $layer says: $line"
		else
			not_ok "$name: $layer says: $line"
		fi
	done
	expect_equal "$name: it does not run" "$(lab_lxc_state 101)" STOPPED
}

# Each layer refuses it, in the same words.
expect_refused_by_all() { # NAME LINE...
	local layer

	for layer in hook lxc wrapper; do
		expect_refused "$layer" "$@"
	done
}

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_enable

# --- given by devN: opened inside ---
container 101 wireguard 'dev0: /dev/net/tun,mode=0666'
run pct start 101
expect_exit "a container with devN starts" 0
expect_equal "its root opens the device, an id-mapped one's" "$(opens 101 /dev/net/tun)" \
	'character special file a:c8 666 0:0'
expect "and makes an interface by it" lab_lxc_run 101 /bin/busybox tunctl -t wg-test
expect "which is there" lab_lxc_run 101 /bin/busybox ip link show wg-test
expect "it reboots from inside" lab_lxc_reboot_inside 101
expect_equal "and opens it again" "$(opens 101 /dev/net/tun)" \
	'character special file a:c8 666 0:0'
expect "it stops" pct stop 101

# --- given by a raw pair ---
container 101 wireguard "$numbers" "$tun"
run pct start 101
expect_exit "a container with a raw pair starts" 0
expect "and has the device" lab_lxc_run 101 /bin/sh -c 'test -c /dev/net/tun'
expect "it stops again" pct stop 101

# --- not given ---
container 101 wireguard
expect_refused_by_all "not given" \
	'settings-wireguard-ct: the container is not given /dev/net/tun' \
	'  do: pct set 101 --dev0 /dev/net/tun,mode=0666'

# --- twice: Proxmox's own hook then fails without a word of why ---
container 101 wireguard 'dev0: /dev/net/tun' "$tun"
for layer in hook wrapper; do
	expect_refused "$layer" "given twice" \
		'settings-wireguard-ct: dev0 and a raw line both give it, which stops the start' \
		"  found: $tun ($file:9)" "  do: remove line 9 of $file"
done
sed -i '/^hookscript/d' "$file"
lab_disable
run pct start 101
expect_exit "without us such a start fails, too" 255
lab_enable

# --- wrong numbers ---
lab_disable
container 101 wireguard 'lxc.cgroup2.devices.allow: c 10:229 rwm' "$tun"
expect "without us wrong numbers start" pct start 101
expect "a container that cannot use its device" cannot_open 101 /dev/net/tun
expect "it stops, too" pct stop 101
lab_enable
container 101 wireguard 'lxc.cgroup2.devices.allow: c 10:229 rwm' "$tun"
expect_refused_by_all "wrong numbers allowed" \
	'settings-wireguard-ct: the raw line allows another device than /dev/net/tun, which is c 10:200 on this node' \
	"  found: lxc.cgroup2.devices.allow: c 10:229 rwm ($file:8)" \
	"  do: write in line 8 of $file: lxc.cgroup2.devices.allow: c 10:200 rwm"
container 101 wireguard "$tun"
expect_refused wrapper "nothing allowed" \
	'settings-wireguard-ct: a raw line mounts /dev/net/tun (c 10:200), and none allows its use' \
	"  do: add $numbers, or give it by pct set 101 --dev0 /dev/net/tun in place of the raw line"
container 101 wireguard "$numbers" \
	'lxc.mount.entry: /dev/null dev/net/tun none bind,create=file'
expect_refused wrapper "another device mounted" \
	'settings-wireguard-ct: the raw line mounts /dev/null in its place, not /dev/net/tun (c 10:200)' \
	"  found: lxc.mount.entry: /dev/null dev/net/tun none bind,create=file ($file:9)" \
	"  do: write in line 9 of $file: $tun"

# --- a node that is none ---
container 101 wireguard "$numbers" "$tun"
: >/run/plain
mount --bind /run/plain /dev/net/tun
expect_refused_by_all "a plain file" \
	'settings-wireguard-ct: /dev/net/tun on this node is a plain file, not a device' \
	'  do: rm /dev/net/tun; modprobe tun'
umount /dev/net/tun
mount --bind /dev/null /dev/net/tun
expect_refused wrapper "a node with other numbers" \
	'settings-wireguard-ct: /dev/net/tun on this node is c 1:3, and should be c 10:200' \
	'  do: rm /dev/net/tun; modprobe tun'
umount /dev/net/tun
mv /dev/net /dev/net.away
# LXC's own mount of a raw line fails before its hook is called.
for layer in hook wrapper; do
	expect_refused "$layer" "no node" \
		'settings-wireguard-ct: /dev/net/tun: there is no such device on this node' \
		'  do: modprobe tun'
done
container 101 wireguard 'dev0: /dev/net/tun'
expect_refused wrapper "no node for devN" \
	'settings-wireguard-ct: /dev/net/tun: there is no such device on this node'
run pct start 101
expect_output "Proxmox itself says so, too" err 'Device /dev/net/tun does not exist'
mv /dev/net.away /dev/net

# --- one that runs is not left stopped by what became wrong since ---
container 101 wireguard "$numbers" "$tun"
expect "it starts" pct start 101
sed -i 's/10:200/10:229/' "$file"
expect "a reboot from inside goes on" lab_lxc_reboot_inside 101
expect_equal "and is on record as one that would be denied" \
	"$(jq -r 'select(.findings) | [.layer, .cause, .verdict, (.findings[] | .rule, .effect)] | join(" ")' "$record" | tail -n 1)" \
	'lxc-hook reboot warn settings-wireguard-ct would-deny'
expect "it is stopped" pct stop 101

# --- a GPU's render node: optional, its group by the container's own number ---
mkdir -p /dev/dri
mknod /dev/dri/renderD128 c 1 3
container 102 jellyfin
mkdir -p /var/lib/lxc/102/rootfs/etc
echo 'render:x:992:' >/var/lib/lxc/102/rootfs/etc/group
run pct start 102
expect_exit "without it a container starts" 0
expect_output "with a warning" out 'settings-gpu-ct (warning): the container is not given /dev/dri/renderD128'
expect_output "that names the group's number in this container" out \
	'do: pct set 102 --dev0 /dev/dri/renderD128,gid=992,mode=0660'
expect "it is stopped to be given it" pct stop 102
expect "the command of the message works" pct set 102 --dev0 /dev/dri/renderD128,mode=0660,gid=992
run pct-safe start 102
expect_exit "with it, too" 0
expect_no_output "without a word" err 'settings-gpu-ct'
expect_equal "and opens it, owned by its group" "$(opens 102 /dev/dri/renderD128)" \
	'character special file 1:3 660 0:992'
expect "it is stopped again" pct stop 102

# --- a serial stick by its stable name ---
by_id=/dev/serial/by-id/usb-ITead_Sonoff_Zigbee-if00-port0
mkdir -p /dev/serial/by-id
mknod /dev/ttyUSB0 c 1 3
ln -s ../../ttyUSB0 "$by_id"
container 103 zigbee2mqtt "dev0: $by_id,mode=0660,gid=20"
expect "a container with the stick starts" pct start 103
expect_equal "it opens it by its stable name" "$(opens 103 "$by_id")" \
	'character special file 1:3 660 0:20'
expect "it stops for the stick to be plugged again" pct stop 103
# Another stick took the name ttyUSB0 meanwhile.
rm /dev/ttyUSB0
mknod /dev/ttyUSB0 c 1 5
mknod /dev/ttyUSB1 c 1 7
ln -sfn ../../ttyUSB1 "$by_id"
expect "after it was plugged again it starts" pct start 103
expect_equal "with the same stick under the same name" "$(opens 103 "$by_id")" \
	'character special file 1:7 660 0:20'
expect "it stops again, too" pct stop 103
container 103 zigbee2mqtt 'dev0: /dev/ttyUSB1,gid=20'
run pct start 103
expect_exit "by a name that is not stable it starts" 0
expect_output "with a warning that says why" out \
	"settings-usb-serial-ct (warning): /dev/ttyUSB1 is $by_id by a name that can be another device's after a restart"
expect_output "and the line to change" out "do: pct set 103 --dev0 $by_id,gid=20,mode=0660"
expect "that one stops" pct stop 103
rm "$by_id"
container 103 zigbee2mqtt "dev0: $by_id,mode=0660,gid=20"
run pct-safe start 103
expect_exit "unplugged: refused" 77
expect_output "with the name of the stick" err \
	"settings-usb-serial-ct: $by_id: there is no such device on this node"
finish
