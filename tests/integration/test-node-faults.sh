#!/bin/bash
# SPDX-License-Identifier: MIT
# What is wrong on the node itself: read-only directories, files in the way, programs that are
# missing, print without end or do nothing. Each is said with its path, and nothing is claimed
# that did not happen.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
snippets=/var/lib/vz/snippets
link=$snippets/pve-safe-hook@gpu.sh

lab_policy <<<$'version = 1\ninclude = { "baseline@1" }'
lab_enable
lab_ct 101 <<<$'arch: amd64\nhostname: web01\nhookscript: local:snippets/gpu.sh\nostype: debian\nunprivileged: 1\nrootfs: local:101/d.raw,size=1G'
printf '#!/bin/sh\nexit 0\n' >$snippets/gpu.sh
chmod 755 $snippets/gpu.sh

# A command ends with this status, and says this on stderr.
expect_said() { # STATUS TEXT COMMAND...
	run "${@:3}"
	expect_equal "${*:3}: $2" "$status $err" "$1 $2"
}
read_only() { # DIR
	mount --bind "$1" "$1"
	mount -o remount,ro,bind "$1"
}
# Puts a program in the place of one of Proxmox's or the system's.
instead_of() { # PROGRAM TEXT
	printf '%s' "$2" >"$1.new"
	chmod 755 "$1.new"
	mv "$1.new" "$1"
}

# --- the directory of snippets is read-only ---
read_only $snippets
expect_said 2 "pve-safe: attach: CT 101 (web01): $link: cannot be made: Read-only file system" \
	pve-safe attach 101
expect "the guest keeps its own" grep -q '^hookscript: local:snippets/gpu.sh$' /etc/pve/lxc/101.conf
umount $snippets
run pve-safe attach 101
expect_exit "with a directory that can be written it is attached" 0
read_only $snippets
expect_said 2 "pve-safe: detach: $link is left there: $link: cannot be removed: Read-only file system" \
	pve-safe detach 101
expect_equal "but the guest has its own again" "$out" \
	'CT 101 (web01): detached: local:snippets/gpu.sh'
umount $snippets
rm $link

# --- setup, doctor: something in the way ---
rm -rf /var/log/pve-safe
: >/var/log/pve-safe
run pve-safe setup
expect_output "a file where the record's directory should be" err \
	'pve-safe: setup: record: /var/log/pve-safe: is no directory: move it away'
expect_output "what the package brings is missed" err \
	'/usr/share/pve-safe/logrotate/pve-safe is not there: install the package again'
rm /var/log/pve-safe
read_only /var/log
run pve-safe setup
expect_output "a log directory that cannot be written" err \
	'pve-safe: setup: record: /var/log/pve-safe: Read-only file system'
umount /var/log
rm $snippets/pve-safe-hook
: >$snippets/pve-safe-hook
run pve-safe setup
expect_output "a file where our link should be" err "hookscript: $snippets/pve-safe-hook"
run pve-safe doctor
expect_output "is what doctor finds, too" out 'problem: hookscript: '
rm $snippets/pve-safe-hook
pve-safe setup >/dev/null 2>&1
expect "once it is away the link is made" test -L $snippets/pve-safe-hook
chmod 777 /usr/sbin/pct-safe
run pve-safe doctor
expect_output "a program that anybody can write" out \
	'/usr/sbin/pct-safe (owner 0, mode 0777) could be written by others than root'
chmod 644 /usr/sbin/pct-safe
run pve-safe doctor
expect_output "one that cannot be run" out '/usr/sbin/pct-safe is not executable'
chmod 755 /usr/sbin/pct-safe
lab_quorum no
run pve-safe setup --remove
expect_exit "without quorum no guest is detached" 2
expect_output "which is said" err \
	'pve-safe: setup: guests: guests of pve1: no quorum: pvecm status; then try again'
lab_quorum yes
run pve-safe setup --remove
expect_exit "with it there is none to detach" 0
lab_enable
pve-safe setup >/dev/null 2>&1

# --- notes of guests that wrappers make ---
mkdir -p /run/pve-safe/made
touch /run/pve-safe/made/555
touch -d '3 days ago' /run/pve-safe/made/556
pve-safe tick >/dev/null 2>&1
expect_equal "the timer forgets those of guests that never came" "$(ls /run/pve-safe/made)" 555

# --- modprobe ---
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/m.conf <<'END'
settings "mod" {
    match = "ct"
    module "nowhere" { load = yes }
}
END
instead_of /usr/sbin/modprobe $'#!/bin/sh\nyes x | head -c 300000\n'
run $hook 101 pre-start
expect_exit "a modprobe that prints without end stops no start" 0
expect_output "but is said" err \
	'WARN: pve-safe: module nowhere not loaded, for template mod: /usr/sbin/modprobe: it prints more than 2048 bytes'
instead_of /usr/sbin/modprobe $'#!/bin/sh\necho "FATAL: not found" >&2\nexit 1\n'
run $hook 101 pre-start
expect_output "one that fails is said in its own words" err \
	'for template mod: /usr/sbin/modprobe failed with exit status 1: FATAL: not found'
expect_equal "and on record as no success" \
	"$(jq -r 'select(.type == "outcome") | "\(.status) \(.outcome)"' /var/log/pve-safe/audit.jsonl | tail -n 1)" \
	'2 module nowhere not loaded, for template mod: /usr/sbin/modprobe failed with exit status 1: FATAL: not found'
rm /usr/sbin/modprobe
run $hook 101 pre-start
expect_output "one that is missing, too" err 'modprobe'
rm /etc/pve/pve-safe/settings/m.conf

# --- settings of the node that cannot be remembered ---
ttl=/proc/sys/net/ipv4/ip_default_ttl # of the lab's own network
before=$(<$ttl)
lab_policy <<END
version = 1
include = { "baseline@1" }
node_settings = { "$ttl" }
END
lab_file /etc/pve/pve-safe/settings/ttl.conf <<END
settings "ttl" {
    match = "vm"
    host "$ttl" { value = "70" }
}
END
lab_vm 201 <<<$'cores: 1\nname: db201'
rm -rf /run/pve-safe/node
: >/run/pve-safe/node
why='cannot open /run/pve-safe/node: Not a directory'
run $hook 201 pre-start
expect_exit "a file where the states should be: the start goes on" 0
expect_output "and says what it lacks" err "template ttl: host $ttl not applied: $why"
expect_equal "for it was not set" "$(<$ttl)" "$before"
run $hook 201 post-stop
expect_output "the stop says that nothing can be undone" err \
	"host /run/pve-safe/node not undone: $why"
expect_equal "and so does the record" \
	"$(jq -r 'select(.settings) | .settings[] | .why // empty' /var/log/pve-safe/audit.jsonl | tail -n 1)" \
	"$why"
run pve-safe tick
expect_output "the timer says it" err "pve-safe: tick: $why"
rm /run/pve-safe/node
# By a worker of its own, as Proxmox does, which then ends.
run bash -c '"$@"; exit $?' worker $hook 201 pre-start
expect_equal "once it is away the value is set" "$(<$ttl)" 70
pve-safe tick >/dev/null 2>&1
expect_equal "and undone by the timer, as no VM runs" "$(<$ttl)" "$before"

# --- pct ---
instead_of /usr/sbin/pct $'#!/bin/sh\nyes x | head -c 3000000\n'
expect_said 2 'pve-safe: attach: CT 101 (web01): pct set printed without end' pve-safe attach 101
instead_of /usr/sbin/pct $'#!/bin/sh\nexit 0\n'
expect_said 2 "pve-safe: attach: CT 101 (web01): pct set went well, but the hookscript is now 'local:snippets/gpu.sh'" \
	pve-safe attach 101
instead_of /usr/sbin/pct $'#!/bin/sh\necho "no, not today" >&2\nexit 3\n'
run pve-safe attach 101
expect_output "what pct says is passed on" err 'no, not today'
rm /usr/sbin/pct
expect_said 2 'pve-safe: attach: CT 101 (web01): /usr/sbin/pct: No such file or directory' \
	pve-safe attach 101
expect_said 69 'pct-safe: /usr/sbin/pct: No such file or directory' pct-safe start 101
: >/usr/sbin/pct
expect_said 69 'pct-safe: /usr/sbin/pct: Permission denied' pct-safe start 101
instead_of /usr/sbin/pct garbage
expect_said 69 'pct-safe: /usr/sbin/pct: Exec format error' pct-safe list
run pct-safe set 101 --onboot 1
expect_exit "a judged command that cannot be run" 69
expect_output "says so" err '/usr/sbin/pct: Exec format error'
finish
