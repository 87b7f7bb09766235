#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe coverage: what enforces the policy on each guest, and why something does not.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
snippets=/var/lib/vz/snippets
lxc=/usr/share/lxc/config

# Writes a container or a VM with these lines besides.
container() { # VMID [LINE...]
	printf '%s\n' 'arch: amd64' 'ostype: debian' 'unprivileged: 1' "${@:2}" | lab_ct "$1"
}
machine() { # VMID [LINE...]
	printf '%s\n' "name: vm$1" "${@:2}" | lab_vm "$1"
}

# Prints the line of one guest.
line_of() { # VMID
	pve-safe coverage --node pve1 2>&1 | grep "^[CV][TM] $1 " | sed 's/^[CV][TM] [^:]*: //'
}

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_enable
container 101
machine 200 'hookscript: local:snippets/pve-safe-hook'
run pve-safe coverage
expect_exit "all guests are enforced" 0
expect_equal "and it is said by what" "$out$err" \
"CT 101 on pve1: enforced: node-wide hook
VM 200 (vm200) on pve1: enforced: hookscript
2 enforced, 0 not, 0 unknown"

printf '#!/bin/sh\n' >"$snippets/gpu.sh"
chmod 755 "$snippets/gpu.sh"
machine 201
machine 202 'hookscript: local:snippets/gpu.sh'
machine 203 'hookscript: local:snippets/gone.sh'
run pve-safe coverage
expect_exit "some are not" 1
expect_output "they are counted" out '2 enforced, 3 not, 0 unknown'
expect_equal "a VM without a hookscript" "$(line_of 201)" \
	'not enforced: it has no hookscript: pve-safe attach 201'
expect_equal "one with another" "$(line_of 202)" \
	"not enforced: its hookscript 'local:snippets/gpu.sh' is not ours: pve-safe attach 202"
expect_equal "one that cannot start" "$(line_of 203)" \
	"not enforced: it cannot start with its hookscript: $snippets/gone.sh does not exist"
pve-safe attach 201 202 >/dev/null 2>&1
expect_equal "attached, with its former hookscript" "$(line_of 202)" \
	'enforced: hookscript, then gpu.sh'
mv "$snippets/gpu.sh" "$snippets/away"
expect_equal "whose script is gone" "$(line_of 202)" \
	"enforced: hookscript, then gpu.sh; it does not start: its former hookscript $snippets/gpu.sh does not exist"
mv "$snippets/away" "$snippets/gpu.sh"
rm /etc/pve/qemu-server/203.conf

# --- tricks with names ---
cp "$snippets/gpu.sh" "$snippets/pve-safe-hook-evil"
machine 204 'hookscript: local:snippets/pve-safe-hook-evil'
expect_equal "a name that only begins like ours" "$(line_of 204)" \
	"not enforced: its hookscript 'local:snippets/pve-safe-hook-evil' is not ours: pve-safe attach 204"
cp "$snippets/gpu.sh" "$snippets/pve-safe-hook@evil"
machine 204 'hookscript: local:snippets/pve-safe-hook@evil'
expect_equal "a script named like a link of ours" "$(line_of 204)" \
	"not enforced: $snippets/pve-safe-hook@evil is named like ours, but is not $hook"
ln -sf gpu.sh "$snippets/pve-safe-hook@evil"
expect_equal "a link that leads elsewhere" "$(line_of 204)" \
	"not enforced: $snippets/pve-safe-hook@evil is named like ours, but is not $hook"
machine 204 'hookscript: local:snippets/pve-safe-hook@../../x'
expect_equal "a way out of the directory" "$(line_of 204)" \
	"not enforced: it cannot start with its hookscript: 'local:snippets/pve-safe-hook@../../x' is no hookscript for Proxmox: expected STORAGE:snippets/NAME"
ln -s "$hook" "$snippets/policy"
machine 204 'hookscript: local:snippets/policy'
expect_equal "a link of another name to ours" "$(line_of 204)" 'enforced: hookscript'
machine 204 'hookscript: local:snippets/pve-safe-hook' '' '[PENDING]' 'delete: hookscript'
expect_equal "what the next start will merge counts" "$(line_of 204)" \
	'not enforced: it has no hookscript: pve-safe attach 204'
rm /etc/pve/qemu-server/204.conf

# --- the node-wide hook ---
container 102 'lxc.include: /root/own.conf'
expect_equal "lxc.include can take it away" "$(line_of 102)" \
	'not enforced: lxc.include can take the node-wide hook away (/etc/pve/nodes/pve1/lxc/102.conf:4)'
container 102 'lxc.include: /root/own.conf' 'hookscript: local:snippets/pve-safe-hook'
expect_equal "but not the hookscript" "$(line_of 102)" \
	'enforced: hookscript; a reboot from inside is not judged: that takes the node-wide hook'
container 102 'lxc.hook.pre-start:'
expect_equal "emptying pre-start hooks does not touch ours" "$(line_of 102)" \
	'enforced: node-wide hook; lxc.hook.pre-start is emptied (/etc/pve/nodes/pve1/lxc/102.conf:4), which does not take our hook away'
rm /etc/pve/lxc/102.conf
printf 'lxc.include = %s/common.conf\n' "$lxc" >"$lxc/debian.common.conf"
expect_equal "an ostype with a file of its own that includes the common one" "$(line_of 101)" \
	'enforced: node-wide hook'
printf 'lxc.tty.max = 1\n' >"$lxc/debian.common.conf"
expect_equal "and one that does not" "$(line_of 101)" \
	"not enforced: $lxc/debian.common.conf includes no file that runs pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf $lxc/common.conf.d/"
rm "$lxc/debian.common.conf"
printf 'lxc.hook.start-host =\n' >"$lxc/common.conf.d/zz.conf"
expect_equal "a file that empties the list" "$(line_of 101)" \
	"not enforced: $lxc/common.conf.d/zz.conf empties lxc.hook.start-host"
rm "$lxc/common.conf.d/zz.conf"
mv "$lxc/common.conf.d/pve-safe.conf" "$lxc/common.conf.d/pve-safe.conf.away"
expect_equal "our file is not there" "$(line_of 101)" \
	"not enforced: $lxc/common.conf includes no file that runs pve-safe-lxc-hook: cp /usr/share/pve-safe/lxc/pve-safe.conf $lxc/common.conf.d/"
mv "$lxc/common.conf.d/pve-safe.conf.away" "$lxc/common.conf.d/pve-safe.conf"
chmod 644 /usr/libexec/pve-safe/pve-safe-lxc-hook
expect_equal "or it names a program that cannot run" "$(line_of 101)" \
	'not enforced: /usr/libexec/pve-safe/pve-safe-lxc-hook is not executable: install the package again'
chmod 755 /usr/libexec/pve-safe/pve-safe-lxc-hook

# --- node and policy ---
lab_disable
expect_equal "a node that is not enabled" "$(line_of 200)" \
	'not enforced: pve1 is not enabled: pve-safe setup --enable'
lab_enable
printf 'version = 1\nmode = warn\ninclude = { "baseline@1" }\n' | lab_policy
expect_equal "a policy that only warns" "$(line_of 200)" \
	'not enforced: /etc/pve/pve-safe/policy.conf says mode = warn, so no start is refused'
rm -rf /etc/pve/pve-safe /var/lib/pve-safe/good
expect_equal "no policy at all" "$(line_of 200)" \
	'not enforced: no policy is installed, so starts are only reported: pve-safe policy install FILE'
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END

# --- other nodes ---
printf 'name: far\nhookscript: local:snippets/pve-safe-hook\n' | lab_vm 300 pve2
printf 'name: far\n' | lab_vm 301 pve2
run pve-safe coverage
expect_exit "what cannot be seen is not called fine" 2
expect_output "a guest of another node" out \
	"VM 300 (far) on pve2: unknown: $snippets/pve-safe-hook lies on pve2, and cannot be seen from pve1"
expect_output "without a hookscript it is known to be open" out \
	"VM 301 (far) on pve2: not enforced: it has no hookscript: pve-safe attach 301"
run pve-safe coverage --node pve1 --format json
expect_exit "one node alone" 0
expect_equal "as JSON" "$(head -n 2 <<<"$out" | tail -n 1)" \
	'{"kind":"vm","vmid":200,"node":"pve1","name":"vm200","enforced":true,"hookscript":"local:snippets/pve-safe-hook","script":"ours","former":null,"lxc_hook":null,"why":null,"note":null}'
run pve-safe coverage --node pve1 --node nowhere
expect_exit "a node that is not there" 2
expect_output "is named" err 'pve-safe: coverage: no such node: nowhere'
run pve-safe coverage 101
expect_exit "it takes no guests" 64
run pve-safe coverage --node ../x
expect_exit "nor what is no node's name" 64
printf 'dir: broken\n' >/etc/pve/storage.cfg
expect_equal "where storage.cfg cannot be read" "$(line_of 200 | cut -d: -f1,2)" \
	'unknown: /etc/pve/storage.cfg'
finish
