#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/demo.sh BIN: shows the programs in BIN at work on a made-up cluster of three nodes,
# in namespaces of its own that leave nothing behind. Real output; fails when a command does
# not end as it should.
set -u

if [ -z "${LAB:-}" ]; then
	bin=$(cd "${1:-build/bin}" && pwd -P) || exit 71
	top=$(cd "$(dirname "$0")/.." && pwd -P)
	exec "$top/tests/lab/lab" --build "${bin%/bin}" -- "$top/tests/demo.sh"
fi
# shellcheck source=tests/lab/lab.sh
. "$LAB_TOP/tests/lab/lab.sh"

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' plain=$'\e[0m'
else
	bold='' plain=''
fi
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst

heading() { # TEXT
	printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"
}

# Prints a command as it is typed on the node, runs it, and says how it ended.
show() { # EXPECTED-STATUS COMMAND...
	local expected=$1 status=0

	shift
	printf '%sroot@%s:~#%s %s\n' "$bold" "$LAB_NODE" "$plain" "$*"
	"$@" </dev/null 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		echo "(exit $status)"
	fi
	if [ "$status" != "$expected" ]; then
		echo "demo: that command should have ended with $expected" >&2
		exit 1
	fi
}

heading 'A cluster of three nodes, a policy, enforcement switched on'
mkdir -p /var/lib/vz/template/cache
: >"/var/lib/vz/template/cache/${template##*/}"
lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
END
lab_enable
show 0 ls /etc/pve/nodes
show 0 cat /etc/pve/pve-safe/policy.conf

heading 'pct-safe refuses to create a privileged container'
show 77 pct-safe create 101 "$template" --hostname web01 --unprivileged 0 \
	--rootfs local-lvm:4
show 0 pct list

heading 'With a justification tag it is created'
show 0 pct-safe create 101 "$template" --hostname web01 --unprivileged 0 \
	--rootfs local-lvm:4 --tags just-CHG-1234
show 0 cat /etc/pve/lxc/101.conf

heading 'A container made elsewhere: the node refuses its start, whoever asks'
lab_ct 102 <<'END'
arch: amd64
hostname: legacy
memory: 512
ostype: debian
rootfs: local-lvm:vm-102-disk-0,size=4G
unprivileged: 0
END
lab_lxc 102
show 0 cat /etc/pve/lxc/102.conf
show 255 pct start 102
show 0 lxc-ls --fancy --fancy-format NAME,STATE,UNPRIVILEGED

heading 'After the fix it runs, as a real container'
show 0 pct-safe set 102 --tags just-CHG-1240
show 0 pct start 102
show 0 lxc-ls --fancy --fancy-format NAME,STATE,UNPRIVILEGED
show 0 lxc-attach -n 102 -- /bin/cat /started

heading 'The hookscript of a virtual machine refuses raw QEMU arguments'
lab_vm 200 <<'END'
args: -device vfio-pci,host=01:00.0
cores: 2
hookscript: local:snippets/pve-safe-hook
memory: 2048
name: build
END
show 255 qm start 200
show 0 qm set 200 --delete args
show 0 qm start 200

heading 'The record: one JSON line for each decision'
show 0 grep raw-args /var/log/pve-safe/audit.jsonl
show 0 grep -c verdict /var/log/pve-safe/audit.jsonl

heading 'and what syslog was told'
show 0 lab_syslog
