#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults of the policy, and what holds in spite of them: at the hookscript, at the node-wide
# hook and at the wrapper. docs/testing.md has the table.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

# shellcheck source=tests/integration/faults.sh
. "$LAB_TOP/tests/integration/faults.sh"

# Tells which of what was said lacks a text.
silent() { # TEXT
	grep -LF -- "$1" /run/said/*
}

# One fault, one row: by what each layer judges, where that comes from, and what is said.
expect_fault() { # NAME VERDICT file|last-good|builtin TEXT
	local before after

	lab_syslog_clear
	rm -f /run/said/*
	before=$(grep -c . $record 2>/dev/null)
	ask_all
	after=$(grep -c . $record)
	expect_equal "$1: every layer judges by the $2 one" "$verdicts" "$2 $2 $2 "
	expect_equal "$1: refusals name a file and a way out" "$(refusals)" ''
	expect_equal "$1: the record says that it is from $3" \
		"$(tail -n "$((after - before))" $record | jq -r .policy.source | sort | uniq -c | xargs)" "8 $3"
	[ "$3" = file ] && return
	expect_equal "$1: each start says why" "$(silent "WARN: the policy cannot be used: $4")" ''
	expect_equal "$1: nothing says WARN twice" "$(grep -l 'WARN: WARN' /run/said/* /run/pve/*.warnings)" ''
	expect_equal "$1: and Proxmox prints it" \
		"$(grep -LF "the policy cannot be used: $4" /run/pve/ct-10[1-4].warnings)" ''
	expect_equal "$1: each is an alert in syslog" "$(lab_syslog | grep -c 'authpriv.alert')" 8
	run pve-safe policy show
	expect_exit "$1: policy show finds something" 1
	run pct-safe start "$([ "$2" = baseline ] && echo 103 || echo 104)"
	expect_exit "$1: the wrapper refuses, and runs nothing" 77
	expect_output "$1: with the same warning" err "WARN: the policy cannot be used: $4"
	[ "$3" != last-good ] ||
		expect_output "$1: and says by what it judged" err 'policy.conf, its last good copy,'
	expect_equal "$1: on record" "$(tail -n 1 $record | jq -r '.layer + " " + .policy.source')" "wrapper $3"
}

good
expect_fault "no fault" old file
lab_policy <<<"$new"
expect_fault "another policy" new file

# --- the file is wrong ---
good
echo 'rule "x" {' >>$policy
expect_fault "a policy that is not whole" old last-good "'$policy' is cut short: its last line is not '$last'"
good
lab_policy <<<"$new"$'\nrule "x" {'
expect_fault "an invalid policy" old last-good "$policy:4:1: section 'rule' opened here is never closed"
good
lab_policy <<<"$new"$'\ninclude = { "none.conf" }'
expect_fault "an include of nothing" old last-good "$policy:4:13: no file 'none.conf' beside the policy file"
good
: >$policy
expect_fault "an empty policy" old last-good "$policy:1:1: 'version' is missing"
good
rm $policy
expect_fault "a policy that is gone" old last-good "$policy is gone: put it back"
good
rm -r /etc/pve/pve-safe
expect_fault "its whole directory gone" old last-good "$policy is gone: put it back"
good
lab_policy <<<"serial = 7"$'\n'"$old"
"$hook" 101 pre-start >/dev/null 2>&1
lab_policy <<<"serial = 6"$'\n'"$new"
expect_fault "an older serial" old last-good "$policy: its serial 6 is older than 7, which was in force here"

# --- it cannot be read ---
for errno in 'EACCES Permission denied' 'EIO Input/output error' 'ESTALE Stale file handle'; do
	good
	lab_fail "${errno%% *}" pve-safe/policy.conf
	expect_fault "${errno%% *}" old last-good "cannot open '$policy': ${errno#* }"
	lab_mend
done
# pmxcfs gives nobody a file; the node's own policy can have another owner.
good
rm -r /etc/pve/pve-safe ${copy%/*}
lab_policy_local <<<"$old"
"$hook" 101 pre-start >/dev/null 2>&1
for way in 'chown 1000' 'chmod 664' 'chmod 646'; do
	chown 0 /etc/pve-safe/policy.conf
	chmod 644 /etc/pve-safe/policy.conf
	lab_policy_local <<<"$new"
	$way /etc/pve-safe/policy.conf
	case $way in
	chown*) why="belongs to uid 1000, not to root: chown root" ;;
	*) why="is writable by others (mode 0${way#chmod }): chmod go-w" ;;
	esac
	expect_fault "$way" old last-good "'/etc/pve-safe/policy.conf' $why"
done

# --- no copy, or a bad one: the baseline ---
good
rm -r ${copy%/*}
echo 'rule "x" {' >$policy
expect_fault "an invalid policy, and no copy" baseline builtin "$policy:1:1: "
good
echo 'rule "x" {' >$policy
printf x | dd of=$copy bs=1 seek=300 conv=notrunc status=none
expect_fault "an invalid policy, and a damaged copy" baseline builtin "$policy:1:1: "
expect_output "which is named" err "nor can its last good copy be used: $copy: the copy is damaged"
good
printf x | dd of=$copy bs=1 seek=300 conv=notrunc status=none
expect_fault "a damaged copy alone" old file
expect "which is then mended" grep -q '^source ' $copy

# --- the copy cannot be written ---
good
mount -o remount,ro /var/lib/pve-safe
lab_policy <<<"$new"
expect_fault "/var/lib read-only: the new policy" new file
expect_equal "and hooks warn that no copy can be kept" \
	"$(grep -LF 'no last good copy of the policy can be kept' /run/said/hook.* /run/said/node.*)" ''
: >$policy
expect_fault "/var/lib read-only, then an empty policy" old last-good "$policy:1:1: 'version' is missing"
mount -o remount,rw /var/lib/pve-safe

# --- no quorum ---
good
lab_quorum no
expect_fault "no quorum" old file
rm -r ${copy%/*}
expect_fault "no quorum, and no copy" old file
expect "none is made meanwhile" test ! -e $copy
lab_quorum yes

# --- the clock ---
for clock in -157680000 157680000; do
	when=$([ $clock -lt 0 ] && echo back || echo ahead)
	good
	expect_fault "five years $when" old file
	rm $policy
	expect_fault "five years $when, and the policy gone" old last-good "$policy is gone: put it back"
	lab_policy <<<"$new"
	expect_fault "five years $when, and a new policy" new file
done
clock=0
year=$(date +%Y)
expect_equal "the clock was another" "$(tail -n 400 $record | jq -r '.time[:4]' | sort -u | xargs)" \
	"$((year - 5)) $year $((year + 5))"

# --- not mounted ---
good
umount -l /etc/pve
rm -f /run/said/*
ask_all
expect_equal "/etc/pve not mounted: no guest can be judged, so none starts" "$verdicts" \
	"nothing nothing nothing "
expect_equal "and each refusal says what is wrong and what to do" "$(refusals)" ''
expect_equal "and whose policy holds" "$(silent 'WARN: the policy cannot be used: /etc/pve is not mounted')" ''
expect_equal "the last good one's" "$(tail -n 1 $record | jq -r .policy.source)" last-good
finish
