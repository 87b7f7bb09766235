#!/bin/bash
# SPDX-License-Identifier: MIT
# restore, judged on the configuration in the archive with the options on top, before the
# real tool has run.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

mkdir -p /run/pve-standin /var/lib/vz/dump
touch /run/pve-standin/calls
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END

# An archive as the stand-in for pvesm has it: its configuration as text.
archive() { # NAME
	cat >"/var/lib/vz/dump/$1"
}

archive vzdump-lxc-101-2026_11_01-00_00_00.tar <<'END'
arch: amd64
hostname: web01
memory: 512
ostype: debian
unprivileged: 0
rootfs: local-lvm:vm-101-disk-0,size=4G
END
ct=local:backup/vzdump-lxc-101-2026_11_01-00_00_00.tar

run pct-safe restore 201 "$ct"
expect_exit "a privileged container in an archive is refused" 77
expect_output "the message names the archive" err "archive $ct"
expect_output "and the event" err "restore of CT 201 (web01) denied"
expect "the real tool was not run" test ! -e /etc/pve/lxc/201.conf

run pct-safe create 201 "$ct" --restore 1
expect_exit "the same, hidden in create" 77

run pct-safe restore 201 "$ct" --unprivileged 1
expect_exit "made unprivileged on the way it is restored" 0
expect "it is there" test -e /etc/pve/lxc/201.conf

run pct-safe restore 202 "$ct" --tags just-CHG-7
expect_exit "or with a justification tag" 0

run pct-safe restore 201 "$ct" --unprivileged 1
expect_exit "a VMID that is taken is refused" 78
expect_output "with the number and where it is" err "VMID 201 is taken by a container on node pve1"

archive vzdump-qemu-100-2026_11_01-00_00_00.vma <<'END'
args: -device vfio-pci,host=01:00.0
cores: 2
memory: 2048
name: build
END
vm=local:backup/vzdump-qemu-100-2026_11_01-00_00_00.vma
run qmrestore-safe "$vm" 300
expect_exit "raw arguments in a VM's archive are refused" 77
expect_output "they are shown" err "found: args: -device vfio-pci,host=01:00.0 (archive $vm:1)"
run qm-safe create 300 --archive "$vm"
expect_exit "the same by qm create --archive" 77
expect "nothing was restored" test ! -e /etc/pve/qemu-server/300.conf

# --- files, which pvesm extractconfig does not take ---
disk=/run/usb
mkdir -p $disk/tree/etc/vzdump
cp "/var/lib/vz/dump/${ct##*/}" $disk/tree/etc/vzdump/pct.conf
for name in vzdump-lxc-101-2026_11_01-00_00_00.tar mine.tar.gz vzdump-lxc-101.tar.zst; do
	tar -C $disk/tree -caf "$disk/$name" ./etc/vzdump/pct.conf
	run pct-safe restore 204 "$disk/$name"
	expect_exit "$name on a disk: what it holds is refused" 77
	expect_output "$name: by its path" err "found: unprivileged: 0 (archive $disk/$name:5)"
done
run sh -c "cd $disk && pct-safe restore 204 mine.tar.gz"
expect_exit "in the working directory, too" 77
run pct-safe restore 204 $disk/mine.tar.gz --unprivileged 1
expect_exit "what is allowed is restored" 0
cp $disk/tree/etc/vzdump/pct.conf $disk/tree/etc/vzdump/vps.conf
tar -C $disk/tree -cf $disk/two.tar ./etc/vzdump/vps.conf ./etc/vzdump/pct.conf
run pct-safe restore 205 $disk/two.tar --unprivileged 1
expect_exit "a file of OpenVZ's that stands before is what Proxmox reads: not judged" 78
expect_output "with what a file must be" err 'do: is it a whole backup, called as vzdump calls them'
mkdir -p $disk/tree/x./etc/vzdump
touch $disk/tree/x./etc/vzdump/vps.conf
tar -C $disk/tree -cf $disk/ends.tar x./etc/vzdump/vps.conf ./etc/vzdump/pct.conf ./etc/vzdump/vps.conf
run pct-safe restore 205 $disk/ends.tar --unprivileged 1
expect_exit "so is one whose name only ends like that, by which Proxmox reads the other" 78
run pct-safe restore 205 $disk/tree
expect_exit "a directory is none" 78
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1" = config ] && exec cat "$2"\n' >/usr/sbin/vma
chmod 755 /usr/sbin/vma
cp "/var/lib/vz/dump/${vm##*/}" $disk
gzip -k "$disk/${vm##*/}"
zstd -q "$disk/${vm##*/}"
for name in "${vm##*/}" "${vm##*/}.gz" "${vm##*/}.zst"; do
	run qmrestore-safe "$disk/$name" 301
	expect_exit "$name on a disk: what it holds is refused" 77
	expect_output "$name: by its path" err "(archive $disk/$name:1)"
done
cp "$disk/${vm##*/}" $disk/other
run qmrestore-safe $disk/other 301
expect_exit "a name that Proxmox does not take is not judged" 78

run pct-safe restore 203 local:backup/none.tar
expect_exit "an archive that is not there is refused" 78
expect_output "by its name" err "archive 'local:backup/none.tar': pvesm extractconfig failed"

: >/run/pve-standin/calls
cat >/usr/sbin/pvesm <<'END'
#!/bin/sh
head -c 10485760 /dev/zero | tr '\0' 'x'
END
chmod 755 /usr/sbin/pvesm
run pct-safe restore 203 "$ct"
expect_exit "pvesm printing 10 MiB is refused" 78
expect_output "with the reason" err "prints more than a guest's configuration can be"

printf '#!/bin/sh\nprintf "a\\000b\\n"\n' >/usr/sbin/pvesm
run pct-safe restore 203 "$ct"
expect_exit "pvesm printing garbage is refused" 78

rm /usr/sbin/pvesm
run pct-safe restore 203 "$ct"
expect_exit "pvesm missing is refused" 78
expect_output "by its path" err "/usr/sbin/pvesm: No such file or directory"
expect "no tool was run in all of these" test ! -s /run/pve-standin/calls
finish
