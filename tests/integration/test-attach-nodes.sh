#!/bin/bash
# SPDX-License-Identifier: MIT
# attach and detach on two nodes: links on local and on shared storage, guests that move.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

snippets=/var/lib/vz/snippets
share=$LAB/share/snippets

# Makes a hookscript.
# shellcheck disable=SC2016 # the script expands it
script() { # PATH
	printf '#!/bin/sh\necho "%s $2"\n' "${1##*/}" >"$1"
	chmod 755 "$1"
}

# Writes a VM of this node with a hookscript.
machine() { # VMID HOOKSCRIPT
	printf '%s\n' "name: vm$1" 'memory: 512' "hookscript: $2" | lab_vm "$1"
}

# Prints a guest's hookscript.
hookscript_of() { # VMID
	sed -n 's/^hookscript: //p' /etc/pve/nodes/*/*/"$1.conf"
}

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
cat >>/etc/pve/storage.cfg <<END

nfs: nas
	server 192.0.2.1
	export /x
	path $LAB/share
	content snippets
END
mkdir -p "$share"
lab_enable
lab_node_start pve2
lab_node pve2 touch /etc/pve-safe/enabled
script "$snippets/gpu.sh"
script "$share/net.sh"
lab_node pve2 cp "$LAB/share/snippets/net.sh" "$snippets/gpu.sh"

# --- local storage: each node has a directory of its own ---
machine 200 local:snippets/gpu.sh
machine 201 local:snippets/gpu.sh
run pve-safe attach 200 201
expect_exit "attach on the first node" 0
expect_output "says that the second has told nothing" err \
	'pve-safe: pve2 has told nothing of itself: a guest with our hookscript cannot start there'
expect_not "makes no link on the second" lab_node pve2 test -L "$snippets/pve-safe-hook@gpu.sh"
run qm migrate 200 pve2
expect_exit "the guest moves" 0
run lab_node pve2 qm start 200
expect_exit "there it does not start" 255
expect_output "for the link is missing" err \
	"script 'local:snippets/pve-safe-hook@gpu.sh' does not exist"
run lab_node pve2 pve-safe coverage --node pve2
expect_output "which coverage says there" out \
	"VM 200 (vm200) on pve2: not enforced: it cannot start with its hookscript: $snippets/pve-safe-hook@gpu.sh does not exist"
run lab_node pve2 pve-safe attach 200
expect_exit "attach there makes it" 0
expect_equal "and leaves the guest's file as it is" "$(hookscript_of 200)" \
	local:snippets/pve-safe-hook@gpu.sh
run lab_node pve2 qm start 200
expect_exit "now it starts" 0
expect_output "and its script runs" out 'net.sh pre-start'
lab_node pve2 qm stop 200 >/dev/null 2>&1
run pve-safe detach 201
expect_exit "detach on the first node" 0
expect "keeps the link while the moved guest names it" test -L "$snippets/pve-safe-hook@gpu.sh"
run lab_node pve2 pve-safe detach 200
expect_output "the second removes its own" out "$snippets/pve-safe-hook@gpu.sh is removed"

# --- shared storage: one link for all ---
machine 210 nas:snippets/net.sh
printf '%s\n' 'name: vm211' 'hookscript: nas:snippets/net.sh' | lab_vm 211 pve2
pve-safe attach 210 >"$LAB/one" 2>&1 &
one=$!
lab_node pve2 pve-safe attach 211 >"$LAB/two" 2>&1
two=$?
wait "$one"
one=$?
expect_equal "two nodes at once both succeed" "$one $two" '0 0'
expect_equal "with one link" "$(find "$share" -type l)" "$share/pve-safe-hook@net.sh"
run pve-safe coverage
expect_output "a guest of another node on shared storage is seen" out \
	'VM 211 (vm211) on pve2: unknown: whether pve2 is enabled cannot be seen from pve1'
run qm migrate 210 pve2
expect_exit "a guest on it moves" 0
run lab_node pve2 qm start 210
expect_exit "and starts" 0
lab_node pve2 qm stop 210 >/dev/null 2>&1
pids=()
for vmid in 210 211; do
	lab_node pve2 pve-safe detach "$vmid" >/dev/null 2>&1 &
	pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do
	wait "$pid" || failed=$((failed + 1))
done
expect_equal "detached at once" "$failed $(hookscript_of 210) $(hookscript_of 211)" \
	'0 nas:snippets/net.sh nas:snippets/net.sh'
expect_equal "no link is left" "$(find "$share" -type l)" ''

# --- all the time: attach on one node, detach on the other, of the same link ---
printf '%s\n' 'name: vm212' 'hookscript: nas:snippets/net.sh' | lab_vm 212
broken=0
for _ in 1 2 3 4 5 6 7 8; do
	pve-safe attach 212 >/dev/null 2>&1 &
	one=$!
	lab_node pve2 pve-safe attach 211 >/dev/null 2>&1
	lab_node pve2 pve-safe detach 211 >/dev/null 2>&1
	wait "$one" && [ "$(hookscript_of 212)" = nas:snippets/pve-safe-hook@net.sh ] &&
		[ -L "$share/pve-safe-hook@net.sh" ] || broken=$((broken + 1))
	pve-safe detach 212 >/dev/null 2>&1
done
expect_equal "attach succeeds each time, and no guest is left without its link" "$broken" 0
finish
