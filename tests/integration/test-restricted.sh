#!/bin/bash
# SPDX-License-Identifier: MIT
# restricted@1 where it looks beyond the guest's file: host paths on a real file system, id
# maps of the whole cluster, what is on a command line.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

tree=/var/lib/vz/projects
lab_policy <<END
version = 1
mode    = enforce
include = { "restricted@1" }
adjust "restricted-bind" { when = "not every bind ~ $tree/*" }
END
lab_enable

# A container with one bind, by a mount point or by a raw line.
bound() { # VMID SOURCE
	lab_ct "$1" <<-END
	hostname: ct$1
	ostype: debian
	rootfs: tank:subvol-$1-disk-0,size=4G
	unprivileged: 1
	mp0: $2,mp=/data
	END
}
entry() { # VMID SOURCE
	lab_ct "$1" <<-END
	hostname: ct$1
	ostype: debian
	rootfs: tank:subvol-$1-disk-0,size=4G
	unprivileged: 1
	lxc.mount.entry: $2 data none bind,create=dir 0 0
	END
}

# The rules that refuse a start of 101, but for that on raw lines.
refused_by() {
	pve-safe check --format json 101 |
		jq -r '[.findings[].rule | select(. != "restricted-lowlevel-ct")] | join(" ")'
}
expect_rules() { # NAME RULES
	expect_equal "$1" "$(refused_by)" "$2"
}

mkdir -p "$tree/a/sub" "$tree/eve/data" /var/lib/vz/secret
chmod 755 /var/lib/vz "$tree" "$tree/a"
chown 1000 "$tree/eve"
ln -s /var/lib/vz/secret "$tree/out"
ln -s ../secret "$tree/climbs"
ln -s a/sub "$tree/inside"
ln -s / "$tree/root"
ln -s "$tree/loop2" "$tree/loop"
ln -s "$tree/loop" "$tree/loop2"

# --- the allowed tree ---
bound 101 "$tree/a"
expect_rules "a directory in the allowed tree" ""
bound 101 "$tree/a/sub"
expect_rules "one further down" ""
bound 101 "$tree/none"
expect_rules "one that does not exist yet" ""
bound 101 /etc
expect_rules "one outside of it" "restricted-bind"
bound 101 "${tree}x"
expect_rules "one whose name begins alike" "restricted-bind"

# --- tricks ---
bound 101 "$tree/out"
expect_rules "a link out of the tree" "restricted-bind-link"
run pve-safe check 101
expect_output "is shown with where it leads" out "(leads to /var/lib/vz/secret)"
bound 101 "$tree/climbs"
expect_rules "a relative link out of the tree" "restricted-bind-link"
bound 101 "$tree/root/etc"
expect_rules "a path that goes through a link" "restricted-bind-link"
bound 101 "$tree/inside"
expect_rules "a link within the tree, which could be turned" "restricted-bind-link"
bound 101 "$tree/loop"
expect_rules "links that lead to each other" "restricted-bind-link restricted-bind-unsafe"
run pve-safe check 101
expect_output "with the reason" out "there are more than 40 links on the way"
bound 101 "$tree/../secret"
expect_rules "'..' in a mount point, which Proxmox refuses" \
	"restricted-bind restricted-bind-link restricted-bind-unsafe restricted-gpu restricted-usb restricted-infiniband restricted-unix-block restricted-unix-char restricted-storage"
entry 101 "$tree/../secret"
expect_rules "'..' in a raw line" "restricted-bind"
entry 101 "$tree/out/../secret"
expect_rules "'..' behind a link" "restricted-bind-link"
entry 101 "$tree//a/./sub/"
expect_rules "slashes and dots change nothing" ""
entry 101 "//etc//"
expect_rules "double slashes" "restricted-bind"
bound 101 "$tree//a///"
expect_rules "nor in a mount point" ""
bound 101 /etc/
expect_rules "a slash behind what is outside" "restricted-bind"
bound 101 "$tree/"
expect_rules "the tree itself, with a slash behind it" "restricted-bind"
bound 101 "/etc,shared=1"
expect_rules "shared=1 allows nothing" "restricted-bind"
bound 101 "volume=$tree/a,shared=1"
expect_rules "nor does it refuse anything" ""
bound 101 "$tree/a"
echo "mp1: mp=/data,volume=/etc" >>/etc/pve/lxc/101.conf
expect_rules "a bind over a bind" "restricted-bind"
bound 101 "$tree/a"
echo "lxc.mount.entry: /etc data/sub none bind 0 0" >>/etc/pve/lxc/101.conf
expect_rules "a bind below a bind, by a raw line" "restricted-bind"
entry 101 etc
expect_rules "a relative path, which LXC takes from the root" "restricted-bind"
entry 101 "../..$tree/a/../../secret"
expect_rules "one that climbs" "restricted-bind"
entry 101 "/proc/self/root/"
expect_rules "the root by /proc/self/root, with a slash" "restricted-bind restricted-bind-link restricted-bind-unsafe"
mount --bind /etc "$tree/a/sub"
bound 101 "$tree/a/sub"
expect_rules "what root has mounted there is root's word" ""
umount "$tree/a/sub"
bound 101 /proc/self/root
expect_rules "the root by /proc/self/root" "restricted-bind restricted-bind-link restricted-bind-unsafe"
bound 101 "/proc/self/root$tree/a"
expect_rules "the tree by /proc/self/root" "restricted-bind-link restricted-bind-unsafe"
bound 101 /proc/1/root/etc
expect_rules "a path by /proc/1/root" "restricted-bind restricted-bind-link restricted-bind-unsafe"
bound 101 "/proc/self/cwd$tree/a"
expect_rules "the tree by /proc/self/cwd" "restricted-bind-link restricted-bind-unsafe"
ln -s /proc/self/root "$tree/proc"
bound 101 "$tree/proc/etc"
expect_rules "a link to /proc/self/root" "restricted-bind-link restricted-bind-unsafe"
entry 101 "/dev/fd/0"
expect_rules "an open file by /dev/fd, which may be a directory" \
	"restricted-bind restricted-bind-link restricted-bind-unsafe"

# --- turned after the judgement ---
bound 101 "$tree/a"
expect_rules "a directory of root's, before" ""
expect_not "which nobody else can turn" \
	setpriv --reuid 1000 --regid 1000 --clear-groups mv "$tree/a" "$tree/b"
mv "$tree/a" "$tree/b"
ln -s /etc "$tree/a"
expect_rules "root turned it: the next start finds it" "restricted-bind-link"
run env -i /var/lib/vz/snippets/pve-safe-hook 101 pre-start
expect_exit "and is refused by the hook" 77
bound 101 "$tree/eve/data"
expect_rules "a directory in one of eve's, who could turn it at any time" "restricted-bind-unsafe"
run pve-safe check 101
expect_output "names that directory" out "(others than root may change $tree/eve)"
bound 101 "$tree/eve"
expect_rules "eve's own directory" ""

# --- on another node nobody looks ---
bound 101 "$tree/out"
mkdir -p /etc/pve/nodes/pve2/lxc
mv /etc/pve/nodes/pve1/lxc/101.conf /etc/pve/nodes/pve2/lxc/101.conf
expect_rules "of another node's guest nothing is known" ""
rm /etc/pve/nodes/pve2/lxc/101.conf

# --- host ids of the whole cluster ---
mapped() { # VMID NODE FIRST
	lab_ct "$1" "$2" <<-END
	hostname: ct$1
	ostype: debian
	rootfs: tank:subvol-$1-disk-0,size=4G
	unprivileged: 1
	lxc.idmap: u 0 $3 65536
	lxc.idmap: g 0 $3 65536
	END
}
mapped 101 pve1 200000
mapped 102 pve2 300000
lab_ct 103 pve2 <<<$'hostname: c\nostype: debian\nunprivileged: 1'
expect_rules "ids of its own" ""
mapped 102 pve2 265535
expect_rules "one id is another's, on another node" "restricted-id-shared"
expect_equal "whose, the facts say" \
	"$(pve-safe facts 101 | jq -c .facts.host_id_shared)" '["102"]'
mapped 102 pve2 265536
expect_rules "the next one is free" ""
mapped 101 pve1 100000
expect_rules "the ids of all unprivileged containers" "restricted-id-shared"
mapped 101 pve1 200000
lab_ct 104 pve2 <<<$'hostname: d\nostype: debian\nlxc.idmap: u 0 none'
expect_rules "an id map that cannot be read" "restricted-id-shared"
run pve-safe check 101
expect_output "is named" out "nodes/pve2/lxc/104.conf"
rm /etc/pve/nodes/pve2/lxc/104.conf

# --- command lines ---
bound 101 "$tree/b"
run pct-safe --dry-run snapshot 101 s1
expect_exit "a snapshot" 77
expect_output "is refused by its rule" out "restricted-snapshot: "
run pct-safe --dry-run migrate 101 pve2
expect_exit "a migration" 77
expect_output "is refused by its rule, with the target" out "restricted-target: "
run pct-safe --dry-run create 110 /root/x.tar.zst --rootfs tank:4
expect_output "a template by its path" out "restricted-image: "
run pct-safe --dry-run create 110 local:vztmpl/x.tar.zst --rootfs tank:4 --hookscript local:snippets/pve-safe-hook
expect_exit "one on a storage" 0
run pct-safe --dry-run create 110 local:vztmpl/x.tar.zst --rootfs local:4
expect_output "a volume on local" out "restricted-storage: "
run qm-safe --dry-run create 210 --memory 512 --scsi0 tank:0,import-from=/root/x.qcow2
expect_output "an image by its path" out "restricted-image: "
run qm-safe --dry-run create 210 --memory 512 --cpu x86-64-v3 --scsi0 tank:0,import-from=local:import/x.qcow2
expect_exit "one on a storage" 0
finish
