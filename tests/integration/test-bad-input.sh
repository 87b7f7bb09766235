#!/bin/bash
# SPDX-License-Identifier: MIT
# Files that cannot be used: each time one message that names the file, the right exit
# status, a record, and nothing that is let through by accident.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
policy=/etc/pve/pve-safe/policy.conf
copy=/var/lib/pve-safe/good/policy
good='version = 1
mode    = enforce
include = { "baseline@1" }'

# Puts back a good policy, a container that it allows and one that it does not.
good_files() {
	rm -rf "$policy" /etc/pve/lxc/10?.conf /etc/pve/qemu-server/200.conf
	lab_policy <<<"$good"
	lab_ct 101 <<<$'hostname: web01\nostype: debian\nunprivileged: 1'
	lab_ct 102 <<<$'hostname: web02\nostype: debian\nunprivileged: 0'
	lab_vm 200 <<<$'memory: 2048\nname: build'
}

# Makes a file bad in one of the ways that any file can be.
spoil() { # WAY FILE
	case $1 in
	empty) : >"$2" ;;
	binary) printf 'version\001\002\377\376 = 1\n\000\000' >"$2" ;;
	NUL) printf '\0\n' >>"$2" ;;
	long) head -c 1100000 /dev/zero | tr '\0' '#' >>"$2" ;;
	directory) rm "$2" && mkdir "$2" ;;
	fifo) rm "$2" && mkfifo "$2" ;;
	loop) rm "$2" && ln -s "${2##*/}" "$2" ;;
	foreign) chown nobody "$2" ;;
	writable) chmod 666 "$2" ;;
	missing) rm "$2" ;;
	esac
}

# Prints a value of the newest record.
newest() { # FILTER
	tail -n 1 "$record" | jq -r "$1"
}

# The file of a guest is bad: nothing starts it, and check says that it could not.
expect_unusable() { # NAME VMID MESSAGE
	run "$hook" "$2" pre-start
	expect_exit "$1: the start is refused" 78
	expect_output "$1: the message names file and fault" err "$3"
	expect_output "$1: and says that it could not be judged" err 'denied: it could not be judged'
	expect_equal "$1: it is on record" \
		"$(newest '[.verdict, .guest.vmid, (.failures | length)] | join(" ")')" "deny $2 1"
	run pve-safe check "$2"
	expect_exit "$1: check could not check" 2
	expect_output "$1: and names the guest" err "$2"
	expect_equal "$1: in one line" "$(wc -l <<<"$err")" 1
}

good_files
lab_enable
run "$hook" 101 pre-start
expect_exit "with good files the unprivileged container starts" 0
run "$hook" 102 pre-start
expect_exit "and the privileged one does not" 77

# --- the guest's file ---
while IFS='|' read -r way message; do
	for guest in lxc/101 qemu-server/200; do
		good_files
		spoil "$way" "/etc/pve/$guest.conf"
		expect_unusable "$way $guest" "${guest#*/}" "${message//FILE//etc/pve/$guest.conf}"
	done
done <<'END'
binary|FILE: a NUL byte: expected text
NUL|FILE: a NUL byte: expected text
long|bytes are too many: expected at most 1048576
directory|'FILE' is a directory, not a file
fifo|'FILE' is no regular file
loop|'FILE' is a symbolic link: put the file itself there
foreign|'FILE' belongs to uid 65534, not to root: chown root
writable|'FILE' is writable by others (mode 0666): chmod go-w
missing|FILE
END

good_files
spoil empty /etc/pve/lxc/101.conf
run "$hook" 101 pre-start
expect_exit "an empty container file is a privileged container, as Proxmox reads it" 77
expect_output "and the message says that it is so by default" err 'found: privileged = yes, by default'
good_files
spoil empty /etc/pve/qemu-server/200.conf
run "$hook" 200 pre-start
expect_exit "an empty VM file is a VM with nothing in it" 0

# --- the policy, while no good copy of it is there ---
# The privileged container is refused, the other goes on, and both starts say why.
expect_baseline() { # NAME SOURCE MESSAGE
	run "$hook" 102 pre-start
	expect_exit "$1: what is denied stays denied" 77
	expect_output "$1: the message names the file and the fault" err \
		"WARN: the policy cannot be used: $3"
	expect_equal "$1: the record says what was used, and why" \
		"$(newest '[.policy.source, (.policy.problem | type)] | join(" ")')" "$2 string"
	run "$hook" 101 pre-start
	expect_exit "$1: what is allowed goes on" 0
	expect_output "$1: with the same warning" err "WARN: the policy cannot be used: $3"
	run pve-safe check 101
	expect_exit "$1: check finds something" 1
	expect_output "$1: and says what" err "pve-safe: WARN: the policy cannot be used: $3"
}

ways="empty|$policy:1:1: 'version' is missing
binary|$policy:1:
NUL|$policy:4:1: NUL byte
long|'$policy' is longer than 262144 bytes, the most it may have
directory|'$policy' is a directory, not a file
fifo|'$policy' is no regular file
foreign|'$policy' belongs to uid 65534, not to root: chown root
writable|'$policy' is writable by others (mode 0666): chmod go-w
broken|$policy:4:1: section 'rule' opened here is never closed
word|$policy:4:1: "
while IFS='|' read -r way message; do
	good_files
	rm -f "$copy"
	case $way in
	broken) echo 'rule "x" {' >>"$policy" ;;
	word) echo 'moed = warn' >>"$policy" ;;
	*) spoil "$way" "$policy" ;;
	esac
	expect_baseline "$way policy" builtin "$message"
	run pve-safe policy lint
	case $status in
	1 | 2) ok "$way policy: lint says so" ;;
	*) not_ok "$way policy: lint says so" ;;
	esac
	expect_output "$way policy: lint names the file" "$([ -n "$out" ] && echo out || echo err)" "$policy"
done <<<"$ways"

good_files
spoil missing "$policy"
rm -f "$copy"
run "$hook" 102 pre-start
expect_exit "where no policy ever was, starts are only reported" 0
expect_output "and the message says why" err '(would deny; no policy is installed here yet)'
expect_equal "and so does the record" \
	"$(newest '[.verdict, .policy.source, .findings[0].effect] | join(" ")')" 'warn builtin would-deny'

# --- the policy, where its last good copy is there ---
good_files
echo 'rule "named" { when = "name = web01" action = deny }' >>"$policy"
run "$hook" 101 pre-start
expect_exit "a rule of the file is in force" 77
echo 'rule "x" {' >>"$policy"
lab_syslog_clear
run "$hook" 101 pre-start
expect_exit "and stays in force when the file is broken" 77
expect_output "with a warning that names the line" err \
	"WARN: the policy cannot be used: $policy:5:1: section 'rule' opened here is never closed"
expect_equal "the record says that it is the copy" "$(newest .policy.source)" last-good
run lab_syslog
expect_output "syslog gets an alert" out authpriv.alert
expect_output "which says what was used, and why" out \
	"the policy cannot be used, judged by $policy (last-good): $policy:5:1: section 'rule'"
spoil missing "$policy"
run "$hook" 101 pre-start
expect_exit "and when the file is gone" 77
expect_output "with a warning that says so" err "$policy is gone: put it back"
echo x >"$copy"
run "$hook" 102 pre-start
expect_exit "without file and copy the baseline is enforced" 77
expect_output "and the copy is named" err "$copy"
expect_equal "and it is on record" "$(newest .policy.source)" builtin

# --- where no copy can be kept ---
good_files
rm "$copy"
mkdir "$copy"
run "$hook" 101 pre-start
expect_exit "without room for the copy a start goes on" 0
expect_output "and warns that there is none" err \
	'WARN: pve-safe: no last good copy of the policy can be kept: '
rmdir "$copy"

# --- where the record cannot be written ---
good_files
rm -rf /var/log/pve-safe
run "$hook" 102 pre-start
expect_exit "without its directory" 77
expect_equal "the record makes it" "$(newest .verdict)" deny
expect_equal "for root alone" "$(stat -c %a /var/log/pve-safe)" 750

# Nothing can be written: the start goes on as judged, and says so.
expect_syslog_only() { # NAME MESSAGE
	lab_syslog_clear
	run "$hook" 101 pre-start
	expect_exit "$1: what is allowed goes on" 0
	expect_output "$1: and warns" err "WARN: pve-safe: the record went to syslog only: $2"
	run lab_syslog
	expect_output "$1: syslog has the whole line" out '"verdict":"allow"'
	run "$hook" 102 pre-start
	expect_exit "$1: what is denied stays denied" 77
}

rm -rf /var/log/pve-safe
: >/var/log/pve-safe
expect_syslog_only "a file in the directory's place" '/var/log/pve-safe: Not a directory'
rm /var/log/pve-safe
mkdir -p "$record"
expect_syslog_only "a directory in the file's place" "$record: Is a directory"
rmdir "$record"
mkfifo "$record"
expect_syslog_only "a pipe in the file's place" "$record: "
rm "$record"
mount -t tmpfs -o size=4k tmpfs /var/log/pve-safe
head -c 3000 /dev/zero >/var/log/pve-safe/other
head -c 3000 /dev/zero >>/var/log/pve-safe/other 2>/dev/null
expect_syslog_only "a full disk" "$record: No space left on device"
expect_equal "no half line is left" "$(stat -c %s "$record")" 0
lab_syslog_off
run "$hook" 101 pre-start
expect_exit "with neither file nor syslog a start goes on" 0
expect_output "and warns of that" err 'WARN: pve-safe: this decision could not be recorded: '
echo 'audit_required = yes' >>"$policy"
run "$hook" 101 pre-start
expect_exit "unless the policy wants a record" 78
expect_output "which the message says" err 'the policy says audit_required = yes, and no record could be written'
lab_syslog_on
umount /var/log/pve-safe
run "$hook" 101 pre-start
expect_exit "and it goes on once there is room" 0
finish
