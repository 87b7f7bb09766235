#!/bin/bash
# SPDX-License-Identifier: MIT
# Mail to root: what it is about, at most once an hour of a kind, and never in the way.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

mails=/run/mails
stamps=/run/pve-safe/mail
mkdir $mails

# Puts a mail program in place that keeps what it is given; it may be slow.
mailer() { # [SECONDS]
	cat >/usr/sbin/sendmail.new <<-END
	#!/bin/sh
	sleep ${1:-0}
	echo "\$*" >$mails/args.\$\$
	cat /proc/self/cgroup >$mails/cgroup.\$\$
	ls -l /proc/\$\$/fd >$mails/ls.\$\$ # no pipeline: its pipe would be listed
	sed -n 's/.* \([0-9]*\) -> /\1 /p' $mails/ls.\$\$ >$mails/fds.\$\$
	cat >$mails/.mail.\$\$
	mv $mails/.mail.\$\$ $mails/mail.\$\$
	END
	chmod 755 /usr/sbin/sendmail.new
	mv /usr/sbin/sendmail.new /usr/sbin/sendmail
}

# Prints how many mails have come.
count() { find "$mails" -name 'mail.*' | wc -l; }

# Waits for so many mails, and a moment for one too many.
mails_are() { # NAME COUNT
	wait_for 5 eval "[ \$(count) -ge $2 ]"
	sleep 0.3
	expect_equal "$1" "$(count)" "$2"
}

forget() { rm -f $mails/* $stamps/*; }

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_enable
lab_ct 101 <<'END'
arch: amd64
hostname: web01
ostype: debian
rootfs: local-lvm:vm-101-disk-0,size=4G
unprivileged: 0
END
lab_lxc 101
lab_vm 200 <<'END'
args: -device vfio-pci,host=01:00.0
hookscript: local:snippets/pve-safe-hook
memory: 512
name: build
vmgenid: 11111111-2222-3333-4444-555555555555
END

# --- without a mail program ---
expect_not "without a mail program a start is refused all the same" pct start 101
expect "and no stamp is left" test ! -e $stamps/denied

# --- a denial ---
mailer
run pct-safe start 101
expect_exit "a denial at the wrapper" 77
mails_are "is mailed" 1
run cat $mails/mail.*
id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' /var/log/pve-safe/audit.jsonl | tail -n 1)
expect_output "to root, with a subject" out "To: root
Subject: pve-safe on pve1: start of CT 101 denied
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

pve-safe: start of CT 101 (web01) denied
privileged: root in a privileged container is root on the node
  found: unprivileged: 0 (/etc/pve/lxc/101.conf:5)
"
expect_output "with the id of the decision" out "decision $id policy /etc/pve/pve-safe/policy.conf"
expect_output "and when the next one may come" out "
The next mail of this kind from this node comes in 1 hour at the earliest.
All decisions are in /var/log/pve-safe/audit.jsonl; pve-safe log shows them."
expect_equal "the program is called as sendmail -oi root" "$(cat $mails/args.*)" '-oi root'
run cat $mails/fds.*
expect_output "it has nothing of ours open: output" out '1 /dev/null'
expect_output "errors" out '2 /dev/null'
expect_no_output "nor terminals, pipes or files" out 'pipe:'

expect_not "a second denial within the hour" pct-safe start 101
expect_not "and one at the hook" qm start 200
expect_not "and one at the node-wide hook" pct start 101
mails_are "are not mailed" 1

forget
expect_not "a denial at the hookscript" qm start 200
mails_are "is mailed" 1
run cat $mails/mail.*
expect_output "with its guest" out 'Subject: pve-safe on pve1: start of VM 200 denied'
forget
expect_not "a denial at the node-wide hook" pct start 101
mails_are "is mailed, too" 1
run cat $mails/mail.*
expect_output "with its guest, too" out 'Subject: pve-safe on pve1: start of CT 101 denied'
run cat $mails/cgroup.*
expect_no_output "from outside the control group of LXC, which must be empty" out lxc

# --- how often ---
echo 1 >$stamps/denied
run pct-safe start 101
now=$(cut -d. -f1 /proc/uptime)
if [ "$now" -gt 3601 ]; then
	mails_are "an hour later one is mailed again" 2
else
	mails_are "within an hour of the boot one is not mailed again" 1
fi
forget
for _ in 1 2 3 4 5 6 7 8 9 10; do
	pct-safe start 101 >/dev/null 2>&1 &
done
wait
mails_are "ten denials at once send one" 1
forget
printf 'x\n' >$stamps/denied
expect_not "a denial after a stamp that says nothing" pct-safe start 101
mails_are "is mailed" 1
forget
rm -rf $stamps
ln -s /etc/passwd $stamps
run pct-safe start 101
expect_exit "where no stamp can be kept the denial is the same" 77
mails_are "and nothing is mailed" 0
rm -f $stamps

# --- never in the way ---
mailer 3
begun=$(date +%s%N)
run pct-safe start 101
expect_exit "a slow mail program changes nothing of a denial" 77
expect "nor does anybody wait for it" test $((($(date +%s%N) - begun) / 1000000)) -lt 1500
begun=$(date +%s%N)
rm -f $stamps/*
expect_not "a hookscript's denial with it" qm start 200
expect "is not held up, though the task reads its output to the end" \
	test $((($(date +%s%N) - begun) / 1000000)) -lt 2500
mails_are "both are mailed in the end" 2
forget
printf '#!/bin/sh\nexit 75\n' >/usr/sbin/sendmail
run pct-safe start 101
expect_exit "a mail program that fails changes nothing" 77
expect_no_output "and says nothing" err mail
forget
mailer

# --- what else is mailed ---
expect "nothing is mailed of a start that is allowed" pct-safe set 101 --tags just-CHG-1
expect "as here" pct start 101
pct stop 101
mails_are "no mail" 0
run pct-safe --dry-run set 101 --tags ''
expect_exit "nothing is mailed of a dry run" 77
mails_are "no mail of it" 0
run pct-safe start 999
expect_exit "nor of a guest that is not there" 78
run qm-safe create 200 --name again
expect_exit "or is there already" 78
mails_are "no mail of that" 0
expect "so that the next denial can be mailed" test ! -e $stamps/denied

pct set 101 --tags ''
expect "a waiver that ends soon" pve-safe waive 101 privileged --ticket CHG-7 --reason r \
	--until "$(date -u -d '+3 days' +%F)"
expect "lets the start pass" pct-safe start 101
mails_are "and is mailed" 1
run cat $mails/mail.*
expect_output "with its guest" out 'Subject: pve-safe on pve1: a waiver of CT 101 ends soon'
expect_output "and its end" out "CHG-7 until $(date -u -d '+3 days' +%F), which leaves 3 days"
expect_output "once a day" out 'comes in 24 hours at the earliest.'
pct stop 101
forget

lab_ct 301 pve2 <<'END'
hostname: far
rootfs: local-lvm:vm-301-disk-0,size=4G
unprivileged: 0
END
expect "a guest of another node" pve-safe waive 301 privileged --ticket CHG-8 --reason r \
	--until "$(date -u -d '+3 days' +%F)"
expect "the timer looks for waivers that end soon" pve-safe waivers --tidy
mails_are "and mails them" 1
run cat $mails/mail.*
expect_output "in one mail" out 'Subject: pve-safe on pve1: waivers end soon'
expect_output "with all of this node" out "

CT 101 (web01) on pve1: privileged waived until $(date -u -d '+3 days' +%F) (CHG-7): expiring: 3 days left

The next mail"
expect "the next time" pve-safe waivers --tidy
mails_are "it is silent" 1
forget

expect "a policy that is known" pve-safe check 101
sed -i 's/include/inclde/' /etc/pve/pve-safe/policy.conf
run pct-safe start 101
expect_exit "a policy that is broken then: the last good one still waives" 0
pct stop 101
mails_are "and two things are mailed" 2
run grep -h Subject $mails/mail.*
expect_output "the policy" out 'Subject: pve-safe on pve1: the policy cannot be used'
expect_output "and the waiver" out 'Subject: pve-safe on pve1: a waiver of CT 101 ends soon'
run /usr/libexec/pve-safe/pve-safe-hook 101 pre-start
run /usr/libexec/pve-safe/pve-safe-lxc-hook 101 lxc start-host
mails_are "within the hour the last good policy is mailed once, whoever uses it" 2
forget
run /usr/libexec/pve-safe/pve-safe-lxc-hook 102 lxc start-host
mails_are "by the node-wide hook, too" 2
run grep -h Subject $mails/mail.*
expect_output "about the policy" out 'Subject: pve-safe on pve1: the policy cannot be used'

# --- the timer ---
# Runs a command as systemd runs a service: what is left of it when it has ended is killed.
as_service() { # COMMAND...
	local group=/sys/fs/cgroup/service

	mkdir -p "$group"
	# shellcheck disable=SC2016 # the inner shell expands it
	bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
	echo 1 >"$group/cgroup.kill"
}
forget
mailer 1
as_service pve-safe tick >/dev/null 2>&1
mails_are "what the timer has to mail outlives its service" 2
run grep -h Subject $mails/mail.*
expect_output "the policy, of the timer" out 'Subject: pve-safe on pve1: the policy cannot be used'
finish
