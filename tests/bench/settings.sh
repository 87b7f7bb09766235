#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/bench/settings.sh BUILD: what applying a template costs a start, beside the same start
# without one, and how many system calls more it makes. On a made-up node, like run.sh.
set -u
cd "$(dirname "$0")/../.." || exit 71
build=${1:-build}
rounds=${ROUNDS:-300}

if [ -z "${LAB:-}" ]; then
	mkdir -p "$build/tests/bench"
	gcc -O2 -o "$build/tests/bench/measure" tests/bench/measure.c || exit 71
	exec tests/lab/lab --build "$build" -- "$PWD/tests/bench/settings.sh" "$(realpath "$build")"
fi
# shellcheck source=tests/lab/lab.sh
. "$LAB_TOP/tests/lab/lab.sh"
bench=$build/tests/bench
hook=/var/lib/vz/snippets/pve-safe-hook
lxc_hook=/usr/libexec/pve-safe/pve-safe-lxc-hook

# Writes container VMID with this tag.
container() { # VMID TAG
	printf '%s\n' 'arch: amd64' 'cores: 2' "hostname: web$1" 'memory: 2048' 'ostype: debian' \
		"rootfs: local-lvm:vm-$1-disk-0,size=8G" "tags: $2" 'unprivileged: 1' | lab_ct "$1"
}

# Prints the ten lines of a template's sysctls.
sysctls() {
	printf 'sysctl "net.ipv4.%s" { value = "%s" }\n' ip_forward 1 tcp_syncookies 1 tcp_fin_timeout 30 \
		tcp_keepalive_time 300 tcp_tw_reuse 1 ip_default_ttl 70 tcp_sack 1 tcp_timestamps 1
	printf 'sysctl "kernel.%s" { value = "%s" }\n' shmmni 1000 msgmni 1000
}

# Prints how many system calls a command makes, those of its children included.
calls() { # COMMAND...
	strace -f -qq -o "$LAB/calls" -e signal=none "$@" >/dev/null 2>&1
	wc -l <"$LAB/calls"
}

# Compares a command for a container without a template, and for one with it.
compare() { # WITHOUT WITH
	"$bench/measure" "$rounds" "without a template=$1" "with it=$2" 2>/dev/null
	# shellcheck disable=SC2086 # words
	echo "system calls: $(calls $1) without, $(calls $2) with"
}

lab_enable
container 101 plain
container 102 sysctls
container 103 node
lab_policy <<'END'
version = 1
include = { "baseline@1" }
node_settings = { "/proc/sys/net/ipv4/*" }
END
mkdir -p /etc/pve/pve-safe/settings
{
	printf 'settings "ten-sysctls" {\nmatch = "tag = sysctls"\n'
	sysctls
	printf '}\nsettings "one-of-the-node" {\nmatch = "tag = node"\n'
	printf 'host "/proc/sys/net/ipv4/tcp_fin_timeout" { value = "31" }\n}\n'
} | lab_file /etc/pve/pve-safe/settings/bench.conf

unshare --net --ipc sleep 1000 &
LXC_PID=$!
export LXC_PID
echo
echo "pve-safe-lxc-hook, ten sysctls of a container"
compare "$lxc_hook 101 lxc start-host" "$lxc_hook 102 lxc start-host"
echo
echo "pve-safe-hook pre-start, one setting of the node"
compare "$hook 101 pre-start" "$hook 103 pre-start"
echo
echo "pve-safe-hook post-stop, nothing to undo"
rm -rf /run/pve-safe/node
"$bench/measure" "$rounds" "true=/bin/true" "post-stop=$hook 101 post-stop"
echo
echo "system calls to set one of the node: $(calls $hook 103 pre-start)"
echo "system calls to undo it: $(calls $hook 103 post-stop)"
kill "$LXC_PID"
