#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/installed.sh DIR: what `make install DESTDIR=DIR PREFIX=/usr` must have put there,
# and how its programs must be hardened.
set -eu
dir=${1:?which directory?}

fail() {
	echo "installed: $*" >&2
	exit 1
}

programs=(usr/sbin/pve-safe usr/sbin/pct-safe usr/sbin/qm-safe
	usr/libexec/pve-safe/pve-safe-hook usr/libexec/pve-safe/pve-safe-lxc-hook)
for p in "${programs[@]}"; do
	[ -x "$dir/$p" ] || fail "$p is missing"
done
"$(dirname "$0")/hardening.sh" "${programs[@]/#/$dir/}" || fail "these programs are not hardened"
[ "$(readlink "$dir/usr/sbin/qmrestore-safe")" = qm-safe ] || fail "qmrestore-safe is no link"
[ "$(readlink "$dir/var/lib/vz/snippets/pve-safe-hook")" = /usr/libexec/pve-safe/pve-safe-hook ] ||
	fail "the snippet is no link to the hook"
[ -s "$dir/usr/share/pve-safe/policy/baseline.conf" ] || fail "the shipped policy is missing"
[ -s "$dir/usr/share/pve-safe/settings/wireguard-ct.conf" ] || fail "the settings templates are missing"
[ -s "$dir/usr/share/pve-safe/lxc/pve-safe.conf" ] || fail "the node-wide file is missing"
[ -s "$dir/usr/share/pve-safe/logrotate/pve-safe" ] || fail "the record's rotation is missing"
for p in pve-safe.service pve-safe.timer; do
	[ -s "$dir/usr/lib/systemd/system/$p" ] || fail "$p is missing"
done
for page in man5/pve-safe-policy.5 man7/pve-safe-facts.7 man8/pve-safe.8 man8/pve-safe-explain.8; do
	[ -s "$dir/usr/share/man/$page" ] || fail "the manual $page is missing"
done
