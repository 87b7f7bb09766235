#!/bin/bash
# SPDX-License-Identifier: MIT
# The hookscript, called by pct and qm: what it refuses, what it lets pass, why a start
# happens, and what is on record afterwards.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
mkdir -p /run/pve-standin

# Writes container 101, privileged or not.
container() { # UNPRIVILEGED [LINE]
	lab_ct 101 <<-END
	arch: amd64
	hookscript: local:snippets/pve-safe-hook
	hostname: web01
	ostype: debian
	rootfs: local-lvm:vm-101-disk-0,size=4G
	unprivileged: $1${2:+
	$2}
	END
}

# Writes VM 200, with raw QEMU arguments or another line in their place.
machine() { # LINE
	lab_vm 200 <<-END
	$1
	cores: 2
	hookscript: local:snippets/pve-safe-hook
	memory: 2048
	name: build
	END
}

# Prints a value of the newest record.
newest() { # FILTER
	tail -n 1 "$record" | jq -r "$1"
}

# Prints how many records there are.
records() {
	local lines=()

	[ ! -e "$record" ] || mapfile -t lines <"$record"
	echo "${#lines[@]}"
}

# Prints a message with what differs from start to start replaced: id and digest.
settled() { # TEXT
	sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/; s/sha256 [0-9a-f]{12}/sha256 SUM/' <<<"$1"
}

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
END
container 0
machine 'args: -device vfio-pci,host=01:00.0'

# --- not enabled: nothing happens ---
run "$hook" 101 pre-start
expect_exit "a node that is not enabled lets every start pass" 0
expect_equal "and says nothing" "$out$err" ''
expect "pct starts the privileged container there" pct start 101
expect "and stops it" pct stop 101
expect_equal "and nothing is on record" "$(records)" 0

# --- how it is called ---
lab_enable
run "$hook" 101 pre-dinner
expect_exit "an unknown phase is a usage error" 64
expect_output "which names the word" err "pve-safe-hook: this is no phase: 'pre-dinner'"
for word in abc 099 99 1000000000 -1 101x '' ../101; do
	run "$hook" "$word" pre-start
	expect_exit "'$word' is no VMID" 64
	expect_output "and the message says so of '$word'" err 'pve-safe-hook: this is no VMID:'
done
for words in '' 101 '101 pre-start more'; do
	# shellcheck disable=SC2086
	run "$hook" $words
	expect_exit "'$words' is not how it is called" 64
	expect_output "and '$words' is answered with the usage" err 'usage: pve-safe-hook VMID'
done
for phase in post-start pre-stop post-stop; do
	run "$hook" 101 "$phase"
	expect_exit "$phase stops nothing" 0
	expect_equal "and says nothing in $phase" "$out$err" ''
done
expect_equal "none of this is on record" "$(records)" 0

# --- a container refused ---
lab_syslog_clear
run pct start 101
said=$(sed -n 's/^decision \([^ ]*\) .*/\1/p' <<<"$out")
expect_exit "pct refuses to start a privileged container" 255
expect_output "because the hook says 77" err \
	"hookscript error for 101 on pre-start: command '/var/lib/vz/snippets/pve-safe-hook 101 pre-start' failed: exit code 77"
expect_equal "the task log says what, where, why and what to do" "$(settled "$out")" \
"pve-safe: start of CT 101 (web01) denied
privileged: root in a privileged container is root on the node
  found: unprivileged: 0 (/etc/pve/lxc/101.conf:6)
  do: recreate it unprivileged, or ask an administrator for a just-TICKET tag
  do: a new one: leave --unprivileged 0 out of pct create
  do: an existing one: vzdump 101, then pct restore 101 ARCHIVE --unprivileged 1 --force 1
  do: the tag: pct set 101 --tags 'just-TICKET;OTHER-TAGS' (it replaces the whole list)
  see: https://pve.proxmox.com/wiki/Unprivileged_LXC_containers
decision ID policy /etc/pve/pve-safe/policy.conf (sha256 SUM); more: pve-safe explain 101"
expect_not "it does not run" test -e /run/pve-standin/state/101

# --- its record ---
expect_equal "one start is one record" "$(records)" 1
expect_equal "with these members in this order" "$(newest 'keys_unsorted | join(" ")')" \
	'id time layer event cause guest actor policy config_digest verdict findings settings argv duration_us'
expect_equal "what was judged" "$(newest '[.layer, .event, .cause, .verdict] | join(" ")')" \
	'hook start user deny'
expect_equal "whose it is" "$(newest '.guest | tojson')" \
	'{"kind":"ct","vmid":101,"node":"pve1","name":"web01"}'
expect_equal "who asked" "$(newest '.actor.pve_user')" root@pam
expect "by which task" grep -qE '^UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:vzstart:101:root@pam:$' \
	<(newest '.actor.upid')
expect_equal "by which policy" "$(newest '.policy | [.source, .name, .version, .serial] | join(" ")')" \
	'file /etc/pve/pve-safe/policy.conf 1 0'
expect "with its digest" grep -qE '^[0-9a-f]{64}$' <(newest .policy.digest)
expect_equal "of which file" "$(newest .config_digest)" \
	"$(sha1sum </etc/pve/lxc/101.conf | cut -d' ' -f1)"
expect_equal "the rule and its effect" \
	"$(newest '.findings | map([.rule, .action, .effect]) | tojson')" '[["privileged","deny","deny"]]'
expect_equal "the facts that it rests on" "$(newest '.findings[0].facts | tojson')" \
	'{"ct":true,"tag":[],"privileged":true}'
expect_equal "where the rule stands" "$(newest '.findings[0].where.file')" baseline@1
expect_equal "a time, in UTC, with milliseconds" \
	"$(newest '.time | test("^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}[.][0-9]{3}Z$")')" true
expect_equal "an id of version 7" \
	"$(newest '.id | test("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")')" true
expect_equal "the id is the one in the message" "$(newest .id)" "$said"
expect_equal "the record is root's" "$(stat -c '%a %U:%G' "$record")" '640 root:root'
id=$(head -n 1 "$record" | jq -r .id)
sum=$(head -n 1 "$record" | tr -d '\n' | sha256sum | cut -d' ' -f1)
expect "syslog has the id, the rule, the user and the digest of the line" \
	grep -qE "^authpriv.warning pve-safe\[[0-9]+\]: id=$id start CT 101 deny privileged:deny user=root@pam sha256=$sum\$" \
	<(lab_syslog)

# --- a VM refused ---
run qm start 200
expect_exit "qm refuses to start a VM with raw arguments" 255
expect_output "because the hook says 77 of it" err \
	"'/var/lib/vz/snippets/pve-safe-hook 200 pre-start' failed: exit code 77"
expect_equal "the message for the VM" "$(settled "$out")" \
"pve-safe: start of VM 200 (build) denied
raw-args: args go to QEMU, which can open any file and device of the node, as they stand
  found: args: -device vfio-pci,host=01:00.0 (/etc/pve/qemu-server/200.conf:1)
  do: qm set 200 --delete args, and use the option that Proxmox VE has for it: hostpciN, usbN, serialN, virtiofsN, cpu, rngN
  see: https://pve.proxmox.com/pve-docs/qm.1.html
decision ID policy /etc/pve/pve-safe/policy.conf (sha256 SUM); more: pve-safe explain 200"
expect_not "the VM does not run" test -e /run/pve-standin/state/200
expect_equal "the VM's record" \
	"$(newest '[.guest.kind, .guest.vmid, .findings[0].rule, .verdict] | join(" ")')" 'vm 200 raw-args deny'

# --- allowed ---
container 1
run pct start 101
expect_exit "an unprivileged container starts" 0
expect_no_output "without a word of ours" out pve-safe
expect_equal "and is on record as allowed" "$(newest '[.verdict, (.findings | length)] | join(" ")')" 'allow 0'
expect "it stops again" pct stop 101
container 0 'tags: just-chg-1234'
expect "a privileged one with a justification starts" pct start 101
expect "and stops as well" pct stop 101
machine 'onboot: 1'
run qm start 200
expect_exit "a VM without raw arguments starts" 0
expect_no_output "and nothing is said" out pve-safe
expect "the VM stops" qm stop 200

# --- why it starts ---
machine 'args: -device vfio-pci,host=01:00.0'
# One start under a cause that must go on: recorded, said, not refused.
goes_on() { # TOOL VMID WORD CAUSE
	echo "$3" >"/run/pve-standin/$2"
	run "$1" start "$2"
	rm "/run/pve-standin/$2"
	expect_exit "$1: a start with $3 goes on" 0
	expect_output "$1: and $3 is said to be why" out \
		"(would deny; not refused because the cause is $4)"
	expect_equal "$1: and $3 is recorded as would-deny" \
		"$(newest '[.cause, .verdict, .findings[0].effect] | join(" ")')" "$4 warn would-deny"
	"$1" stop "$2" >/dev/null 2>&1
}
container 0
goes_on pct 101 task=vzdump backup
goes_on pct 101 lock=backup backup
goes_on pct 101 task=vzmigrate migration
goes_on pct 101 lock=rollback rollback
goes_on pct 101 task=vzrollback rollback
goes_on pct 101 task=vzreboot reboot
goes_on qm 200 task=vzdump backup
goes_on qm 200 task=qmigrate migration
goes_on qm 200 lock=migrate migration
goes_on qm 200 task=qmrollback rollback
goes_on qm 200 task=qmresume resume
goes_on qm 200 task=qmreboot reboot
machine 'onboot: 1'
qm start 200 >/dev/null 2>&1
machine 'args: -device vfio-pci,host=01:00.0'
run qm reboot 200
expect_exit "qm reboot: the VM comes back" 0
expect_output "and why is said" out '(would deny; not refused because the cause is reboot)'
expect_equal "and recorded" "$(newest '[.cause, .verdict, .actor.pve_user] | join(" ")')" \
	'reboot warn root@pam'
qm stop 200 >/dev/null 2>&1
machine $'args: -device vfio-pci,host=01:00.0\nlock: suspended'
goes_on qm 200 user=joe@pve resume
machine 'args: -device vfio-pci,host=01:00.0'

echo user=joe@pve >/run/pve-standin/101
run pct start 101
expect_exit "a user's start is refused" 255
expect_equal "with the user's name on record" \
	"$(newest '[.cause, .verdict, .actor.pve_user] | join(" ")')" 'user deny joe@pve'
echo user=joe@pve >/run/pve-standin/200
run qm start 200
expect_exit "a user's start of a VM is refused" 255
expect_equal "with that user's name on record" \
	"$(newest '[.cause, .verdict, .actor.pve_user] | join(" ")')" 'user deny joe@pve'
rm /run/pve-standin/101 /run/pve-standin/200

# Calls the hook as a task of the node's does, below a process with another title.
# shellcheck disable=SC2317 # "run" calls it
hook_below() { # TITLE VMID TASK-TYPE
	perl -e '
		my ($title, $hook, $vmid, $type) = @ARGV;
		$0 = $title;
		my $worker = fork() // die;
		if (!$worker) {
			$0 = sprintf("task UPID:pve1:%08X:00000001:6B0138CE:%s:%s:root\@pam:", $$, $type, $vmid);
			my $child = fork() // die;
			exec($hook, $vmid, "pre-start") if !$child;
			waitpid($child, 0);
			exit($? >> 8);
		}
		waitpid($worker, 0);
		exit($? >> 8);
	' "$1" "$hook" "$2" "$3"
}
startall='task UPID:pve1:00000101:00000001:6B0138CE:startall::root@pam:'
run hook_below "$startall" 101 vzstart
expect_exit "a start at boot is refused" 77
expect_equal "and on record as one" "$(newest '[.cause, .verdict] | join(" ")')" 'boot deny'
run hook_below "$startall" 200 qmstart
expect_exit "a VM's start at boot is refused" 77
expect_equal "and on record as a VM's" "$(newest '[.cause, .verdict] | join(" ")')" 'boot deny'
run hook_below pve-ha-lrm 101 vzstart
expect_exit "a start by HA is refused" 77
expect_equal "and on record as one by HA" "$(newest '[.cause, .verdict] | join(" ")')" 'ha deny'
run hook_below pvedaemon 101 vzstart
expect_equal "any other is a user's" "$(newest '[.cause, .verdict] | join(" ")')" 'user deny'

# --- the variable of a migration is believed only of a VM that is not here ---
run env PVE_MIGRATED_FROM=pve2 "$hook" 200 pre-start
expect_exit "PVE_MIGRATED_FROM changes nothing for a VM that is here" 77
run env PVE_MIGRATED_FROM=pve2 "$hook" 101 pre-start
expect_exit "nor for a container" 77
lab_vm 201 pve2 <<'END'
args: -device vfio-pci,host=01:00.0
name: moving
END
run env PVE_MIGRATED_FROM=pve2 "$hook" 201 pre-start
expect_exit "a VM whose file is still on the source goes on" 0
expect_equal "as a migration" "$(newest '[.cause, .verdict, .guest.name] | join(" ")')" \
	'migration warn moving'
lab_vm 201 pve2 <<'END'
args: -device vfio-pci,host=01:00.0
name: moving
[PENDING]
delete: args
END
run env PVE_MIGRATED_FROM=pve2 "$hook" 201 pre-start
expect_equal "with what it runs with: changes that wait do not count" \
	"$(newest '[.cause, .verdict, .findings[0].rule] | join(" ")')" 'migration warn raw-args'
run env PVE_MIGRATED_FROM=../../x "$hook" 201 pre-start
expect_exit "what is no node's name is not followed" 78

# --- 200 at once; under valgrind, fewer ---
many=${TEST_AT_ONCE:-200}
container 1
before=$(records)
seq "$many" | xargs -P "$many" -I N "$hook" 101 pre-start >/dev/null 2>&1
expect_equal "$many starts at once are $many records" "$(($(records) - before))" "$many"
expect_equal "of which each is a whole line of JSON" \
	"$(tail -n "$many" "$record" | jq -c 'select(.guest.vmid == 101 and .verdict == "allow")' | wc -l)" "$many"
expect_equal "and has an id of its own" \
	"$(tail -n "$many" "$record" | jq -r .id | sort -u | wc -l)" "$many"
finish
