#!/bin/bash
# SPDX-License-Identifier: MIT
# Waivers: granted, used, void, unused, near their end; on a file system as strict as
# pmxcfs, seen by check, wrapper and hooks alike.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

dir=/etc/pve/pve-safe/waivers
today=$(date -u +%F)
next_year=$(date -u -d '+1 year' +%F)

# Writes guest 120, a privileged container with a bind mount, from a few words.
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

waive() { # [OPTION...]
	run pve-safe waive 120 privileged --ticket CHG-1234 --reason 'kernel NFS server' \
		--until "$next_year" "$@"
}

# Puts a change into the waiver of guest 120.
edit() { # SED-SCRIPT
	sed "$1" $dir/120.privileged.conf >/run/edited
	cat /run/edited >$dir/120.privileged.conf
}

lab_policy <<'END'
version = 1
include = { "baseline@1" }

rule "bind-srv" {
    when   = "ct and bind ~ /srv/*"
    action = warn
    reason = "host directories are not in the backup"
}
END
lab_enable
guest
lab_lxc 120

# --- granting ---
run pve-safe check 120
expect_exit "before: denied" 1
expect_no_output "and no word of waivers" out note
waive
expect_exit "a waiver is granted" 0
expect_equal "and says of what" "$out" "waived until $next_year (CHG-1234): privileged for CT 120 (nfs01), as it is now
file: $dir/120.privileged.conf"
run sed 's/^granted .*/granted/' $dir/120.privileged.conf
expect_equal "the file says all of it" "$out" "version    = 1
guest      = 120
name       = \"nfs01\"
rule       = \"privileged\"
ticket     = \"CHG-1234\"
reason     = \"kernel NFS server\"
granted_by = \"root\"
granted
until      = \"$next_year\"
identity   = { \"net0=BC:24:11:00:00:01\", \"rootfs=local-lvm:vm-120-disk-0\" }
covers     = { \"ct=yes\", \"privileged=yes\" }"
expect_equal "nothing else is left there" "$(ls $dir)" 120.privileged.conf
run pve-safe check 120
expect_exit "with it: allowed" 0
expect_output "and says that the rule would deny" out "pve-safe: start of CT 120 (nfs01) allowed
privileged (waived: would deny; CHG-1234 until $next_year): root in a privileged container is root on the node
  found: unprivileged: 0 (/etc/pve/lxc/120.conf:6)
decision "
run pve-safe check 120 --format json
expect_output "as JSON, too" out '"verdict":"allow"'
expect_output "with the effect" out '"effect":"waived"'
run pve-safe explain 120
expect_output "explain says so" out "  privileged: waived
    note: CHG-1234 until $next_year
"
run pct-safe start 120
expect_exit "the wrapper lets it start" 0
run pct stop 120
run lab_lxc_start 120
expect_exit "so does the node-wide hook" 0
run lab_lxc_stop 120
run grep -c '"layer":"lxc-hook".*"effect":"waived"' /var/log/pve-safe/audit.jsonl
expect_equal "which records it" "$out" 2
run pve-safe waivers
expect_exit "waivers: all are used" 0
expect_equal "in words" "$out" "CT 120 (nfs01) on pve1: privileged waived until $next_year (CHG-1234): used"

# --- what is refused ---
waive
expect_exit "a second one is not granted" 2
expect_equal "for there is one" "$err" 'pve-safe: CT 120 (nfs01): there is a waiver of this rule already; --renew replaces it'
waive --renew --ticket CHG-99
expect_exit "unless it is a renewal" 0
expect "which takes its place" grep -q 'ticket     = "CHG-99"' $dir/120.privileged.conf
run pve-safe waive 120 priviledged --ticket T --reason R --until "$next_year"
expect_exit "an unknown rule" 64
expect_equal "is said, with what may have been meant" "$err" "pve-safe: waive: the policy has no rule 'priviledged', did you mean 'privileged'?"
run pve-safe waive 999 privileged --ticket T --reason R --until "$next_year"
expect_exit "a VMID that does not exist" 2
expect_equal "is said" "$err" 'pve-safe: guest 999: there is no such guest in the cluster'
run pve-safe waive 12 privileged --ticket T --reason R --until "$next_year"
expect_exit "what is no VMID" 64
expect_equal "is said" "$err" "pve-safe: waive: '12' is no VMID"
run pve-safe waive 120 unconfined --ticket T --reason R --until "$next_year"
expect_exit "a rule that finds nothing" 2
expect_equal "has nothing to waive" "$err" 'pve-safe: rule unconfined finds nothing in CT 120 (nfs01): there is nothing to waive'
run pve-safe waive 120 privileged --reason R --until "$next_year"
expect_exit "no ticket" 64
expect_equal "is said" "$err" 'pve-safe: waive: --ticket is missing'
run pve-safe waive 120 privileged --ticket T --until "$next_year"
expect_equal "no reason is said" "$err" 'pve-safe: waive: --reason is missing'
run pve-safe waive 120 privileged --ticket T --reason R
expect_equal "no end is said" "$err" 'pve-safe: waive: --until is missing'
run pve-safe waive 120 privileged --ticket T --reason R --until 2020-01-01
expect_exit "an end that is over" 64
expect_equal "is said" "$err" 'pve-safe: waive: --until: 2020-01-01 is over'
run pve-safe waive 120 privileged --ticket T --reason R --until 2027-02-30
expect_equal "a day that does not exist is said" "$err" "pve-safe: waive: --until: '2027-02-30' is no date that exists (from 1970 to 9999, no leap seconds)"
run pve-safe waive 120 privileged --ticket T --reason $'two\nlines' --until "$next_year"
expect_equal "a reason of two lines is said" "$err" 'pve-safe: waive: --reason may hold printable text in UTF-8 only, on one line'
run pve-safe waive 120 --ticket T --reason R --until "$next_year"
expect_exit "a rule that is not named" 64
expect_equal "is said" "$err" 'pve-safe: waive: which guest and which rule? pve-safe waive VMID RULE --ticket T --reason R --until DATE'
run pve-safe waive --existing privileged 120 --ticket T --reason R --until "$next_year"
expect_equal "a guest beside --existing is said" "$err" 'pve-safe: waive: --existing RULE is for every guest: name none'
expect_equal "none of them left a file" "$(ls $dir)" 120.privileged.conf
lab_ct 130 <<'END'
hostname: bare
unprivileged: 0
END
run pve-safe waive 130 privileged --ticket T --reason R --until "$next_year"
expect_exit "a guest that nothing tells from the next one" 2
expect_equal "gets none" "$err" 'pve-safe: CT 130 (bare): nothing tells it from another guest with its VMID (it has no root volume and no network device), so no waiver can be granted'
rm /etc/pve/lxc/130.conf

# --- void: each difference in words, and nothing passes ---
void() { # NAME WHY
	run pve-safe check 120
	expect_exit "$1: denied" 1
	expect_output "and says why the waiver is void" out "  note: the waiver CHG-99 is void: $2
  do: "
}

guest 'hostname: nfs02'
void "another name" 'name was nfs01, now nfs02'
guest 'rootfs: local-lvm:vm-120-disk-1'
void "another root volume" 'rootfs was local-lvm:vm-120-disk-0, now local-lvm:vm-120-disk-1'
guest 'net1: name=eth1,bridge=vmbr0'
void "a further network device" 'net1 was not there, now not set'
run pct-safe start 120
expect_exit "the wrapper refuses it, too" 77
run pct start 120
expect_exit "and so does the node-wide hook" 255
expect_output "in the task's log" out 'note: the waiver CHG-99 is void: net1 was not there, now not set'
run lab_lxc_start 120
expect_exit "a reboot is not refused" 0
run grep -c '"effect":"would-deny".*"note":"the waiver CHG-99 is void: ' /var/log/pve-safe/audit.jsonl
expect_equal "but recorded, with the difference" "$out" 1
run lab_lxc_stop 120
run pve-safe waivers
expect_exit "waivers: there is one to look at" 1
expect_equal "with the difference" "$out" "CT 120 (nfs01) on pve1: privileged waived until $next_year (CHG-99): void: net1 was not there, now not set"
guest
run pve-safe check 120
expect_exit "once the guest is as it was, the waiver counts again" 0
edit 's/^guest .*/guest = 121/'
void "content of another guest" 'its content is for guest 121'
edit 's/^guest .*/guest = 120/; s/"privileged"/"unconfined"/'
void "content of another rule" 'its content is for rule unconfined'
edit 's/"unconfined"/"privileged"/; s/^until .*/until = "2026-01-31"/'
void "one that is over" 'it ended 2026-01-31'
edit "s/^until .*/until = \"$next_year\"/; s/^granted .*/granted = \"$(date -u -d '+3 days' +%F)T00:00:00Z\"/"
void "a clock that was set back" "it was granted at $(date -u -d '+3 days' +%F)T00:00:00.000Z, more than a day ahead of the clock"
edit "s/^granted .*/granted = \"${today}T00:00:00Z\"/; s/^covers .*/covers = { }/"
void "one that covers nothing" 'ct was not there, now yes'
edit 's/^covers .*/covers = { "ct=yes", "privileged=yes"/'
run pve-safe check 120
expect_exit "a broken file: denied" 1
expect_output "and the place is named" out "  note: the waiver does not count: $dir/120.privileged.conf:11:10: list opened here is never closed"
run pve-safe waivers
expect_exit "waivers: a broken one to look at" 1
expect_output "with the place" out "CT 120 on pve1: privileged waived: broken: $dir/120.privileged.conf:11:10: list opened here is never closed"
waive --renew
expect_exit "a renewal mends it" 0
lab_fail EIO pve-safe/waivers/120.privileged.conf
run pve-safe check 120
expect_exit "a file that cannot be read: denied" 1
expect_output "and is named" out "  note: the waiver does not count: cannot open '$dir/120.privileged.conf': Input/output error"
lab_mend
cp $dir/120.privileged.conf $dir/121.privileged.conf
lab_ct 121 pve2 <<'END'
hostname: nfs01
net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01
rootfs: local-lvm:vm-120-disk-0,size=4G
unprivileged: 0
END
run pve-safe check 121
expect_exit "a waiver that was copied for another guest: denied" 1
expect_output "and says so" out 'is void: its content is for guest 120'
rm $dir/121.privileged.conf

# --- a rule that only warns ---
guest 'mp0: /srv/a,mp=/a'
run pve-safe check 120
expect_output "a warning" out 'bind-srv (warning): host directories are not in the backup'
run pve-safe waive 120 bind-srv --ticket CHG-5 --reason 'backed up elsewhere' --until "$next_year"
expect_exit "can be waived" 0
run pve-safe check 120
expect_output "and is quiet then" out "pve-safe: start of CT 120 (nfs01) allowed
"
expect_output "what it would do is said" out "bind-srv (waived: would warn; CHG-5 until $next_year)"
guest 'mp0: /srv/a,mp=/a' 'mp1: /etc,mp=/etc'
run pve-safe check 120
expect_output "until the list grows" out "bind-srv (warning): host directories are not in the backup
  found: mp0: /srv/a,mp=/a (/etc/pve/lxc/120.conf:7)
  note: the waiver CHG-5 is void: bind was /srv/a, now /srv/a, /etc
"
run pct-safe --dry-run set 120 --mp2 /srv/b,mp=/b
expect_output "the wrapper judges the list that would result" out 'bind was /srv/a, now /srv/a, /etc, /srv/b'
guest
rm $dir/120.bind-srv.conf

# --- near the end ---
run pve-safe waive 120 privileged --ticket CHG-7 --reason r --renew --until "$(date -u -d '+6 days' +%F)"
expect_exit "a waiver for six days" 0
run pve-safe check 120
expect_exit "lets it start" 0
expect_output "with a warning" out "pve-safe: start of CT 120 (nfs01) allowed, with a warning
privileged (waived: would deny; CHG-7 until $(date -u -d '+6 days' +%F), which leaves 6 days): "
expect_output "and the way out" out '  do: recreate it unprivileged'
run pve-safe waivers
expect_exit "waivers: one to look at" 1
expect_output "is expiring" out "(CHG-7): expiring: 6 days left"
run pve-safe waive 120 privileged --ticket CHG-7 --reason r --renew --until "$today"
run pve-safe check 120
expect_output "on its last day it says so" out "CHG-7 until $today, which is its last day"
waive --renew

# --- unused, gone ---
guest 'tags: just-chg-1'
run pve-safe waivers
expect_exit "a waiver that nothing needs" 1
expect_output "is said" out ': unused: nothing needs it'
guest
sed 's/include/# include/' /etc/pve/pve-safe/policy.conf >/run/policy
lab_policy </run/policy
run pve-safe waivers
expect_output "so is one of a rule that is gone" out ': unused: nothing needs it: the policy has no such rule'
sed 's/# include/include/' /etc/pve/pve-safe/policy.conf >/run/policy
lab_policy </run/policy
run pve-safe waivers --format json
expect_equal "as JSON" "${out/\"granted\":\"*Z\"/\"granted\":G}" '{"guest":{"kind":"ct","vmid":120,"node":"pve1","name":"nfs01"},"rule":"privileged","kind":"waiver","state":"used","why":null,"ticket":"CHG-1234","reason":"kernel NFS server","granted_by":"root","granted":G,"until":"'"$next_year"'","file":"'$dir'/120.privileged.conf"}'
sed 's/guest      = 120/guest = 140/' $dir/120.privileged.conf >$dir/140.privileged.conf
run pve-safe waivers
expect_output "one whose guest is gone" out "140: privileged waived until $next_year (CHG-1234): gone: there is no such guest"
lab_quorum no
run pve-safe waivers --tidy
expect_exit "without quorum nothing is tidied" 2
expect_equal "and it is said" "$err" 'pve-safe: the cluster has no quorum, so nothing in /etc/pve can be changed: see pvecm status'
waive --renew
expect_exit "nor granted" 2
expect_equal "and one message says so" "$err" 'pve-safe: CT 120 (nfs01): the cluster has no quorum, so nothing in /etc/pve can be changed: see pvecm status'
run pve-safe check 120
expect_exit "what is there counts without quorum, too" 0
lab_quorum yes
run pve-safe waivers --tidy
expect_exit "with it, it is" 0
expect_equal "and said" "$out" 'waiver privileged of guest 140 is void now: there is no such guest'
expect_equal "by renaming" "$(ls $dir)" '120.privileged.conf
140.privileged.void'
run pve-safe waivers --tidy
expect_equal "a second time there is nothing to do" "$status$out" 0
lab_ct 140 <<'END'
hostname: nfs01
net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01
rootfs: local-lvm:vm-120-disk-0,size=4G
unprivileged: 0
END
run pve-safe check 140
expect_exit "who gets the VMID next has no waiver" 1
rm /etc/pve/lxc/140.conf $dir/140.privileged.void

# --- destroy ---
lab_ct 150 <<'END'
arch: amd64
hostname: tmp
ostype: debian
rootfs: local-lvm:vm-150-disk-0,size=4G
unprivileged: 0
END
run pve-safe waive 150 privileged --ticket T --reason R --until "$next_year"
expect_exit "a guest with a waiver" 0
run pct-safe destroy 150
expect_exit "is destroyed by the wrapper" 0
expect_output "which says what became of the waiver" err 'waiver privileged of guest 150 is void now: its guest was destroyed'
expect "it is renamed" test -e $dir/150.privileged.void -a ! -e $dir/150.privileged.conf
run pct-safe destroy 150
expect_not "a destroy that fails" test "$status" = 0

# --- many at once ---
rm -f $dir/* /etc/pve/nodes/pve2/lxc/121.conf
for id in 201 202 203; do
	printf 'hostname: old%s\nrootfs: local-lvm:vm-%s-disk-0\nunprivileged: 0\n' $id $id | lab_ct $id
done
printf 'hostname: far\nrootfs: local-lvm:vm-300-disk-0\nunprivileged: 0\n' | lab_ct 300 pve3
printf 'hostname: fine\nrootfs: local-lvm:vm-301-disk-0\nunprivileged: 1\n' | lab_ct 301 pve3
printf 'hostname: bare\nunprivileged: 0\n' | lab_ct 302 pve3
existing() { # [OPTION...]
	run pve-safe waive --existing privileged --ticket CHG-1 --reason 'here before' --until "$next_year" "$@"
}
run pve-safe waive 202 privileged --ticket T --reason R --until "$next_year"
existing
expect_exit "nobody to answer" 2
expect_equal "all nodes' guests are listed" "$out" "CT 120 (nfs01) on pve1
CT 201 (old201) on pve1
CT 203 (old203) on pve1
CT 300 (far) on pve3
CT 302 (bare) on pve3: not waived: nothing tells it from another guest with its VMID (it has no root volume and no network device), so no waiver can be granted
rule privileged: 4 to waive, 1 waived already, 1 that cannot be"
expect_equal "and nothing is waived" "$err" 'pve-safe: nothing was waived: nobody can answer here, so say --yes'
expect_equal "really" "$(ls $dir)" 202.privileged.conf
run script -qec "pve-safe waive --existing privileged --ticket CHG-1 --reason r --until $next_year" /dev/null
expect_output "at a terminal it asks" out "Waive privileged for these guests until $next_year (CHG-1)? [y/N] "
expect_equal "and no answer is no" "$(ls $dir)" 202.privileged.conf
existing --yes
expect_exit "with --yes it does, and says that one cannot be" 1
expect_output "in the end" out "waived until $next_year (CHG-1): privileged for 4 guests, as they are now"
expect_equal "all that could be" "$(ls $dir)" '120.privileged.conf
201.privileged.conf
202.privileged.conf
203.privileged.conf
300.privileged.conf'
run pve-safe check 201 203 300
expect_exit "none of them is refused any more" 0
rm /etc/pve/nodes/pve3/lxc/302.conf
existing --yes
expect_exit "a second time there is nothing to waive" 0
expect_equal "as it says" "$out" 'rule privileged: 0 to waive, 5 waived already, 0 that cannot be'
sed -i 's/hostname: old201/hostname: new201/' /etc/pve/lxc/201.conf
existing --yes
expect_exit "one that is void is not replaced" 1
expect_output "unless asked" out 'CT 201 (new201) on pve1: not waived: it has a waiver that does not count; --renew replaces it'
existing --yes --renew
expect_exit "with --renew it is" 0
run pve-safe check 201
expect_exit "and counts" 0

# --- two nodes at once ---
expect "a second node" lab_node_start pve2
rm $dir/*
for node in pve1 pve2; do
	lab_node $node pve-safe waive 300 privileged --ticket $node --reason r --until "$next_year" \
		>/run/out-$node 2>&1 &
done
wait
expect_equal "of two nodes that grant one waiver at once one does" \
	"$(grep -c '^waived until' /run/out-pve1 /run/out-pve2 | cut -d: -f2 | sort | tr -d '\n')" 01
expect_equal "and one file is there" "$(ls $dir)" 300.privileged.conf
run lab_node pve2 pve-safe check 300
expect_exit "which both nodes see" 0

# --- the rest of what is said ---
run pve-safe waive --help
expect_exit "waive has a help" 0
expect_output "with its forms" out 'pve-safe waive --existing RULE'
run pve-safe waivers --help
expect_output "waivers, too" out 'pve-safe waivers --tidy'
run pve-safe waivers 120
expect_exit "waivers of one guest" 64
expect_equal "are not asked for" "$err" 'pve-safe: waivers: takes no arguments'
run pve-safe waivers --format xml
expect_equal "nor in another form" "$err" "pve-safe: --format: 'xml' is none of its values: text, json"
rm $dir/*
run pve-safe waivers
expect_equal "without any it says so" "$status $out" '0 there are no waivers'
umount -l /etc/pve
waive
expect_exit "without the cluster file system none is granted" 2
expect_output "and it is said" err 'pve-safe: /etc/pve: the cluster file system is not mounted'
run pve-safe waivers
expect_exit "nor listed" 2
expect_equal "which is said, too" "$err" 'pve-safe: /etc/pve: the cluster file system is not mounted'
finish
