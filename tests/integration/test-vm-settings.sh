#!/bin/bash
# SPDX-License-Identifier: MIT
# Sysctls of VMs: in args for the next start, kept and taken by qm set; and set through the
# guest agent of a real VM, while nobody waits for it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
if [ -z "${LAB:-}" ]; then # outside, where there is a network
	top=$(cd "$(dirname "$0")/../.." && pwd -P)
	LAB_BUILD=$(realpath "${LAB_BUILD:-$top/build}")
	export LAB_BUILD
	"$top/tests/lab/vm" "$LAB_BUILD/vm" >&2 || exit 1
fi
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
kernel=$LAB_BUILD/vm
ours='-smbios type=11,value=io.systemd.credential.binary:sysctl.extra='
conf=/etc/pve/qemu-server

# Prints the option args of a VM.
args_of() { # VMID
	sed -n '/^\[/q; s/^args: //p' "$conf/$1.conf"
}

# Prints the sysctls that a VM is given.
given_to() { # VMID
	args_of "$1" | sed -n "s/.*sysctl\.extra=\([A-Za-z0-9+\/=]*\).*/\1/p" | base64 -d
}

mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/test.conf <<'END'
settings "calm" {
    match = "vm and tag = calm"
    sysctl "vm.swappiness" { value = "7" }
}
settings "wide" {
    match = "vm and tag = wide"
    sysctl "net.core.somaxconn" { value = "{memory_mib * 2}" }
}
settings "needed" {
    match    = "vm and tag = needed"
    required = yes
    sysctl "vm.swappiness" { value = "9" }
}
settings "later" {
    match = "vm and tag = later"
    sysctl "vm.swappiness" { value = "11" by = agent }
    sysctl "vm.no_such" { value = "1" by = agent }
}
settings "hand" {
    kind = vm
    sysctl "vm.max_map_count" { value = "262144" }
    option "numa" { value = "1" }
}
END
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
node_settings = { "/sys/firmware/*" }
adjust "raw-args" { unless = "vmid in (120, 121)" }
END
lab_enable

# --- for a VM that is there ---
lab_vm 120 <<'END'
args: -device x,y="a  b"
memory: 512
name: db120
tags: calm;wide
END
run pve-safe check 120
expect_output "a start says what the VM is not given" out \
	"sysctl vm.swappiness is not in the VM's args, the template wants 7"
expect_output "and the command that gives it" out 'pve-safe template apply calm 120'
run pve-safe template apply --dry-run calm 120
expect_exit "a dry run" 0
expect_output "shows the command" out "run: /usr/sbin/qm set 120 --args '-device x,y=\"a  b\" $ours"
expect_equal "and changes nothing" "$(args_of 120)" '-device x,y="a  b"'
run pve-safe template apply calm 120
expect_exit "what templates want is given" 0
expect_output "and said" out 'VM 120:
  + net.core.somaxconn = 1024
  + vm.swappiness = 7
It takes effect at the next start.'
expect_equal "all templates in one, behind what was there" "$(args_of 120)" \
	"-device x,y=\"a  b\" $ours$(printf 'net.core.somaxconn = 1024\nvm.swappiness = 7\n' | base64 -w0)"
run pve-safe check 120
expect_no_output "a start has nothing to say any more" out settings-
run pve-safe template apply 120
expect_exit "once more" 0
expect_equal "nothing is left to change, and that is said" "$out$err" \
	'VM 120: nothing to change in its configuration'
lab_file /etc/pve/pve-safe/settings/pooled.conf <<'END'
settings "pooled" { match = "vm and pool = lab" sysctl "vm.dirty_ratio" { value = "9" } }
END
mv /etc/pve/user.cfg /run/
mkdir /etc/pve/user.cfg
run pve-safe template apply 120
expect_exit "a template that may be for it is not applied" 1
expect_equal "and that is said" "$err" \
	'pve-safe: not applied: template pooled: it cannot be told whether it is for this guest'
rmdir /etc/pve/user.cfg
mv /run/user.cfg /etc/pve/
rm /etc/pve/pve-safe/settings/pooled.conf
run pve-safe template apply hand 120
expect_equal "a template by hand is noted, with its sysctls" "$(given_to 120)" '# by hand: hand
net.core.somaxconn = 1024
vm.max_map_count = 262144
vm.swappiness = 7'
expect "and its options are set" grep -q '^numa: 1$' $conf/120.conf
run pve-safe check 120
expect_no_output "it is the guest's from then on" out settings-
run pve-safe template undo hand 120
expect_equal "it is taken away again, alone" "$(given_to 120)" 'net.core.somaxconn = 1024
vm.swappiness = 7'
sed -i 's/^tags: .*/tags: calm/' $conf/120.conf
run pve-safe check 120
expect_output "what no template wants any more is found" out \
	'args sets net.core.somaxconn = 1024 in the VM, which no template wants'
run pve-safe template apply 120
expect_output "and taken" out '  - net.core.somaxconn = 1024'
run pve-safe template undo 120
expect_equal "undo takes all of ours, and nothing else" "$(args_of 120)" '-device x,y="a  b"'
expect_output "and says that it will be missed" out \
	'Its next start will miss them: template calm is for it.'
run pve-safe template undo 120
expect_output "once more there is nothing of ours, and that is said" out \
	'VM 120: nothing to change in its configuration'
run pve-safe template apply no-such 120
expect_exit "a template that is not there" 2

sed -i 's/^numa: .*/agent: 0,fstrim_cloned_disks=1/' $conf/120.conf
lab_file /etc/pve/pve-safe/settings/agent.conf <<'END'
settings "agent" {
    kind = vm
    option "agent" { value = "1" }
}
END
run pve-safe template apply agent 120
expect_output "an option that is a list of properties gets the one that is wanted" out \
	'  + agent: 1,fstrim_cloned_disks=1'
expect "and keeps the others" grep -q '^agent: 1,fstrim_cloned_disks=1$' $conf/120.conf

# --- at create ---
run qm-safe create 121 --memory 256 --tags calm --args '-cpu x'
expect_equal "a new VM is given them beside its own args" "$(args_of 121)" \
	"-cpu x $ours$(printf 'vm.swappiness = 7\n' | base64 -w0)"
run qm-safe create 122 --memory 256 --tags calm
expect_output "which is said" err '--args with the sysctl vm.swappiness = 7'
expect_equal "also without any" "$(given_to 122)" 'vm.swappiness = 7'

# --- what is required ---
printf '%s\n' 'name: db123' 'tags: needed' | lab_vm 123
run $hook 123 pre-start
expect_exit "a start that cannot have what is required is refused" 77
expect_output "with the command" err 'do: pve-safe template apply needed 123'

# --- a disk of a VM that runs, by hand ---
mount -t tmpfs tmpfs /sys/firmware # of the lab's own
read -r major minor _ disk < <(awk 'NR > 2 && $4 !~ /[0-9]$/' /proc/partitions)
mknod /run/disk b "$major" "$minor" # by O_PATH: nothing of it is read
echo old >"/sys/firmware/$disk"
lab_file /etc/pve/pve-safe/settings/disk.conf <<'END'
settings "disk" {
    kind = vm
    host "/sys/firmware/{disk0.dev}" { value = "new" }
}
END
printf '%s\n' 'name: db125' | lab_vm 125
perl -e 'sysopen(my $a, "/run/disk", 0x200000) or die; sleep 60' -- -id 125 &
qemu=$!
mkdir -p /run/qemu-server
echo $qemu >/run/qemu-server/125.pid
wait_for 5 sh -c "ls -l /proc/$qemu/fd | grep -q /run/disk"
run pve-safe template apply disk 125
expect_exit "by hand, too, the disk of a VM that runs is known" 0
expect_output "and set" out "applied: host /sys/firmware/$disk = new (before: old)"
run pve-safe template undo disk 125
expect_equal "and undone" "$(<"/sys/firmware/$disk")" old
expect_output "which is said" out "undone: host /sys/firmware/$disk = old (before: new)"
kill $qemu
wait $qemu 2>/dev/null
umount /sys/firmware

# --- a real VM ---
printf '%s\n' 'agent: 1' 'memory: 512' 'name: db124' 'tags: wide;later' | lab_vm 124
run pve-safe template apply wide 124
run $hook 124 pre-start
expect_exit "the VM may start" 0
mkdir -p /run/qemu-server
: >/run/console
# The option -id is of Proxmox's own QEMU; here it is of the shell above it.
# shellcheck disable=SC2046 # args are words
sh -c 'shift 2; "$@" & wait' kvm -id 124 \
	qemu-system-x86_64 -machine accel=tcg -m 192 -nodefaults -display none -no-reboot \
	-serial file:/run/console \
	-kernel "$kernel/kernel" -initrd "$kernel/initrd" -append 'console=ttyS0 quiet panic=-1' \
	-device virtio-serial \
	-chardev socket,path=/run/qemu-server/124.qga,server=on,wait=off,id=qga0 \
	-device virtserialport,chardev=qga0,name=org.qemu.guest_agent.0 \
	$(args_of 124) 2>/run/qemu.log &
echo $! >/run/qemu-server/124.pid
expect "QEMU starts" wait_for 10 test -S /run/qemu-server/124.qga
began=$(date +%s)
run $hook 124 post-start
expect_exit "post-start" 0
expect "waits for nobody" test $(($(date +%s) - began)) -le 5
run pve-safe template apply hand 124
expect_output "of a VM that runs, the change is pending" out \
	'It runs, so this is pending: it takes effect once Proxmox has stopped and started it'

wait_for 30 grep -q '^smbios' /run/console
expect_equal "the guest finds the string in its SMBIOS" \
	"$(sed -n 's/^smbios //p' /run/console | tr -d '\r' | base64 -d | tr '\0' '\n' |
		sed -n 's/.*io\.systemd\.credential\.binary:sysctl\.extra=//p' | base64 -d)" \
	'net.core.somaxconn = 1024'
wait_for 20 grep -q 'settings of guest 124' "$record"
outcome=$(grep 'settings of guest 124' "$record")
expect_equal "what the agent sets is on record, by the id of the start" \
	"$(jq -r '.id, .outcome' <<<"$outcome")" \
	"$(jq -r 'select(.event == "start" and .guest.vmid == 124) | .id' "$record" | head -n 1)
settings of guest 124: 1 failed, 1 applied"
expect_equal "with what was before" \
	"$(jq -r '.settings[] | select(.target == "vm.swappiness") | .before + " " + .after' <<<"$outcome")" \
	'60 11'
expect_equal "what the guest does not have is said" \
	"$(jq -r '.settings[] | select(.target == "vm.no_such") | .why' <<<"$outcome" | cut -d: -f1)" \
	'sysctl in the guest failed'
expect "the guest's kernel has it" wait_for 10 grep -q '^swappiness 11' /run/console

# --- an agent that is none ---
printf '%s\n' 'agent: 1' 'name: db125' 'tags: later' | lab_vm 125
run pve-safe check 125
expect_no_output "an agent is enough" out 'guest agent'
sed -i '/^agent/d' $conf/125.conf
run pve-safe check 125
expect_output "none is said" out \
	'sysctl vm.no_such is set by the guest agent, and the VM has none enabled'
finish
