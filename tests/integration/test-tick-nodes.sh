#!/bin/bash
# SPDX-License-Identifier: MIT
# The timer on the nodes of a cluster: one policy on all, two ticks at once, no quorum, ticks
# that are killed, guests that come, go and move meanwhile.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

record=/var/log/pve-safe/audit.jsonl
hook=local:snippets/pve-safe-hook
nodes=/etc/pve/pve-safe/nodes
mkdir -p /var/lib/vz/template/cache
: >/var/lib/vz/template/cache/debian.tar.zst

container() { # VMID NODE [LINE...]
	printf '%s\n' 'arch: amd64' "hostname: ct$1" 'ostype: debian' \
		"rootfs: local-lvm:vm-$1-disk-0,size=4G" "${@:3}" | lab_ct "$1" "$2"
}

# Prints how many records say that a guest was created outside, on all nodes.
recorded() { # VMID
	{
		cat $record
		lab_node pve2 cat $record 2>/dev/null
	} | jq -s "[.[] | select(.layer == \"tick\" and .guest.vmid == $1)] | length"
}

printf 'version = 1\ninclude = { "baseline@1" }\n' | lab_policy
lab_node_start pve2
lab_node_start pve3
lab_enable
for node in pve2 pve3; do
	lab_node $node touch /etc/pve-safe/enabled
done
container 101 pve1 'unprivileged: 0' 'tags: shop'
container 102 pve2 'unprivileged: 1' 'tags: shop'

# --- coverage of other nodes ---
run pve-safe coverage
expect_output "before their timers ran, other nodes are unknown" out \
	'CT 102 (ct102) on pve2: unknown: the node-wide hook of pve2 cannot be seen from pve1: does pve-safe.timer run there?'
for node in pve1 pve2 pve3; do
	run lab_node $node pve-safe tick
	expect_exit "the first tick on $node" 0
done
expect_equal "each says of itself" "$(cd $nodes && echo *)" 'pve1 pve2 pve3'
run pve-safe coverage
expect_output "then they are known" out 'CT 102 (ct102) on pve2: enforced: node-wide hook'
lab_node pve2 rm /etc/pve-safe/enabled
lab_node pve2 pve-safe tick >/dev/null
run pve-safe coverage
expect_output "one that is not enabled, too" out \
	'CT 102 (ct102) on pve2: not enforced: pve2 is not enabled: pve-safe setup --enable there'
lab_node pve2 touch /etc/pve-safe/enabled
lab_node pve2 mv /usr/share/lxc/config/common.conf.d/pve-safe.conf "$LAB/away"
lab_node pve2 pve-safe tick >/dev/null
run pve-safe coverage
expect_output "one without the node-wide file" out \
	'CT 102 (ct102) on pve2: not enforced: pve2 says that LXC does not run the node-wide hook there for every container'
lab_node pve2 mv "$LAB/away" /usr/share/lxc/config/common.conf.d/pve-safe.conf
lab_node pve2 pve-safe tick >/dev/null
run pve-safe policy lint
expect_exit "the policy can be read by all of them" 0

# --- one policy, in force on all at the next event ---
cat >"$LAB/new.conf" <<'END2'
version = 1
include = { "baseline@1" }
rule "shop" { when = "tag ~ shop" reason = "the shop is closed" }
END2
lab_node pve2 pve-safe attach 102 >/dev/null 2>&1
run lab_node pve2 pct start 102
expect_exit "on another node a guest starts" 0
lab_node pve2 pct stop 102 >/dev/null 2>&1
run pve-safe policy install --yes "$LAB/new.conf"
expect_exit "a policy is installed on one" 0
run lab_node pve2 pct start 102
expect_exit "and is in force on the other at the next event" 255
expect_output "with its reason" out 'shop: the shop is closed'
run lab_node pve3 pve-safe check 102
expect_output "and on the third" out 'shop'
printf 'version = 1\ninclude = { "baseline@1" }\n' >"$LAB/new.conf"
pve-safe policy install --yes "$LAB/new.conf" >/dev/null 2>&1

# --- a guest of the web page, on each of two nodes at once ---
mkdir -p /run/pve-standin
echo user=alice@pve >/run/pve-standin/120
lab_node pve2 sh -c 'mkdir -p /run/pve-standin /var/lib/vz/template/cache
	: >/var/lib/vz/template/cache/debian.tar.zst; echo user=bob@pve >/run/pve-standin/121'
pct create 120 local:vztmpl/debian.tar.zst --rootfs local-lvm:4 --unprivileged 0 >/dev/null 2>&1
lab_node pve2 pct create 121 local:vztmpl/debian.tar.zst --rootfs local-lvm:4 --unprivileged 0 >/dev/null 2>&1
pve-safe tick >"$LAB/one" 2>&1 &
lab_node pve2 pve-safe tick >"$LAB/two" 2>&1
wait $!
expect_equal "the first" "$(head -n 1 "$LAB/one")" \
	'CT 120 (CT120) was created outside by alice@pve; the policy refuses it: privileged'
expect_equal "the second" "$(head -n 1 "$LAB/two")" \
	'CT 121 (CT121) was created outside by bob@pve; the policy refuses it: privileged'
expect_equal "once each" "$(recorded 120) $(recorded 121)" '1 1'
expect_equal "both are attached within this tick" \
	"$(sed -n 's/^hookscript: //p' /etc/pve/nodes/pve1/lxc/120.conf /etc/pve/nodes/pve2/lxc/121.conf | xargs)" \
	"$hook $hook"
run pct start 120
expect_exit "its start is judged by the hook" 255
expect_output "and refused" out 'pve-safe: start of CT 120 (CT120) denied'

# --- two ticks on one node ---
container 122 pve1 'unprivileged: 1'
pids=()
for _ in 1 2 3 4; do
	pve-safe tick >/dev/null 2>&1 &
	pids+=($!)
done
wait "${pids[@]}"
pve-safe tick >/dev/null 2>&1
expect_equal "four ticks at once record a guest once" "$(recorded 122)" 1

# --- no quorum ---
container 123 pve1 'unprivileged: 0'
lab_quorum no
before=$(wc -l <$record)
state=$(sha1sum </var/lib/pve-safe/tick)
run pve-safe tick
expect_exit "without quorum nothing is done" 2
expect_equal "which is said" "$out$err" \
	'pve-safe: tick: no quorum, so nothing is done until there is: pvecm status'
run pve-safe tick
expect_equal "once" "$status$out$err" 2
expect_equal "nothing was written" "$(wc -l <$record) $(sha1sum </var/lib/pve-safe/tick)" "$before $state"
lab_quorum yes
run pve-safe tick
expect_output "with quorum it goes on" out 'CT 123 (ct123) was created outside'
lab_quorum no
run pve-safe tick
expect_output "and the next loss is said anew" err 'no quorum'
lab_quorum yes

# --- a broken policy is said once ---
cp /etc/pve/pve-safe/policy.conf "$LAB/good.conf"
pve-safe tick >/dev/null
echo 'rule "x" {' >>/etc/pve/pve-safe/policy.conf
run pve-safe tick
expect_exit "a policy that cannot be used" 1
expect_output "is said" err 'pve-safe: tick: the policy cannot be used, judged by'
run pve-safe tick
expect_equal "once" "$status$out$err" 1
expect_equal "and the other nodes hear of it" "$(grep ^source $nodes/pve1)" 'source = "last-good"'
cat "$LAB/good.conf" >/etc/pve/pve-safe/policy.conf
run pve-safe tick
expect_equal "until it is mended" "$status$err$(grep ^source $nodes/pve1)" '0source = "file"'

# --- a guest that cannot be read ---
lab_fail EIO nodes/pve1/lxc/122.conf
run pve-safe tick
expect_exit "a guest that cannot be read" 2
expect_output "is named" err '/etc/pve/nodes/pve1/lxc/122.conf'
run pve-safe tick
expect_equal "once" "$status$out$err" 2
lab_mend
run pve-safe tick
expect_equal "and is no new one when it can be" "$status$out$err" 0

# --- killed at any point ---
vmid=200
twice=0 lost=0
for call in write renameat fsync openat mkdirat utimensat unlinkat; do
	for n in 1 4; do
		vmid=$((vmid + 1))
		container $vmid pve1 'unprivileged: 1'
		strace -f -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$n \
			pve-safe tick >/dev/null 2>&1
		pve-safe tick >/dev/null 2>&1
		case $(recorded $vmid) in
		0) lost=$((lost + 1)) ;;
		1) ;;
		*) twice=$((twice + 1)) ;;
		esac
	done
done 2>/dev/null
expect_equal "no record is lost to a kill" "$lost" 0
expect "and hardly one is written twice" test "$twice" -le 3
expect_equal "all are attached in the end" \
	"$(grep -L "^hookscript: $hook" /etc/pve/nodes/pve1/lxc/2*.conf)" ''
run pve-safe tick
expect_equal "and nothing is left to do" "$status$out$err" 0

# --- guests that come, go and move while it ticks ---
(
	for n in 1 2 3 4 5 6; do
		for vmid in 301 302 303 304; do
			container $vmid pve1 'unprivileged: 1' 2>/dev/null
			mv /etc/pve/nodes/pve1/lxc/$vmid.conf /etc/pve/nodes/pve2/lxc/ 2>/dev/null
			mv /etc/pve/nodes/pve2/lxc/$vmid.conf /etc/pve/nodes/pve1/lxc/ 2>/dev/null
			[ $n = 6 ] || rm -f /etc/pve/nodes/pve1/lxc/$vmid.conf
		done
	done
) &
mover=$!
crashed=0
while [ -d /proc/$mover ]; do
	pve-safe tick >/dev/null 2>"$LAB/said" || [ $? -le 2 ] || crashed=$((crashed + 1))
	lab_node pve2 pve-safe tick >/dev/null 2>&1 || [ $? -le 2 ] || crashed=$((crashed + 1))
done
wait $mover
pve-safe tick >/dev/null 2>&1
run pve-safe tick
expect_equal "no tick crashes, and the last has nothing left to do" "$crashed $status$out$err" '0 0'
expect_equal "all that stayed are known" \
	"$(grep -cE '^30[1-4] ct [0-9a-f]{40} (known|hooked) 0$' /var/lib/pve-safe/tick)" 4
finish
