#!/bin/bash
# SPDX-License-Identifier: MIT
# A guest agent is the guest's: whatever it answers, or does not, the start waits for nothing,
# the process that waits ends in time, and the record says what came of it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
unanswered='the guest agent has not answered in time'
stopped='the guest agent has stopped answering'

# Starts VM VMID, whose agent has this mode; RATE: how much faster its time limits pass.
start_vm() { # VMID MODE RATE [TAG]
	local began

	printf '%s\n' 'agent: 1' "name: ${2%%-*}$1" "tags: ${4:-two}" | lab_vm "$1"
	# The option -id is of Proxmox's own QEMU; here it is of the shell above the agent.
	sh -c 'shift 2; "$@" & wait' kvm -id "$1" python3 "$LAB_TOP/tests/integration/agent.py" \
		"$2" "/run/qemu-server/$1.qga" 2>"/run/agent.$1" &
	echo $! >"/run/qemu-server/$1.pid"
	wait_for 10 test -S "/run/qemu-server/$1.qga"
	run $hook "$1" pre-start
	began=$EPOCHREALTIME
	run lab_hurry "$3" $hook "$1" post-start
	expect_exit "$2: post-start" 0
	expect "$2: waits for nobody" \
		awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 5) }'
	expect_no_output "$2: and has nothing to say" err WARN
}

# Prints what became of the settings of VM VMID: sysctl, result, why.
became_of() { # VMID
	wait_for 60 grep -q "settings of guest $1:" "$record"
	jq -r --arg of "settings of guest $1:" 'select(.type == "outcome" and
		((.outcome // "") | startswith($of))) | .settings[] |
		[.target, .result, .why // empty] | join(" ")' "$record"
}

# Both sysctls of the VM failed, for this reason.
expect_failed() { # VMID MODE WHY
	expect_equal "$2: is on record" "$(became_of "$1")" "vm.dirty_ratio failed $3
vm.swappiness failed $3"
}

mkdir -p /etc/pve/pve-safe/settings /run/qemu-server
{
	cat <<'TEMPLATE'
settings "two" {
    match = "vm and tag = two"
    sysctl "vm.dirty_ratio" { value = "11" by = agent }
    sysctl "vm.swappiness" { value = "7" by = agent }
}
settings "many" {
    match = "vm and tag = many"
TEMPLATE
	for i in {10..49}; do
		echo "    sysctl \"net.ipv4.conf.all.key$i\" { value = \"1\" by = agent }"
	done
	echo '}'
} | lab_file /etc/pve/pve-safe/settings/test.conf
lab_policy <<'POLICY'
version = 1
mode    = enforce
include = { "baseline@1" }
POLICY
lab_enable

start_vm 140 byte-a-second 1
start_vm 141 silent 20
start_vm 142 garbage 20
start_vm 143 flood 20
start_vm 144 wrong-id 20
start_vm 145 sluggish 10 many
start_vm 146 late 20
start_vm 147 endless 10
start_vm 148 stale 1
start_vm 149 hangs-up 1
start_vm 150 refuses 1
start_vm 151 liar 1

expect_equal "stale: answers to others are passed over" "$(became_of 148)" \
	'vm.dirty_ratio applied
vm.swappiness applied'
expect_failed 149 hangs-up "$stopped"
expect_failed 150 refuses 'the guest agent refuses: no \x1b[31m guest-exec\x0aWARN'
expect_failed 151 liar 'it reads back as another value'
expect_failed 146 late "$stopped"
expect_failed 147 endless "$stopped"
expect_failed 140 byte-a-second "$stopped"
became_of 145 >/run/many
expect "sluggish: what there is time for is set" grep -q ' applied$' /run/many
expect_equal "sluggish: the rest is given up, and each is on record" \
	"$(grep -c 'took too long over all of them$' /run/many) of $(grep -c . /run/many)" \
	"$((40 - $(grep -c ' applied$' /run/many))) of 40"
for vm in '141 silent' '142 garbage' '143 flood' '144 wrong-id'; do
	expect_failed "${vm% *}" "${vm#* }" "$unanswered"
done
expect_not "nothing is left that waits" pgrep -f 'pve-safe-hook 1[45][0-9] post-start'
finish
