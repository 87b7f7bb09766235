#!/bin/bash
# SPDX-License-Identifier: MIT
# README, "Install it" and "Five minutes": its own commands, from the package to a refused
# start and from there to a waiver, by the real apt on a made-up node.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

# Sanitizers make no package: the release build's is taken.
release=${LAB_BUILD:-build}
release=${release%-san}
if [ -z "${LAB:-}" ]; then
	top=$(cd "$(dirname "$0")/../.." && pwd -P)
	compgen -G "$release/deb/*.deb" >/dev/null ||
		make --no-print-directory -C "$top" B="$release" deb >/dev/null || exit 71
fi
in_lab --pve fuse

# Prints the first commands of a section.
commands_of() { # HEADING
	awk -v heading="$1" '
		/^##/ { inside = ($0 == heading) }
		/^```/ && inside && code { exit }
		/^```/ { code = !code; next }
		inside && code' "$LAB_TOP/README.md"
}

# Runs each line; what stands after "# " is the status that it says, 0 where none is said.
type_lines() { # TEXT
	local line expected

	while IFS= read -r line; do
		expected=$(sed -n 's/.*  # \([0-9]*\): .*/\1/p' <<<"$line")
		line=${line%%  *# [0-9]*}
		run bash -c "$line"
		expect_exit "$line" "${expected:-0}"
	done <<<"$1"
}

# --- a node without the package, where all that apt writes is private ---
# shellcheck source=tests/lab/layout.sh
. "$LAB_TOP/tests/lab/layout.sh"
layout_writable /usr/lib
layout_writable /var/cache
umount /etc/pve-safe /var/lib/pve-safe
rm -rf /usr/sbin/{pve,pct,qm,qmrestore}-safe /usr/libexec/pve-safe /etc/pve-safe /run/pve-safe \
	/var/lib/pve-safe /var/log/pve-safe /var/lib/vz/snippets/pve-safe-hook \
	/usr/share/lxc/config/common.conf.d/pve-safe.conf
mkdir -p /var/log/apt /root/work/build
ln -s "$release/deb" /root/work/build/deb
cd /root/work || exit 71
lab_ct 102 <<'END'
arch: amd64
hostname: legacy
net0: name=eth0,hwaddr=BC:24:11:00:00:01
ostype: debian
rootfs: local-lvm:vm-102-disk-0,size=4G
unprivileged: 0
END
lab_lxc 102
lab_vm 200 <<'END'
memory: 512
name: build
END
expect "before it, the container starts" pct start 102
pct stop 102

# --- Install it ---
install=$(commands_of '## Install it')
expect_equal "the section begins with the package" "$(head -n 1 <<<"$install")" \
	'apt install ./build/deb/pve-safe_*.deb'
# Nothing is asked or downloaded; other packages' reactions to new manuals are left out.
cat >/etc/apt/apt.conf.d/99lab <<'END'
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
DPkg::Options { "--no-triggers"; };
END
run bash -c "$(head -n 1 <<<"$install")"
expect_exit "the package is installed by apt" 0
expect "with its programs" test -x /usr/libexec/pve-safe/pve-safe-hook
expect "nothing is enforced by it" pct start 102
pct stop 102

# --- Five minutes ---
five=$(commands_of '### Five minutes')
expect_equal "the section has its commands" "$(grep -c 'pct start 102' <<<"$five")" 2
type_lines "$five"
expect_equal "the container runs at the end" "$(lab_lxc_state 102)" RUNNING
expect_output "the log has the refused start" out 'deny: start of CT 102 (legacy)'
expect_not "nothing was created" test -e /etc/pve/lxc/105.conf
for line in 'pve-safe attach --missing' 'pve-safe coverage'; do
	expect "Install it has: $line" grep -qxF "$line" <(printf '%s\n' "$install")
	run bash -c "$line"
	expect_exit "$line" 0
done
finish
