#!/bin/bash
# SPDX-License-Identifier: MIT
# What the lab leaves on this machine: nothing, also when it is killed.
# shellcheck disable=SC2317 # functions are called by way of expect
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
lab=$top/tests/lab/lab
built=${LAB_BUILD:-$top/build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints the state of this machine as far as a lab could change it.
state() {
	echo "host $(hostname) $(sysctl -n net.ipv4.ip_forward)"
	sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo
	ls /sys/class/net
	ls -A /dev /run /etc /usr/libexec /usr/local/sbin /usr/share /var/lib /var/log
	ls -lA --time-style=full-iso /usr/sbin /usr/share/lxc/config/common.conf.d
	sha256sum /etc/passwd /etc/group /etc/subuid /etc/subgid /etc/hostname 2>/dev/null
	ls -A /etc/pve /etc/pve-safe /var/lib/lxc /var/lib/vz /run/lock 2>/dev/null
}

# Prints the control groups and the processes that a lab left. A lab's control group is
# named after its first process, and holds all of them.
remains() { # PID
	find /sys/fs/cgroup -type d -name "pve-safe-lab.$1"
	grep -l "/pve-safe-lab\.$1\(/\|$\)" /proc/[0-9]*/cgroup 2>/dev/null
}

# What runs in the lab: leaves containers, files and processes behind wherever it can.
read -r -d '' mess <<'END'
. "$LAB_TOP/tests/lab/lab.sh"
printf '#!/bin/sh\nexit 0\n' >/usr/libexec/pve-safe/pve-safe-lxc-hook
chmod 755 /usr/libexec/pve-safe/pve-safe-lxc-hook
lab_ct 9001 <<<'unprivileged: 1'
lab_ct 9002 <<<'hostname: two'
lab_lxc 9001; lab_lxc 9002
lab_lxc_start 9001 && lab_lxc_start 9002 || exit 9
useradd lab-user
for dir in /etc /usr/sbin /usr/libexec /usr/local/sbin /usr/share /var/lib /var/log /run /dev \
	/run/lock /usr/share/lxc/config/common.conf.d /var/lib/vz /var/lib/lxc; do
	echo mess >"$dir/lab-mess" || exit 9
done
sysctl -q -w net.ipv4.ip_forward=1
mount -t tmpfs tmpfs /mnt
setsid sleep 1000 &
END

# Runs a lab, and checks that this machine is as before.
check_lab() { # NAME EXIT OPTION...
	local before pid

	before=$(state)
	"$lab" --build "$built" "${@:3}" >"$scratch/log" 2>&1 </dev/null &
	pid=$!
	wait "$pid"
	status=$? out=$(cat "$scratch/log")
	expect_exit "$1: ends with the command's status" "$2"
	expect_equal "$1: this machine is as before" "$(diff <(echo "$before") <(state))" ''
	expect_equal "$1: no process and no control group is left" "$(remains "$pid")" ''
}

check_lab "tmpfs" 7 -- bash -c "$mess
exit 7"
check_lab "FUSE and a bridge" 0 --pve fuse --net -- bash -c "$mess"
check_lab "without overlayfs" 0 --no-overlay -- bash -c "
for dir in /etc /usr/sbin /usr/libexec /usr/local/sbin /usr/share /var/lib; do
	echo mess >\$dir/lab-mess || exit 9
done
! touch /etc/default/lab-mess 2>/dev/null && pct list"

# A lab whose first process is killed: all of it dies at once. Its control group cannot
# be removed any more; the next lab does it.
before=$(state)
"$lab" --build "$built" -- bash -c "$mess
echo >$scratch/up; sleep 1000" >"$scratch/log" 2>&1 </dev/null &
pid=$!
is_dead() { ! remains "$pid" | grep -q '^/proc'; }
expect "killed: it was up" wait_for 10 test -e "$scratch/up"
expect_not "killed: it had processes" is_dead
kill -KILL "$pid"
wait "$pid" 2>/dev/null
expect "killed: no process is left" wait_for 10 is_dead
run "$lab" --build "$built" -- true
expect_exit "killed: the next lab runs" 0
expect_equal "killed: this machine is as before" "$(diff <(echo "$before") <(state))" ''
expect_equal "killed: no control group is left" "$(remains "$pid")" ''
finish
