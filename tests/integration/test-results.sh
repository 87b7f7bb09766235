#!/bin/bash
# SPDX-License-Identifier: MIT
# What a command would result in is what is judged, whatever command it is: each way to a
# guest that the policy refuses is closed before the tool has run.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs
# shellcheck source=tests/integration/tools.sh
. "$(dirname "$0")/tools.sh"

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_enable

# An archive as the stand-in for pvesm has it: its configuration as text.
archive() { # NAME
	cat >"/var/lib/vz/dump/$1"
}

# --- privileged by restore ---
archive vzdump-lxc-101-2026_11_01-00_00_00.tar <<'END'
arch: amd64
ostype: debian
hostname: web01
rootfs: local-lvm:vm-101-disk-0,size=4G
tags: just-chg-1
unprivileged: 0
END
ct=local:backup/vzdump-lxc-101-2026_11_01-00_00_00.tar
try pct-safe restore 201 $ct --tags other
expect_refused "privileged by restore, its justification overwritten" privileged
try pct-safe create 201 $ct --restore 1 --unprivileged 0 --tags other
expect_refused "privileged by a restore hidden in create" privileged

# --- privileged by clone ---
cat <<'END' | lab_ct 110
arch: amd64
ostype: debian
hostname: old
rootfs: local-lvm:vm-110-disk-0,size=4G
unprivileged: 0
END
cat <<'END' | lab_ct 111
arch: amd64
ostype: debian
hostname: new
parent: before
rootfs: local-lvm:vm-111-disk-0,size=4G
unprivileged: 1

[before]
arch: amd64
ostype: debian
hostname: new
rootfs: local-lvm:vm-111-disk-0,size=4G
snaptime: 1700000000
unprivileged: 0
END
try pct-safe clone 110 210
expect_refused "privileged by clone" privileged
try pct-safe clone 111 210 --snapname before
expect_refused "privileged by clone of a snapshot" privileged
try pct-safe clone 111 210 --target pve2 --snapname before
expect_refused "privileged by clone to another node" privileged
try pct-safe clone 111 210 --snapname never
expect_stopped "clone of a snapshot that is not there" "there is no snapshot 'never'"
printf 'hostname: far\nunprivileged: 0\n' | lab_ct 112 pve2
try pct-safe clone 112 210
expect_stopped "clone from a guest of another node" 'CT 112 is on node pve2, not on pve1'

# --- privileged by rollback ---
try pct-safe rollback 111 before
expect_refused "privileged by rollback" privileged
try pct-safe rollback 111 before --start 1
expect_refused "privileged by rollback and start" privileged
try pct-safe rollback 111 never
expect_stopped "rollback to a snapshot that is not there" "there is no snapshot 'never'"

# --- privileged by set, of a stopped and of a running guest ---
cat <<'END' | lab_ct 120
arch: amd64
ostype: debian
hostname: good
rootfs: local-lvm:vm-120-disk-0,size=4G
unprivileged: 1
END
# Guests with pending changes, which a start would merge.
pending() {
	cat <<-'END' | lab_ct 121
	arch: amd64
	ostype: debian
	hostname: tagged
	hookscript: local:snippets/pve-safe-hook
	rootfs: local-lvm:vm-121-disk-0,size=4G
	tags: just-chg-1
	unprivileged: 0

	[pve:pending]
	unprivileged: 1
	END
	cat <<-'END' | lab_ct 122
	arch: amd64
	ostype: debian
	hostname: going
	rootfs: local-lvm:vm-122-disk-0,size=4G
	unprivileged: 1

	[pve:pending]
	delete: unprivileged
	END
}
for state in stopped running; do
	pending
	try pct-safe set 120 --delete unprivileged
	expect_refused "$state: privileged by set --delete unprivileged" privileged
	try pct-safe set 120 --delete memory,unprivileged --digest 0
	expect_refused "$state: in a list, with a digest" privileged
	try pct-safe set 121 --revert unprivileged --delete tags
	expect_refused "$state: privileged by set --revert, its justification deleted" privileged
	try pct-safe set 122 --memory 512
	expect_refused "$state: privileged by a pending change that stays" privileged
	try pct-safe set 122 --revert unprivileged
	expect_ran "$state: taken back by set --revert" 'pct set 122 --revert=unprivileged'
	pct start 120 >/run/started 2>&1 && pct start 121 >>/run/started 2>&1
done

# --- what kept a guest in order, taken away ---
cat <<'END' | lab_ct 123
arch: amd64
ostype: debian
hostname: tagged
hookscript: local:snippets/pve-safe-hook
rootfs: local-lvm:vm-123-disk-0,size=4G
tags: just-chg-1
unprivileged: 0
END
try pct-safe set 123 --delete hookscript
expect_refused "the hookscript removed by set --delete" hook-removed
try pct-safe set 123 --hookscript local:snippets/other.sh
expect_refused "the hookscript replaced by set" hook-removed
try pct-safe set 123 --delete tags
expect_refused "the justification tag removed by set --delete" privileged
try pct-safe set 123 --tags other
expect_refused "the justification tag replaced by set" privileged
try pct-safe set 123 --tags 'other;just-chg-1'
expect_ran "a tag beside it is fine" 'pct set 123 --tags=other;just-chg-1'

# --- set --delete by the name of disk unlink, which takes whatever options it is given ---
printf 'name: hooked\nhookscript: local:snippets/pve-safe-hook\nprotection: 0\nscsi0: local-lvm:vm-124-disk-0\nscsi1: local-lvm:vm-124-disk-1\ntags: just-chg-1\n' | lab_vm 124
try qm-safe disk unlink 124 --idlist hookscript
expect_refused "the hookscript removed by disk unlink" hook-removed
expect_output "which is a set" err 'pve-safe: set of VM 124 (hooked) denied'
try qm-safe unlink 124 --idlist 'scsi1; hookscript' --force
expect_refused "in a list, by its alias" hook-removed
run qm-safe --dry-run disk unlink 124 --idlist hookscript
expect_exit "asked before" 77
expect_output "the set is shown" out 'pve-safe: set of VM 124 (hooked) denied'
try qm-safe disk unlink 124 --idlist scsi1
expect_ran "a disk is unlinked" 'qm disk unlink 124 --idlist=scsi1'
try qm-safe unlink 124 --idlist protection
expect_exit "an option that may go" 0
expect_equal "is in the record as a set, the disk is none" "$(jq -r 'select(.guest.vmid == 124 and .verdict == "allow") | .event' $log | tail -n 2 | xargs)" 'disk unlink set'

# --- an archive that lies about its kind ---
archive vzdump-qemu-100-2026_11_01-00_00_00.vma <<'END'
args: -device vfio-pci,host=01:00.0
cores: 2
name: build
scsi0: local-lvm:vm-100-disk-0,size=8G
END
vm=local:backup/vzdump-qemu-100-2026_11_01-00_00_00.vma
cp /var/lib/vz/dump/vzdump-qemu-100-2026_11_01-00_00_00.vma /var/lib/vz/dump/vzdump-lxc-300-2026_11_01-00_00_00.tar
cp /var/lib/vz/dump/vzdump-lxc-101-2026_11_01-00_00_00.tar /var/lib/vz/dump/vzdump-qemu-301-2026_11_01-00_00_00.vma
cp /var/lib/vz/dump/vzdump-lxc-101-2026_11_01-00_00_00.tar /var/lib/vz/dump/plain
try pct-safe restore 201 $vm --unprivileged 1
expect_stopped "a VM's archive given to pct restore" "archive '$vm' is of a VM, by its name"
try qmrestore-safe $ct 301
expect_stopped "a container's archive given to qmrestore" "archive '$ct' is of a container, by its name"
try qm-safe create 301 --archive $ct
expect_stopped "a container's archive given to qm create" "archive '$ct' is of a container, by its name"
try pct-safe restore 201 pbs:backup/vm/100/2026-11-01T00:00:00Z
expect_stopped "a VM's archive of a backup server" 'is of a VM, by its name'
try pct-safe restore 201 local:backup/vzdump-lxc-300-2026_11_01-00_00_00.tar --unprivileged 1
expect_stopped "a VM's configuration under a container's name" "is of a VM, by what it holds ('args')"
try qmrestore-safe local:backup/vzdump-qemu-301-2026_11_01-00_00_00.vma 301
expect_stopped "a container's configuration under a VM's name" "is of a container, by what it holds ('hostname')"
try qmrestore-safe local:backup/plain 301
expect_stopped "a container's configuration in a plain file" 'is of a container, by what it holds'
expect_output "the way out is named" err 'do: pct-safe restore 301 ARCHIVE'

# --- pending changes, which come out of an archive, but do not go along with a clone ---
waiting() {
	printf 'name: waits\nscsi0: local-lvm:vm-130-disk-0,size=8G\n'
	printf 'net0: virtio,bridge=vmbr0\nnet1: virtio,bridge=vmbr0\n\n[PENDING]\nargs: -device x\n'
}
waiting | lab_vm 130
waiting | archive vzdump-qemu-130-2026_11_01-00_00_00.vma
pendingvm=local:backup/vzdump-qemu-130-2026_11_01-00_00_00.vma
try qm-safe clone 130 330
expect_exit "raw arguments that wait in the source are not in its clone" 0
rm -f /etc/pve/qemu-server/330.conf
try qmrestore-safe $pendingvm 331
expect_refused "raw arguments that wait in an archive" raw-args
run qm-safe --dry-run --format json create 331 --archive $pendingvm --net0 virtio,bridge=vmbr0 \
	--net3 virtio,bridge=vmbr0
expect_exit "and whatever options stand on top" 77
printf 'name: waits\nargs: -device x\n\n[PENDING]\ndelete: args\n' | lab_vm 130
try qm-safe clone 130 330
expect_refused "those that the source is to lose are" raw-args

# --- what a start has by its options ---
printf 'name: forced\ncpu: x86-64-v2-AES\nscsi0: local-lvm:vm-131-disk-0,size=8G\n' | lab_vm 131
lab_policy <<'END'
version = 1
rule "nested" {
	when = "nested_virt"
	action = deny
	reason = "no VMs in VMs"
	remedy = "cpu: x86-64-v2-AES"
}
END
for cpu in host max,enforce x86-64-v2-AES,+vmx; do
	try qm-safe start 131 --force-cpu $cpu
	expect_refused "nested virtualisation by --force-cpu $cpu" nested
done
try qm-safe start 131 --force-cpu x86-64-v2-AES
expect_exit "another CPU without it starts" 0
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END

# --- where Proxmox writes another key or value than was typed ---
lab_policy <<'END'
version = 1
rule "no-iso" {
	when = "iso_storage = nas"
	action = deny
	reason = "images of that storage are not for guests"
	remedy = "use local:iso/…"
}
rule "no-nas" {
	when = "storage = nas"
	events = { "create", "restore", "clone", "set", "disk move", "move-volume" }
	action = deny
	reason = "guests do not run on that storage"
	remedy = "use local-lvm"
}
END
try pct-safe create 242 $template --rootfs 8 --storage nas
expect_refused "a size alone is a volume on --storage" no-nas
cat >>/etc/pve/pve-safe/policy.conf <<'END'
rule "no-secret" {
	when = "option in (env, cipassword)"
	action = deny
	reason = "secrets do not belong into a guest's file"
	remedy = "give them to the guest itself"
}
END
printf 'hostname: env\nenv: TOKEN=geheim\nunprivileged: 1\n' | lab_ct 142
try pct-safe start 142
expect_refused "a guest with a secret in its environment" no-secret
expect_output "which is not shown" err 'found: env: *** (/etc/pve/lxc/142.conf:2)'
try qm-safe create 243 --cipassword geheim
expect_output "nor is that of the command line" err 'found: cipassword: *** (command line)'
printf 'name: cd\nide2: nas:iso/a.iso,media=cdrom\n' | lab_vm 140
printf 'name: cd\n' | lab_vm 141
try qm-safe set 141 --cdrom nas:iso/b.iso
expect_refused "--cdrom is ide2" no-iso
try qm-safe set 141 --cdrom nas:iso/b.iso --ide2 none,media=cdrom
expect_refused "and wins over it" no-iso
try qm-safe set 140 --cdrom none
expect_ran "what --cdrom replaces is gone" 'qm set 140 --cdrom=none'
printf 'name: cd\nide2: nas:iso/a.iso,media=cdrom\n' | lab_vm 140
try qm-safe set 140 --delete cdrom
expect_ran "as is what --delete cdrom deletes" 'qm set 140 --delete=cdrom'

# --- volumes: where they come to lie, how large they become, whose they will be ---
cat >>/etc/pve/pve-safe/policy.conf <<'END'
rule "no-big" {
	when = "disk_gib > 100"
	events = { "clone", "resize", "disk resize", "disk move", "move-volume" }
	action = deny
	reason = "too large"
	remedy = "make it smaller"
}
rule "no-bind" {
	when = "bind"
	events = { "restore" }
	action = deny
	reason = "binds do not come back"
	remedy = "give --rootfs"
}
END
archive vzdump-lxc-150-2026_11_01-00_00_00.tar <<'END'
hostname: bound
rootfs: nas:vm-150-disk-0,size=4G
mp0: /srv/data,mp=/data
net0: name=eth0,bridge=vmbr0
unprivileged: 1
END
bound=local:backup/vzdump-lxc-150-2026_11_01-00_00_00.tar
try pct-safe --dry-run restore 360 $bound
expect_exit "a bind in an archive comes back" 77
expect_output "as it is there" out 'found: mp0: /srv/data,mp=/data (archive'
try pct-safe restore 360 $bound --rootfs local-lvm:4
expect_ran "not where the command line names the volumes; nor the archive's storage" \
	"pct restore 360 $bound --rootfs=local-lvm:4 --hookscript=local:snippets/pve-safe-hook"
expect "as Proxmox has it" test -z "$(grep -e mp0 -e nas: /etc/pve/lxc/360.conf)"
try pct-safe restore 361 $bound --rootfs 4 --storage nas
expect_refused "restore of a container to a storage" no-nas
printf 'name: build\nscsi0: local-lvm:vm-100-disk-0,size=8G\nscsi1: nas:x,backup=0\n' |
	archive vzdump-qemu-151-2026_11_01-00_00_00.vma
disks=local:backup/vzdump-qemu-151-2026_11_01-00_00_00.vma
try qmrestore-safe $disks 362 --storage nas
expect_refused "restore of a VM to a storage" no-nas
try qm-safe create 362 --archive $disks --storage nas
expect_refused "hidden in create" no-nas
try qm-safe --dry-run create 362 --archive $disks
expect_exit "a drive that no backup has does not come back" 0
printf 'hostname: one\nrootfs: local-lvm:vm-152-disk-0,size=4G\nmp0: local-lvm:vm-152-disk-1,mp=/x,size=50G\nunprivileged: 1\n' | lab_ct 152
printf 'hostname: two\nrootfs: local-lvm:vm-153-disk-0,size=90G\nunprivileged: 1\n' | lab_ct 153
printf 'name: one\nscsi0: local-lvm:vm-154-disk-0,size=4G\nscsi1: local-lvm:vm-154-disk-1,size=50G\n' | lab_vm 154
try pct-safe clone 152 363 --full --storage nas
expect_refused "clone of a container to a storage" no-nas
try qm-safe clone 154 363 --full --storage nas
expect_refused "clone of a VM to a storage" no-nas
try pct-safe move-volume 152 mp0 nas
expect_refused "move-volume to a storage" no-nas
try qm-safe disk move 154 scsi1 nas --delete
expect_refused "disk move to a storage" no-nas
try pct-safe resize 152 rootfs +200G
expect_refused "resize by a size" no-big
expect_output "which is shown" err 'found: mp0: local-lvm:vm-152-disk-1,mp=/x,size=50G'
try qm-safe resize 154 scsi0 200G
expect_refused "resize to a size" no-big
printf 'name: two\nscsi0: local-lvm:vm-155-disk-0,size=90G\n' | lab_vm 155
try pct-safe move-volume 152 mp0 --target-vmid 153
expect_refused "move-volume to another container, of which it makes too much" no-big
expect_output "which is named" err 'pve-safe: move-volume of CT 153 (two) denied'
try qm-safe disk move 154 scsi1 --target-vmid 155 --target-disk scsi1
expect_refused "disk move to another VM" no-big
run qm-safe --dry-run disk move 154 scsi1 --target-vmid 155
expect_exit "asked before" 77
expect_output "the one that gives is judged" out 'pve-safe: disk move of VM 154 (one) allowed'
expect_output "and the one that gets" out 'pve-safe: disk move of VM 155 (two) denied'
run qm-safe --dry-run --format json disk move 154 scsi1 --target-vmid 155
expect_equal "in JSON the one that is refused" "$(jq -r '[.guest.vmid, .verdict] | join(" ")' <<<"$out")" '155 deny'
printf 'name: three\nscsi0: local-lvm:vm-156-disk-0,size=9G\n' | lab_vm 156
run qm-safe --dry-run --format json disk move 154 scsi1 --target-vmid 156
expect_equal "or else the one that the command is about" "$(jq -r '[.guest.vmid, .verdict] | join(" ")' <<<"$out")" '154 allow'
try qm-safe disk move 154 scsi1 --target-vmid 999
expect_stopped "to a guest that is nowhere" 'there is no VM 999 on this node (pve1)'
try qm-safe disk move 154 scsi1 --target-vmid 152
expect_stopped "to one of the other kind" '152 is a container'
try qm-safe disk move 154 scsi1 --target-vmid 156
expect_ran "to one that has room for it" 'qm disk move 154 scsi1 --target-vmid=156'
expect_equal "both are in the record" "$(jq -r 'select(.event == "disk move") | .guest.vmid' $log | tail -n 2 | xargs)" '154 156'
expect_equal "with what came of it" "$(outcomes)" 'done; what Proxmox wrote is allowed as before'
try qm-safe disk resize 154 scsi0 +10G
expect_ran "one that fits" 'qm disk resize 154 scsi0 +10G'

# --- a migration: volumes and networks as they are on the other node ---
cat >>/etc/pve/pve-safe/policy.conf <<'END'
rule "far-nas" {
	when = "storage = nas or bridge = lan"
	events = { "migrate", "remote-migrate" }
	action = deny
	reason = "not there"
	remedy = "elsewhere"
}
END
cp /etc/pve/storage.cfg /run/storage.cfg
printf '\nnfs: nas\n\tserver nas\n\texport /x\n\n' >>/etc/pve/storage.cfg
try qm-safe migrate 154 pve2 --targetstorage nas
expect_refused "migrate to a storage" far-nas
try pct-safe migrate 152 pve2 --target-storage local-lvm:nas
expect_refused "migrate of a container, by a list" far-nas
run qm-safe --dry-run migrate 154 pve2 --targetstorage local
expect_exit "another storage may be it" 0
run qm-safe --dry-run remote-migrate 154 954 host=far,apitoken=t --target-storage local --target-bridge lan
expect_exit "another cluster's bridges: of a VM without networks" 0
printf 'name: net\nnet0: virtio=BC:24:11:00:00:07,bridge=vmbr0\nscsi0: nas:vm-157-disk-0,size=1G\n' | lab_vm 157
run qm-safe --dry-run remote-migrate 157 957 host=far,apitoken=t --target-storage local --target-bridge lan
expect_exit "and of one that has some" 77
run qm-safe --dry-run remote-migrate 157 957 host=far,apitoken=t --target-storage local --target-bridge 1
expect_exit "what leaves the cluster leaves its storages" 0
run qm-safe --dry-run migrate 157 pve2 --targetstorage local
expect_exit "what only leaves the node does not leave a shared one" 77
printf 'vm: 154\n' | lab_file /etc/pve/ha/resources.cfg
run qm-safe --dry-run migrate 154 pve2 --targetstorage nas
expect_exit "HA is told nothing of storages" 0
printf 'vm: many\n' | lab_file /etc/pve/ha/resources.cfg
run qm-safe migrate 154 pve2 --targetstorage local
expect_output "nor where nobody knows whether it is HA's" err '/etc/pve/ha/resources.cfg: which volumes stay'
rm /etc/pve/ha/resources.cfg
printf 'dir: 1\n' >>/etc/pve/storage.cfg
run qm-safe migrate 154 pve2 --targetstorage local
expect_exit "where nobody knows what is shared it is not migrated" 78
expect_output "with the file that says it" err '/etc/pve/storage.cfg: which volumes stay in place is not known: line'
run qm-safe --dry-run migrate 154 pve2
expect_exit "unless all stay on theirs" 0
cat /run/storage.cfg >/etc/pve/storage.cfg
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END

# --- a restore through a pipe ---
try pct-safe restore 220 - --rootfs local-lvm:4
expect_output "a pipe is judged afterwards, and that is said" err \
	'pve-safe: note: what is in the archive is judged when Proxmox has written it'
try pct-safe restore 221 - --unprivileged 0 --rootfs local-lvm:4
expect_refused "what the options say is judged before" privileged
try pct-safe restore 222 - --rootfs local-lvm:4 --start 1
expect_stopped "it is not started unread" 'what comes through a pipe cannot be judged before it is started'
try qmrestore-safe - 322 --ha-managed 1
expect_stopped "nor by HA" 'what comes through a pipe cannot be judged before it is started'
rm -f $calls/*
out=$(pct-safe restore 223 - 2>/run/err </var/lib/vz/dump/vzdump-lxc-101-2026_11_01-00_00_00.tar)
status=$? err=$(cat /run/err)
expect_exit "restored" 0
expect_no_output "what is allowed is no difference" err 'not what was judged'
sed -i /tags/d /var/lib/vz/dump/vzdump-lxc-101-2026_11_01-00_00_00.tar
pct-safe restore 224 - 2>/run/err </var/lib/vz/dump/vzdump-lxc-101-2026_11_01-00_00_00.tar >/run/out
status=$? err=$(cat /run/err) out=''
expect_exit "a privileged one out of a pipe is restored" 0
expect_output "and reported" err 'WARN: pve-safe: what Proxmox wrote is not what was judged'
expect_output "with the rule" err 'privileged: root in a privileged container is root on the node'
expect_equal "and recorded" "$(outcomes | tail -n 1)" \
	'done; what Proxmox wrote is judged more strictly than the command was: privileged'

# --- Proxmox writes something else than what was judged ---
echo 'writes-other=unprivileged: 0' >/run/pve-standin/230
try pct-safe create 230 $template --rootfs local-lvm:4
expect_exit "a tool that writes something else ends as it ends" 0
expect_output "the difference is reported" err 'WARN: pve-safe: what Proxmox wrote is not what was judged'
expect_output "with what was found" err 'found: unprivileged: 0 (/etc/pve/lxc/230.conf:'
expect_output "now it is there to be explained" err 'more: pve-safe explain 230'
expect_equal "and recorded as outcome" "$(outcomes)" \
	'done; what Proxmox wrote is judged more strictly than the command was: privileged'

# --- a guest that cannot be worked on ---
printf 'hostname: busy\nlock: backup\nunprivileged: 1\n' | lab_ct 240
printf 'name: busy\nlock: backup\nscsi0: local-lvm:vm-340-disk-0\n' | lab_vm 340
for words in 'start 240' 'set 240 --memory 512' 'clone 240 241' 'migrate 240 pve2' 'template 240' \
	'resize 240 rootfs +1G'; do
	# shellcheck disable=SC2086
	try pct-safe $words
	expect_stopped "locked: pct $words" 'CT 240 is locked: backup is under way (/etc/pve/lxc/240.conf:2)'
done
expect_output "with the way out" err 'pct|qm unlock 240'
printf 'arch: amd64\nhostname: mounted\nlock: mounted\nostype: debian\nrootfs: local-lvm:vm-242-disk-0\nunprivileged: 1\n' | lab_ct 242
try pct-safe start 242
expect_ran "a container that pct mount has mounted starts" 'pct start 242'
try pct-safe set 242 --memory 512
expect_stopped "nothing else is done to it" 'CT 242 is locked: mounted is under way'
printf 'ct: 240\n\nvm: 340\n\tstate started\n\nct: 243\n\nct: 244\n\tstate ignored\n\nct: 245\n\nvm: 346\n' |
	lab_file /etc/pve/ha/resources.cfg
printf 'hostname: elsewhere\nunprivileged: 1\n' | lab_ct 243 pve2
printf 'hostname: elsewhere\nunprivileged: 1\n' | lab_ct 244 pve2
printf 'hostname: elsewhere\nunprivileged: 0\n' | lab_ct 245 pve2
for words in 'pct-safe --dry-run start 240' 'qm-safe --dry-run start 340' \
	'pct-safe --dry-run start 243'; do
	# shellcheck disable=SC2086
	run $words
	expect_exit "HA is asked to start a guest, whatever locks it and wherever it is: $words" 0
done
try pct-safe start 244
expect_stopped "not where it is to ignore it" 'CT 244 is on node pve2, not on pve1'
try pct-safe start 245
expect_refused "nor to start what the policy refuses" privileged
printf 'name: elsewhere\n' | lab_vm 346 pve2
run qm-safe --dry-run start 346
expect_exit "a VM as well" 0
run qm-safe --dry-run start 346 --stateuri unix
expect_exit "but not where it is the target's part of a migration" 78
rm /etc/pve/ha/resources.cfg
try qm-safe set 340 --memory 512
expect_stopped "locked: qm set" 'VM 340 is locked: backup is under way'
lab_vm 341 <<'END'
cores: 1
lock: suspended
vmstate: local-lvm:vm-341-state-suspend
END
try qm-safe set 341 --cores 2
expect_stopped "locked: qm set of a VM that was suspended" 'VM 341 is locked: suspended is under way'
run qm-safe --dry-run set 341 --delete 'args vmstate'
expect_exit "but not where it forgets its state" 0
run qm-safe --dry-run set 340 --delete vmstate
expect_exit "which takes no other lock away" 78
try qm-safe set 340 --memory 512 --skiplock 1
expect_ran "not where the lock is to be skipped" 'qm set 340 --memory=512 --skiplock=1'
mkdir -p /run/lock/lxc
began=$SECONDS
flock /run/lock/lxc/pve-config-120.lock sleep 2 &
try pct-safe --dry-run set 120 --memory 256
expect_exit "a lock that another process holds does not stop the judging" 0
expect "nor make it wait" test $((SECONDS - began)) -lt 2
wait
try pct-safe create 120 $template
expect_stopped "a VMID that is taken" 'VMID 120 is taken by a container on node pve1'
expect_no_output "by a guest that is there: nothing to explain for the new one" err 'pve-safe explain'
try qm-safe create 112
expect_stopped "by the other kind, on another node" 'VMID 112 is taken by a container on node pve2'
try pct-safe set 112 --memory 512
expect_stopped "a guest on another node" 'CT 112 is on node pve2, not on pve1'
try pct-safe start 999
expect_stopped "a guest that is nowhere" 'there is no CT 999 on this node (pve1)'

# --- migration: judged before, as the start that it will be ---
lab_policy <<'END'
version = 1
include = { "baseline@1" }
adjust "raw-args" { refuse = always }
rule "no-leave" { when = "name = stays" events = { "migrate", "remote-migrate" } }
END
printf 'name: risky\nargs: -device x\n' | lab_vm 350
printf 'name: stays\nunused0: a:b\n' | lab_vm 351
printf 'hostname: risky\nrootfs: local-lvm:vm-250-disk-0\nunprivileged: 0\n' | lab_ct 250
try qm-safe migrate 350 pve2 --online
expect_refused "what the target would refuse does not leave" raw-args
expect_output "it is a start" err 'pve-safe: start of VM 350 (risky) denied'
try qm-safe remote-migrate 350 350 host=x,apitoken=y --target-bridge 1 --target-storage 1 --online 1
expect_refused "nor to another cluster" raw-args
try qm-safe --dry-run migrate 350 pve2
expect_exit "without --online nothing is started" 0
sed -i '/refuse = always/d' /etc/pve/pve-safe/policy.conf
try qm-safe --dry-run migrate 350 pve2 --online
expect_exit "what the target would let pass goes" 0
expect_output "it is said what would be denied" out 'raw-args (would deny; not refused because the cause is migration)'
try pct-safe --dry-run migrate 250 pve2 --restart
expect_exit "a container that does not run is not started there" 0
perl -MSocket -e 'socket my $s, AF_UNIX, SOCK_STREAM, 0; bind $s, pack "Sa*", AF_UNIX,
	"\0/var/lib/lxc/250/command" or die; listen $s, 1; sleep 600' &
for _ in {1..100}; do
	grep -q '@/var/lib/lxc/250/command' /proc/net/unix && break
	sleep 0.1
done
try pct-safe migrate 250 pve2 --restart
expect_refused "a container that the target would not start does not leave" privileged
expect_output "it is a start, too" err 'pve-safe: start of CT 250 (risky) denied'
try pct-safe migrate 250 pve2 --online
expect_refused "nor by --online, with which HA stops it and starts it there" privileged
kill %%
try qm-safe migrate 351 pve2
expect_refused "migrate, where a rule names it" no-leave
try qm-safe template 350
expect_ran "template, which no rule names" 'qm template 350'
finish
