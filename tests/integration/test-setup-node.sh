#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe setup as a whole: puts a node in order, says what it did, and undoes it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

share=/usr/share/pve-safe
lxc=/usr/share/lxc/config/common.conf.d/pve-safe.conf
link=/var/lib/vz/snippets/pve-safe-hook
hook=/usr/libexec/pve-safe/pve-safe-hook
wanted=/etc/systemd/system/timers.target.wants/pve-safe.timer

# What "make install" puts there, and nothing of what setup makes of it.
install_package() {
	mkdir -p $share/lxc $share/logrotate
	cp templates/lxc/pve-safe.conf $share/lxc/
	cp templates/logrotate/pve-safe $share/logrotate/
	rm -f $lxc $link $wanted /etc/logrotate.d/pve-safe
	rmdir /var/log/pve-safe
	mkdir -p /etc/logrotate.d
}

# A systemd that only writes down what it is asked, and does it with links.
fake_systemd() {
	mkdir -p /run/systemd/system "$(dirname $wanted)" "$LAB/units"
	cp templates/systemd/* "$LAB/units/"
	mount --bind "$LAB/units" /usr/lib/systemd/system
	cat >"$LAB/systemctl" <<-END2
	#!/bin/sh
	echo "\$*" >>$LAB/asked
	[ ! -e $LAB/broken ] || { echo "Failed to connect to bus" >&2; exit 1; }
	case \$1 in
	enable) ln -sf /usr/lib/systemd/system/pve-safe.timer $wanted ;;
	disable) rm -f $wanted ;;
	esac
	END2
	chmod 755 "$LAB/systemctl"
	mount --bind "$LAB/systemctl" /usr/bin/systemctl
}

install_package
rm -f /etc/pve-safe/*

run pve-safe setup --dry-run
expect_exit "a dry run" 0
expect_equal "says what it would do" "$out$err" \
"record: /var/log/pve-safe: would be made
rotation: /etc/logrotate.d/pve-safe: would be made
hookscript: $link: would be made
containers: $lxc: would be made
cluster: /etc/pve/pve-safe: would be made, with nodes, waivers and settings
timer: pve-safe.timer: systemd does not run this machine: run pve-safe tick each minute by other means
enforced: /etc/pve-safe/enabled: is not there: every hook passes; pve-safe setup --enable ends that"
expect_not "and does not: no link" test -e $link
expect_not "no file" test -e $lxc
expect_not "no directory" test -e /etc/pve/pve-safe

if [ -x /usr/bin/systemctl ] && [ -d /usr/lib/systemd/system ]; then
	fake_systemd
fi
run pve-safe setup
# shellcheck disable=SC2034 # expect_output reads it by its name
first=$out
expect_exit "setup" 0
expect_output "says what it did" out "hookscript: $link: made
containers: $lxc: made
cluster: /etc/pve/pve-safe: made, with nodes, waivers and settings"
expect_equal "the link leads to the hook" "$(readlink $link)" $hook
expect "the file is the shipped one" cmp -s $lxc $share/lxc/pve-safe.conf
expect "as is the rotation" cmp -s /etc/logrotate.d/pve-safe $share/logrotate/pve-safe
expect_equal "the record's directory is root's" "$(stat -c '%a %U' /var/log/pve-safe)" '750 root'
expect_equal "the cluster has its directories" \
	"$(find /etc/pve/pve-safe -mindepth 1 -printf '%f\n' | sort | paste -sd' ')" 'nodes settings waivers'
expect_not "nothing is enforced by it" test -e /etc/pve-safe/enabled
if [ -e "$LAB/asked" ]; then
	expect_output "the timer is enabled" first 'timer: pve-safe.timer: enabled and started'
	expect_equal "by systemctl" "$(cat "$LAB/asked")" 'enable --now pve-safe.timer'
fi
before=$(stat -c %i:%Y $lxc /etc/logrotate.d/pve-safe)
run pve-safe setup
expect_exit "again" 0
expect_output "says that it is so" out "hookscript: $link: is there
containers: $lxc: is there
cluster: /etc/pve/pve-safe: is there"
expect_equal "and writes nothing" "$(stat -c %i:%Y $lxc /etc/logrotate.d/pve-safe)" "$before"
run pve-safe setup --format json
expect_equal "as JSON, an object a line" "$(jq -r '[.step, .state, .dry_run] | join(" ")' <<<"$out" | sed -n '3,5p')" \
"hookscript already false
containers already false
cluster already false"

# --- what is in the way ---
echo '# mine' >>/etc/logrotate.d/pve-safe
echo 'lxc.hook.start-host = /bin/true' >$lxc
chmod 755 /var/log/pve-safe
run pve-safe setup
expect_output "the administrator's rotation stays" out \
	'rotation: /etc/logrotate.d/pve-safe: is there, and not as it is shipped; left so'
expect_output "the node-wide file is ours" out "containers: $lxc: written anew"
expect_output "others cannot read the record" out 'record: /var/log/pve-safe: closed to other users'
chown 1000:1000 /var/log/pve-safe
chmod 700 /var/log/pve-safe
run pve-safe setup
expect_output "nor write it, whoever had it" out 'record: /var/log/pve-safe: closed to other users'
expect_equal "it is root's" "$(stat -c '%a %u:%g' /var/log/pve-safe)" '750 0:0'
rm $link
: >$link
run pve-safe setup
expect_exit "what is in the way of the link" 2
expect_output "is said" err "pve-safe: setup: hookscript: $link: is no link to $hook: move it away, then try again"
rm $link
echo 'lxc.hook.start-host =' >"$(dirname $lxc)/zz.conf"
run pve-safe setup
expect_exit "a file that takes the hook away" 2
expect_output "is named" err "$(dirname $lxc)/zz.conf empties lxc.hook.start-host"
rm "$(dirname $lxc)/zz.conf"
mv $hook $hook.away
rm -f $lxc $link
run pve-safe setup
expect_exit "without the hook itself" 2
expect_not "no link is made, for no guest could start by it" test -L $link
mv $hook.away $hook
rm -f $lxc
mv /usr/libexec/pve-safe/pve-safe-lxc-hook "$LAB/away"
run pve-safe setup
expect_output "nor a file that would stop every container" err \
	"pve-safe: setup: containers: $lxc: /usr/libexec/pve-safe/pve-safe-lxc-hook "
expect_not "it is not there" test -e $lxc
mv "$LAB/away" /usr/libexec/pve-safe/pve-safe-lxc-hook
rm -r /etc/pve/pve-safe
lab_quorum no
run pve-safe setup
expect_exit "without quorum" 2
expect_output "the rest is done" out "containers: $lxc: made"
expect_output "and what is not is said" err \
	'pve-safe: setup: cluster: /etc/pve/pve-safe: no quorum: pvecm status; then try again'
lab_quorum yes

# --- undone ---
pve-safe setup >/dev/null 2>&1
pve-safe setup --enable >/dev/null
lab_policy <<'END2'
version = 1
include = { "baseline@1" }
END2
printf '%s\n' 'hostname: web' 'ostype: debian' 'rootfs: local-lvm:vm-101-disk-0' 'unprivileged: 1' | lab_ct 101
printf '%s\n' 'name: gpu' 'hookscript: local:snippets/gpu.sh' | lab_vm 200
printf '%s\n' 'name: far' 'hookscript: local:snippets/pve-safe-hook' | lab_vm 300 pve2
printf '#!/bin/sh\n' >/var/lib/vz/snippets/gpu.sh
chmod 755 /var/lib/vz/snippets/gpu.sh
pve-safe tick >/dev/null 2>&1
pve-safe attach --all >/dev/null 2>&1
run pve-safe setup --remove --dry-run
expect_exit "a dry run of --remove" 0
expect_output "says what it would do" out 'CT 101 (web): would be detached'
expect_output "to all of it" out "containers: $lxc: would be removed"
expect "and does not" grep -q hookscript /etc/pve/lxc/101.conf
run pve-safe setup --remove
expect_exit "--remove leaves a link that a guest of another node names" 2
expect_output "and says so" err \
	"pve-safe: setup: hookscript: $link: left there: a guest or a snapshot of the cluster names it"
expect "it is there" test -L $link
expect_equal "guests have no hook any more, but their own" \
	"$(cat /etc/pve/lxc/101.conf /etc/pve/qemu-server/200.conf | grep hookscript)" \
	'hookscript: local:snippets/gpu.sh'
expect_not "the link beside that is gone" test -e /var/lib/vz/snippets/pve-safe-hook@gpu.sh
expect_not "the node-wide file, too" test -e $lxc
expect_not "the marker" test -e /etc/pve-safe/enabled
expect_not "what the node told the others" test -e /etc/pve/pve-safe/nodes/pve1
expect "the policy stays" test -e /etc/pve/pve-safe/policy.conf
expect "the record stays" test -d /var/log/pve-safe
[ ! -e "$LAB/asked" ] || expect_not "the timer is disabled" test -e $wanted
rm /etc/pve/nodes/pve2/qemu-server/300.conf
run pve-safe setup --remove
expect_exit "once nobody names it" 0
expect_output "the link goes" out "hookscript: $link: removed"
expect_not "it is gone" test -e $link
run pve-safe setup --remove
expect_exit "and again" 0
expect_output "there is nothing to do" out 'guests: guests of pve1: none is attached'

# --- killed at any point ---
# Kills setup as it makes its Nth change, until one lives to the end.
killed=0
for n in 1 2 3 4 5 6 7 8 9; do
	rm -rf $lxc $link /etc/logrotate.d/pve-safe /etc/pve/pve-safe/settings
	strace -f -o /dev/null -e trace=mkdirat,renameat,symlinkat,fsync \
		-e inject=mkdirat,renameat,symlinkat,fsync:signal=KILL:when=$n \
		pve-safe setup >/dev/null || killed=$((killed + 1))
done 2>/dev/null
expect "setup was killed on the way" test "$killed" -ge 3
run pve-safe setup
expect_exit "the next one ends it" 0
expect "with the link" test -L $link
expect "and the file, whole" cmp -s $lxc $share/lxc/pve-safe.conf
finish
