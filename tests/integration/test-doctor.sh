#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe doctor: what is wrong with an installation, all at once, and what to do.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

share=/usr/share/pve-safe
lxc=/usr/share/lxc/config/common.conf.d/pve-safe.conf
link=/var/lib/vz/snippets/pve-safe-hook
hook=/usr/libexec/pve-safe/pve-safe-hook
record=/var/log/pve-safe/audit.jsonl

# One finding of the last run, as "LEVEL CHECK: WHAT | DO".
finding() { # CHECK
	pve-safe doctor --format json | jq -r "select(.check == \"$1\") |
		.level + \": \" + .what + (if .do then \" | \" + .do else \"\" end)"
}

# The problems alone, by their checks.
problems() { pve-safe doctor --format json | jq -r 'select(.level != "note") | .check' | xargs; }

lab_node_start pve2
lab_node_start pve3
mkdir -p $share/lxc $share/logrotate /etc/logrotate.d
cp templates/lxc/pve-safe.conf $share/lxc/
cp templates/logrotate/pve-safe $share/logrotate/
rm -f /etc/pve-safe/* $lxc $link /etc/logrotate.d/pve-safe

run pve-safe doctor 101
expect_exit "doctor names no guests" 64
expect_equal "and says so" "$err" 'pve-safe: doctor: it is about this node: name nothing'
run pve-safe doctor
expect_exit "a node where nothing was set up" 1
expect_output "has no link, and what to do" out "problem: hookscript: $link does not exist
do: pve-safe setup"
expect_output "is not enabled" out 'problem: enforced: this node is not enabled: every hook passes
do: pve-safe setup --enable'
expect_output "had no tick" out 'problem: timer: no tick has run on this node'
expect_output "has no policy" out 'problem: policy: no policy is installed: starts are only reported'
expect_output "and knows nothing of others" out \
	'problem: nodes: pve3 has told nothing of itself: no timer of pve-safe runs there'
expect_output "all at once, and counted" out 'pve1: 17 checks, '

# --- put in order ---
lab_policy <<'END2'
version = 1
include = { "baseline@1" }
END2
pve-safe setup >/dev/null
pve-safe setup --enable >/dev/null
for node in pve2 pve3; do
	lab_node $node touch /etc/pve-safe/enabled
	lab_node $node pve-safe tick >/dev/null
done
pve-safe tick >/dev/null
cp /etc/pve/.members "$LAB/members"
mkdir /etc/pve/nodes/pve9
run pve-safe doctor
expect_output "a node that tells nothing is one" out 'problem: nodes: pve9 has told nothing of itself'
mount --bind "$LAB/members" /etc/pve/.members
run pve-safe doctor
expect_exit "one that was taken out of the cluster is none, though its directory stays" 0
umount /etc/pve/.members
rmdir /etc/pve/nodes/pve9
run pve-safe doctor
expect_exit "a node that is in order" 0
expect_equal "has notes alone" "$(grep -c '^problem\|^unknown' <<<"$out")" 0
expect_output "of the rule that a tag exempts from" out \
	'note: exemptions: privileged: whoever has VM.Config.Options on a guest may exempt it by the tag just-*'
expect_output "with the line for datacenter.cfg" out 'registered-tags: '
expect_equal "JSON has an object a line" \
	"$(pve-safe doctor --format json | jq -rs 'map(.node + " " + .level) | unique[]')" 'pve1 note'

# --- one thing after the other ---
chmod 666 $hook
expect_equal "a hook that does not run" "$(finding programs)" "problem: $hook is not executable | install the package again"
chmod 777 $hook
expect_equal "also when it runs" "$(finding programs)" \
	"problem: $hook (owner 0, mode 0777) could be written by others than root | install the package again"
chmod 755 $hook
rm $link
expect_equal "the link" "$(finding hookscript)" "problem: $link does not exist | pve-safe setup"
pve-safe setup >/dev/null
echo '# mine' >>$lxc
expect_equal "a node-wide file of another version" "$(finding containers)" \
	"problem: $lxc is not the shipped one | pve-safe setup"
echo 'lxc.hook.start-host =' >"$(dirname $lxc)/zz.conf"
run finding containers
expect_output "one that is taken away" out "$(dirname $lxc)/zz.conf empties lxc.hook.start-host"
rm "$(dirname $lxc)/zz.conf"
pve-safe setup >/dev/null
touch -d '20 minutes ago' /var/lib/pve-safe/tick
expect_equal "a timer that stands still" "$(finding timer)" \
	'problem: the last tick ended 20 minutes ago | systemctl status pve-safe.timer; journalctl -u pve-safe'
pve-safe tick >/dev/null
lab_node pve2 rm /etc/pve-safe/enabled
lab_node pve2 pve-safe tick >/dev/null
expect_equal "another node that is not enabled" "$(finding nodes)" \
	'problem: pve2 is not enabled: a guest that moves there starts unjudged | pve-safe setup --enable there'
lab_node pve2 touch /etc/pve-safe/enabled
sed -i 's/^policy = .*/policy = "0123456789abcdef"/' /etc/pve/pve-safe/nodes/pve3
run finding nodes
expect_output "another node with another policy" out \
	'problem: pve3 judges by another policy: file (sha256 0123456789ab), here '
echo 'policy = {' >/etc/pve/pve-safe/nodes/pve3
run pve-safe doctor
expect_exit "a node whose file is broken" 2
expect_output "is not known" out 'unknown: nodes: /etc/pve/pve-safe/nodes/pve3:1:'
lab_node pve3 pve-safe tick >/dev/null
lab_node pve2 pve-safe tick >/dev/null
expect_equal "whose timer mends it" "$(problems)" ''
chmod 755 /var/log/pve-safe
rm /etc/logrotate.d/pve-safe
expect_equal "the record" "$(finding record)" \
'problem: /var/log/pve-safe (owner 0, mode 0755) is not root'"'"'s alone | pve-safe setup
problem: /etc/logrotate.d/pve-safe is missing, so the record only grows | pve-safe setup'
pve-safe setup >/dev/null
lab_syslog_off
expect_equal "no syslog" "$(finding record)" \
	'problem: /dev/log is not there: no syslog carries the record | systemctl status systemd-journald'
lab_syslog_on
future=$(tail -n 1 $record | jq -c '.time = "2099-01-01T00:00:00.000Z"')
echo "$future" >>$record
run finding record
expect_output "a record of the future" out 'problem: the newest record is of a time '
sed -i '$d' $record
truncate -s 2G $record
run finding record
expect_output "one that nobody rotates" out ' has 2048 MiB: is it rotated? | logrotate -d /etc/logrotate.d/pve-safe'
rm $record
: >/etc/pve/pve-safe/policy.conf.tmp.0123456789abcdef
touch -d '1 hour ago' /etc/pve/pve-safe/policy.conf.tmp.0123456789abcdef
expect_equal "what a killed writer left" "$(finding leftovers)" \
	'problem: /etc/pve/pve-safe/policy.conf.tmp.0123456789abcdef was left by a writer that was killed | remove it'
rm /etc/pve/pve-safe/policy.conf.tmp.0123456789abcdef
ln -s /usr/sbin/pct-safe /usr/local/sbin/pct
run finding shadow
expect_output "a link in front of pct is worth a note" out 'note: /usr/local/sbin/pct leads to /usr/sbin/pct-safe'
ln -sf /bin/true /usr/local/sbin/qm
run finding shadow
expect_output "a stranger in front of qm is a problem" out \
	'problem: /usr/local/sbin/qm stands before /usr/sbin/qm and is none of ours'
rm /usr/local/sbin/pct /usr/local/sbin/qm
mkdir -p /usr/share/perl5/PVE
printf "sub version_info {\n    return {\n\t'version' => '10.1.2',\n" >/usr/share/perl5/PVE/pvecfg.pm
run finding version
expect_output "a Proxmox VE that is newer than our tables" out 'problem: this is Proxmox VE 10.1.2; '
sed -i 's/10.1.2/9.1.1/' /usr/share/perl5/PVE/pvecfg.pm
expect_equal "the one that they are of" "$(finding version)" ''
mkdir -p /etc/sudoers.d
cp templates/sudoers/helpdesk /etc/sudoers.d/pve-safe-helpdesk
expect_equal "the shipped lines for sudo are fine" "$(finding sudo)" ''
cat >/etc/sudoers.d/own <<'END2'
%ops ALL = (root) NOPASSWD:SETENV: /usr/sbin/pct-safe
%ops ALL = (root) /usr/sbin/qm-safe start *, \
    /usr/sbin/qm
END2
expect_equal "own ones may not be" "$(finding sudo | sed 's/ | .*//')" \
'problem: /etc/sudoers.d/own:1: SETENV beside a wrapper: the caller'"'"'s environment reaches a program of root'"'"'s
problem: /etc/sudoers.d/own:2: a pattern beside a wrapper: sudo'"'"'s * also takes blanks and further options
problem: /etc/sudoers.d/own:2: a command beside a wrapper that nobody judges, or that changes the policy'
rm /etc/sudoers.d/own
mv /etc/sudoers.d /etc/sudoers.away
ln -s sudoers.d /etc/sudoers.d
run finding sudo
expect_output "what cannot be listed is not taken for empty" out 'unknown: /etc/sudoers.d: '
rm /etc/sudoers.d
mv /etc/sudoers.away /etc/sudoers.d
printf '%s\n' 'hostname: web' 'ostype: debian' 'rootfs: local-lvm:vm-101-disk-0' 'unprivileged: 0' | lab_ct 101
pve-safe waive 101 privileged --ticket CHG-1 --reason test --until "$(date -u -d '+3 days' +%F)" >/dev/null 2>&1
run finding waivers
expect_output "a waiver that ends soon" out 'CT 101 (web) on pve1: privileged waived until '
rm /etc/pve/lxc/101.conf /etc/pve/pve-safe/waivers/*

# --- policy and quorum ---
echo 'rule "x" {' >>/etc/pve/pve-safe/policy.conf
run finding policy
expect_output "a policy that cannot be used" out \
	'problem: the policy cannot be used, judged by /etc/pve/pve-safe/policy.conf (last-good): '
printf 'version = 1\nmode = warn\ninclude = { "baseline@1" }\n' | lab_policy
run finding policy
expect_output "one that refuses nothing is worth a note" out 'note: /etc/pve/pve-safe/policy.conf says mode = warn'
lab_quorum no
run finding cluster
expect_output "no quorum" out 'problem: the cluster has no quorum'
lab_quorum yes
finish
