#!/bin/bash
# SPDX-License-Identifier: MIT
# The stand-in for Proxmox VE's cluster file system: what it shows, what it refuses, and
# three nodes at once.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse
cd /etc/pve || exit
probe=$LAB_BUILD/tests/integration/probe

# A system call ends with this error, or "ok".
expect_call() { # NAME ERROR CALL PATH...
	expect_equal "$1" "$("$probe" "${@:3}")" "$2"
}

mode() { stat -c '%a %U:%G' "$1"; }

# --- what it shows ---
expect "it is FUSE" grep -q ' /etc/pve fuse ' /proc/mounts
umask 077
echo one >file
mkdir dir
echo two >priv/file
mkdir priv/dir
umask 022
expect_equal "files are 0640 root:www-data, whatever is asked for" "$(mode file)" '640 root:www-data'
expect_equal "directories are 0755" "$(mode dir)" '755 root:www-data'
expect_equal "files under priv are 0600" "$(mode priv/file)" '600 root:www-data'
expect_equal "directories under priv are 0700" "$(mode priv/dir)" '700 root:www-data'
expect_equal "lxc is this node's" "$(readlink lxc)" nodes/pve1/lxc
expect_equal "qemu-server is this node's" "$(readlink qemu-server)" nodes/pve1/qemu-server
expect_equal "local is this node" "$(readlink local)" nodes/pve1
lab_ct 101 <<<'cores: 1'
lab_vm 100 pve2 <<<'cores: 2'
expect_equal "the cluster's guests are listed" \
	"$(jq -Sc '.ids | map_values([.node, .type])' .vmlist)" \
	'{"100":["pve2","qemu"],"101":["pve1","lxc"]}'
expect_equal "there is quorum" "$(jq -c '[.nodename, .cluster.quorate]' .members)" '["pve1",1]'
expect_equal "all nodes are listed" "$(jq -c '.nodelist | keys' .members)" '["pve1","pve2","pve3"]'
before=$(jq .vmlist .version)
lab_ct 101 <<<'cores: 2'
expect "the version of the guests' files grows" test "$(jq .vmlist .version)" -gt "$before"
before=$(jq '."storage.cfg"' .version)
echo >>storage.cfg
expect "the version of a file grows" test "$(jq '."storage.cfg"' .version)" -gt "$before"
expect "users of www-data read" setpriv --reuid 33 --regid 33 --clear-groups cat file
expect_not "but not below priv" setpriv --reuid 33 --regid 33 --clear-groups cat priv/file
expect "others list" setpriv --reuid 65534 --regid 65534 --clear-groups ls dir
expect_not "but do not read" setpriv --reuid 65534 --regid 65534 --clear-groups cat file

# --- what it refuses ---
expect "chmod to what a file has succeeds" chmod 640 file
expect_not "chmod to anything else is refused" chmod 644 file
run chmod 600 file
expect_output "with EPERM" err 'Operation not permitted'
expect "chmod of a directory to what it has succeeds" chmod 755 dir
expect "chown to root:www-data succeeds" chown root:www-data file
expect_not "chown to anything else is refused" chown root:root file
run install -m 644 file installed
expect_exit "install -m 644 fails" 1
expect_equal "after it wrote" "$(cat installed)" one
cp /bin/true run-me
expect_not "nothing can be executed" ./run-me
expect_call "no symbolic links" ENOSYS symlink file link
expect_equal "no hard links" "$("$probe" link file link | sed s/EPERM/ENOSYS/)" ENOSYS
expect_call "no fifos" ENOSYS mkfifo fifo
expect_call "no unnamed files" EOPNOTSUPP tmpfile dir
expect_call "no renames with flags" EINVAL rename-noreplace file renamed
expect_call "no shared mappings" ENODEV mmap-shared file
expect_call "one O_EXCL creation" ok create-excl exclusive
expect_call "has no second" EEXIST create-excl exclusive
expect_not "a VMID exists once" sh -c 'echo >nodes/pve3/lxc/100.conf'
expect_not "also when a file is renamed" mv file nodes/pve3/lxc/100.conf
expect "a guest moves to another node" mv lxc/101.conf nodes/pve2/lxc/101.conf
expect_equal "and is listed there" "$(jq -r '.ids."101".node' .vmlist)" pve2
expect_not "what the file system makes itself cannot be written" sh -c 'echo >.members'
expect_not "nor removed" rm -f lxc
run sh -c 'head -c 1048576 /dev/zero >big'
expect_exit "a file may have 1 MiB" 0
run sh -c 'head -c 1 /dev/zero >>big'
expect_output "and no byte more" err 'File too large'
run sh -c 'head -c 1100000 /dev/zero >cut'
expect_output "the write that crosses the limit fails" err 'File too large'
expect "and leaves the file cut" test "$(stat -c %s cut)" -le 1048576
exec 3>stored
echo partial >&3
expect_equal "data are stored at each write" "$(cat stored)" partial
exec 3>&-
echo new >temporary
exec 3<file
expect "a file is replaced by a rename" mv temporary file
expect_equal "who has the old one open reads on in it" "$(cat <&3)" one
expect_equal "who opens it now reads the new one" "$(cat file)" new
exec 3<&-

# --- faults on order ---
lab_fail EIO nodes/pve2/qemu-server/100.conf
run cat nodes/pve2/qemu-server/100.conf
expect_output "one path can be made to fail" err 'Input/output error'
expect "others do not" cat nodes/pve2/lxc/101.conf
lab_fail EACCES storage.cfg
run cat storage.cfg
expect_output "with another error too" err 'Permission denied'
lab_mend
expect "and be mended" cat nodes/pve2/qemu-server/100.conf storage.cfg

# --- three nodes ---
expect "a second node boots" lab_node_start pve2
expect "a third node boots" lab_node_start pve3
expect_equal "each has its name" "$(lab_node pve2 hostname) $(lab_node pve3 hostname)" 'pve2 pve3'
expect_equal "and its links" "$(lab_node pve2 readlink /etc/pve/lxc)" nodes/pve2/lxc
expect_equal "and its own /etc/pve-safe" \
	"$(lab_enable; lab_node pve2 ls /etc/pve-safe; ls /etc/pve-safe)" enabled
expect "and its own network" test "$(lab_node pve2 readlink /proc/self/ns/net)" != \
	"$(readlink /proc/self/ns/net)"
echo 'written on pve1' >seen
expect_equal "what one node writes, the others read" "$(lab_node pve3 cat /etc/pve/seen)" \
	'written on pve1'
lab_node pve3 sh -c 'echo "written on pve3" >/etc/pve/seen'
expect_equal "at once" "$(cat seen)" 'written on pve3'
exec 3<seen
lab_node pve2 sh -c 'echo "put there by pve2" >/etc/pve/other && mv /etc/pve/other /etc/pve/seen'
expect_equal "who has a file open that another node replaces reads on in the new one" \
	"$(cat <&3)" 'put there by pve2'
exec 3<&-
echo 'written on pve3' >seen
for round in 1 2 3 4 5 6 7 8; do
	for node in pve2 pve3; do
		lab_node "$node" "$probe" create-excl "/etc/pve/race-$round" >>"$TMPDIR/race" &
	done
	"$probe" create-excl "race-$round" >>"$TMPDIR/race"
	wait
done 2>/dev/null
expect_equal "an O_EXCL creation has one winner in the cluster" \
	"$(sort "$TMPDIR/race" | uniq -c | xargs)" '16 EEXIST 8 ok'
exec 4>locked
flock 4
expect_not "a lock holds on its node" flock -n locked true
expect "but not on another" lab_node pve2 flock -n /etc/pve/locked true
exec 4>&-

cat >lxc/107.conf <<END
arch: amd64
ostype: debian
rootfs: local-lvm:vm-107-disk-0,size=4G
END
expect "pct migrates a container to another node" pct migrate 107 pve2
expect "its file is there" lab_node pve2 test -e /etc/pve/lxc/107.conf
expect "and can be migrated back" lab_node pve2 pct migrate 107 pve1

# --- no quorum ---
exec 5>>seen
lab_quorum no
expect_equal "every node knows" "$(lab_node pve2 jq .cluster.quorate /etc/pve/.members)" 0
expect_equal "and sees itself alone" \
	"$(lab_node pve2 jq -c '[.nodelist[].online]' /etc/pve/.members)" '[0,1,0]'
expect_equal "reads go on" "$(lab_node pve2 cat /etc/pve/seen)" 'written on pve3'
expect_call "creation fails" EACCES create-excl fresh
expect_call "writing fails" EACCES write seen
expect_not "also to what was open before" sh -c 'echo x >&5'
for command in 'rm seen' 'mv seen other' 'mkdir sub' 'rmdir dir' 'touch seen' 'truncate -s 0 seen'; do
	# shellcheck disable=SC2086 # words
	run lab_node pve2 sh -c "cd /etc/pve && $command"
	expect_output "$command fails" err 'Permission denied'
done
lab_quorum yes
expect_call "with quorum again all goes on" ok create-excl fresh
finish
