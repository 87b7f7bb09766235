#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe attach and detach: guests get our hookscript by pct and qm, keep the one they
# had, and get it back.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
snippets=/var/lib/vz/snippets
seen=$LAB/seen

# Writes a container or a VM with further lines.
container() { # VMID [LINE...]
	{
		printf '%s\n' 'arch: amd64' "hostname: ct$1" 'ostype: debian' \
			"rootfs: local-lvm:vm-$1-disk-0,size=4G" 'unprivileged: 1'
		[ $# -lt 2 ] || printf '%s\n' "${@:2}"
	} | lab_ct "$1"
}
machine() { # VMID [LINE...]
	{
		printf '%s\n' "name: vm$1" 'memory: 512'
		[ $# -lt 2 ] || printf '%s\n' "${@:2}"
	} | lab_vm "$1"
}

# Makes a hookscript that writes down its calls, and runs a line of its own.
# shellcheck disable=SC2016 # the script expands it
script() { # PATH [LINE]
	printf '#!/bin/sh\necho "${0##*/} $1 $2" >>%s\n%s\n' "$seen" "${2:-}" >"$1"
	chmod 755 "$1"
}

# Prints a guest's hookscript.
hookscript_of() { # VMID
	sed -n 's/^hookscript: //p' /etc/pve/nodes/*/*/"$1.conf"
}

# Prints what a script wrote down since the last time.
calls() {
	[ ! -e "$seen" ] || paste -sd';' "$seen"
	rm -f "$seen"
}

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END

# --- usage ---
run pve-safe attach
expect_exit "attach wants to know which guests" 64
expect_output "and asks" err "pve-safe: attach: which guests? name VMIDs, or say --all"
run pve-safe attach 101 --all
expect_exit "guests or all, not both" 64
run pve-safe attach 1x
expect_exit "what is no VMID is a usage error" 64
expect_output "and is named" err "pve-safe: attach: this is no VMID: '1x'"
run pve-safe detach --missing
expect_exit "detach knows no --missing" 64
run pve-safe attach --help
expect_exit "attach explains itself" 0

# --- a guest without a hookscript ---
container 101
run pve-safe attach 101 --dry-run
expect_exit "a dry run" 0
expect_equal "says what it would do" "$out" \
"CT 101 (ct101): would be attached: local:snippets/pve-safe-hook
run: /usr/sbin/pct set 101 --hookscript local:snippets/pve-safe-hook --digest $(sha1sum </etc/pve/lxc/101.conf | cut -d' ' -f1)"
expect_equal "and does not" "$(hookscript_of 101)" ''
run pve-safe attach 101
expect_exit "attach" 0
expect_equal "says what it did" "$out" 'CT 101 (ct101): attached: local:snippets/pve-safe-hook'
expect_output "and that the node lets everything pass yet" err \
	"pve1 is not enabled: its hooks pass every start; pve-safe setup --enable ends that"
expect_equal "the guest has it" "$(hookscript_of 101)" local:snippets/pve-safe-hook
lab_enable
before=$(sha1sum </etc/pve/lxc/101.conf)
run pve-safe attach 101
expect_exit "attached twice" 0
expect_equal "says so" "$out$err" \
	'CT 101 (ct101): is attached already: local:snippets/pve-safe-hook'
expect_equal "and changes nothing" "$(sha1sum </etc/pve/lxc/101.conf)" "$before"
run pve-safe detach 101
expect_exit "detach" 0
expect_equal "says what it did, too" "$out$err" 'CT 101 (ct101): detached'
expect_equal "the guest has none again" "$(hookscript_of 101)" ''
expect "the package's own link stays" test -L "$snippets/pve-safe-hook"
run pve-safe detach 101
expect_exit "detached twice" 0
expect_equal "is no error" "$out$err" 'CT 101 (ct101): is not attached'

# --- a guest with a GPU hookscript: attach, start, stop, clone, detach ---
script "$snippets/gpu.sh"
machine 200 'hookscript: local:snippets/gpu.sh'
run pve-safe attach 200
expect_exit "a guest with a script of its own is attached" 0
expect_equal "and it is said what becomes of the script" "$out" \
	'VM 200 (vm200): attached: local:snippets/pve-safe-hook@gpu.sh, which then runs local:snippets/gpu.sh'
expect_output "and what other nodes need" err \
	"$snippets/pve-safe-hook@gpu.sh is on pve1 alone: on a node that such a guest may go to, make it as well: ln -s $hook '$snippets/pve-safe-hook@gpu.sh'"
expect_equal "the link leads to the installed hook" \
	"$(readlink "$snippets/pve-safe-hook@gpu.sh")" "$hook"
qm start 200 >/dev/null 2>&1
qm stop 200 >/dev/null 2>&1
expect_equal "its script runs in every phase, in order" "$(calls)" \
	'gpu.sh 200 pre-start;gpu.sh 200 post-start;gpu.sh 200 pre-stop;gpu.sh 200 post-stop'
run qm clone 200 201
expect_exit "it can be cloned" 0
expect_equal "the clone has the same hookscript" "$(hookscript_of 201)" \
	local:snippets/pve-safe-hook@gpu.sh
qm start 201 >/dev/null 2>&1
expect_equal "and the script runs for the clone" "$(calls)" \
	'gpu.sh 201 pre-start;gpu.sh 201 post-start'
qm stop 201 >/dev/null 2>&1
script "$snippets/gpu.sh" 'exit 3'
run qm start 200
expect_exit "the script can stop a start" 255
expect_output "with its own status" err 'failed: exit code 3'
script "$snippets/gpu.sh"
calls >/dev/null
run pve-safe attach 200
expect_equal "attached twice, with a script" "$out" \
	'VM 200 (vm200): is attached already: local:snippets/pve-safe-hook@gpu.sh, which then runs local:snippets/gpu.sh'
run pve-safe detach 200
expect_exit "detach gives the script back" 0
expect_equal "as it was" "$(hookscript_of 200)" local:snippets/gpu.sh
expect_equal "and says so" "$out" 'VM 200 (vm200): detached: local:snippets/gpu.sh'
expect "the link stays while the clone names it" test -L "$snippets/pve-safe-hook@gpu.sh"
run pve-safe detach 201
expect_output "the last one takes the link along" out \
	"$snippets/pve-safe-hook@gpu.sh is removed: no guest names it any more"
expect_not "it is gone" test -L "$snippets/pve-safe-hook@gpu.sh"
expect "the script is not" test -x "$snippets/gpu.sh"
machine 202 'hookscript: local:snippets/gpu.sh' '' '[before]' \
	'hookscript: local:snippets/pve-safe-hook@gpu.sh'
pve-safe attach 202 >/dev/null 2>&1
pve-safe detach 202 >/dev/null 2>&1
expect "a snapshot keeps the link" test -L "$snippets/pve-safe-hook@gpu.sh"
rm /etc/pve/qemu-server/202.conf "$snippets/pve-safe-hook@gpu.sh"

# --- a container of LXC's own, with its script ---
container 102 'hookscript: local:snippets/gpu.sh'
lab_lxc 102
calls >/dev/null
pve-safe attach 102 >/dev/null 2>&1
run pct start 102
expect_exit "a real container starts" 0
pct stop 102 >/dev/null 2>&1
expect_equal "its script runs around it, post-stop below LXC" "$(calls)" \
	'gpu.sh 102 pre-start;gpu.sh 102 post-start;gpu.sh 102 pre-stop;gpu.sh 102 post-stop'
rm /run/pve-standin/102

# --- many at once ---
machine 210
machine 211 'hookscript: local:snippets/gpu.sh'
container 103 'lock: backup'
run pve-safe attach --missing
expect_exit "attach --missing fails where a guest is locked" 2
expect_equal "of the others it names those that lacked it" "$(cut -d' ' -f1,2 <<<"$out" | paste -sd' ')" \
	'CT 101 VM 200 VM 201 VM 210 VM 211'
expect_output "and the locked one" err \
	'pve-safe: attach: CT 103 (ct103): Proxmox has locked it (backup): try again when that has ended'
container 103
run pve-safe attach --all --format json
expect_exit "attach --all" 0
expect_equal "names all, as JSON" "$(jq -r '[.kind, .vmid, .state, .hookscript, .former] | map(tostring) | join(" ")' <<<"$out")" \
"ct 101 already local:snippets/pve-safe-hook null
ct 102 already local:snippets/pve-safe-hook@gpu.sh local:snippets/gpu.sh
ct 103 done local:snippets/pve-safe-hook null
vm 200 already local:snippets/pve-safe-hook@gpu.sh local:snippets/gpu.sh
vm 201 already local:snippets/pve-safe-hook@gpu.sh local:snippets/gpu.sh
vm 210 already local:snippets/pve-safe-hook null
vm 211 already local:snippets/pve-safe-hook@gpu.sh local:snippets/gpu.sh"
expect_equal "with these members" "$(head -n 1 <<<"$out" | jq -r 'keys_unsorted | join(" ")')" \
	'kind vmid node name state dry_run hookscript former link command message'
run pve-safe attach --missing
expect_equal "then none is missing" "$status$out$err" 0
for vmid in 210 211; do
	qm set "$vmid" --delete hookscript >/dev/null 2>&1
done
pids=()
for i in 1 2 3 4 5 6; do
	pve-safe attach --all >"$LAB/attach.$i" 2>&1 &
	pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do
	wait "$pid" || failed=$((failed + 1))
done
expect_equal "six at once all succeed" "$failed" 0
expect_equal "and each guest is attached by one of them" \
	"$(cat "$LAB"/attach.? | grep -c ': attached: ')" 2
run pve-safe detach --all
expect_exit "detach --all" 0
expect_equal "leaves none" "$(grep -l pve-safe-hook /etc/pve/lxc/*.conf /etc/pve/qemu-server/*.conf)" ''
expect_not "and no link" test -L "$snippets/pve-safe-hook@gpu.sh"

# --- what cannot be done, each with one message ---
refused() { # NAME VMID MESSAGE
	local had

	had=$(hookscript_of "$2")
	run pve-safe attach "$2"
	expect_exit "$1" 2
	expect_equal "$1: one message" "$err" "pve-safe: attach: $3"
	expect_equal "$1: and nothing changed" "$(hookscript_of "$2")" "$had"
}
run pve-safe attach 999
expect_exit "a guest that is not there" 2
expect_equal "is said to be" "$err" \
	'pve-safe: attach: guest 999: there is no such guest in /etc/pve/nodes'
printf 'name: far\n' | lab_vm 300 pve2
run pve-safe attach 300
expect_exit "a guest of another node" 2
expect_equal "is named with the command to run there" "$err" \
	'pve-safe: attach: guest 300: it is on pve2, and Proxmox changes it only there: ssh root@pve2 pve-safe attach 300'
cat >>/etc/pve/storage.cfg <<'END'

dir: gone
	path /srv/gone
	content snippets

nfs: nas
	server 192.0.2.1
	export /x
	path /srv/nas
	content snippets

dir: moved
	path /srv/moved
	content-dirs snippets=own/scripts
END
mkdir -p /var/log/srv && mount --bind /var/log/srv /srv
machine 220 'hookscript: gone:snippets/x.sh'
refused "a storage whose path is not there" 220 \
	"VM 220 (vm220): Proxmox cannot start it with the hookscript 'gone:snippets/x.sh': /srv/gone/snippets/x.sh does not exist: mend that, or qm set 220 --delete hookscript, then try again"
machine 220 'hookscript: local-lvm:snippets/x.sh'
refused "a storage without a directory" 220 \
	"VM 220 (vm220): Proxmox cannot start it with the hookscript 'local-lvm:snippets/x.sh': storage 'local-lvm' (lvmthin) has no directory: mend that, or qm set 220 --delete hookscript, then try again"
machine 220 'hookscript: nowhere:snippets/x.sh'
refused "a storage that is not configured" 220 \
	"VM 220 (vm220): Proxmox cannot start it with the hookscript 'nowhere:snippets/x.sh': storage 'nowhere' is not in /etc/pve/storage.cfg: mend that, or qm set 220 --delete hookscript, then try again"
script "$snippets/pve-safe-hook@evil"
machine 220 'hookscript: local:snippets/pve-safe-hook@evil'
refused "a script that is only named like ours" 220 \
	"VM 220 (vm220): $snippets/pve-safe-hook@evil is named like ours, but is not $hook: move it away, then try again"
rm "$snippets/pve-safe-hook@evil"
script "$snippets/plain.sh"
ln -s plain.sh "$snippets/pve-safe-hook@plain.sh"
machine 220 'hookscript: local:snippets/plain.sh'
refused "something else in the link's place" 220 \
	"VM 220 (vm220): $snippets/pve-safe-hook@plain.sh is no link to $hook: move it away, then try again"
rm "$snippets/pve-safe-hook@plain.sh"
script "$snippets/ünï"
machine 220 'hookscript: local:snippets/ünï'
refused "a name that is not ASCII" 220 \
	"VM 220 (vm220): the name of its hookscript, $snippets/ünï, is not plain ASCII, and Proxmox may write it otherwise than it reads it: rename it"
long=$(printf 'x%.0s' {1..250})
script "$snippets/$long"
machine 220 "hookscript: local:snippets/$long"
refused "a name that leaves no room" 220 \
	"VM 220 (vm220): the name of its hookscript is too long: with 'pve-safe-hook@' before it it may have 255 bytes"
chmod 644 "$snippets/plain.sh"
machine 220 'hookscript: local:snippets/plain.sh'
refused "a script that is not executable" 220 \
	"VM 220 (vm220): Proxmox cannot start it with the hookscript 'local:snippets/plain.sh': $snippets/plain.sh is not executable: mend that, or qm set 220 --delete hookscript, then try again"
chmod 755 "$snippets/plain.sh"
machine 220 'hookscript: local:snippets/plain.sh'
lab_quorum no
refused "no quorum" 220 "nothing was changed: no quorum, so Proxmox changes no guest: pvecm status"
lab_quorum yes
flock /run/lock/qemu-server/lock-220.conf sleep 15 &
holder=$!
sleep 0.2
run pve-safe attach 220
kill "$holder"
expect_exit "a guest that a task works on" 2
expect_output "is what qm says of it" err 'pve-safe: attach: VM 220 (vm220): qm set failed with exit status '
expect_not "no link is left behind" test -L "$snippets/pve-safe-hook@plain.sh"
mv "$hook" "$hook.away"
refused "our hook is not installed" 220 \
	"VM 220 (vm220): $hook does not exist: install the package again"
mv "$hook.away" "$hook"
printf 'lock: backup\n' >>/etc/pve/qemu-server/220.conf
run pve-safe attach 220
expect_exit "a locked guest is not attached" 2
sed -i '/^lock/d' /etc/pve/qemu-server/220.conf
pve-safe attach 220 >/dev/null 2>&1
printf 'lock: backup\n' >>/etc/pve/qemu-server/220.conf
run pve-safe detach 220
expect_exit "nor detached" 2
expect_equal "and stays as it was" "$(hookscript_of 220)" local:snippets/pve-safe-hook@plain.sh
sed -i '/^lock/d' /etc/pve/qemu-server/220.conf
rm "$snippets/plain.sh"
run pve-safe attach 220
expect_output "an attached guest whose script is gone is warned of" err \
	"pve-safe: WARN: it does not start: its former hookscript $snippets/plain.sh does not exist"
run pve-safe detach 220
expect_exit "and cannot get it back" 2
expect_output "which says why" err \
	"its former hookscript $snippets/plain.sh does not exist, and Proxmox would not set it: mend that, or qm set 220 --delete hookscript"

# --- a link that was lost, as after a migration ---
script "$snippets/plain.sh"
rm "$snippets/pve-safe-hook@plain.sh"
run qm start 220
expect_exit "without its link a guest does not start" 255
run pve-safe attach 220
expect_exit "attach makes it again" 0
expect_equal "and says so" "$out" \
	'VM 220 (vm220): its link was missing: local:snippets/pve-safe-hook@plain.sh, which then runs local:snippets/plain.sh'
run qm start 220
expect_exit "and the guest starts" 0
qm stop 220 >/dev/null 2>&1
mv "$snippets" "$snippets.away"
container 104
run pve-safe attach 104
expect_exit "a node without a snippets directory gets one" 0
rm -r "$snippets"
mv "$snippets.away" "$snippets"

# --- other storages, other names ---
mkdir -p /srv/nas/snippets /srv/moved/own/scripts
script /srv/nas/snippets/net.sh
container 105 'hookscript: nas:snippets/net.sh'
run pve-safe attach 105
expect_equal "a script on a shared storage stays there" "$(hookscript_of 105)" \
	nas:snippets/pve-safe-hook@net.sh
expect "its link beside it" test -L /srv/nas/snippets/pve-safe-hook@net.sh
expect_equal "of which there is one for all nodes" "$err" ''
script /srv/moved/own/scripts/x.sh
machine 221 'hookscript: moved:snippets/x.sh'
run pve-safe attach 221 --dry-run
expect_output "a storage that keeps its snippets elsewhere" out \
	"run: ln -s $hook /srv/moved/own/scripts/pve-safe-hook@x.sh"
for name in "it's a.sh" '%n' 'a@b' '-x'; do
	script "$snippets/$name"
	container 106 "hookscript: local:snippets/$name"
	run pve-safe attach 106
	expect_exit "a script named $name" 0
	expect_equal "$name is kept in the name" "$(hookscript_of 106)" \
		"local:snippets/pve-safe-hook@$name"
	calls >/dev/null
	pct start 106 >/dev/null 2>&1
	pct stop 106 >/dev/null 2>&1
	expect_equal "$name runs" "$(calls | cut -d';' -f1)" "$name 106 pre-start"
	run pve-safe detach 106
	expect_equal "$name is given back" "$(hookscript_of 106)" "local:snippets/$name"
done
finish
