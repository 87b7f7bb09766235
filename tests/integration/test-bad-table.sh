#!/bin/bash
# SPDX-License-Identifier: MIT
# Mistakes that people make in policies and waivers: each has a message to act on, and none
# opens the gate for a privileged container.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

policy=/etc/pve/pve-safe/policy.conf
waivers=/etc/pve/pve-safe/waivers
work=$(mktemp -d)
next_year=$(date -u -d '+1 year' +%F)

# Writes the privileged container 101, whose root disk is this one.
guest() { # DISK
	lab_ct 101 <<-END
	hostname: nfs01
	net0: name=eth0,hwaddr=BC:24:11:00:00:01
	ostype: debian
	rootfs: local-lvm:$1,size=4G
	unprivileged: 0
	END
}

# The gate is shut: the start is refused by the wrapper, whatever is wrong.
is_refused() { # NAME
	run pct-safe start 101
	case $status in
	77 | 78) ok "$1: the start is refused" ;;
	*) not_ok "$1: the start is refused" ;;
	esac
}

guest vm-101-disk-0
lab_enable

# --- policies: name|message|text ---
while IFS='|' read -r name message text; do
	printf 'version = 1\ninclude = { "baseline@1" }\n%b\n' "$text" | lab_policy
	run pve-safe policy lint
	expect_exit "$name is found" 1
	expect_output "$name: the message" out "$policy:$message"
	is_refused "$name"
done <<'END'
a typo in a key|3:12: unknown key 'wen' in rule 'a': did you mean 'when'?|rule "a" { wen = "ct" }
an unknown fact|3:20: unknown fact 'privilegd', did you mean 'privileged'?|rule "a" { when = "privilegd" }
a wrong type|3:28: cores is compared with a whole number, not with 'many'|rule "a" { when = "cores > many" }
a missing quote|3:19: quote opened here is not closed on its line|rule "a" { when = "ct }
a repeated rule|4:1: rule 'a' stands there twice, first in line 3|rule "a" { when = "ct" }\nrule "a" { when = "vm" }
a comment that is never closed|3:1: comment opened here is never closed|/* rule "a" { when = "ct" }
END

# --- waivers ---
printf 'version = 1\ninclude = { "baseline@1" }\n' | lab_policy
run pve-safe waive 999 privileged --ticket T --reason R --until "$next_year"
expect_exit "a waiver for a guest that is not there is not granted" 2
expect_output "and the guest is named" err 'guest 999'
is_refused "a waiver for a guest that is not there"
run pve-safe waive 101 privileged --ticket CHG-1 --reason NFS --until "$next_year"
expect_exit "a waiver is granted" 0
cp $waivers/101.privileged.conf "$work/good"
run pct-safe --dry-run start 101
expect_exit "and lets the guest start" 0

# Puts the waiver, changed so, in place.
waiver() { # SED
	sed "$1" "$work/good" >$waivers/101.privileged.conf
}

waiver 's/^guest .*/guest = 102/'
is_refused "a waiver whose content names another guest"
expect_output "which is said" err '102'
waiver 's/^rule .*/rule = "unconfined"/'
is_refused "a waiver whose content names another rule"
expect_output "which is said, too" err 'unconfined'
waiver "s/^granted  *=.*/granted = \"$(date -u -d '+3 days' +%FT%T.000Z)\"/"
is_refused "a clock that was set back"
expect_output "is named" err 'more than a day ahead'
waiver ''
guest vm-101-disk-7
is_refused "a VMID that another guest has now"
expect_output "which is told by its disk" err 'rootfs was local-lvm:vm-101-disk-0, now local-lvm:vm-101-disk-7'
waiver 's/^reason .*/reason = "NFS/'
is_refused "a waiver that is broken"
expect_output "with the place in it" err "$waivers/101.privileged.conf:6:"
rm -r "$work"
finish
