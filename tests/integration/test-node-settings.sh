#!/bin/bash
# SPDX-License-Identifier: MIT
# Settings of the node that guests want: set while one of them runs, and what was before is
# back at the end, however they end; or left alone where somebody else has changed it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs --net

hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl
states=/run/pve-safe/node
ttl=/proc/sys/net/ipv4/ip_default_ttl # of the lab's own network
knob=/sys/firmware/lab/knob           # a file of the lab's own
before=$(<$ttl)

# Writes container VMID with this tag.
container() { # VMID TAG [LINE]
	printf '%s\n' 'arch: amd64' 'hookscript: local:snippets/pve-safe-hook' "hostname: web$1" \
		'net0: name=eth0,bridge=vmbr0' 'ostype: debian' \
		"rootfs: local-lvm:vm-$1-disk-0,size=4G" "tags: $2" 'unprivileged: 1' \
		${3:+"$3"} | lab_ct "$1"
	lab_lxc "$1"
}

# Writes VM VMID with this tag.
machine() { # VMID TAG
	printf '%s\n' 'cores: 1' "name: db$1" "tags: $2" | lab_vm "$1"
}

# Calls the hook as a worker of Proxmox's does, which then ends.
called() { # VMID PHASE
	bash -c '"$@"; exit $?' worker $hook "$@"
}

# Prints the name of the file for a setting.
state_of() { # PATH
	echo "$states/$(printf %s "$1" | sha256sum | cut -d' ' -f1)"
}

# Prints how many settings are remembered.
remembered() { find $states -type f 2>/dev/null | wc -l; }

# Prints what the newest outcome says.
outcome() { # FILTER
	jq -r 'select(.type == "outcome" and .settings)' "$record" | jq -rs "last | $1"
}

# Nothing is set any more, and nothing remembered.
expect_undone() { # NAME
	expect_equal "$1: the value before is back" "$(<$ttl)" "$before"
	expect_equal "$1: nothing is remembered" "$(remembered)" 0
}

mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/test.conf <<'END'
settings "ttl" {
    match = "tag ~ wants-ttl"
    host "/proc/sys/net/ipv4/ip_default_ttl" { value = "70" }
}
settings "other-ttl" {
    match = "tag ~ wants-other"
    host "/proc/sys/net/ipv4/ip_default_ttl" { value = "80" }
}
settings "knob" {
    match = "tag ~ wants-knob"
    host "/sys/firmware/lab/knob" { value = "set for {vmid}" }
    host "/sys/firmware/lab/choice" { value = "b" kind = bracket }
}
settings "port" {
    match = "ct and tag ~ wants-port"
    host "/sys/class/net/{net0.dev}/brport/isolated" { value = "1" }
}
settings "bridge" {
    match = "vm and tag ~ wants-bridge"
    host "/sys/class/net/vmbr0/bridge/ageing_time" { value = "20000" }
}
settings "bridge-by-another-name" {
    match = "vm and tag ~ wants-aging"
    host "/sys/devices/virtual/net/vmbr0/bridge/ageing_time" { value = "20000" }
}
settings "disk" {
    match = "vm and tag ~ wants-disk"
    host "/sys/block/{disk0.dev}/lab-{disk0.dev}" { value = "1" }
}
settings "forbidden" {
    match = "tag ~ wants-forbidden"
    host "/proc/sys/net/ipv4/tcp_sack" { value = "0" }
    host "/sys/firmware/etc/knob" { value = "7" }
}
settings "must" {
    match = "tag ~ wants-must"
    required = yes
    host "/proc/sys/net/ipv4/ip_default_ttl" { value = "70" }
    host "/proc/sys/net/ipv4/tcp_sack" { value = "0" }
}
settings "refused" {
    match = "tag ~ wants-refused"
    host "/proc/sys/net/ipv4/ip_default_ttl" { value = "300" }
}
settings "remade" {
    match = "tag ~ wants-remade"
    host "/proc/sys/net/ipv4/ip_default_ttl" { value = "0x46" }
}
settings "ignored" {
    match = "tag ~ wants-ignored"
    host "/sys/class/net/vmbr0/bridge/hash_elasticity" { value = "8" }
}
settings "absent" {
    match = "tag ~ wants-absent"
    host "/sys/firmware/lab/absent" { value = "1" }
}
settings "must-absent" {
    match = "tag ~ needs-absent"
    required = yes
    host "/sys/class/net/{net0.dev}/brport/absent" { value = "1" }
}
END
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
node_settings = { "/proc/sys/net/ipv4/ip_default_ttl", "/sys/firmware/*",
                  "/sys/class/net/veth*/brport/*", "/sys/*/vmbr0/bridge/*" }
END
lab_enable
container 101 wants-ttl
container 102 wants-ttl
container 103 none

# --- one guest ---
run pct start 101
expect_exit "a guest that wants a setting of the node starts" 0
expect_equal "and has it" "$(<$ttl)" 70
state=$(state_of $ttl)
expect_equal "what was before is remembered" "$(cat "$state")" "version 1
path $ttl
kind plain
before $before
set 70
user 101 running"
expect_equal "by root alone" "$(stat -c '%a %U' "$state")" '600 root'
expect_equal "it is on record" \
	"$(jq -rs '[.[] | select(.type == "outcome" and .settings) | .settings[] |
		select(.result == "applied")][0] | [.template, .kind, .before, .after] | join(" ")' "$record")" \
	"ttl host $before 70"
run pct stop 101
expect_exit "it stops" 0
expect_undone "one guest that stops"
expect_equal "and that is on record" \
	"$(outcome '.settings[] | [.target, .result, .before, .after] | join(" ")')" \
	"$ttl undone 70 $before"

# --- two guests, in either order ---
for order in '101 102' '102 101'; do
	pct start 101 >/dev/null 2>&1
	pct start 102 >/dev/null 2>&1
	expect_equal "two guests share it ($order)" "$(grep -c ^user "$state")" 2
	pct stop "${order% *}" >/dev/null 2>&1
	expect_equal "the first one that stops leaves it to the other ($order)" "$(<$ttl)" 70
	pct stop "${order#* }" >/dev/null 2>&1
	expect_undone "the second one stops ($order)"
done

# --- a second guest that wants another value ---
container 104 wants-other
pct start 101 >/dev/null 2>&1
run pct start 104
expect_exit "a guest that wants another value starts" 0
expect_output "and is told who has it" out \
	"WARN: pve-safe: template other-ttl: host $ttl not applied: guest 101 has set it to '70'; do: "
expect_equal "the first one keeps its value" "$(<$ttl)" 70
pct stop 101 >/dev/null 2>&1
expect_undone "the first one stops"
run $hook 104 post-start
expect_equal "the other one gets its own when it is asked again" "$(<$ttl)" 80
pct stop 104 >/dev/null 2>&1
expect_undone "and stops"

# --- killed ---
pct start 102 >/dev/null 2>&1
# shellcheck disable=SC2046 # words
kill -9 $(cat /sys/fs/cgroup/lxc.monitor/102/cgroup.procs) \
	$(find /sys/fs/cgroup/lxc/102 -name cgroup.procs -exec cat {} +) 2>/dev/null
wait_for 5 sh -c '! grep -q lxc/102/command /proc/net/unix'
expect_equal "a guest that is killed says nothing" "$(<$ttl)" 70
run pct start 103
expect_undone "the next start of any guest undoes it"
pct stop 103 >/dev/null 2>&1

# --- starts that fail ---
container 105 wants-ttl 'lxc.mount.entry: /nowhere/at/all mnt none bind 0 0'
run pct start 105
expect_exit "a container whose start fails" 255
called 103 post-stop >/dev/null
expect_undone "a container that did not start"
machine 201 wants-ttl
run called 201 pre-start
expect_exit "a VM's pre-start" 0
expect_equal "has set it" "$(<$ttl)" 70
run called 103 post-stop
expect_undone "QEMU did not start, and no other phase came"

# --- the timer ---
run called 201 pre-start
expect_equal "a VM whose start ended without a word" "$(<$ttl)" 70
run pve-safe tick
expect_output "the timer says what it undoes" out "$ttl: undone"
expect_undone "the timer"
expect_equal "it is on record" \
	"$(outcome '.outcome, (.settings[] | [.target, .result, .before, .after] | join(" "))')" \
	"settings: 1 undone
$ttl undone 70 $before"
run pve-safe tick
expect_no_output "once" out "$ttl"

# --- a VM that migrates away: no phase is called here ---
perl -e 'sleep 60' -- -id 201 -name db201 &
qemu=$!
disown
echo $qemu >/run/qemu-server/201.pid
called 201 pre-start
called 201 post-start
called 103 post-stop
expect_equal "while it runs, others leave its setting alone" "$(<$ttl) $(grep ^user "$state")" \
	'70 user 201 running'
kill $qemu
wait_for 5 sh -c "! [ -d /proc/$qemu ]"
called 103 post-stop
expect_undone "a VM that has migrated away"

# --- somebody else changes it ---
pct start 101 >/dev/null 2>&1
echo 99 >$ttl
run $hook 101 post-stop
expect_exit "a stop after somebody else changed it" 0
expect_equal "leaves it alone" "$(<$ttl)" 99
expect_output "and says what to look at" err \
	"WARN: pve-safe: host $ttl not undone: is '99' now, and '70' was set: somebody else has changed it, so it is left alone; do: see who did; before there was '$before'"
expect_equal "once" "$(remembered)" 0
expect_equal "and on record" "$(outcome '.settings[0].result')" left
pct stop 101 >/dev/null 2>&1
echo "$before" >$ttl

# --- the bridge port, which is made anew at a reboot from inside ---
container 106 wants-port
run pct start 106
port=/sys/class/net/veth106i0/brport/isolated
expect_equal "the flag of a bridge port is set" "$(cat $port)" 1
expect_equal "as what goes with the interface" "$(sed -n 's/^kind //p' "$(state_of $port)")" link
expect "the container reboots from inside" lab_lxc_reboot_inside 106
expect_equal "and its new port has the flag again" "$(cat $port)" 1
pct stop 106 >/dev/null 2>&1
wait_for 5 sh -c "! [ -e $port ]"
called 103 post-stop
expect_equal "with the interface the setting is gone" "$(remembered)" 0

# --- one setting by two names ---
aging=/sys/class/net/vmbr0/bridge/ageing_time
was=$(<$aging)
machine 205 wants-bridge
machine 206 wants-aging
$hook 205 pre-start
$hook 206 pre-start
expect_equal "two names of one file are one setting" "$(<$aging) $(remembered)" '20000 1'
$hook 205 post-stop
expect_equal "which stays while it is wanted by its other name" "$(<$aging)" 20000
$hook 206 post-stop
expect_equal "and not longer" "$(<$aging) $(remembered)" "$was 0"
$hook 205 pre-start
$hook 206 pre-start
$hook 205 post-stop
run pve-safe template undo bridge-by-another-name 206
expect_equal "by hand it is undone by its other name" "$(<$aging) $(remembered)" "$was 0"

# --- what the kernel makes of a value ---
machine 208 wants-refused
run called 208 pre-start
expect_output "a value that the kernel does not take is said" err \
	"template refused: host $ttl not applied: the kernel does not take '300': Invalid argument"
expect_undone "and nothing of it remembered"
machine 209 wants-ignored
run called 209 pre-start
expect_output "a value that the kernel ignores, too" err \
	"bridge/hash_elasticity not applied: the kernel does not take '8': it stays '16'"
expect_undone "that was ignored"
machine 210 wants-remade
run called 210 pre-start
expect_output "a value that the kernel makes another one is said" err \
	"template remade: host $ttl not applied: the kernel has made it '70'"
expect_equal "as what it is it is remembered" "$(sed -n 's/^set //p' "$state")" 70
called 210 post-stop
expect_undone "so that it is undone"

# --- the disk of a VM, known once it runs ---
# A disk of this machine, by O_PATH: nothing is read. What is to be set there does not exist.
read -r major minor _ disk < <(awk 'NR > 2 && $4 !~ /[0-9]$/' /proc/partitions)
mknod /run/disk b "$major" "$minor"
machine 207 wants-disk
run $hook 207 pre-start
expect_no_output "before a VM runs nothing is said of its disk" err disk
perl -e 'sysopen(my $a, "/run/disk", 0x200000) or die; sysopen(my $b, "/run/disk", 0x200000); sleep 60' -- -id 207 &
qemu=$!
disown
echo $qemu >/run/qemu-server/207.pid
wait_for 5 sh -c "ls -l /proc/$qemu/fd | grep -q /run/disk"
run $hook 207 post-start
expect_output "once it runs the device is known" err \
	"host /sys/block/$disk/lab-$disk not applied: the policy does not allow it"
kill $qemu
wait_for 5 sh -c "! [ -d /proc/$qemu ]"
run $hook 207 post-start
expect_output "a VM without such a device is told so" err \
	'the VM has no disk0 on a block device of the node; do: mend line '

# --- what is required, what is not there ---
container 108 wants-must
run pct start 108
expect_exit "what a template requires refuses the start" 255
# shellcheck disable=SC2034 # by its name
said=$out$err
expect_output "with the head of every refusal" said 'pve-safe: start of CT 108 (web108) denied'
expect_output "and the reason" said 'settings-must: host /proc/sys/net/ipv4/tcp_sack not applied: the policy does not allow it'
expect_undone "and what was set for it already"
container 109 wants-absent
run pct start 109
expect_output "a file that is not there is said at post-start" out \
	'host /sys/firmware/lab/absent not applied: there is no such file on this node; do: mend line '
pct stop 109 >/dev/null 2>&1
container 110 needs-absent
sed -i /^hookscript/d /etc/pve/lxc/110.conf # only the node-wide hook is asked
run pct start 110
expect_exit "one that is required, and is not there when the container is, refuses the start" 255
# shellcheck disable=SC2034 # by its name
said=$out$err
expect_output "and why" said \
	'settings-must-absent: host /sys/class/net/veth110i0/brport/absent not applied: there is no such file on this node'
expect_equal "the container is stopped" "$(lab_lxc_state 110)" STOPPED

# --- what is not allowed, what is not to be reached ---
# Below a file system of the lab's own in /sys; beside it no container could have a /sys.
mount -t tmpfs tmpfs /sys/firmware
mkdir /sys/firmware/lab
echo before >$knob
ln -s /etc /sys/firmware/etc
echo 1 >/etc/knob
machine 203 wants-forbidden
run called 203 pre-start
expect_exit "a guest that wants what the policy does not name starts" 0
expect_output "without it" err \
	"WARN: pve-safe: template forbidden: host /proc/sys/net/ipv4/tcp_sack not applied: the policy does not allow it; do: add its path to node_settings in the policy"
expect_equal "and it is not set" "$(cat /proc/sys/net/ipv4/tcp_sack) $(cat /etc/knob)" '1 1'
expect_output "no link leads out of /sys" err \
	'host /sys/firmware/etc/knob not applied: cannot be opened: Invalid cross-device link'
called 203 post-stop
machine 204 wants-knob
echo 'a [b] c' >/sys/firmware/lab/choice
called 204 pre-start
expect_equal "a file below /sys is set" "$(<$knob)" 'set for 204'
expect_equal "its value may have blanks" "$(sed -n 's/^set //p' "$(state_of $knob)")" 'set%20for%20204'
expect_equal "of choices, the one in brackets is what was before" \
	"$(sed -n 's/^\(kind\|before\) //p' "$(state_of /sys/firmware/lab/choice)" | paste -sd' ')" \
	'bracket b'
called 204 post-stop
expect_equal "and undone" "$(<$knob) $(</sys/firmware/lab/choice)" 'before a [b] c'

# --- /run is full ---
mount -t tmpfs -o size=64k tmpfs /run/pve-safe
mkdir -p $states
dd if=/dev/zero of=/run/pve-safe/full bs=1k count=128 2>/dev/null
run called 201 pre-start
expect_exit "with /run full a start goes on" 0
expect_equal "without the setting" "$(<$ttl)" "$before"
expect_output "for what cannot be remembered is not set" err \
	'the value before could not be remembered, so it is not set'
rm /run/pve-safe/full
called 201 pre-start
dd if=/dev/zero of=/run/pve-safe/full bs=1k count=128 2>/dev/null
expect_equal "with room it is set" "$(<$ttl)" 70
run called 201 post-stop
expect_undone "and undone though /run is full again"
umount /run/pve-safe

# --- killed at each step ---
calls='mkdir,mkdirat,openat,write,pwrite64,fsync,fchmod,rename,renameat,renameat2,unlink,unlinkat,flock'
machine 202 wants-ttl

# Kills the hook before the N-th CALL of a phase; 1: it got to its end.
killed_at() { # CALL N VMID PHASE
	{ bash -c '"$@"; exit $?' worker strace -E ASAN_OPTIONS=detect_leaks=0 -o /run/trace \
		-e signal=none -e trace="$1" -e inject="$1:signal=SIGKILL:when=$2" \
		$hook "$3" "$4" >/dev/null 2>&1 </dev/null; } 2>/dev/null
	[ $? = 137 ]
}

# Prints "CALL N" for each call of a phase from the first that has to do with the node on.
steps() { # VMID PHASE
	bash -c '"$@"; exit $?' worker strace -E ASAN_OPTIONS=detect_leaks=0 -o /run/trace \
		-e signal=none -e trace="$calls" $hook "$1" "$2" >/dev/null 2>&1 </dev/null
	awk -F'(' '
		/pve-safe.node/ { on = 1 }
		/^[a-z0-9]+\(/ { n[$1]++; if (on) print $1, n[$1] }
	' /run/trace
}

mapfile -t start_steps < <(steps 202 pre-start)
mapfile -t stop_steps < <(steps 202 post-stop)
expect "setting has many steps" test ${#start_steps[@]} -gt 10
expect "undoing has some" test ${#stop_steps[@]} -gt 5
expect_equal "at first all is as it was" "$(<$ttl)" "$before"
wrong='' seen=''
for step in "${start_steps[@]}"; do
	# shellcheck disable=SC2086 # two words
	killed_at $step 202 pre-start || continue
	seen+=" $(<$ttl)"
	called 103 post-stop >/dev/null 2>&1
	[ "$(<$ttl) $(remembered)" = "$before 0" ] || wrong+="pre-start $step: $(<$ttl)"$'\n'
done
for step in "${stop_steps[@]}"; do
	called 202 pre-start >/dev/null 2>&1
	# shellcheck disable=SC2086
	killed_at $step 202 post-stop || continue
	called 103 post-stop >/dev/null 2>&1
	[ "$(<$ttl) $(remembered)" = "$before 0" ] || wrong+="post-stop $step: $(<$ttl)"$'\n'
done
expect_equal "killed before each of them, the next phase of any guest puts it back" "$wrong" ''
expect_output "before some of them nothing was set" seen "$before"
expect_output "after some of them it was" seen 70

# The same where the guest has another value already: its worker sets 70, then the tag changes.
changed() { # STRACE-OPTION...
	machine 202 wants-ttl
	# shellcheck disable=SC2016 # the inner shell expands it
	bash -c '$0 202 pre-start; sed -i s/wants-ttl/wants-other/ /etc/pve/qemu-server/202.conf
		strace -E ASAN_OPTIONS=detect_leaks=0 -o /run/trace -e signal=none "$@" $0 202 pre-start
		exit $?' "$hook" "$@" >/dev/null 2>&1 </dev/null
}
changed -e trace=openat,write,rename,renameat,unlinkat
mapfile -t steps < <(awk -F'(' '
	/pve-safe.node/ { on = 1 }
	/^[a-z0-9]+\(/ { n[$1]++; if (on && $1 != "openat") print $1, n[$1] }' /run/trace)
expect "changing has several steps" test ${#steps[@]} -gt 4
expect_equal "a guest may change its mind" "$(<$ttl)" 80
called 103 post-stop >/dev/null 2>&1
wrong=''
for step in "${steps[@]}"; do
	changed -e trace="${step% *}" -e inject="${step% *}:signal=SIGKILL:when=${step#* }"
	called 103 post-stop >/dev/null 2>&1
	[ "$(<$ttl) $(remembered)" = "$before 0" ] || wrong+="pre-start $step: $(<$ttl)"$'\n'
	echo "$before" >$ttl
done 2>/dev/null
expect_equal "killed while it changes, all of it is put back" "$wrong" ''
machine 202 wants-ttl

# --- a state that cannot be read ---
mkdir -p $states
echo 'version 2' >"$state"
run called 103 post-stop
expect_output "a state that cannot be read is put aside, and said" err \
	'what it was before cannot be read: line 1: version 1 expected; do: look at /run/pve-safe/node/'
run called 103 post-stop
expect_equal "once" "$err" ''

# --- the worker is killed while the hook is at work ---
rm -rf "${states:?}"
# Waits until the setting is there, which nobody will use; any guest's next phase undoes it.
expect_orphan_undone() { # NAME
	wait_for 5 eval "[ \$(<$ttl) = 70 ]"
	expect_equal "$1: it is set" "$(<$ttl)" 70
	called 103 post-stop >/dev/null 2>&1
	expect_undone "$1"
}
# shellcheck disable=SC2016 # the inner shell expands it
(setsid bash -c 'sleep 0.3; exec "$0" 202 pre-start' $hook >/dev/null 2>&1 &)
expect_orphan_undone "a worker that was gone before"
printf '#!/bin/sh\nsleep 0.5\n' >/var/lib/vz/snippets/slow.sh
chmod 755 /var/lib/vz/snippets/slow.sh
ln -s $hook /var/lib/vz/snippets/pve-safe-hook@slow.sh
# shellcheck disable=SC2016 # the inner shell expands it
bash -c '"$@"; exit' worker /var/lib/vz/snippets/pve-safe-hook@slow.sh 202 pre-start >/dev/null 2>&1 &
sleep 0.2
kill -9 $!
expect_orphan_undone "one that goes while the former hookscript runs"

# --- the package goes, and guests run on ---
# shellcheck disable=SC2016 # the inner shell expands it
bash -c '"$@"; sleep 60' worker $hook 202 pre-start &
worker=$!
wait_for 5 eval "[ \$(<$ttl) = 70 ]"
called 103 post-stop
expect_equal "a guest that is being started has its setting" "$(<$ttl)" 70
broken=/run/pve-safe/node/$(printf %064d 7)
touch "$broken.tmp.0123456789abcdef"
echo broken >"$broken"
files() {
	find /run/pve-safe/node -printf '%p %T@ %i\n' | sort
}
as_before=$(files)
run pve-safe setup --remove --dry-run
expect_equal "a dry run of setup --remove changes no file" "$(files)" "$as_before"
expect_output "and says what cannot be read" err "${broken##*/} what it was before cannot be read: "
rm "$broken"
run pve-safe setup --remove --dry-run
expect_output "a dry run of setup --remove says what it would undo" out \
	"settings: settings of the node: would be undone; $ttl"
expect_equal "and does not" "$(<$ttl)" 70
run pve-safe setup --remove
expect_output "setup --remove does, for no hook will" out "settings: settings of the node: undone; $ttl"
expect_undone "removed"
expect_equal "it is on record" "$(outcome '.settings[] | "\(.target) \(.result)"')" "$ttl undone"
run pve-safe setup --remove
expect_output "once" out 'settings: settings of the node: none is set'
kill $worker
finish
