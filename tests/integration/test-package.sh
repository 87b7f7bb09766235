#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian package on a node with guests that run: installed, upgraded, removed and purged by
# the real dpkg, in a lab where all that it writes is private. What stays is what is said.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

# Sanitizers make no package: the release build's is taken.
release=${LAB_BUILD:-build}
release=${release%-san}
if [ -z "${LAB:-}" ]; then
	top=$(cd "$(dirname "$0")/../.." && pwd -P)
	compgen -G "$release/deb/*.deb" >/dev/null ||
		make --no-print-directory -C "$top" B="$release" deb >/dev/null || exit 71
fi
in_lab --pve fuse

# shellcheck source=tests/lab/layout.sh
. "$LAB_TOP/tests/lab/layout.sh"
new=$(compgen -G "$release/deb/pve-safe_*.deb")
old=$LAB/pve-safe_old.deb
hook=/usr/libexec/pve-safe/pve-safe-hook
snippets=/var/lib/vz/snippets
nodewide=/usr/share/lxc/config/common.conf.d/pve-safe.conf
seen=$LAB/seen

# --- the package itself ---
if [ "$release" = "$LAB_BUILD" ]; then
	run lintian --allow-root --fail-on error,warning "$new"
	expect_exit "lintian finds no error and no warning" 0
	expect_no_output "and nothing to say" out ": "
fi

# The same as an older version.
dpkg-deb -R "$new" "$LAB/old"
if [ "$release" = "$LAB_BUILD" ]; then
	expect "its programs are hardened" "$LAB_TOP/tests/hardening.sh" \
		"$LAB"/old/usr/sbin/{pve-safe,pct-safe,qm-safe} "$LAB"/old/usr/libexec/pve-safe/*
fi
sed -i 's/^Version: .*/Version: 0.0.1/' "$LAB/old/DEBIAN/control"
dpkg-deb --root-owner-group -b "$LAB/old" "$old" >/dev/null

# --- a node as Proxmox leaves it ---
layout_writable /usr/lib
umount /etc/pve-safe /var/lib/pve-safe
rm -rf /usr/sbin/{pve,pct,qm,qmrestore}-safe /usr/libexec/pve-safe /etc/pve-safe /run/pve-safe \
	/var/lib/pve-safe /var/log/pve-safe $snippets/pve-safe-hook $nodewide

# dpkg, without what other packages do about new manuals.
package() { # ARGUMENT...
	run dpkg --no-triggers --path-include='/usr/share/*' "$@"
}

# Prints every file that a package or its scripts could have left.
everything() {
	{
		find /etc /usr /var/lib /var/log /run -xdev \( -path /var/lib/dpkg -o -path /usr/src \
			-o -path "$LAB" -o -path /run/lock -o -path /run/pve-standin -o -path /run/pve \
			-o -path /run/lxc \) -prune -o -print
		find $snippets
	} | sort
}

# Prints what stays there that was not there at first, without what guests' tasks and dpkg's own
# helpers wrote.
left() {
	comm -13 "$LAB/before" <(everything) | grep -v -e '^/var/log/pve/' -e '^/var/log/lxc' \
		-e '^/var/log/dpkg.log$' -e '^/var/lib/systemd/deb-systemd-helper-enabled/' | xargs
}

# Prints a guest's hookscript.
hookscript_of() { # VMID
	sed -n 's/^hookscript: //p' /etc/pve/nodes/*/*/"$1.conf"
}

# Prints a digest of all of /etc/pve.
cluster() { find /etc/pve/ -type f -exec sha1sum {} + | sort | sha1sum; }

# Writes the VM's own hookscript, which writes down its calls.
# shellcheck disable=SC2016 # the script expands it
gpu_script() {
	printf '#!/bin/sh\necho "${0##*/} $1 $2" >>%s\n' "$seen" >$snippets/gpu.sh
	chmod 755 $snippets/gpu.sh
}

lab_ct 101 <<'END'
arch: amd64
hostname: web01
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=4G
unprivileged: 0
END
lab_vm 200 <<'END'
hookscript: local:snippets/gpu.sh
memory: 512
name: gpu
END
gpu_script
lab_lxc 101
pct start 101 >/dev/null
qm start 200 >/dev/null
everything >"$LAB/before"

# Both guests run on.
guests_run() { # NAME
	expect_equal "$1: the container runs on" "$(lab_lxc_state 101)" RUNNING
	run qm status 200
	expect_output "$1: the VM runs on" out running
}

# --- installed: nothing is enforced ---
package -i "$old"
expect_exit "it installs" 0
guests_run installed
for file in /usr/sbin/{pve,pct,qm,qmrestore}-safe $hook /usr/libexec/pve-safe/pve-safe-lxc-hook \
	/usr/share/pve-safe/policy/baseline.conf /usr/share/pve-safe/sudoers/helpdesk \
	/usr/share/pve-safe/lxc/pve-safe.conf /usr/share/man/man8/pve-safe.8.gz \
	/usr/share/man/man8/pve-safe-explain.8.gz /usr/share/man/man7/pve-safe-facts.7.gz \
	/usr/share/bash-completion/completions/qm-safe /usr/share/doc/pve-safe/README.md \
	/usr/share/doc/pve-safe/examples/shop.tests /usr/lib/systemd/system/pve-safe.timer \
	/usr/lib/tmpfiles.d/pve-safe.conf /etc/logrotate.d/pve-safe; do
	expect "there is $file" test -e "$file"
done
for page in /usr/share/doc/pve-safe/*.md; do
	while IFS= read -r link; do
		[ -z "$link" ] || expect "${page##*/}: $link is there" \
			test -e "$(cd "${page%/*}" && realpath -m "${link%%#*}")"
	done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//;s/)$//' | grep -v -e '^http' -e '^#')
done
while IFS= read -r page; do
	expect "a manual names $page, which is there" test -e "$page"
done < <(zgrep -ohE '/usr/share/(doc/)?pve-safe/[a-z/-]+\.[a-z]+' /usr/share/man/man[1-8]/{pve,pct,qm}*-safe*.gz | sort -u)
expect_equal "the link is there" "$(readlink $snippets/pve-safe-hook)" $hook
expect_not "LXC asks nobody" test -e $nodewide
expect_not "no hook refuses" test -e /etc/pve-safe/enabled
expect_not "the timer is not enabled" test -e /etc/systemd/system/timers.target.wants/pve-safe.timer
expect_equal "no guest was touched" "$(hookscript_of 101)$(hookscript_of 200)" local:snippets/gpu.sh
expect_not "nothing was written for the cluster" test -e /etc/pve/pve-safe
expect_equal "the record is for root" "$(stat -c %a /var/log/pve-safe)" 750
expect_equal "so is the last good copy" "$(stat -c %a /var/lib/pve-safe)" 700

# --- set up, and upgraded ---
run pve-safe setup
expect "LXC asks" test -e $nodewide
run pve-safe attach --all
expect_exit "guests are attached" 0
run pve-safe setup --enable
expect_exit "and the node enforces" 0
printf 'version = 1\ninclude = { "baseline@1" }\n' >/root/policy.conf
run pve-safe policy install --yes /root/policy.conf
expect_exit "a policy" 0
before=$(cluster)
package -i "$new"
expect_exit "it is upgraded" 0
expect_equal "to the new version" "$(dpkg-query -W -f '${Version}' pve-safe)" "$(dpkg-deb -f "$new" Version)"
guests_run upgraded
expect "the node still enforces" test -e /etc/pve-safe/enabled
expect "LXC still asks" test -e $nodewide
expect_equal "guests have what they had" "$(hookscript_of 101) $(hookscript_of 200)" \
	'local:snippets/pve-safe-hook local:snippets/pve-safe-hook@gpu.sh'
expect_equal "/etc/pve is as it was" "$(cluster)" "$before"
run pct reboot 101
expect_exit "the container reboots" 0
run pct stop 101
run pct start 101
expect_exit "and is judged: the policy refuses a fresh start" 255

# --- removed: guests are detached, the former script is back ---
rm -f "$seen"
package -r pve-safe
expect_exit "it is removed" 0
run qm status 200
expect_output "the VM runs on" out running
expect_equal "guests are detached" "$(hookscript_of 101)|$(hookscript_of 200)" '|local:snippets/gpu.sh'
expect_equal "what stays: configuration, record, last good copy" "$(left)" \
	"/etc/logrotate.d/pve-safe /etc/pve-safe $(find /run/pve-safe | sort | xargs) $(
	)/var/lib/pve-safe /var/lib/pve-safe/good /var/lib/pve-safe/good/policy $(
	)/var/log/pve-safe /var/log/pve-safe/audit.jsonl"
expect "the policy stays" test -s /etc/pve/pve-safe/policy.conf
run pct start 101
expect_exit "the container starts as before" 0
qm stop 200 >/dev/null
run qm start 200
expect_exit "so does the VM" 0
expect_output "with its own script" out ''
expect_equal "which ran" "$(grep -c pre-start "$seen")" 1

# --- installed again, nothing is enforced ---
package -i "$new"
expect_exit "it installs again" 0
expect_not "and enforces nothing" test -e /etc/pve-safe/enabled
package -r pve-safe
before=$(cluster)
package -P pve-safe
expect_exit "it is purged" 0
expect_equal "and nothing is left" "$(left)" ''
expect_equal "but /etc/pve, as it was" "$(cluster)" "$before"

# Installs, attaches both guests and gives the VM a reason why it cannot be detached.
attached() {
	package -i "$new"
	run pve-safe attach --all
	qm stop 200 >/dev/null 2>&1
	rm -f "$seen"
}

# What must hold where a guest still names the hook after the package was removed.
script_stays() { # NAME
	expect_exit "$1: it is removed all the same" 0
	expect_output "$1: and says that a script stays" err \
		"pve-safe: guests still name its hookscript; a script stays for them"
	expect "$1: there it is" grep -q '^# pve-safe was removed' $hook
	expect_not "$1: no package owns it" dpkg-query -S $hook
	expect_equal "$1: all else is gone" \
		"$(find /usr/libexec/pve-safe /usr/sbin/*-safe /usr/share/pve-safe 2>/dev/null | sort | xargs)" \
		"/usr/libexec/pve-safe $hook"
	expect_not "$1: LXC asks nobody" test -e $nodewide
}

# --- a guest that is locked ---
attached
sed -i '1i lock: backup' /etc/pve/qemu-server/200.conf
package -r pve-safe
script_stays locked
expect_equal "locked: the other guest is detached" "$(hookscript_of 101)" ''
sed -i '/^lock:/d' /etc/pve/qemu-server/200.conf
run qm start 200
expect_exit "locked: once it is unlocked it starts" 0
expect_output "locked: and is told that nothing was judged" out \
	'WARN: pve-safe is not installed on this node; nothing was judged'
expect_equal "locked: its former script ran" "$(head -n 1 "$seen")" 'gpu.sh 200 pre-start'
printf '#!/bin/sh\nexit 3\n' >$snippets/gpu.sh
qm stop 200 >/dev/null
run qm start 200
expect_exit "locked: with its exit status" 255
gpu_script
before=$(cluster)
package -P pve-safe
expect_exit "locked: purged" 0
expect_output "locked: the script stays while a guest names it" err "guests still name $hook; it stays"
expect "locked: there it is" test -x $hook
expect_equal "locked: /etc/pve is as it was" "$(cluster)" "$before"
package -i "$new"
expect_exit "locked: installed again, in the script's place" 0
expect_not "locked: the hook is there again" grep -q '^# pve-safe was removed' $hook
run pve-safe detach --all
expect_exit "locked: and detaches" 0
package -P pve-safe
expect_equal "locked: now nothing is left" "$(left)" ''

# --- no quorum ---
attached
lab_quorum no
package -r pve-safe
script_stays 'no quorum'
lab_quorum yes
expect_equal "no quorum: guests name it still" "$(hookscript_of 101)" local:snippets/pve-safe-hook
run pct stop 101
run pct start 101
expect_exit "no quorum: and start" 0
run pct set 101 --delete hookscript
run qm set 200 --hookscript local:snippets/gpu.sh
package -P pve-safe
expect_equal "no quorum: purged when no guest names it, nothing is left" "$(left)" ''

# --- a guest of another node ---
package -i "$new"
lab_vm 300 pve2 <<'END'
hookscript: local:snippets/pve-safe-hook
name: elsewhere
END
before=$(cluster)
package -r pve-safe
script_stays 'another node'
expect_equal "another node: the link stays, for the guest may come" \
	"$(readlink $snippets/pve-safe-hook)" $hook
expect_equal "another node: its guest is not touched" "$(cluster)" "$before"
run $snippets/pve-safe-hook 300 pre-start
expect_exit "another node: it could start here" 0
rm /etc/pve/nodes/pve2/qemu-server/300.conf

# --- somebody's own file in the link's place ---
package -P pve-safe
rm -rf $snippets/pve-safe-hook
printf '#!/bin/sh\nexit 0\n' >$snippets/pve-safe-hook
package -i "$new"
expect_exit "a file in the link's place is no obstacle" 0
expect "and is left" grep -q 'exit 0' $snippets/pve-safe-hook
package -P pve-safe
expect "also when it is purged" grep -q 'exit 0' $snippets/pve-safe-hook
finish
