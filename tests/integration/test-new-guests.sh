#!/bin/bash
# SPDX-License-Identifier: MIT
# What a new guest gets beside what was typed, our hookscript, and how imports are judged.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs
# shellcheck source=tests/integration/tools.sh
. "$(dirname "$0")/tools.sh"

snippets=/var/lib/vz/snippets
hook=local:snippets/pve-safe-hook
rm -f /usr/share/lxc/config/common.conf.d/pve-safe.conf
lab_policy <<'END'
version = 1
include = { "baseline@1" }
rule "storage" { when = "storage = secret" reason = "secret is not for guests" }
END

# The hookscript in a guest's file.
hookscript_of() { # VMID
	sed -n 's/^hookscript: //p' /etc/pve/*/"$1".conf
}

archive() { # NAME
	cat >"/var/lib/vz/dump/$1"
}

# --- create ---
try pct-safe create 101 $template --rootfs local-lvm:4
expect_equal "create: what was added is said" "$status $err" "0 pve-safe: added: --hookscript $hook"
expect_equal "create: a container has it" "$(hookscript_of 101)" $hook
try qm-safe create 201
expect_equal "create: so has a VM" "$(hookscript_of 201)" $hook
printf '#!/bin/sh\n' >$snippets/own.sh
chmod 755 $snippets/own.sh
try qm-safe create 202 --hookscript local:snippets/own.sh
expect_equal "create: one that was given stays" "$status$err $(hookscript_of 202)" '0 local:snippets/own.sh'
try qm-safe --dry-run create 203
expect_equal "create: --dry-run shows it" "$(tail -n 1 <<<"$out")" "run: /usr/sbin/qm create 203 --hookscript=$hook"
lab_policy <<'END'
version = 1
include = { "baseline@1" }
rule "storage" { when = "storage = secret" reason = "secret is not for guests" }
rule "given" { when = "event = create and given = hookscript" }
END
try qm-safe create 203
expect_exit "create: what we add was not given by the caller" 0
try qm-safe create 204 --hookscript local:snippets/own.sh
expect_refused "create: what the caller gives is" given

# --- restore ---
archive vzdump-lxc-110-2026_11_01-00_00_00.tar <<'END'
arch: amd64
hostname: plain
ostype: debian
rootfs: local-lvm:vm-110-disk-0,size=4G
unprivileged: 1
END
archive vzdump-lxc-111-2026_11_01-00_00_00.tar <<'END'
arch: amd64
hookscript: local:snippets/own.sh
hostname: scripted
ostype: debian
rootfs: local-lvm:vm-111-disk-0,size=4G
unprivileged: 1
END
archive vzdump-lxc-112-2026_11_01-00_00_00.tar <<END
arch: amd64
hookscript: $hook
hostname: hooked
ostype: debian
rootfs: local-lvm:vm-112-disk-0,size=4G
unprivileged: 1
END
try pct-safe restore 110 local:backup/vzdump-lxc-110-2026_11_01-00_00_00.tar
expect_equal "restore: one without gets ours" "$status $(hookscript_of 110)" "0 $hook"
try pct-safe restore 112 local:backup/vzdump-lxc-112-2026_11_01-00_00_00.tar
expect_equal "restore: one that has it already is left alone" "$status$err $(hookscript_of 112)" "0 $hook"
try pct-safe restore 111 local:backup/vzdump-lxc-111-2026_11_01-00_00_00.tar
expect_equal "restore: another script stays" "$status $(hookscript_of 111)" '0 local:snippets/own.sh'
expect_output "and it is said" err 'pve-safe: note: pve-safe-hook is not attached: the hookscript local:snippets/own.sh stays; to have both: pve-safe attach 111'
ln -s /usr/libexec/pve-safe/pve-safe-hook $snippets/pve-safe-hook@own.sh
try pct-safe restore 113 local:backup/vzdump-lxc-111-2026_11_01-00_00_00.tar
expect_equal "restore: where the link beside it is there, both" "$status $(hookscript_of 113)" \
	'0 local:snippets/pve-safe-hook@own.sh'
rm $snippets/pve-safe-hook@own.sh
archive vzdump-qemu-210-2026_11_01-00_00_00.vma <<'END'
cores: 2
name: plain
scsi0: local-lvm:vm-210-disk-0,size=8G
END
archive vzdump-qemu-211-2026_11_01-00_00_00.vma <<'END'
hookscript: local:snippets/own.sh
name: scripted
scsi0: local-lvm:vm-211-disk-0,size=8G
END
try qmrestore-safe local:backup/vzdump-qemu-210-2026_11_01-00_00_00.vma 210
expect_equal "qmrestore: qm set follows" "$status $(hookscript_of 210)" "0 $hook"
expect_output "which is said" err "pve-safe: added: /usr/sbin/qm set 210 --hookscript $hook"
try qmrestore-safe local:backup/vzdump-qemu-211-2026_11_01-00_00_00.vma 211
expect_equal "qmrestore: another script stays" "$status $(hookscript_of 211)" '0 local:snippets/own.sh'
try qmrestore-safe --dry-run local:backup/vzdump-qemu-210-2026_11_01-00_00_00.vma 212
expect_equal "qmrestore: --dry-run shows both commands" "$(tail -n 2 <<<"$out")" \
	"run: /usr/sbin/qmrestore local:backup/vzdump-qemu-210-2026_11_01-00_00_00.vma 212
then: /usr/sbin/qm set 212 --hookscript=$hook"

# --- clone ---
printf 'name: bare\nscsi0: local-lvm:vm-220-disk-0,size=8G\n' | lab_vm 220
printf 'hookscript: local:snippets/own.sh\nname: scripted\nscsi0: local-lvm:vm-221-disk-0,size=8G\n' | lab_vm 221
try qm-safe clone 220 222
expect_equal "clone: qm set follows" "$status $(hookscript_of 222)" "0 $hook"
try qm-safe clone 221 223
expect_equal "clone: it has the source's script" "$status$err $(hookscript_of 223)" '0 local:snippets/own.sh'
mkdir -p /etc/pve/nodes/pve2/qemu-server
try qm-safe clone 220 224 --target pve2
expect_exit "clone: to another node, the tool's status" 0
expect_output "the partial result is said" err \
	'WARN: pve-safe: VM 224 is made, but pve-safe-hook is not attached to it: it is on node pve2'
expect_output "with what to do" err 'WARN: pve-safe: do: pve-safe attach 224'
expect_equal "and recorded" "$(outcomes | head -n 1)" 'the guest is made; pve-safe-hook is not attached to it'

# qm of which "set" fails.
mv /usr/sbin/qm /usr/sbin/qm.real
cat >/usr/sbin/qm <<'END'
#!/bin/sh
[ "$1" != set ] || { echo "can't lock file" >&2; exit 255; }
exec /usr/share/pve-standin/pve-standin qm "$@"
END
chmod 755 /usr/sbin/qm
try qm-safe clone 220 225
expect_exit "clone: qm set fails, the tool's status stays" 0
expect_output "the partial result is said" err 'WARN: pve-safe: VM 225 is made, but pve-safe-hook is not attached to it: '
expect_output "with the reason" err "can't lock file"
expect_equal "and recorded" "$(outcomes | head -n 1)" 'the guest is made; pve-safe-hook is not attached to it'
mv /usr/sbin/qm.real /usr/sbin/qm

# --- imports ---
mkdir -p /srv/import /var/lib/vz/import
cat >/srv/import/vm.ovf <<'END'
<Envelope><VirtualSystem><Name>appliance</Name><VirtualHardwareSection>
<Item><rasd:VirtualQuantity>4096</rasd:VirtualQuantity></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>
END
: >/var/lib/vz/import/vm.ova
: >/srv/import/disk.raw
try qm-safe importovf 230 /srv/import/vm.ovf local-lvm
expect_equal "importovf: run, and qm set follows" "$status $(hookscript_of 230)" "0 $hook"
expect "it is what the manifest says" grep -qx 'memory: 4096' /etc/pve/qemu-server/230.conf
try qm-safe importovf 231 /srv/import/vm.ovf secret
expect_refused "importovf: judged on the storage that is named" storage
try qm-safe importovf 231 /srv/import/vm.ovf local-lvm --dryrun
expect_equal "importovf: its own dry run makes no guest" "$status $(all_calls)" '0 qm importovf 231 /srv/import/vm.ovf local-lvm --dryrun=1'
try qm-safe importovf 230 /srv/import/vm.ovf local-lvm
expect_stopped "importovf: a VMID that is taken" 'VMID 230 is taken by a VM'
lab_policy <<'END'
version = 1
include = { "baseline@1" }
rule "storage" { when = "storage = secret" reason = "secret is not for guests" }
limits "size" { when = "vm" max_memory_mib = 2048 reason = "small VMs only" }
rule "named" { when = "name ~ prod-*" reason = "prod- is for production" }
END
try qm-safe importovf 232 /srv/import/vm.ovf local-lvm
expect_refused "importovf: judged on the memory that the manifest asks for" limits-size
expect_output "which is said" err '4096'
expect "no guest was made" test ! -e /etc/pve/qemu-server/232.conf
try qm-safe importovf 232 /srv/import/vm.ovf secret
expect_refused "importovf: what the options refuse is not looked up" storage
expect_equal "qm was not asked" "$(cat $calls/* 2>/dev/null)" ''
sed 's/appliance/prod-1/; s/4096/1024/' /srv/import/vm.ovf >/srv/import/prod.ovf
try qm-safe importovf 232 /srv/import/prod.ovf local-lvm
expect_refused "importovf: judged on the name" named
try qm-safe importovf 232 /srv/import/none.ovf local-lvm
expect_stopped "importovf: no such manifest" 'qm importovf --dryrun failed with exit status 2'
try qm-safe import 233 local:import/vm.ova --storage local-lvm --memory 4096
expect_refused "import: judged on the whole of it" limits-size
try qm-safe import 233 local:import/vm.ova --storage local-lvm --memory 1024 --description $'a\n  --memory 9999 \\\n'
expect_equal "import: a description has no say" "$status $(grep -c '^memory: 1024' /etc/pve/qemu-server/233.conf)" '0 1'
qm destroy 233 >/dev/null 2>&1
lab_policy <<'END'
version = 1
include = { "baseline@1" }
rule "named" { when = "name ~ prod-*" reason = "prod- is for production" }
rule "storage" { when = "storage = secret" reason = "secret is not for guests" }
END
echo 'writes-other=args: -device x' >/run/pve-standin/232
try qm-safe importovf 232 /srv/import/vm.ovf local-lvm
expect_output "importovf: judged again on what was written" err 'raw-args: '
expect_equal "and recorded" "$(outcomes | tail -n 1)" \
	'done; what Proxmox wrote is judged more strictly than the command was: raw-args'
try qm-safe import 233 local:import/vm.ova --storage local-lvm --args '-device x'
expect_refused "import: judged on its options" raw-args
try qm-safe import 233 local:import/vm.ova --storage secret
expect_refused "import: and its storage" storage
try qm-safe import 233 local:import/vm.ova --storage local-lvm --scsi0 local-lvm:1 --args '-device x' --delete args
expect_exit "import: not on options that are deleted again" 0
expect_equal "import: it gets ours" "$(hookscript_of 233)" $hook
try qm-safe importdisk 220 /srv/import/disk.raw secret
expect_refused "disk import: judged with the disk on the storage" storage
try qm-safe disk import 220 /srv/import/disk.raw secret --target-disk scsi3
expect_refused "disk import: under the name that is given" storage
try qm-safe importdisk 220 /srv/import/disk.raw local-lvm
expect_exit "disk import" 0
try qm-safe importdisk 999 /srv/import/disk.raw local-lvm
expect_stopped "disk import: of no VM" 'there is no VM 999'
try qm-safe create 240 --scsi0 secret:0,import-from=/srv/import/disk.raw
expect_refused "create with import-from: judged with the disk" storage
try qm-safe create 240 --scsi0 local-lvm:0,import-from=/srv/import/disk.raw
expect_exit "create with import-from" 0

# --- where it is not installed ---
rm $snippets/pve-safe-hook
try qm-safe create 250
expect_equal "not installed: nothing is added" "$status $(hookscript_of 250)" '0 '
expect_equal "and one line says what to do" "$err" \
	"pve-safe: note: pve-safe-hook is not attached: $snippets/pve-safe-hook does not exist; install pve-safe on this node, then: qm set 250 --hookscript $hook"
try qm-safe clone 220 251
expect_ran "not installed: nothing follows a clone" 'qm clone 220 251'
expect_output "and one line says what to do" err 'install pve-safe on this node, then: qm set 251'
cp $snippets/own.sh $snippets/pve-safe-hook
try qm-safe create 252
expect_equal "another file in its place is not ours" "$status $(hookscript_of 252)" '0 '
expect_output "which is said" err 'is named like ours, but is not /usr/libexec/pve-safe/pve-safe-hook'
mkdir -p /usr/share/lxc/config/common.conf.d
: >/usr/share/lxc/config/common.conf.d/pve-safe.conf
try pct-safe create 150 $template --rootfs local-lvm:4
expect_equal "a container whose node judges all starts needs none" "$status$err$(hookscript_of 150)" 0
finish
