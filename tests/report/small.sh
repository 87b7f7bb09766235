#!/bin/bash
# SPDX-License-Identifier: MIT
# small.sh, in the lab: a cluster of 60 guests with waivers, and a tar of its reports on
# standard output.
set -eu
out=$(mktemp -d)
"$LAB_TOP/tests/report/fleet.sh" "" 60
: >/etc/pve-safe/enabled

waive() { # VMID DAYS
	pve-safe waive "$1" privileged --ticket "CHG-$1" --reason "until it is rebuilt" \
		--until "$(date -u -d "+$2 days" +%F)" >/dev/null 2>&1 || true
}
waive 101 3
waive 108 21
waive 122 60
waive 129 200
rm -f /etc/pve/nodes/*/*/129.conf # its waiver stays behind
for format in html json junit prometheus sarif; do
	pve-safe audit --format "$format" -o "$out/small.$format" >/dev/null 2>&1 || [ $? = 1 ]
done
pve-safe check --format json >"$out/check.json" 2>/dev/null || true
pct-safe --dry-run --format json start 115 >>"$out/check.json" 2>/dev/null || true
tar -C "$out" -c .
