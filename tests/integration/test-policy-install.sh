#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe policy install and remove: what is shown, what is refused, what is in force
# afterwards; without quorum, two at once, killed at any moment.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

policy=/etc/pve/pve-safe/policy.conf
new=/root/new.conf
first='# pve-safe policy; its last line says that it is whole'
last='# end of the policy'
lab_ct 101 <<'END'
hostname: web01
onboot: 1
rootfs: local-lvm:vm-101-disk-0,size=4G
startup: order=2,up=30
unprivileged: 0
END
lab_ct 102 <<'END'
hostname: web02
onboot: 1
rootfs: local-lvm:vm-102-disk-0,size=4G
startup: 1
unprivileged: 0
END
lab_vm 200 pve3 <<'END'
name: win
args: -no-hpet
END
mkdir -p /etc/pve/ha
lab_file /etc/pve/ha/resources.cfg <<'END'
vm: 200
	state started
END
printf 'version = 1\ninclude = { "baseline@1" }\n' >$new

# --- asked, and not done ---
run pve-safe policy install $new
expect_exit "where nobody can answer: not done" 2
expect_equal "it says so" "$err" \
	"pve-safe: policy install: nothing was changed: nobody can answer here, so say --yes"
expect_equal "after it showed what would change" "$out" \
	"CT 101 (web01) on pve1: warn (privileged) -> deny (privileged)
CT 102 (web02) on pve1: warn (privileged) -> deny (privileged)
VM 200 (win) on pve3: warn (raw-args) -> deny (raw-args)
3 of 3 guests: the verdict at a start changes
after a reboot of pve1, not back: CT 102 (web02), started by onboot with order 1: deny (privileged)
after a reboot of pve1, not back: CT 101 (web01), started by onboot with order 2: deny (privileged)
after a reboot of pve3, not back: VM 200 (win), started by HA: deny (raw-args)
3 guests would not come back after a reboot"
expect "nothing is there" test ! -e $policy

# Answers the question of an install at a terminal.
answer() { # ANSWER
	run sh -c "echo $1 | script -qec 'pve-safe policy install $new' /dev/null"
	out=$(tr -d '\r' <<<"$out")
}
answer n
expect_exit "at a terminal it asks" 2
expect_output "by this question" out "install the policy, serial 1 after 0? [y/N] "
expect_output "and after a no does nothing" out "nothing was changed"
expect "indeed" test ! -e $policy
answer y
expect_exit "a yes installs" 0
rm -r /etc/pve/pve-safe /var/lib/pve-safe/good

# --- installed ---
run pve-safe policy install --yes $new
expect_exit "installed" 0
expect_output "and says so" out \
	"in force on all nodes: /etc/pve/pve-safe/policy.conf, serial 1, sha256 "
expect_equal "sealed, with its serial" "$(cat $policy)" "$first
serial = 1
$(cat $new)
$last"
expect_equal "and nothing else is left" "$(ls -A /etc/pve/pve-safe)" policy.conf
expect "the last good copy is kept" grep -q '^serial 1$' /var/lib/pve-safe/good/policy
run pve-safe policy install --yes $policy
expect_equal "again: the next serial, sealed once" "$(cat $policy)" "$first
serial = 2
$(cat $new)
$last"
printf 'serial = 77 # old\nversion = 1' >$new
run pve-safe policy install --yes $new
expect_equal "its own serial is replaced" "$(cat $policy)" "$first
serial = 3 # old
version = 1
$last"

# --- refused ---
before=$(cat $policy)
printf 'version = 1\ninclude = { "more.conf" }\n' >$new
printf 'version = 1\nrule "x" { when = "ct"  reason = "no" }\n' >/root/more.conf
run pve-safe policy install --yes $new
expect_equal "an included file must be there" "$err" \
	"pve-safe: policy install: nothing was changed: it includes /root/more.conf, which is not yet /etc/pve/pve-safe/more.conf: copy it there first"
lab_file /etc/pve/pve-safe/more.conf <<<'version = 1'
run pve-safe policy install --yes $new
expect_equal "and be the same" "$err" \
	"pve-safe: policy install: nothing was changed: it includes /root/more.conf, which differs from /etc/pve/pve-safe/more.conf: copy it there first"
mkdir /etc/pve/pve-safe/nodes
lab_file /etc/pve/pve-safe/nodes/pve2 <<<'version = 1 keys = { "version", "rule", "rule.when" }'
lab_file /etc/pve/pve-safe/nodes/gone <<<'version = 1 keys = { "version" }'
printf 'version = 1\nrule "x" { when = "ct"  reason = "no" }\n' >$new
run pve-safe policy install --yes $new
expect_exit "a key that a node does not know" 2
expect_equal "is named, with the node" "$err" \
	"pve-safe: policy install: nothing was changed: /root/new.conf:2: node pve2 does not know 'rule.reason' (/etc/pve/pve-safe/nodes/pve2): upgrade pve-safe there first"
echo 'keys = yes' >/etc/pve/pve-safe/nodes/pve2
run pve-safe policy install --yes $new
expect_exit "a node whose file is wrong" 2
expect_output "is named" err "/etc/pve/pve-safe/nodes/pve2"
expect_output "with the way out" err '; pve-safe tick on node pve2 writes it anew'
rm -r /etc/pve/pve-safe/nodes
echo 'version = 2' >$new
run pve-safe policy install --yes $new
expect_exit "what is no policy is refused" 2
expect_output "with its position" err "/root/new.conf:1:1: version 2 is newer than this pve-safe"
run pve-safe policy install --yes
expect_exit "without a file: usage" 64
expect_equal "which says what is wanted" "$err" \
	"pve-safe: policy install: which file? pve-safe policy install FILE"
printf 'version = 1\n' >$new
lab_quorum no
run pve-safe policy install --yes $new
expect_exit "without quorum: refused" 2
expect_equal "and said" "$err" \
	"pve-safe: policy install: nothing was changed: the cluster has no quorum, so /etc/pve cannot be written; pvecm status says more"
lab_quorum yes
lab_fail EACCES pve-safe/policy.conf
run pve-safe policy install --yes $new
expect_exit "where the policy can be neither read nor written: refused" 2
expect_output "and said" err "pve-safe: policy install: nothing was changed: "
lab_mend
expect_equal "all the while the policy stayed as it was" "$(cat $policy)" "$before"
printf 'version = 1\ninclude = { "more.conf" }\n' >$new
cp /root/more.conf /etc/pve/pve-safe/more.conf
run pve-safe policy install --yes $new
expect_exit "with the included file in its place it goes" 0

# --- two at once ---
printf 'version = 1\nmode = warn\n' >/root/a.conf
printf 'version = 1\nmode = audit\n' >/root/b.conf
pve-safe policy install --yes /root/a.conf >/run/a 2>&1 &
pve-safe policy install --yes /root/b.conf >/run/b 2>&1
b=$?
wait $!
expect_equal "two at once: both are installed" "$?$b" 00
expect_equal "one after the other" \
	"$(cat /run/a /run/b | grep -o 'serial [0-9]*' | sort | xargs)" "serial 5 serial 6"
run pve-safe policy show
expect_exit "the later one is in force" 0
expect_output "whole" out "serial 6, "

# --- two nodes at once ---
lab_node_start pve2
bad=0
for _ in {1..10}; do
	lab_node pve2 pve-safe policy install --yes /root/a.conf >/run/a 2>&1 &
	pve-safe policy install --yes /root/b.conf >/run/b 2>&1
	wait $!
	for said in /run/a /run/b; do
		grep -Eq "^in force on all nodes: |: the policy in force was changed meanwhile |: another policy, serial " \
			$said || bad=$((bad + 1))
	done
	cat /run/a /run/b | grep -q '^in force on all nodes: ' || bad=$((bad + 1))
	pve-safe policy show >/run/a || bad=$((bad + 1))
	lab_node pve2 pve-safe policy show >/run/b || bad=$((bad + 1))
	cmp -s /run/a /run/b || bad=$((bad + 1))
	grep -q "^policy $policy (file), " /run/a || bad=$((bad + 1))
done
expect_equal "two nodes at once: one wins as a whole, on both" "$bad" 0

# --- killed at any moment ---
bad=0 killed=0
for i in {1..60}; do
	pve-safe policy install --yes "/root/$([ $((i % 2)) = 0 ] && echo a || echo b).conf" \
		>/run/said 2>&1 &
	sleep "0.0$(printf '%02d' $((i % 40)))"
	kill -9 $! 2>/dev/null && killed=$((killed + 1))
	wait $! 2>/dev/null
	pve-safe policy show >/run/shown 2>&1 || bad=$((bad + 1))
	grep -Eq "^policy $policy \(file\), mode (warn|audit), serial " /run/shown || bad=$((bad + 1))
done
expect_equal "killed at any moment: the old or the new policy, in force" "$bad" 0
expect "some were killed" test "$killed" -gt 10
run pve-safe policy install --yes /root/a.conf
expect_exit "and the next install goes" 0

# --- removed ---
serial=$(grep -o '^serial = [0-9]*' $policy | grep -o '[0-9]*')
run pve-safe policy remove
expect_exit "remove asks, too" 2
expect_equal "where somebody can answer" "$err" \
	"pve-safe: policy remove: nothing was changed: nobody can answer here, so say --yes"
run pve-safe policy remove --yes
expect_exit "removed" 0
expect_equal "a policy that only reports is in its place" "$(cat $policy)" "$first
serial = $((serial + 1))
version = 1
mode    = warn
include = { \"baseline@1\" }
$last"
lab_enable
run pct-safe start 101
expect_output "and nothing is refused any more" err \
	"pve-safe: start of CT 101 (web01) allowed, with a warning"
run pve-safe policy remove --yes x
expect_exit "remove with a file: usage" 64
expect_equal "which says so" "$err" "pve-safe: policy remove: it takes no file"
rm -r /etc/pve/pve-safe /var/lib/pve-safe/good
run pve-safe policy remove --yes
expect_exit "where there is none nothing is to be done" 0
expect_equal "and said" "$out" \
	"no policy is in force but the built-in one, which only reports starts"
finish
