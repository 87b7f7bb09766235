#!/bin/bash
# SPDX-License-Identifier: MIT
# A signal comes into each program every tenth of a millisecond, so that any of its calls may
# end with EINTR: each says and does what it does otherwise, and each record is there once.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
policy=/etc/pve/pve-safe/policy.conf
times=${TEST_TIMES:-16}

lab_ct 101 <<<$'arch: amd64\nhostname: web01\nostype: debian\nunprivileged: 1'
lab_ct 103 <<<$'arch: amd64\nhostname: priv\nostype: debian\nunprivileged: 0\nrootfs: local-lvm:vm-103-disk-0,size=4G'
mkdir -p /run/pve-standin
printf 'version = 1\ninclude = { "baseline@1" }\nrule "web" { when = "name = web01" }\n' >/root/one.conf
printf 'version = 1\ninclude = { "baseline@1" }\nadjust "privileged" { override = root }\n' >/root/two.conf
pve-safe policy install --yes /root/two.conf >/dev/null 2>&1
lab_enable

# What differs from the outcome without signals: status and text of a command, run so often.
differs() { # COMMAND...
	local i usual said

	usual=$("$@" 2>&1; echo "exit $?")
	for ((i = 0; i < times; i++)); do
		rm -f /run/pve-safe/decision/*
		said=$(lab_fault 'signal 100' "$@" 2>&1; echo "exit $?")
		diff <(sed "$ids" <<<"$usual") <(sed "$ids" <<<"$said")
	done
}
ids='s/[0-9a-f]\{8\}-[0-9a-f-]\{27\}/ID/g; s/"time":"[^"]*"/TIME/; s/"duration_us":[0-9]*/TOOK/'

# The records of starts by the hookscript.
starts() { jq -c 'select(.layer == "hook")' <$record 2>&1; }

strace -o /run/trace -e trace=none -E "LD_PRELOAD=$LAB_BUILD/tests/lab/fault.so" -E 'LAB_FAULT=signal 100' \
	-E ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$hook" 101 pre-start
expect "signals do come" grep -q SIGURG /run/trace
rm -f $record
expect_equal "a start that goes on" "$(differs "$hook" 101 pre-start)" ''
expect_equal "a start that is refused" "$(differs "$hook" 103 pre-start)" ''
expect_equal "each is on record, once and whole" "$(starts | sort -u | wc -l)" $((2 * times + 2))
expect_equal "a check" "$(differs pve-safe check 101 103)" ''
expect_equal "an audit" "$(differs pve-safe audit)" ''
expect_equal "a create that is shown" \
	"$(differs pct-safe --dry-run create 110 local:vztmpl/debian.tar.zst --storage local)" ''

# --- what writes ---
bad=''
for ((i = 0; i < times / 4; i++)); do
	for new in one two; do
		run lab_fault 'signal 100' pve-safe policy install --yes /root/$new.conf
		[ "$status" = 0 ] || bad+="install: $err "
		grep -q "$(tail -n 1 /root/$new.conf)" $policy || bad+="$new is not there "
	done
	run lab_fault 'signal 100' pct-safe --override 'a test' start 103
	[ "$status" = 0 ] || bad+="override: $status $err "
	pct stop 103 >/dev/null 2>&1
	rm -f /etc/pve/pve-safe/waivers/*
done
expect_equal "installs, overrides and the tool that these run" "$bad" ''
expect_equal "leave nothing behind" "$(find /etc/pve/pve-safe /var/lib/pve-safe -name '*.tmp.*' -o -name '*.new')" ''
finish
