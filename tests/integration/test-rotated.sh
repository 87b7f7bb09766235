#!/bin/bash
# SPDX-License-Identifier: MIT
# The record is rotated by logrotate, as the package sets it up, while eight hooks write to
# it: each record is there once and whole, in files that pve-safe log and logrotate know.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
dir=/var/log/pve-safe
conf=/etc/logrotate.d/pve-safe
# Most: of one writer, so that it ends.
writers=8 rotations=${TEST_ROTATIONS:-8} most=5000

lab_policy <<<$'version = 1\ninclude = { "baseline@1" }'
lab_enable
for ((i = 1; i <= writers; i++)); do
	lab_ct $((100 + i)) <<<$'hostname: web\nostype: debian\nunprivileged: 1\nrootfs: local-lvm:vm-1-disk-0,size=4G'
done
mkdir -p /etc/logrotate.d
cp "$LAB_TOP/templates/logrotate/pve-safe" $conf
expect_not "the file is not copied and cut, which loses what is written meanwhile" \
	grep -q copytruncate $conf

# --- eight writers, and one who rotates ---
"$hook" 101 pre-start
for ((i = 1; i <= writers; i++)); do
	for ((n = 0; n < most; n++)); do
		[ ! -e /run/stop ] || break
		"$hook" $((100 + i)) pre-start >>/run/said.$i 2>&1 || echo "exit $?" >>/run/said.$i
	done && echo $n >/run/wrote.$i &
	pids[i]=$!
done
for ((rotation = 0; rotation < rotations; rotation++)); do
	# Slowed down, so that somebody writes when the old file has gone and no new one is there.
	strace -f -o /dev/null -e trace=rename -e inject=rename:delay_exit=20000 \
		logrotate -f -s /run/state $conf >>/run/rotated 2>&1 || echo "exit $?" >>/run/rotated
	sleep 0.05
done
expect "they write as long as it rotates" kill -0 "${pids[@]}"
: >/run/stop
wait "${pids[@]}"
written=$(($(cat /run/wrote.* | paste -sd+) + 1))
expect_equal "logrotate has nothing to say" "$(cat /run/rotated)" ''
expect_equal "nor has a hook" "$(cat /run/said.*)" ''
zcat -f $dir/audit.jsonl* >/run/all
expect_equal "each record is there" "$(wc -l </run/all)" $written
expect_equal "once" "$(sort /run/all | uniq -d)" ''
expect_equal "and whole" "$(jq -r .layer /run/all | sort | uniq -c)" \
	"$(printf '%7d hook' "$written")"
expect_equal "in files that are rotated on" \
	"$(find $dir -type f | grep -v -E '/audit\.jsonl(\.[0-9]+(\.gz)?)?$')" ''
expect_equal "which are root's alone" "$(find $dir -type f ! -perm 640 -o -type f ! -user root)" ''
finish
