#!/bin/bash
# SPDX-License-Identifier: MIT
# The node-wide hook on real containers: no hookscript, no pct needed to be refused.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-lxc-hook
record=/var/log/pve-safe/audit.jsonl

# Writes a container's file, privileged or not, and makes the container.
container() { # VMID UNPRIVILEGED [LINE]
	lab_ct "$1" <<-END
	arch: amd64
	hostname: web$1
	ostype: debian
	rootfs: local-lvm:vm-$1-disk-0,size=4G
	unprivileged: $2${3:+
	$3}
	END
	lab_lxc "$1"
}

# Prints a value of the newest record.
newest() { # FILTER
	tail -n 1 "$record" | jq -r "$1"
}

# Prints a message with what differs from start to start replaced: id and digest.
settled() {
	sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/; s/sha256 [0-9a-f]{12}/sha256 SUM/'
}

# Prints how often the init of a container ran.
init_count() { # VMID
	grep -c started "/var/lib/lxc/$1/rootfs/started" 2>/dev/null || echo 0
}

# Calls the hook below a process that is no child of init's, as a person's lxc-start is.
# shellcheck disable=SC2317 # "run" calls it
asked() { # COMMAND...
	bash -c '"$@"; exit $?' asked "$@"
}

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
END
container 101 0

# --- not enabled ---
expect "a node that is not enabled starts a privileged container" lab_lxc_start 101
expect_not "and keeps no record" test -s "$record"
expect_equal "and no warning" "$(cat /run/pve/ct-101.warnings 2>/dev/null)" ''

# --- a running one that reboots from inside is not left stopped ---
lab_enable
expect "a privileged container that runs may reboot from inside" lab_lxc_reboot_inside 101
expect_equal "and runs again" "$(lab_lxc_state 101)" RUNNING
expect_equal "its init ran twice" "$(init_count 101)" 2
expect_equal "it is on record as one that would be denied" \
	"$(newest '[.layer, .cause, .verdict, .findings[0].rule, .findings[0].effect] | join(" ")')" \
	'lxc-hook reboot warn privileged would-deny'
expect_equal "without a user, for nobody asked" "$(newest '.actor | tojson')" \
	'{"pve_user":null,"login":null,"upid":null}'
expect "it stops" lab_lxc_stop 101

# --- refused, whoever asks ---
run pct start 101
said=$(settled <<<"$out$err")
expect_exit "pct start is refused" 255
for words in \
	'WARN: pve-safe: start of CT 101 (web101) denied' \
	'WARN: privileged: root in a privileged container is root on the node' \
	'WARN: found: unprivileged: 0 (/etc/pve/lxc/101.conf:5)' \
	'WARN: do: recreate it unprivileged, or ask an administrator for a just-TICKET tag' \
	'WARN: decision ID policy /etc/pve/pve-safe/policy.conf (sha256 SUM); more: pve-safe explain 101'; do
	case $said in
	*"$words"*) ok "the task log has: $words" ;;
	*) not_ok "the task log has: $words" "$said" ;;
	esac
done
expect_equal "the container is stopped" "$(lab_lxc_state 101)" STOPPED
expect_equal "its init did not run" "$(init_count 101)" 2
expect_equal "the record says who asked, from the one who holds the lock" \
	"$(newest '[.layer, .cause, .verdict, .actor.pve_user] | join(" ")')" \
	'lxc-hook user deny root@pam'
expect "and by which task" grep -q ':vzstart:101:root@pam:$' <(newest .actor.upid)
expect_equal "no network device is left" "$(find /sys/class/net -name 'veth*')" ''
expect_not "no mount is left" grep -q /lxc/101/rootfs /proc/mounts

# --- what Proxmox prints ---
printf 'a line of another hook\n' >/run/pve/ct-101.warnings
run asked "$hook" 101 lxc start-host
expect_exit "called as LXC calls it, version 0" 77
expect_equal "the message is added to the file that Proxmox prints" \
	"$(settled </run/pve/ct-101.warnings)" \
"a line of another hook
pve-safe: start of CT 101 (web101) denied
privileged: root in a privileged container is root on the node
  found: unprivileged: 0 (/etc/pve/lxc/101.conf:5)
  do: recreate it unprivileged, or ask an administrator for a just-TICKET tag
  do: a new one: leave --unprivileged 0 out of pct create
  do: an existing one: vzdump 101, then pct restore 101 ARCHIVE --unprivileged 1 --force 1
  do: the tag: pct set 101 --tags 'just-TICKET;OTHER-TAGS' (it replaces the whole list)
  see: https://pve.proxmox.com/wiki/Unprivileged_LXC_containers
decision ID policy /etc/pve/pve-safe/policy.conf (sha256 SUM); more: pve-safe explain 101"
run asked env LXC_NAME=101 LXC_HOOK_TYPE=start-host "$hook"
expect_exit "called as LXC calls it, version 1" 77
run env LXC_NAME=101 LXC_HOOK_TYPE=pre-start "$hook"
expect_exit "another hook of LXC's passes" 0
run "$hook" 101 lxc pre-start
expect_exit "and so by arguments" 0
run "$hook"
expect_exit "called by a person" 64
expect_output "it says what it is" err 'pve-safe-lxc-hook: LXC runs it, as lxc.hook.start-host'

# Anything between these two is no call of LXC's, and says nothing of a guest.
for call in "101" "101 lxc" "101 lxd start-host" "101 lxc start-host more" "102 lxc start-host a b"; do
	# shellcheck disable=SC2086 # words of a command line
	run env LXC_NAME=101 LXC_HOOK_TYPE=start-host "$hook" $call
	expect_exit "called with: $call" 64
done
run env LXC_NAME=101 "$hook"
expect_exit "called without the hook's name" 64
run env LXC_HOOK_TYPE=start-host "$hook"
expect_exit "called without the container's name" 64
run asked env LXC_NAME=999 LXC_HOOK_TYPE=pre-start "$hook" 101 lxc start-host
expect_exit "arguments come before variables" 77

# A link in place of the file would have us write elsewhere.
rm /run/pve/ct-101.warnings
ln -s /etc/target /run/pve/ct-101.warnings
run asked "$hook" 101 lxc start-host
expect_exit "with a link there it refuses all the same" 77
expect_not "and writes nothing through it" test -e /etc/target
rm /run/pve/ct-101.warnings

# Proxmox puts "WARN: " before each line itself. The record's directory is a file here.
mv /var/log/pve-safe /var/log/kept
: >/var/log/pve-safe
run asked "$hook" 101 lxc start-host
expect_exit "without a file for the record it refuses all the same" 77
expect_equal "a warning of ours is printed as one, not as two" \
	"$(head -n 2 /run/pve/ct-101.warnings)" \
"pve-safe: the record went to syslog only: /var/log/pve-safe: Not a directory
pve-safe: start of CT 101 (web101) denied"
rm /run/pve/ct-101.warnings /var/log/pve-safe
mv /var/log/kept /var/log/pve-safe
faults=("EIO 1")
has_sanitizers || faults+=("memory 1")
for fault in "${faults[@]}"; do
	run lab_fault "$fault" "$hook" 101 lxc start-host
	expect_exit "what cannot even begin to judge refuses: $fault" 71
	expect_output "and says so: $fault" err "pve-safe-lxc-hook: "
done

# --- after the fix ---
container 101 1
expect "made unprivileged it starts" pct start 101
expect_equal "and runs" "$(lab_lxc_state 101)" RUNNING
run lab_lxc_run 101 cat /proc/self/uid_map
expect_equal "its root is id 100000 of the node" "$(awk '{ print $2 }' <<<"$out")" 100000
expect_equal "no warning was printed" "$(cat /run/pve/ct-101.warnings 2>/dev/null)" ''
expect_equal "it is on record as allowed" "$(newest '[.verdict, (.findings | length)] | join(" ")')" 'allow 0'
expect "a reboot from inside passes" lab_lxc_reboot_inside 101
expect "it stops again" pct stop 101
rm -f /run/pve/ct-101.warnings
run asked "$hook" 101 lxc start-host
expect_exit "the hook alone lets it pass" 0
expect_not "and makes no file where there is nothing to print" test -e /run/pve/ct-101.warnings

# --- what the container is to find, in the namespaces that LXC tells ---
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/shm.conf <<'END'
settings "shm" { match = "ct and tag = shm" sysctl "kernel.shmmax" { value = "123456789" } }
END
container 101 1 'tags: shm'
expect "a container with a sysctl starts" pct start 101
run lab_lxc_run 101 cat /proc/sys/kernel/shmmax
expect_equal "and has it" "$out" 123456789
expect_not "the node has not" grep -qx 123456789 /proc/sys/kernel/shmmax
expect "it stops, too" pct stop 101
rm -r /etc/pve/pve-safe/settings
container 101 1

# --- what a guest's own lines cannot do ---
container 102 1 'lxc.hook.mount: /bin/true'
run pct start 102
expect_exit "a guest with a hook of its own is refused" 255
expect_equal "by the rule for that" \
	"$(newest '[.guest.vmid, .verdict, .findings[0].rule] | join(" ")')" '102 deny host-hook'
container 103 1 'lxc.idmap: u 0 100000 1000
lxc.idmap: u 1000 0 1
lxc.idmap: g 0 100000 65536'
run pct start 103
expect_exit "a container with the node's root in its map is refused" 255
expect_equal "by the rule for such maps" \
	"$(newest '[.guest.vmid, .verdict, .findings[0].rule] | join(" ")')" '103 deny host-id-0'

# --- what LXC makes of mount entries is what the policy is told ---
lab_policy <<'END'
version = 1
rule "etc" { when = "bind = / or bind = /etc" action = deny reason = "the node's own" }
END
# A file of the node by whose name its directory is known in the container.
: >/etc/of-the-node
for entry in 'x mnt none bind' '/dev/fd/../root mnt none bind' '/etc mnt proc bindx'; do
	lab_disable
	container 105 0 "lxc.mount.entry: $entry 0 0"
	lab_lxc_start 105 >/dev/null 2>&1
	case $(lab_lxc_run 105 ls /mnt 2>/dev/null) in
	*of-the-node* | *boot*) ok "LXC binds the node's own: $entry" ;;
	*) not_ok "LXC binds the node's own: $entry" "$(lab_lxc_run 105 ls /mnt)" ;;
	esac
	lab_lxc_stop 105 >/dev/null 2>&1
	lab_enable
	run pct start 105
	expect_exit "which is refused: $entry" 255
done
container 106 1 'lxc.net.1.type: veth
lxc.net.1.script.up: /run/up.sh'
printf '#!/bin/sh\nid -u >/run/up-ran\n' >/run/up.sh
chmod 755 /run/up.sh
expect "a container with a network script starts" lab_lxc_start 106
expect_equal "which root of the node runs" "$(cat /run/up-ran)" 0
expect_equal "and facts names it" "$(pve-safe facts 106 | jq -c .facts.host_hook)" '["/run/up.sh"]'
lab_lxc_stop 106
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
END

# --- the plain tool ---
container 101 0
container 104 0
lxc-start -n 104 -l ERROR -o /dev/null >/dev/null 2>&1
expect_equal "plain lxc-start is asked as well" "$(lab_lxc_state 104)" STOPPED
expect_equal "and refused as by a user" "$(newest '[.guest.vmid, .verdict] | join(" ")')" '104 deny'

# --- no container of Proxmox's ---
before=$(wc -l <"$record")
for name in web01 099 99 101x 1000000000; do
	run "$hook" "$name" lxc start-host
	expect_exit "the name $name is no VMID and passes" 0
	expect_equal "and nothing is said of $name" "$out$err" ''
done
mkdir -p /var/lib/lxc/other
sed 's!lxc/101/!lxc/other/!; s!/101$!/other!' /var/lib/lxc/101/config >/var/lib/lxc/other/config
cp -a /var/lib/lxc/101/rootfs /var/lib/lxc/other/rootfs
chown -R -h 0:0 /var/lib/lxc/other/rootfs
lxc-start -n other -o /dev/null >/dev/null 2>&1
expect_equal "a real one with such a name runs" "$(lab_lxc_state other)" RUNNING
expect_equal "and nothing of it is on record" "$(wc -l <"$record")" "$before"
lab_lxc_stop other
finish
