#!/bin/bash
# SPDX-License-Identifier: MIT
# Settings of a VM's disks and taps, on a real QEMU: the block devices are found by what it
# has open, the taps exist once it runs; all is undone when it has stopped, however that was.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs --net

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
states=/run/pve-safe/node

# Prints a property of a block device or an interface; of choices, the one in force.
block() { # NAME PROPERTY
	sed 's/.*\[\(.*\)\].*/\1/' "/sys/block/$1/queue/$2"
}
net() { cat "/sys/class/net/$1/$2"; } # NAME PROPERTY

# Makes a block device; sets loop. It goes with the last one who has it open: this script.
make_loop() { # DESCRIPTOR
	local i

	[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
	for i in {0..15}; do
		[ -e "/dev/loop$i" ] || mknod "/dev/loop$i" b 7 "$i"
	done
	truncate -s 16M "/run/disk.$1"
	loop=$(losetup --find --show --partscan "/run/disk.$1") || return 1
	eval "exec $1<\$loop"
	losetup --detach "$loop"
	loop=${loop#/dev/}
}

# Calls the hook as a worker of Proxmox's does, which then ends.
called() { # VMID PHASE
	# shellcheck disable=SC2317 # it is called below
	bash -c '"$@"; exit $?' worker "$hook" "$@"
}

# Starts VM VMID: a machine that has not begun to run, with these further options. Proxmox's
# own QEMU has an option -id; here that is its name, and the VMID an empty file as a disk.
start_qemu() { # VMID OPTION...
	truncate -s 512 "/run/$1"
	(cd /run && exec qemu-system-x86_64 -machine pc,accel=tcg -m 16 -S -nodefaults -display none \
		-qmp stdio -pidfile "/run/qemu-server/$1.pid" "${@:2}" -name -id "$1") \
		</dev/null >"/run/qmp.$1" 2>>/run/qemu.log 7<&- 8<&- 9<&- &
	disown
	wait_for 10 grep -q QMP "/run/qmp.$1" # it has all that it was given
	qemu=$(<"/run/qemu-server/$1.pid")
}

# Ends the VM that was started last, with this signal.
stop_qemu() { # SIGNAL
	kill "-$1" "$qemu"
	wait_for 5 sh -c "! [ -d /proc/$qemu ]"
}

mkdir -p /etc/pve/pve-safe/settings /run/qemu-server
lab_file /etc/pve/pve-safe/settings/test.conf <<'TEMPLATE'
settings "disks" {
    match = "vm and tag = disks"
    host "/sys/block/{disk0.dev}/queue/scheduler" { value = "none" }
    host "/sys/block/{disk0.dev}/queue/read_ahead_kb" { value = "{16 * cores}" }
    host "/sys/block/{disk1.dev}/queue/read_ahead_kb" { value = "1024" }
}
settings "taps" {
    match = "vm and tag = taps"
    host "/sys/class/net/{net0.dev}/brport/isolated" { value = "1" }
    host "/sys/class/net/{net0.dev}/tx_queue_len" { value = "5000" }
    host "/sys/class/net/{net1.dev}/tx_queue_len" { value = "4000" }
    host "/proc/sys/net/ipv4/conf/{net1.dev}/proxy_arp" { value = "1" }
}
TEMPLATE
lab_policy <<'POLICY'
version = 1
mode    = enforce
include = { "baseline@1" }
node_settings = { "/sys/block/loop*/queue/*", "/sys/class/net/tap*/*",
                  "/proc/sys/net/ipv4/conf/tap*/*" }
POLICY
lab_enable
cat >/run/bridge <<'SCRIPT'
#!/bin/sh
ip link set "$1" master vmbr0 up
SCRIPT
chmod 755 /run/bridge

if ! make_loop 8; then
	skip "the disks of a VM" "no loop device can be made here"
	finish
fi
disk0=$loop
make_loop 9
disk1=$loop
make_loop 7
efi=$loop
echo mq-deadline >"/sys/block/$disk0/queue/scheduler"
scheduler=$(block "$disk0" scheduler)
ahead0=$(block "$disk0" read_ahead_kb) ahead1=$(block "$disk1" read_ahead_kb)
before="$scheduler $ahead0 $ahead1"

# Prints what the disks are set to.
disks() {
	echo "$(block "$disk0" scheduler) $(block "$disk0" read_ahead_kb) $(block "$disk1" read_ahead_kb)"
}

printf '%s\n' 'cores: 4' 'name: db220' 'net0: virtio,bridge=vmbr0' 'net1: virtio,bridge=vmbr0' \
	'tags: disks;taps' | lab_vm 220
run called 220 pre-start
expect_exit "the VM may start" 0
expect_no_output "what exists only once it runs is not missed before" err WARN
expect_equal "nothing is set yet" "$(disks)" "$before"

# net0's tap is made by QEMU, as of a VM of Proxmox's; net1's stays when QEMU ends.
ip tuntap add tap220i1 mode tap
queue1=$(net tap220i1 tx_queue_len)
start_qemu 220 -drive "file=/dev/$efi,format=raw,if=none,id=drive-efidisk0" \
	-drive "file=/dev/$disk0,format=raw,if=none,id=drive-scsi0" \
	-drive "file=/dev/$disk1,format=raw,if=none,id=drive-scsi1" \
	-device virtio-scsi -device scsi-hd,drive=drive-scsi0 -device scsi-hd,drive=drive-scsi1 \
	-netdev tap,id=net0,ifname=tap220i0,script=/run/bridge,downscript=no \
	-device virtio-net,netdev=net0 \
	-netdev tap,id=net1,ifname=tap220i1,script=no,downscript=no -device virtio-net,netdev=net1
run called 220 post-start
expect_exit "post-start" 0
expect_no_output "has nothing to say" err WARN
expect_equal "the disks that QEMU has open are set, in their order, the EFI disk not counted" "$(disks)" 'none 64 1024'
expect_equal "the port of the tap that QEMU made" "$(net tap220i0 brport/isolated)" 1
expect_equal "its queue, and that of the other one" \
	"$(net tap220i0 tx_queue_len) $(net tap220i1 tx_queue_len)" '5000 4000'
expect_equal "its kernel settings" "$(</proc/sys/net/ipv4/conf/tap220i1/proxy_arp)" 1
expect_equal "what was before is on record" \
	"$(jq -r --arg t "/sys/block/$disk0/queue/scheduler" 'select(.type == "outcome") |
		.settings[]? | select(.target == $t and .result == "applied") |
		.before + " " + .after' "$record")" 'mq-deadline none'
run called 220 post-start
expect_equal "twice is as once" "$(disks)" 'none 64 1024'
run called 220 pre-stop
expect_equal "a stop that is only tried undoes nothing" "$(disks)" 'none 64 1024'

stop_qemu TERM
run called 220 post-stop
expect_exit "post-stop" 0
expect_no_output "has nothing to say, either" err WARN
expect_equal "the disks are as before" "$(disks)" "$before"
expect_equal "and the tap that is left" \
	"$(net tap220i1 tx_queue_len) $(</proc/sys/net/ipv4/conf/tap220i1/proxy_arp)" "$queue1 0"
expect_equal "nothing is remembered, also not of the tap that went with QEMU" \
	"$(find $states -type f | wc -l)" 0

# --- no phase comes: QEMU is killed, or has migrated away ---
run called 220 pre-start
start_qemu 220 -drive "file=/dev/$disk0,format=raw,if=none" \
	-netdev tap,id=net0,ifname=tap220i0,script=/run/bridge,downscript=no \
	-netdev tap,id=net1,ifname=tap220i1,script=no,downscript=no
run called 220 post-start
expect_output "a disk that the VM does not have is said" err \
	'the VM has no disk1 on a block device of the node'
expect_equal "the other one is set" "$(disks)" "none 64 $ahead1"
stop_qemu KILL
printf '%s\n' 'name: db221' 'tags: none' | lab_vm 221
run called 221 post-stop
expect_equal "the next phase of any guest undoes what a killed one left" "$(disks)" "$before"

# --- a partition as a disk ---
if addpart "/dev/$disk1" 1 2048 8192 &&
	wait_for 5 test -e "/sys/block/$disk1/${disk1}p1"; then
	IFS=: read -r major minor <"/sys/block/$disk1/${disk1}p1/dev"
	[ -e "/dev/${disk1}p1" ] || mknod "/dev/${disk1}p1" b "$major" "$minor"
	printf '%s\n' 'cores: 2' 'name: db222' 'tags: disks' | lab_vm 222
	start_qemu 222 -drive "file=/dev/${disk1}p1,format=raw,if=none"
	run called 222 post-start
	expect_equal "a partition is set as the disk that it is of" "$(block "$disk1" read_ahead_kb)" 32
	stop_qemu TERM
	run called 222 post-stop
	expect_equal "and undone" "$(disks)" "$before"
	delpart "/dev/$disk1" 1
else
	skip "a partition is set as the disk that it is of" "no partitions of loop devices here"
fi
finish
