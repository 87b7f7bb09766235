#!/bin/bash
# SPDX-License-Identifier: MIT
# What templates want of guests that clone and qmrestore make: set once the guest is there,
# shown before and after, and said where it could not be.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

lab_policy <<'END'
version = 1
END
lab_enable
lab_file /etc/pve/pve-safe/settings/onboot.conf <<'END'
settings "onboot" { match = "ct and tag = wireguard" option "onboot" { value = "1" } }
END
lab_ct 101 <<'END'
arch: amd64
dev0: /dev/fuse
hookscript: local:snippets/pve-safe-hook
hostname: vpn
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=4G
tags: wireguard
unprivileged: 1
END

# --- a container that is cloned ---
run pct-safe --dry-run clone 101 130
expect_exit "a dry run of clone" 0
expect_output "shows what follows" out \
	'then: /usr/sbin/pct set 130 --dev1 /dev/net/tun,mode=0666 --onboot 1'
run pct-safe clone 101 130
expect_exit "a container is cloned" 0
expect_output "what was added is shown" err \
	'pve-safe: added: /usr/sbin/pct set 130 --dev1 /dev/net/tun,mode=0666 --onboot 1 --digest '
expect_equal "and is in its file" "$(grep -e '^dev' -e '^onboot' /etc/pve/lxc/130.conf)" \
	$'dev0: /dev/fuse\ndev1: /dev/net/tun,mode=0666\nonboot: 1'
run pct-safe clone 130 131
expect_no_output "what is there is not added again" err '--onboot'

# --- a device whose group only the container itself can number ---
mkdir -p /dev/dri
mknod /dev/dri/renderD128 c 226 128
printf '%s\n' 'arch: amd64' 'hookscript: local:snippets/pve-safe-hook' 'hostname: media' \
	'ostype: debian' 'rootfs: local-lvm:vm-102-disk-0,size=4G' 'tags: jellyfin' \
	'unprivileged: 1' | lab_ct 102
run pct-safe clone 102 132
expect_output "a device is given" err 'pve-safe: added: /usr/sbin/pct set 132 --dev0 /dev/dri/renderD128,mode=0660 --digest '
expect_output "and that its group is not, with the way to give it" err \
	"pve-safe: note: the number of 'render' in the container is not known yet; when it runs: pct set 132 --dev0 /dev/dri/renderD128,mode=0660,gid=N"
lab_file /etc/pve/pve-safe/settings/fuse.conf <<'END'
settings "fuse" { match = "ct and tag = jellyfin" device "/dev/fuse" { gid = "input" } }
END
run pct-safe clone 102 133
expect_output "of one" err "'input' in the container is not known yet; when it runs: pct set 133 --dev"
expect_output "as of another" err "'render' in the container is not known yet; when it runs: pct set 133 --dev"
rm -r /dev/dri /etc/pve/pve-safe/settings/fuse.conf

# --- a match that looks at the node, at create as at a start ---
mkdir -p /srv/deep
ln -s deep /srv/link
lab_file /etc/pve/pve-safe/settings/deep.conf <<'END'
settings "deep" { match = "bind_resolved ~ /srv/deep*" option "startup" { value = "order=9" } }
END
lab_file /var/lib/vz/template/cache/debian-12-standard_12.7-1_amd64.tar.zst </dev/null
run pct-safe create 134 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --unprivileged 1 --rootfs local-lvm:4 \
	--mp0 /srv/link,mp=/data
expect_exit "a container with a bind mount" 0
expect_output "gets what a template for its target wants" err "--startup order=9"
rm -r /srv/deep /srv/link /etc/pve/pve-safe/settings/deep.conf

# --- a VM that is cloned or restored ---
lab_vm 201 <<'END'
hookscript: local:snippets/pve-safe-hook
name: db
scsi0: local-lvm:vm-201-disk-0,size=4G
tags: postgresql
vmgenid: 1b671a64-40d5-491e-99b0-da01ff1f3341
END
run qm-safe clone 201 230
expect_exit "a VM is cloned" 0
expect_output "an option follows" err 'pve-safe: added: /usr/sbin/qm set 230 --numa 1 --digest '
expect "it is in its file" grep -q '^numa: 1$' /etc/pve/qemu-server/230.conf
mkdir -p /var/lib/vz/dump
printf '%s\n' 'name: db' 'scsi0: local-lvm:vm-201-disk-0,size=4G' 'tags: postgresql' \
	>/var/lib/vz/dump/vzdump-qemu-201-2026_01_01-00_00_00.vma.zst
run qmrestore-safe local:backup/vzdump-qemu-201-2026_01_01-00_00_00.vma.zst 231
expect_exit "a VM is restored" 0
expect "with the option, too" grep -q '^numa: 1$' /etc/pve/qemu-server/231.conf

# --- a partial result ---
mkdir -p /usr/libexec/real
mv /usr/sbin/pct /usr/libexec/real/pct
cat >/usr/sbin/pct <<'END'
#!/bin/bash
if [ "$1" = set ]; then
	echo 'no, not today' >&2
	exit 4
fi
exec /usr/libexec/real/pct "$@"
END
chmod 755 /usr/sbin/pct
run pct-safe clone 101 140
expect_exit "the clone is made" 0
expect_output "what it lacks is said" err \
	'WARN: pve-safe: CT 140 is made, but lacks what its templates want: '
expect_output "with the tool's words" err 'no, not today'
expect_output "and the command to run" err \
	'WARN: pve-safe: do: /usr/sbin/pct set 140 --dev1 /dev/net/tun,mode=0666 --onboot 1'
expect_no_output "of its record nothing" err 'the outcome is not in the record'
expect "and recorded" grep -q 'the guest is made; it lacks what its templates want' \
	/var/log/pve-safe/audit.jsonl
rm /var/log/pve-safe/audit.jsonl
mkdir /var/log/pve-safe/audit.jsonl
run pct-safe clone 101 141
expect_output "what it lacks is said without a record, too" err 'CT 141 is made, but lacks'
expect_equal "and that there is none, of this as of the clone" \
	"$(grep -c 'WARN: pve-safe: the outcome is not in the record: ' <<<"$err")" 2
finish
