# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The node that the examples of manuals and docs are about.

# Makes it: 101 is fine, 102 privileged, 200 a VM; and goes to a directory with copies of files.
world() {
	qm stop 200 >/dev/null 2>&1
	rm -rf /etc/pve/pve-safe /root/work
	lab_policy <<-'END'
	version = 1
	include = { "baseline@1" }
	END
	lab_enable
	lab_ct 101 <<-'END'
	arch: amd64
	hostname: web01
	ostype: debian
	rootfs: local-lvm:vm-101-disk-0,size=4G
	unprivileged: 1
	END
	lab_ct 102 <<-'END'
	arch: amd64
	hostname: legacy
	net0: name=eth0,hwaddr=BC:24:11:00:00:01
	ostype: debian
	rootfs: local-lvm:vm-102-disk-0,size=4G
	unprivileged: 0
	END
	lab_vm 200 <<-'END'
	cores: 2
	memory: 2048
	name: build
	scsi0: local-lvm:vm-200-disk-0,size=8G
	smbios1: uuid=8d6b5a0e-3c0e-4d3c-9d63-0a8e6fbd4c11
	END
	mkdir /root/work
	cp /etc/pve/pve-safe/policy.conf /root/work/policy.conf
	cp /etc/pve/lxc/102.conf /root/work/102.conf
	chmod 644 /root/work/*.conf
	cd /root/work || exit 1
}
