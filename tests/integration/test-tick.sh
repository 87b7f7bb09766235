#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe tick: guests that were made past the wrappers are recorded and attached.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

record=/var/log/pve-safe/audit.jsonl
state=/var/lib/pve-safe/tick
hook=local:snippets/pve-safe-hook
template=local:vztmpl/debian.tar.zst
mkdir -p /var/lib/vz/template/cache
: >/var/lib/vz/template/cache/debian.tar.zst

# Prints members of the last decision about a guest.
decision() { # VMID FILTER
	jq -rs "[.[] | select(.guest.vmid == $1)] | last | $2" $record
}

# Prints the outcome of the last decision about a guest.
outcome() { # VMID
	jq -rs "([.[] | select(.guest.vmid == $1)] | last.id) as \$id |
		[.[] | select(.type == \"outcome\" and .id == \$id)] | last.outcome" $record
}

lines() { [ ! -e $record ] || wc -l <$record; }

# Sets who asks for what happens to a guest.
by() { # VMID USER
	mkdir -p /run/pve-standin
	printf 'user=%s\n' "$2" >"/run/pve-standin/$1"
}

# Prints a guest's hookscript.
hookscript_of() { # VMID
	sed -n 's/^hookscript: //p' /etc/pve/nodes/*/*/"$1.conf"
}

# Prints the line of one guest in what the last tick knew.
known() { # VMID
	grep "^$1 " $state | tail -n 1 | sed 's/ [0-9a-f]\{40\} / DIGEST /'
}

container() { # VMID [LINE...]
	printf '%s\n' 'arch: amd64' "hostname: ct$1" 'ostype: debian' \
		"rootfs: local-lvm:vm-$1-disk-0,size=4G" "${@:2}" | lab_ct "$1"
}

lab_policy <<'END2'
version = 1
include = { "baseline@1" }
END2
lab_enable
container 101 'unprivileged: 0'
container 102 'unprivileged: 1'
container 110 'unprivileged: 1'
printf '%s\n' 'name: far' | lab_vm 300 pve2

# --- usage ---
run pve-safe tick 101
expect_exit "tick names no guests" 64
expect_equal "and says so" "$err" 'pve-safe: tick: it is about this node: name nothing'
run pve-safe tick --help
expect_exit "tick explains itself" 0

# --- the first one ---
run pve-safe tick --dry-run
expect_exit "a dry run" 0
expect_equal "says what it would do" "$out" \
"the first tick of pve1 took stock of 3 guests, which are not recorded one by one: pve-safe audit
/etc/pve/pve-safe/nodes/pve1 would be written"
expect_not "and does not" test -e $state
expect_not "nor elsewhere" test -e /etc/pve/pve-safe/nodes/pve1
run pve-safe tick
expect_exit "the first tick" 0
expect_equal "takes stock" "$out$err" \
	'the first tick of pve1 took stock of 3 guests, which are not recorded one by one: pve-safe audit'
expect_equal "with one record" "$(jq -r '.type + ": " + .outcome' $record)" \
	'outcome: the first tick of pve1 took stock of 3 guests, which are not recorded one by one: pve-safe audit'
expect_equal "and attaches nothing" "$(hookscript_of 101)$(hookscript_of 102)" ''
expect_equal "it knows the guests" "$(known 101);$(known 300)" \
	'101 ct DIGEST known 0;300 vm - elsewhere 0'
expect_equal "only root can read what" "$(stat -c %a $state)" 600
run pve-safe log
expect_output "pve-safe log reads that record" out 'Z outcome: the first tick of pve1 took stock'
run grep -E '^(enabled|lxc_hook|source|policy) ' /etc/pve/pve-safe/nodes/pve1
expect_output "it tells the other nodes how it is here" out 'enabled = yes
lxc_hook = yes
source = "file"
policy = "'
mark=$(stat -c %i /etc/pve/pve-safe/nodes/pve1)
run pve-safe tick
expect_equal "the second has nothing to say" "$status$out$err" 0
expect_equal "writes no record" "$(lines)" 1
expect_equal "and tells the others nothing anew" "$(stat -c %i /etc/pve/pve-safe/nodes/pve1)" "$mark"

# --- made past the wrappers ---
by 120 alice@pve
pct create 120 $template --rootfs local-lvm:4 --unprivileged 1 >/dev/null 2>&1
by 121 bob@pam
pct create 121 $template --rootfs local-lvm:4 --unprivileged 0 --hostname legacy >/dev/null 2>&1
run pve-safe tick --dry-run
expect_output "a dry run says who it was" out \
	'CT 121 (legacy) was created outside by bob@pam; the policy refuses it: privileged'
expect_equal "and records nothing" "$(lines)" 1
run pve-safe tick
expect_exit "guests that the policy refuses are found" 1
expect_equal "who made them is said, and that they are attached" "$out$err" \
"CT 120 (CT120) was created outside by alice@pve
CT 121 (legacy) was created outside by bob@pam; the policy refuses it: privileged
CT 120 (CT120): attached: $hook
CT 121 (legacy): attached: $hook"
expect_equal "they have the hook" "$(hookscript_of 120) $(hookscript_of 121)" "$hook $hook"
expect_equal "the record has the user" \
	"$(decision 121 '[.layer, .event, .actor.pve_user, .verdict, .findings[0].rule, .findings[0].effect] | join(" ")')" \
	'tick create bob@pam warn privileged would-deny'
run decision 121 .actor.upid
expect_output "and the task" out ':vzcreate:121:bob@pam:'
expect_equal "and that no wrapper made it" "$(outcome 121)" \
	'created outside: no wrapper of this node made it'
expect_equal "the digest is that of the file as it was made" "$(decision 121 '.config_digest | length')" 40
before=$(lines)
run pve-safe tick
expect_equal "the next tick has nothing to say: attaching is no change" "$status$out$err" 0
expect_equal "and nothing to record" "$(lines)" "$before"
run pct start 121
expect_exit "the start of such a guest is refused by the hook" 255
expect_output "with the reason" out 'privileged: root in a privileged container is root on the node'

# --- made by a wrapper ---
before=$(lines)
run pct-safe create 130 $template --rootfs local-lvm:4 --unprivileged 1
expect_exit "a guest is made by the wrapper" 0
run pve-safe tick
expect_equal "that one was not created outside" "$status$out$err" 0
expect_equal "it has the wrapper's records alone" \
	"$(tail -n +$((before + 1)) $record | jq -r '.layer // .type' | sort | uniq -c | tr -s ' \n' ' ')" \
	' 1 outcome 1 wrapper '
expect_equal "and its note is gone" "$(ls /run/pve-safe/made)" ''
run pct-safe clone 130 131
expect_exit "a clone by the wrapper" 0
run pve-safe tick
expect_equal "is none either" "$status$out$err" 0
pct destroy 130 >/dev/null 2>&1
pve-safe tick >/dev/null
by 130 carol@pve
pct create 130 $template --rootfs local-lvm:4 --unprivileged 1 >/dev/null 2>&1
run pve-safe tick
expect_output "a number that is used again is another guest" out \
	'CT 130 (CT130) was created outside by carol@pve'
by 130 dave@pve
pct destroy 130 >/dev/null 2>&1
sleep 1.1
pct create 130 $template --rootfs local-lvm:4 --unprivileged 1 --hostname again >/dev/null 2>&1
run pve-safe tick
expect_output "also when no tick ran between" out \
	'CT 130 (again) was created outside by dave@pve'

# --- a list of tasks that the web server's user has put a link in place of ---
by 159 frank@pve
pct create 159 $template --rootfs local-lvm:4 --unprivileged 1 >/dev/null 2>&1
mv /var/log/pve/tasks "$LAB/tasks"
mkdir /var/log/pve/tasks
ln -s "$LAB"/tasks/* /var/log/pve/tasks/
run pve-safe tick --dry-run
expect_output "a link is not followed" out 'CT 159 (CT159) was created outside'
expect_no_output "so it names nobody" out 'frank'
rm -r /var/log/pve/tasks
mv "$LAB/tasks" /var/log/pve/tasks
run pve-safe tick
expect_output "the list itself does" out 'CT 159 (CT159) was created outside by frank@pve'

# --- clones, hand-made files ---
by 131 erin@pve
pct clone 131 132 --hostname twin >/dev/null 2>&1
run pve-safe tick
expect_output "a clone's task names its source, and yet its user is found" out \
	'CT 132 (twin) was created outside by erin@pve'
expect_equal "as a clone" "$(decision 132 .event)" clone
sleep 2.1 # of the clone
container 133 'unprivileged: 1'
run pve-safe tick
expect_output "a file that somebody wrote" out 'CT 133 (ct133) was created outside'
expect_equal "has no user" "$(decision 133 .actor.pve_user)" null
expect_equal "which is said" "$(outcome 133)" \
	'created outside: no wrapper and no task of this node made it'

# --- while Proxmox works on it ---
container 134 'unprivileged: 1' 'lock: create'
run pve-safe tick
expect_equal "a guest that is being made is not judged yet" "$status$out$err" 0
expect_equal "but awaited" "$(known 134 | cut -d' ' -f1-4)" '134 ct - waiting'
sed -i /^lock/d /etc/pve/lxc/134.conf
run pve-safe tick
expect_output "only when it is made" out 'CT 134 (ct134) was created outside'
expect_output "and attached then" out "CT 134 (ct134): attached: $hook"

# --- changed, moved, attached by hand ---
before=$(lines)
echo 'lxc.apparmor.profile: unconfined' >>/etc/pve/lxc/102.conf
run pve-safe tick
expect_exit "a change that the policy refuses is found" 1
expect_equal "and said" "$out" 'CT 102 (ct102) was changed; the policy refuses it: unconfined'
expect_equal "and recorded" "$(decision 102 '[.event, .verdict] | join(" ")')" 'set warn'
run pve-safe tick
expect_equal "once" "$status$out$err $(lines)" "0 $((before + 1))"
pct snapshot 102 hourly >/dev/null
run pve-safe tick
expect_equal "a snapshot changes nothing" "$status$out$err $(lines)" "0 $((before + 1))"
expect "though it is in the guest's file" grep -q '^parent: hourly$' /etc/pve/lxc/102.conf
pct delsnapshot 102 hourly >/dev/null
run pve-safe tick
expect_equal "nor does its end" "$status$out$err $(lines)" "0 $((before + 1))"
sed -i 's/^hostname: .*/hostname: renamed/' /etc/pve/lxc/110.conf
run pve-safe tick
expect_equal "one that it allows is not worth a word" "$status$out$err $(lines)" "0 $((before + 1))"
expect_equal "guests that were there are not attached" "$(hookscript_of 102)$(hookscript_of 110)" ''
run pve-safe detach 120
expect_exit "who detaches a guest" 0
pve-safe tick >/dev/null
expect_equal "is not overruled" "$(hookscript_of 120)" ''

# --- rolled back to what was before our hookscript ---
for vmid in 150 151; do
	printf '%s\n' "name: vm$vmid" "scsi0: local-lvm:vm-$vmid-disk-0,size=4G" | lab_vm $vmid
	qm snapshot $vmid before >/dev/null 2>&1
done
pve-safe tick >/dev/null
expect_equal "VMs that were attached" "$(hookscript_of 150)" "$hook"
pve-safe detach 151 >/dev/null
pve-safe tick >/dev/null
expect_equal "or detached again" "$(known 150);$(known 151)" \
	'150 vm DIGEST hooked 0;151 vm DIGEST known 0'
by 150 eve@pve
qm rollback 150 before >/dev/null 2>&1
qm rollback 151 before >/dev/null 2>&1
expect_equal "lose it by a rollback" "$(hookscript_of 150)" ''
run pve-safe tick
expect_equal "but to the next tick" "$status$out$err" "0VM 150 (vm150): attached: $hook"
expect_equal "who had none stays so" "$(hookscript_of 150);$(hookscript_of 151)" "$hook;"
mv /etc/pve/nodes/pve2/qemu-server/300.conf /etc/pve/nodes/pve1/qemu-server/300.conf
run pve-safe tick
expect_equal "a guest that moves here is attached, and was not made" "$out$err" \
	"VM 300 (far): attached: $hook"
mv /etc/pve/nodes/pve1/qemu-server/300.conf /etc/pve/nodes/pve2/qemu-server/300.conf
run pve-safe tick
expect_equal "one that leaves is still known" "$status$out$err $(known 300)" '0 300 vm - elsewhere 0'

# --- what cannot be attached ---
mv /var/lib/vz/snippets/pve-safe-hook /var/lib/vz/snippets/away
: >/var/lib/vz/snippets/pve-safe-hook
container 140 'unprivileged: 1'
run pve-safe tick
expect_exit "a guest that cannot be attached is found" 1
expect_output "and why is said" err 'pve-safe: tick: CT 140 (ct140): '
run pve-safe tick
expect_equal "once" "$status$out$err" 1
rm /var/lib/vz/snippets/pve-safe-hook
mv /var/lib/vz/snippets/away /var/lib/vz/snippets/pve-safe-hook
run pve-safe tick
expect_equal "and it is tried until it is" "$out$err" "CT 140 (ct140): attached: $hook"
lab_disable
container 141 'unprivileged: 1'
run pve-safe tick
expect_equal "on a node that is not enabled nothing is attached" "$out$err" \
	'CT 141 (ct141) was created outside'
expect_equal "which the other nodes hear of" \
	"$(grep ^enabled /etc/pve/pve-safe/nodes/pve1)" 'enabled = no'
lab_enable

# --- waivers of vanished guests ---
pve-safe waive 101 privileged --ticket CHG-1 --reason test --until 2099-01-01 >/dev/null 2>&1
expect "a waiver is there" test -e /etc/pve/pve-safe/waivers/101.privileged.conf
rm /etc/pve/lxc/101.conf
run pve-safe tick
expect_output "a waiver whose guest is gone is taken out of force" out \
	'waiver privileged of guest 101 is void now: there is no such guest'
expect "and kept under another name" test -e /etc/pve/pve-safe/waivers/101.privileged.void
finish
