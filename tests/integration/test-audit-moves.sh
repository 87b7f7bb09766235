#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe audit while guests come, go and move between nodes: none twice, and none lost
# that was there throughout. And beside check: the same findings of every guest.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

pve=/etc/pve/nodes
work=$(mktemp -d)
vectors=$LAB_TOP/tests/fixtures/vectors/conf.jsonl

lab_policy <<'END'
version        = 1
mode           = enforce
want_snapshots = yes
include        = { "baseline@1", "playbook@1" }
END
lab_file /etc/pve/jobs.cfg <<<$'vzdump: all\n\tenabled 1\n\tschedule daily\n\tall 1'

# --- as check has it, for every file of the vectors ---
# Findings of every guest, a line each, from JSON objects with guest or vmid.
findings() {
	jq -r '(.guest.vmid // .vmid) as $id | .findings[] |
		"\($id) \(.rule) \(.action) \(.effect)"' | sort
}
i=1000 resources=''
while IFS= read -r row; do
	i=$((i + 1))
	dir=lxc
	[ "$(jq -r .kind <<<"$row")" = vm ] && dir=qemu-server
	jq -j .text <<<"$row" >"$pve/pve1/$dir/$i.conf"
	# Half of them under HA: rules then look at what they pass over else.
	[ $((i % 2)) = 0 ] || resources+="${dir/qemu-server/vm}: $i"$'\n'
done < <(shuf -n 250 --random-source="$vectors" "$vectors")
lab_file /etc/pve/ha/resources.cfg <<<"${resources//lxc:/ct:}"
run pve-safe check --format json
findings <<<"$out" >"$work/check"
run pve-safe audit --format json
jq -c '.guests[]' <<<"$out" | findings >"$work/audit"
expect_equal "and counts it right" \
	"$(jq '[.totals.findings | .deny, .warn, .audit, .waived, .["would-deny"]] | add' <<<"$out")" \
	"$(wc -l <"$work/audit")"
expect_equal "audit finds what check finds" "$(diff "$work/check" "$work/audit")" ''
expect "the rules have much to say of them" test "$(wc -l <"$work/check")" -gt 300
expect_equal "what costs much to know is looked at where a rule names it" \
	"$(cut -d ' ' -f 2 "$work/audit" | sort -u |
		grep -c -e not-live-migratable -e bind-stops-migration -e no-snapshots)" 3
rm -f "$pve"/pve1/*/*.conf /etc/pve/ha/resources.cfg

# --- 1,000 guests, of which some move, come and go ---
for ((i = 0; i < 1000; i++)); do
	printf 'hostname: ct%s\nunprivileged: 0\n' "$i" >"$pve/pve$((1 + i % 3))/lxc/$((2000 + i)).conf"
done
# Moves guests round and round; others come and go.
shake() {
	local i n=0

	while :; do
		n=$((n + 1))
		for i in 1 10 100 300 500 700 900 990; do
			mv "$pve/pve1/lxc/$((5000 + i)).conf" "$pve/pve3/lxc/" 2>/dev/null ||
				mv "$pve/pve3/lxc/$((5000 + i)).conf" "$pve/pve1/lxc/"
		done
		echo 'unprivileged: 0' >"$pve/pve2/lxc/$((6000 + n % 50)).conf"
		rm -f "$pve/pve2/lxc/$((6000 + (n + 25) % 50)).conf"
	done
}
for i in 1 10 100 300 500 700 900 990; do
	printf 'hostname: mover%s\nunprivileged: 0\n' "$i" >"$pve/pve1/lxc/$((5000 + i)).conf"
done
run pve-safe audit --quiet
expect_equal "all are there while nothing moves" "$out" \
	'1008 guests (1008 CT, 0 VM) on 3 nodes: 1008 denied, 2016 warned about'
shake &
shaker=$!
twice='' lost='' bad=''
for ((round = 0; round < 20; round++)); do
	run pve-safe audit --format json
	[ "$status" = 1 ] || bad="$bad exit $status: $err"
	jq -r '.guests[].vmid' <<<"$out" | sort -n >"$work/seen"
	twice="$twice$(uniq -d "$work/seen")"
	n=$(awk '$1 < 6000' "$work/seen" | wc -l)
	[ "$n" = 1008 ] || lost="$lost $n"
done
kill "$shaker"
wait "$shaker" 2>/dev/null
expect_equal "no audit fails while guests move" "$bad" ''
expect_equal "no guest is visited twice" "$twice" ''
expect_equal "no guest is lost" "$lost" ''
finish
