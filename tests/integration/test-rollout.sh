#!/bin/bash
# SPDX-License-Identifier: MIT
# README, "Putting it on a running cluster": an administrator with 40 privileged containers
# types the commands that stand there, and comes to enforce without losing one of them.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

first=101 last=140

# Writes the file of a privileged container.
legacy() { # VMID
	lab_ct "$1" <<-END
	arch: amd64
	hostname: legacy$1
	net0: name=eth0,hwaddr=BC:24:11:00:00:$(printf %02X $(($1 - 90)))
	ostype: debian
	rootfs: local-lvm:vm-$1-disk-0,size=4G
	unprivileged: 0
	END
}

# The commands of the section, the questions answered.
steps() {
	# shellcheck disable=SC2016 # these are no quotes of the shell
	sed -n '/^## Putting it on a running cluster/,/^## [^P]/{/^```/,/^```/p}' "$LAB_TOP/README.md" |
		grep -v '^```' | sed -E 's/(policy install|waive --existing [a-z-]+)/\1 --yes/'
}

# Starts every one of them and stops it again; prints those that were refused.
refused() {
	for ((vmid = first; vmid <= last; vmid++)); do
		pct start "$vmid" >"/run/start-$vmid" 2>&1 || echo "$vmid"
		lxc-stop -k -n "$vmid" 2>/dev/null
	done
}

for ((vmid = first; vmid <= last; vmid++)); do
	legacy "$vmid"
	lab_lxc "$vmid"
done

commands=$(steps)
expect_equal "the section is there" "$(grep -c 'waive --existing privileged --yes' <<<"$commands")" 1
while IFS= read -r line; do
	# Each stands on its own; the directory is the one that the first line makes.
	[ ! -d /root/pve-safe ] || cd /root/pve-safe || exit 1
	run bash -c "$line"
	expect_exit "$line" 0
	case $line in
	*' check') expect_equal "check shows all 40, and refuses none" \
		"$(grep -c '^privileged' <<<"$out")" 40 ;;
	*--existing*) expect_equal "40 waivers are there" \
		"$(find /etc/pve/pve-safe/waivers -name '*.privileged.conf' | wc -l)" 40 ;;
	*' diff '*) expect_output "no verdict changes any more" out '0 of 40 guests' ;;
	esac
done <<<"$commands"
run pve-safe policy show --format json
expect_equal "the policy in force enforces" "$(jq -r .mode <<<"$out")" enforce
run pve-safe check
expect_exit "check refuses none" 0
expect_equal "none of the 40 is refused" "$(refused)" ''
expect_equal "each start was judged, and recorded as waived" \
	"$(jq -r 'select(.event == "start") | .findings[]? | select(.effect == "waived") | .rule' \
		/var/log/pve-safe/audit.jsonl | wc -l)" 40

# --- the 41st ---
legacy 141
lab_lxc 141
run pct start 141
expect_exit "a new privileged container is refused" 255
expect_output "with the reason" out "root in a privileged container is root on the node"
run pct-safe create 142 local:vztmpl/debian-12.tar.zst --unprivileged 0 --rootfs local-lvm:4
expect_exit "and so is making one" 77
cp /etc/pve/lxc/101.conf /run/101.conf
sed 's/vm-101-disk-0/vm-101-disk-9/' /run/101.conf | lab_ct 101
run pct start 101
expect_exit "and one that is another guest by the old number" 255
expect_output "which is told" out "the waiver CHG-1234 is void: rootfs was local-lvm:vm-101-disk-0, now local-lvm:vm-101-disk-9"
finish
