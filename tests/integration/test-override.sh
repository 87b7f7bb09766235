#!/bin/bash
# SPDX-License-Identifier: MIT
# Break glass: who may, what it writes, who sees it, how it ends, and when it is refused.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

dir=/etc/pve/pve-safe/waivers
log=/var/log/pve-safe/audit.jsonl
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst

mkdir -p /var/lib/vz/template/cache
: >"/var/lib/vz/template/cache/${template##*/}"
echo 'alice:x:1500:1500::/:/bin/sh' >>/etc/passwd
echo 'bob:x:1501:1501::/:/bin/sh' >>/etc/passwd
echo 'ops:x:1600:bob' >>/etc/group

# Runs a wrapper as sudo would for a login.
as() { # LOGIN COMMAND...
	run env "SUDO_USER=$1" "${@:2}"
}

# Writes guest 120, a privileged container.
guest() { # [LINE...]
	{
		cat <<-END
		arch: amd64
		hostname: nfs01
		net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01
		ostype: debian
		rootfs: local-lvm:vm-120-disk-0,size=4G
		unprivileged: 0
		END
		printf '%s\n' "$@"
	} | lab_ct 120
}

# Prints the value of a key in a once-waiver.
value() { # FILE KEY
	sed -n "s/^$2 *= //p" "$dir/$1"
}

# Prints the files that are there, in one line.
files() { (cd $dir 2>/dev/null && echo *) }

lab_policy <<'END'
version = 1
include = { "baseline@1" }
adjust "privileged" { override = { "alice", "@ops" } }
adjust "nesting-privileged" { override = { "alice" } }
adjust "raw-args" { override = { "@ops" } }

rule "no-stop" {
    when   = "ct and name = nfs01"
    events = { "stop" }
    reason = "it serves files"
    override = { "alice" }
}
rule "no-list" { when = "ct" events = { "list" } override = { "alice" } }
END
lab_enable
guest
lab_lxc 120

# --- who may ---
as alice pct-safe start 120
expect_exit "without --override it is refused" 77
expect_no_output "with no word of it" err overrid
run pct-safe --override burning start 120
expect_exit "who is not in the list may not override" 77
expect_output "and reads so" err "privileged: root in a privileged container is root on the node
  found: unprivileged: 0 (/etc/pve/lxc/120.conf:6)
  note: not overridden: root is not among those who may (alice, @ops)
  do: recreate it"
expect_equal "nothing is written" "$(files)" ''
guest 'lxc.apparmor.profile: unconfined'
as alice pct-safe --override burning start 120
expect_exit "all that is refused must be overridden" 77
expect_output "that which may not be is said" err '  note: not overridden: the rule lets nobody override it'
expect_output "at the other one, too" err '  note: not overridden: alice may override this rule, but not unconfined'
expect_equal "nothing is written" "$(files)" ''
guest

# --- what it does ---
as alice pct-safe --dry-run --override burning start 120
expect_exit "a dry run shows it" 0
expect_output "as it would be" out 'privileged (overridden: would deny; by alice until '
expect_equal "and writes nothing" "$(files)" ''
as alice pct-safe --override 'the archive burns' start 120
expect_exit "who is in the list may" 0
expect_output "and reads that it was overridden" err 'pve-safe: start of CT 120 (nfs01) allowed
privileged (overridden: would deny; by alice until '
expect_output "with the reason" err ', the archive burns): root in a privileged container is root on the node'
expect_equal "the container runs, past the node-wide hook" "$(lab_lxc_state 120)" RUNNING
expect_equal "a file is there" "$(files)" 120.privileged.once
id=$(sed -n 's/.*"id":"\([^"]*\)".*"layer":"wrapper".*"effect":"overridden".*/\1/p' $log | tail -n 1)
expect_equal "which names the decision" "$(value 120.privileged.once ticket)" "\"decision $id\""
expect_equal "the reason" "$(value 120.privileged.once reason)" '"the archive burns"'
expect_equal "the login" "$(value 120.privileged.once granted_by)" '"alice"'
expect_equal "the guest" "$(value 120.privileged.once identity)" '{ "net0=BC:24:11:00:00:01", "rootfs=local-lvm:vm-120-disk-0" }'
granted=$(value 120.privileged.once granted | tr -d '"')
until=$(value 120.privileged.once until | tr -d '"')
expect_equal "it holds 15 minutes" "$(($(date -d "$until" +%s) - $(date -d "$granted" +%s)))" 900
run grep "\"id\":\"$id\"" $log
expect_output "the record has it" out '"effect":"overridden"'
expect_output "with a note" out "\"note\":\"by alice until $until, the archive burns\""
expect_output "the hook's, too" out '"layer":"lxc-hook"'
run pve-safe waivers
expect_exit "waivers lists it" 0
expect_equal "as an override" "$out" "CT 120 (nfs01) on pve1: privileged overridden until $until (decision $id): used"
run pct stop 120
run pct start 120
expect_exit "for 15 minutes it starts by any way" 0
run pct stop 120
as alice pct-safe --override again start 120
expect_exit "to override what is overridden" 0
expect_output "is not needed, and said" err 'WARN: pve-safe: --override was not needed: nothing is refused'
run pct stop 120

# --- how it ends ---
guest 'net1: name=eth1,bridge=vmbr0'
run pct start 120
expect_exit "another guest than it was is refused" 255
expect_output "and the difference named" out 'note: the override by alice is void: net1 was not there, now not set'
guest
sed -e "s/^granted .*/granted = \"$(date -u -d '-20 min' +%FT%TZ)\"/" \
	-e "s/^until .*/until = \"$(date -u -d '-5 min' +%FT%TZ)\"/" $dir/120.privileged.once >/run/once
cat /run/once >$dir/120.privileged.once
run pct start 120
expect_exit "after 15 minutes it is refused" 255
expect_output "and its end named" out 'note: the override by alice is void: it ended '
sed "s/^until .*/until = \"$(date -u -d '+2 hours' +%FT%TZ)\"/" $dir/120.privileged.once >/run/once
cat /run/once >$dir/120.privileged.once
run pct-safe --dry-run start 120
expect_exit "one that would hold longer is refused" 77
expect_output "and said" out 'is void: an override holds 15 minutes, not from '
cat /run/once >$dir/120.privileged.conf
run pve-safe waive 120 privileged --ticket T --reason R --until "$(date -u -d '+1 year' +%F)" --renew
cp $dir/120.privileged.conf $dir/120.privileged.once
run pct-safe start 120
expect_exit "beside a waiver it does not matter" 0
run pct stop 120
rm $dir/*

# --- groups, hookscript, other nodes ---
as bob pct-safe --override burning start 120
expect_exit "a member of the group may" 0
run pct stop 120
printf '%s\n' 'args: -device vfio-pci,host=01:00.0' 'hookscript: local:snippets/pve-safe-hook' \
	'memory: 512' 'name: build' 'vmgenid: 11111111-2222-3333-4444-555555555555' | lab_vm 200
run qm start 200
expect_exit "a VM that its hookscript refuses" 255
as bob qm-safe --override burning start 200
expect_exit "starts when it is overridden" 0
run qm stop 200
run qm start 200
expect_exit "also by qm itself" 0
run qm stop 200
expect "another node of the cluster" lab_node_start pve2
mv /etc/pve/nodes/pve1/lxc/120.conf /etc/pve/nodes/pve2/lxc/120.conf
run lab_node pve2 pve-safe check 120
expect_exit "to which HA has moved the guest lets it start" 0
expect_output "by the same override" out 'privileged (overridden: would deny; by bob until '
mv /etc/pve/nodes/pve2/lxc/120.conf /etc/pve/nodes/pve1/lxc/120.conf
rm $dir/*

# --- refused: it cannot be recorded, it cannot be written ---
mv $log $log.kept
mkdir $log
as alice pct-safe --override burning start 120
expect_exit "what cannot be recorded in the file is not overridden" 77
expect_output "and says so" err '  note: not overridden: it could not be recorded'
expect_equal "nothing is written" "$(files)" '*'
expect_equal "nothing is started" "$(lab_lxc_state 120)" STOPPED
rmdir $log
mv $log.kept $log
lab_quorum no
as alice pct-safe --override burning start 120
expect_exit "what cannot be written is not overridden" 77
expect_output "and says so" err '  note: not overridden: the cluster has no quorum, so nothing in /etc/pve can be changed: see pvecm status'
lab_quorum yes
expect_equal "nothing is written" "$(files)" '*'
expect_equal "nothing is started" "$(lab_lxc_state 120)" STOPPED
id=$(sed -n '$s/.*"id":"\([^"]*\)".*/\1/p' $log)
run grep "\"id\":\"$id\"" $log
expect_equal "the record has what was to be" "$(sed -n '1s/.*"verdict":"\([a-z]*\)".*/\1/p' <<<"$out")" allow
expect_equal "and that it did not come to pass" "$(sed -n '2s/.*"verdict":"\([a-z]*\)".*/\1/p' <<<"$out")" deny
for reason in '' ' ' 'a\b' $'two\nlines'; do
	as alice pct-safe --override "$reason" start 120
	expect_exit "no reason: $(printf %q "$reason")" 64
done
as alice pct-safe --override 'a\b' start 120
expect_equal "is said" "$err" 'pct-safe: --override: the reason may not hold a backslash'
printf 'hostname: bare\nunprivileged: 0\n' | lab_ct 130
as alice pct-safe --override burning start 130
expect_exit "a guest that nothing tells from the next one" 77
expect_output "is said" err 'note: not overridden: nothing tells it from another guest with its VMID'
rm /etc/pve/lxc/130.conf

# --- a guest that is only being made ---
as alice pct-safe --override 'legacy software' create 140 $template --unprivileged 0 \
	--rootfs local-lvm:4 --net0 name=eth0,bridge=vmbr0 --start 1
expect_exit "create and start in one" 0
expect_output "both are said to be overridden" err 'pve-safe: create of CT 140 allowed'
expect_output "the start, too" err 'pve-safe: start of CT 140 allowed'
expect_no_output "what was made is what was judged" err WARN
mac=$(sed -n 's/^net0:.*hwaddr=\([^,]*\).*/\1/p' /etc/pve/lxc/140.conf)
expect_equal "the file has the identity that the guest got" "$(value 140.privileged.once identity)" \
	"{ \"net0=$mac\", \"rootfs=local-lvm:vm-140-disk-0\" }"
expect_equal "and its name" "$(value 140.privileged.once name)" '"CT140"'
run pve-safe check 140
expect_exit "and counts" 0
run pct stop 140
run pct destroy 140
printf 'hostname: CT140\nrootfs: local-lvm:vm-140-disk-9\nunprivileged: 0\n' | lab_ct 140
run pve-safe check 140
expect_exit "not for the next guest with its VMID" 1
expect_output "as it says" out 'note: the override by alice is void: '
rm -f /etc/pve/lxc/140.conf $dir/*
as alice pct-safe --override x create 141 local:vztmpl/absent.tar.zst --unprivileged 0 --rootfs local-lvm:4
expect "a create that fails" test "$status" != 0 -a "$status" != 77
expect_equal "leaves no override" "$(files)" '*'
as alice pct-safe --override x create 142 $template --unprivileged 0 --features nesting=1 \
	--rootfs local-lvm:4 --hostname two
expect_exit "two rules at once" 0
expect_equal "have a file each" "$(files)" '142.nesting-privileged.once 142.privileged.once'
rm $dir/*
as bob pct-safe --override x create 143 $template --unprivileged 0 --features nesting=1 --rootfs local-lvm:4
expect_exit "of which who may override one only" 77
expect_equal "has none" "$(files)" '*'
as alice pct-safe --override x clone 120 144
expect_exit "clone" 0
expect_equal "is for the new guest" "$(files)" 144.privileged.once
run pve-safe check 144
expect_exit "which it lets start" 0
run pve-safe check 120
expect_exit "but not for the old one" 1
rm $dir/*

# --- a guest that changes ---
as alice pct-safe --override x set 120 --net1 name=eth1,bridge=vmbr0
expect_exit "set, with a further network device" 0
expect_no_output "what was made is what was judged" err WARN
mac=$(sed -n 's/^net1:.*hwaddr=\([^,]*\).*/\1/p' /etc/pve/lxc/120.conf)
expect_equal "the file knows it as well" "$(value 120.privileged.once identity)" \
	"{ \"net0=BC:24:11:00:00:01\", \"net1=$mac\", \"rootfs=local-lvm:vm-120-disk-0\" }"
run pve-safe check 120
expect_exit "and counts" 0
rm $dir/*

# --- commands that are judged by name ---
run pct start 120
as bob pct-safe --override x stop 120
expect_exit "a command that is judged by its name" 77
as alice pct-safe --override x stop 120
expect_output "is overridden" err 'no-stop (overridden: would deny; by alice until '
expect_equal "with a file" "$(files)" 120.no-stop.once
as alice pct-safe --override x list
expect_exit "a command that names no guest" 77
expect_output "cannot be overridden" err '  note: not overridden: the command names no guest'
run pve-safe waivers --tidy
expect_equal "what still holds stays" "$status$out" 0
sed -e "s/^granted .*/granted = \"$(date -u -d '-20 min' +%FT%TZ)\"/" \
	-e "s/^until .*/until = \"$(date -u -d '-5 min' +%FT%TZ)\"/" $dir/120.no-stop.once >/run/once
cat /run/once >$dir/120.no-stop.once
run pve-safe waivers --tidy
expect_equal "what is over is removed" "$out" 'override no-stop of guest 120 is void now: it is over'
expect_equal "for good" "$(files)" '*'
finish
