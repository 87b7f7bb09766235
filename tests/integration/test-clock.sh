#!/bin/bash
# SPDX-License-Identifier: MIT
# The clock is set back, and ahead: what holds for a time holds no longer than it may, and the
# record is found by time whatever order its lines have.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
hour=3600 day=86400

lab_ct 101 <<<$'arch: amd64\nhostname: web01\nostype: debian\nunprivileged: 0\nrootfs: local-lvm:vm-101-disk-0,size=4G'
lab_policy <<<$'version = 1\ninclude = { "baseline@1" }\nadjust "privileged" { override = root }'
lab_enable
mkdir -p /run/pve-standin

# Starts the guest with the clock shifted; a start of its own, not the second half of one.
start_at() { # SECONDS
	rm -f /run/pve-safe/decision/101
	run lab_clock "$1" "$hook" 101 pre-start
}

# --- a waiver ---
run pve-safe waive 101 privileged --ticket CHG-1 --reason 'a test' --until "$(date -u -d '+20 days' +%F)"
expect_exit "a waiver is granted" 0
start_at 0
expect_exit "it counts" 0
start_at $((30 * day))
expect_exit "not after its end" 77
start_at $((-12 * hour))
expect_exit "where the clock is half a day back it counts" 0
start_at $((-2 * day))
expect_exit "not where it was granted two days ahead" 77
expect_output "and this is said" err "granted"
rm /etc/pve/pve-safe/waivers/*

# --- an override ---
run pct-safe --override 'a test' start 101
expect_exit "an override lets it start" 0
pct stop 101 >/dev/null 2>&1
start_at $((10 * 60))
expect_exit "ten minutes later it counts" 0
start_at $((20 * 60))
expect_exit "after twenty it does not" 77
start_at $((-2 * day))
expect_exit "nor where the clock is two days back" 77
rm /etc/pve/pve-safe/waivers/*

# --- mails ---
printf '#!/bin/sh\necho mail >>/run/mails; exec cat >/dev/null\n' >/usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail
start_at 0
expect "a refusal is mailed" wait_for 5 test -s /run/mails
start_at $((-2 * hour))
start_at $((2 * hour))
sleep 0.3
expect_equal "but no second one within the hour, whatever the clock says" "$(wc -l </run/mails)" 1

# --- the record ---
rm $record
for shift in 0 $((-day)) 0 $day; do
	start_at "$shift"
done
run pve-safe log --format json --since "$(date -u -d '-1 hour' +%FT%TZ)"
expect_exit "the record is read" 0
expect_equal "all of the last hour, and what claims to be later" \
	"$(jq -r .time <<<"$out" | wc -l)" 3
run pve-safe log --format json
expect_equal "and nothing is lost" "$(jq -r .id <<<"$out" | sort -u | wc -l)" 4
expect_equal "an id has the time of its record" \
	"$(jq -r '(.id[0:8] + .id[9:13]) + " " + .time' $record | while read -r hex time; do
		[ "$(date -u -d "@$((16#$hex / 1000))" +%FT%T)" = "${time%%[.Z]*}" ] || echo "$hex $time"
	done)" ''
finish
