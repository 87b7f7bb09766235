#!/bin/bash
# SPDX-License-Identifier: MIT
# The tests that the package brings for autopkgtest, on a machine that is no Proxmox node.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve none

# As the package leaves it.
umount /usr/share/lxc/config/common.conf.d /etc/pve
rmdir /etc/pve
rm -f /usr/sbin/pct /usr/sbin/qm /usr/sbin/qmrestore /usr/sbin/pvesm
mkdir -p /usr/share/doc/pve-safe
cp -r --no-preserve=mode "$LAB_TOP/templates/examples" /usr/share/doc/pve-safe/
install -D -m 644 "$LAB_TOP/templates/lxc/pve-safe.conf" /usr/share/pve-safe/lxc/pve-safe.conf

mapfile -t tests < <(sed -n 's/^Tests: //p' "$LAB_TOP/debian/tests/control")
for test in "${tests[@]}"; do
	run env HOME=/root bash -c "cd '$LAB_TOP' && exec debian/tests/$test"
	expect_exit "$test" 0
done
expect_not "LXC asks nobody afterwards" test -e /usr/share/lxc/config/common.conf.d/pve-safe.conf
finish
