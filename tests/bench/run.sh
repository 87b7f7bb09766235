#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/bench/run.sh BUILD: how much processor time and memory a start costs, beside other
# ways to check it, measured in turns on a made-up node. Only the ratios of one run count.
# shellcheck source=tests/integration/lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 71
build=${1:-build}
rounds=${ROUNDS:-300}

if [ -z "${LAB:-}" ]; then
	mkdir -p "$build/tests/bench"
	gcc -O2 -o "$build/tests/bench/measure" tests/bench/measure.c || exit 71
	# shellcheck disable=SC2046 # words
	gcc -O2 -Wl,--no-as-needed -o "$build/tests/bench/empty" tests/bench/empty.c \
		$(readelf -dW "$build/bin/pve-safe-hook" |
			sed -n 's/.*NEEDED.*\[lib\(.*\)\.so.*/-l\1/p' | grep -vx -- -lc) || exit 71
	exec tests/lab/lab --build "$build" -- "$PWD/tests/bench/run.sh" "$(realpath "$build")"
fi
. "$LAB_TOP/tests/lab/lab.sh"
# shellcheck source=tests/bench/lib.sh
. tests/bench/lib.sh

# A policy of baseline and N rules of our own, of the kinds that people write.
policy() { # RULES
	local i
	# A first line of its own: the beginning of a longer one would count as cut off.
	printf '# %s rules\nversion = 1\ninclude = { "baseline@1" }\n' "$1"
	for ((i = 0; i < $1; i++)); do
		cat <<-END
		rule "rule-$i" {
		    when   = "ct and memory_mib > $((65536 + i)) and not tag ~ 'large-*' and pool = pool-$i"
		    unless = "tag = just-$i"
		    action = deny
		    reason = "more than $((65536 + i)) MiB need a reason"
		    remedy = "ask for a tag"
		}
		END
	done
}

# Measures: $table, and what the hook took in it, in microseconds: $cost.
measured() { # ROUNDS NAME=COMMAND...
	table=$("$bench/measure" "$@" 2>/dev/null) || exit 71
	printf '%s\n' "$table"
	cost=$(bench_number pve-safe-hook cpu <<<"$table")
}

# Adds the rows of the hook's targets, out of the last table.
targets() { # POLICY EMPTY PERL
	bench_ratio "hook, $1: an empty C program" "$2" cpu pve-safe-hook \
		"empty C, same libraries" <<<"$table"
	bench_ratio "hook, $1: the check in Perl" "$3" cpu pve-safe-hook \
		"hand-made check, perl" <<<"$table"
	bench_row "hook, $1: peak memory, KiB" "$(bench_number pve-safe-hook peak <<<"$table")" \
		4096
}

# Says what each of so many things costs that the hook has more of now than it had then.
says_each() { # WHAT MORE THEN NOW
	awk -v what="$1" -v n="$2" -v a="$3" -v b="$4" \
		'BEGIN { printf "%s costs %.2f us of processor time\n", what, (b - a) / n }'
}

lab_enable
lab_ct 101 <<END
arch: amd64
cores: 2
features: nesting=1
hostname: web01
memory: 2048
net0: name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:AA:BB:01,ip=dhcp,type=veth
onboot: 1
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=8G
swap: 512
tags: web;prod
unprivileged: 1
END
bench=$build/tests/bench
hook="/var/lib/vz/snippets/pve-safe-hook 101 pre-start"
declare -A costs
cp "$LAB_TOP/tests/bench/check.pl" "$LAB_TOP/tests/bench/check.sh" /usr/libexec/
for rules in 10 86 286; do
	policy "$rules" | lab_policy
	$hook || exit 71
	echo
	echo "a hook with $((rules + 14)) rules"
	measured "$rounds" "empty C, same libraries=$bench/empty" \
		"pve-safe-hook=$hook" \
		"hand-made check, dash=/bin/dash /usr/libexec/check.sh 101 pre-start" \
		"hand-made check, bash=/bin/bash /usr/libexec/check.sh 101 pre-start" \
		"hand-made check, perl=/usr/bin/perl /usr/libexec/check.pl 101 pre-start"
	costs[$rules]=$cost
	case $rules in
	86)
		targets "100 rules" 2.5 0.6
		for shell in dash bash; do
			bench_ratio "hook, 100 rules: the check in $shell" - cpu pve-safe-hook \
				"hand-made check, $shell" <<<"$table"
		done
		;;
	286) targets "300 rules" 5 1.2 ;;
	esac
done
says_each "a rule" 200 "${costs[86]}" "${costs[286]}"
# The shipped sets that most policies are made of.
for set in '' balanced@1 playbook@1 restricted@1; do
	{
		printf 'version = 1\ninclude = { "baseline@1"%s }\n' "${set:+, \"$set\"}"
		# The guest has these two.
		[ "$set" != restricted@1 ] || printf 'adjust "restricted-%s" { when = "%s" }\n' \
			bridge 'not every bridge = vmbr0' nesting 'nesting and privileged'
	} | lab_policy
	$hook 2>/dev/null || exit 71
	echo
	echo "a hook with baseline@1${set:+ and $set}"
	"$bench/measure" "$rounds" "empty C, same libraries=$bench/empty" \
		"pve-safe-hook=$hook" \
		"hand-made check, perl=/usr/bin/perl /usr/libexec/check.pl 101 pre-start" 2>/dev/null
done
# Waivers: 200 in the cluster, of which so many are for rules that fire here.
for waived in 0 1 20; do
	policy 266 | lab_policy
	for ((i = 0; i < 20; i++)); do
		printf 'rule "big-%s" { when = "ct and memory_mib > %s" reason = "big" %s }\n' \
			"$i" "$i" "$([ "$i" -lt "$waived" ] || echo 'action = audit')"
	done >>/etc/pve/pve-safe/policy.conf
	rm -rf /etc/pve/pve-safe/waivers
	for ((i = 0; i < waived; i++)); do
		pve-safe waive 101 "big-$i" --ticket T --reason R --until "$(date -d '+1 year' +%F)" \
			>/dev/null || exit 71
	done
	mkdir -p /etc/pve/pve-safe/waivers
	for ((i = waived; i < 200; i++)); do
		echo version = 1 >"/etc/pve/pve-safe/waivers/$((200 + i)).big-0.conf"
	done
	$hook 2>/dev/null || exit 71
	echo
	echo "a hook with 300 rules and 200 waivers, $waived of them for this guest"
	measured "$rounds" "empty C, same libraries=$bench/empty" \
		"pve-safe-hook=$hook" \
		"hand-made check, perl=/usr/bin/perl /usr/libexec/check.pl 101 pre-start"
	costs[waived-$waived]=$cost
	[ "$waived" != 20 ] || targets "300 rules, 200 waivers" 5 1.2
done
says_each "a waiver that applies" 19 "${costs[waived-1]}" "${costs[waived-20]}"
policy 86 | lab_policy
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
mkdir -p /var/lib/vz/template/cache
: >"/var/lib/vz/template/cache/${template##*/}"
echo
echo "pct-safe --dry-run create, with 100 rules and with the baseline alone"
dry="/usr/sbin/pct-safe --dry-run create 150 $template --hostname x --rootfs local-lvm:4"
measured "$rounds" "empty C, same libraries=$bench/empty" "100 rules=$dry"
bench_ratio "pct-safe --dry-run create, 100 rules: an empty C program" 3 cpu "100 rules" \
	"empty C, same libraries" <<<"$table"
bench_row "pct-safe --dry-run create, 100 rules: peak memory, KiB" \
	"$(bench_number "100 rules" peak <<<"$table")" 4096
policy 0 | lab_policy
"$bench/measure" "$rounds" "empty C, same libraries=$bench/empty" "baseline=$dry"
