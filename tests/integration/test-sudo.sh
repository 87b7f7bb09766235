#!/bin/bash
# SPDX-License-Identifier: MIT
# A login of the group helpdesk, real sudo, the shipped lines for it and the set delegation@1:
# it may look at guests and turn them on and off; every other command of pct and qm is
# refused, and tests/fixtures/delegation/commands.ok lists what becomes of each. TEST_GOLDEN=write
# writes that list anew.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

calls=/run/pve-standin/calls
log=/var/log/pve-safe/audit.jsonl
golden=$LAB_TOP/tests/fixtures/delegation/commands.ok
tsv=$LAB_TOP/tests/fixtures/vectors/pve-cli.tsv

mkdir -p $calls
echo "127.0.0.1 localhost $(uname -n)" >>/etc/hosts
groupadd helpdesk
groupadd ops
useradd -M -d /nonexistent -s /bin/bash -G helpdesk eve
useradd -M -d /nonexistent -s /bin/bash -G helpdesk,ops ann
useradd -M -d /nonexistent -s /bin/bash mallory
install -m 440 "$LAB_TOP/templates/sudoers/helpdesk" /etc/sudoers.d/pve-safe-helpdesk
lab_policy <<'EOF'
version = 1
include = { "baseline@1", "delegation@1" }

adjust "delegation-command" {
    unless = "login_group = ops and event in (set, snapshot, create) and every given in (memory, sshkeys, hostname, ssh-public-keys, mp0, args)"
}
adjust "delegation-node" { unless = "login_group = ops and event in (push, pull)" }
adjust "raw-args" { unless = "login_group = ops" }
EOF
lab_enable
printf 'arch: amd64\nostype: debian\nhostname: web01\nunprivileged: 1\nrootfs: local-lvm:vm-101-disk-0,size=4G\n' | lab_ct 101
printf 'arch: amd64\nostype: debian\nhostname: bad\nunprivileged: 0\nrootfs: local-lvm:vm-102-disk-0,size=4G\n' | lab_ct 102
printf 'name: build\nmemory: 512\nscsi0: local-lvm:vm-201-disk-0,size=4G\n' | lab_vm 201

# Runs a command as a login, with what calls of the tools there were forgotten.
as() { # LOGIN COMMAND...
	rm -f $calls/*
	run setpriv --reuid "$1" --regid "$1" --init-groups --inh-caps=-all -- "${@:2}"
}

# What tools were called with, "pct start 101", one a line. pvesm only answers what is in
# an archive; it changes nothing.
called() { cat $calls/* 2>/dev/null | jq -r 'select(.argv[0] != "extractconfig") | [(.tool | split("/") | last), .argv[]] | join(" ")'; }

# The last command reached this tool, with these words; or none, and was refused by a rule.
expect_ran() { # NAME WORDS
	if [ "$status" = 0 ] && [ "$(called)" = "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit 0 and the call: $2; got: $(called)"
	fi
}
expect_refused() { # NAME RULE
	if [ "$status" = 77 ] && [[ $'\n'$err == *$'\n'"$2: "* ]] && [ -z "$(called)" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit 77, $2 on stderr, and no call: $(called)"
	fi
}

# --- the lines for sudo ---
expect "visudo takes the shipped lines" visudo -c -f "$LAB_TOP/templates/sudoers/helpdesk"
expect "and what there is with them" visudo -c
for tool in pct qm qmrestore pvesm pve-safe qmrestore-safe; do
	as eve sudo -n /usr/sbin/$tool help
	expect_equal "sudo gives no $tool" "$status $(called)" "1 "
done
as mallory sudo -n /usr/sbin/pct-safe list
expect_equal "and nobody outside the group anything" "$status $(called)" "1 "
as eve sudo -n -E /usr/sbin/pct-safe list
expect_equal "no environment is kept by -E" "$status $(called)" "1 "
for assignment in LD_PRELOAD=/tmp/x PERL5LIB=/tmp PATH=/tmp SUDO_USER=root; do
	as eve sudo -n $assignment /usr/sbin/pct-safe list
	expect_equal "nor is $assignment set" "$status $(called)" "1 "
done

# --- what the helpdesk is for ---
as eve sudo -n pct-safe start 101
expect_ran "starts a container" "pct start 101"
as eve sudo -n pct-safe shutdown 101 --timeout 30
expect_ran "shuts it down" "pct shutdown 101 --timeout 30"
as eve sudo -n qm-safe start 201
expect_ran "starts a VM" "qm start 201"
as eve sudo -n qm-safe stop 201
expect_ran "stops it" "qm stop 201"
expect_equal "the record names the login" \
	"$(jq -rs '[.[] | select(.verdict) | .actor.login] | unique | join(" ")' $log)" eve
as eve sudo -n pct-safe start 102
expect_refused "what the baseline refuses is refused" privileged
as eve sudo -n pct-safe stop 101 --skiplock
expect_refused "an option that is not delegated" delegation-option
as eve sudo -n pct-safe stop 101 -SKIPL=1
expect_refused "nor in another spelling" delegation-option
as eve sudo -n pct-safe --override "urgent" exec 101 -- id
expect_refused "nobody may override" delegation-inside
as eve sudo -n pct-safe start 101 --start --brandnew
expect_equal "what cannot be understood" "$status $(called)" "64 "

# --- every command there is ---
# A word for each positional argument.
word_for() { # TOOL NAME
	case $2 in
	vmid) [ "$1" = pct ] && echo 101 || echo 201 ;;
	newid) echo 300 ;;
	target-vmid) echo 301 ;;
	clean-shutdown | guest-requested) echo 1 ;;
	command) echo ping ;;
	disk | volume | target-volume) [ "$1" = pct ] && echo rootfs || echo scsi0 ;;
	key) echo ctrl-alt-delete ;;
	pid) echo 1 ;;
	size) echo +1G ;;
	snapname) echo snap ;;
	source | file | manifest | path | destination) echo /etc/hostname ;;
	ostemplate) echo local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst ;;
	storage) echo local-lvm ;;
	target) echo pve2 ;;
	target-endpoint) echo host=192.0.2.1,apitoken=root@pam!x=y ;;
	type) echo user ;;
	username) echo root ;;
	extra-args) echo id ;;
	esac
}

# Options that a command cannot be without.
options_for() { # TOOL COMMAND
	case $1.$2 in
	*.remote-migrate) echo --target-bridge=1 --target-storage=1 ;;
	"qm.disk unlink" | qm.unlink) echo --idlist=scsi0 ;;
	"qm.guest passwd") echo --password=geheim1 ;;
	qm.import) echo --storage=local-lvm ;;
	esac
}

# What becomes of one command: run, the rules that refuse it, or the exit status.
outcome() {
	if [ -n "$(called)" ]; then
		echo runs
	elif [ "$status" = 77 ]; then
		sed -n 's/^\(delegation-[a-z]*\|[a-z-]*\): .*/\1/p' <<<"$err" | grep -v '^pve-safe$' | paste -sd ' '
	else
		echo "exit $status"
	fi
}

# Tries a command as the helpdesk.
try_command() { # TOOL COMMAND POSITIONALS
	local words=() name

	for name in $3; do
		words+=("$(word_for "$1" "$name")")
	done
	# shellcheck disable=SC2046,SC2086
	as eve timeout 20 sudo -n "$1-safe" $2 "${words[@]}" $(options_for "$1" "$2")
	echo "$1 $2: $(outcome)"
}

# All commands and aliases of the list, and those that it does not have.
all_commands() {
	local tool command kind name target

	while IFS=$'\t' read -r tool command kind name _; do
		case $kind in
		command) try_command "$tool" "$command" "$([ -n "${name//node/}" ] && echo "$name")" ;;
		alias)
			target=$(awk -F'\t' -v t="$tool" -v c="$name" \
				'$1 == t && $2 == c && $3 == "command" { print $4 }' "$tsv")
			try_command "$tool" "$command" "$target"
			;;
		esac
	done < <(sed 's/\t\t/\t-\t/g; s/\t\t/\t-\t/g' "$tsv" | sed 's/\t-\t/\t \t/g')
	for command in help verifyapi; do
		try_command pct $command ''
		try_command qm $command ''
	done
	try_command pct teleport vmid
}
all_commands >/run/commands
[ "${TEST_GOLDEN:-}" != write ] || cp /run/commands "$golden"
run diff -u "$golden" /run/commands
expect_exit "each command is refused, or runs, as the list says" 0
run awk -F'\t' '$3 == "command" || $3 == "alias"' "$tsv"
expect_equal "no command of the list is left out" \
	"$(grep -cvE '^(pct|qm) (help|verifyapi|teleport):' /run/commands)" "$(wc -l <<<"$out")"
run grep -E ': (runs|.*root)' /run/commands
expect_no_output "nothing that runs is more than looking, or the power button" out \
	"$(grep -E ': runs$' /run/commands | grep -vE \
		' (config|cpusets|df|list|listsnapshot|pending|status|wait|start|shutdown|stop|reboot|reset|help|verifyapi):' || echo -)"

# --- files: those that the login itself may use, whatever is delegated ---
mkdir -m 755 /run/files
install -d -m 700 -o ann -g ann /run/files/ann
install -m 600 -o ann -g ann /dev/null /run/files/ann/key.pub
ssh_key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Jx7Q0 ann'
echo "$ssh_key" >/run/files/ann/key.pub
echo "$ssh_key" >/run/files/secret.pub
chmod 600 /run/files/secret.pub
ln -s /run/files/secret.pub /run/files/ann/link.pub
ln -s /run/files/nothing /run/files/ann/dangling
mkfifo -m 644 /run/files/ann/fifo
as ann sudo -n qm-safe set 201 --sshkeys /run/files/ann/key.pub
expect_ran "a file of the login's own" "qm set 201 --sshkeys=/run/files/ann/key.pub"
for file in /run/files/secret.pub /run/files/ann/link.pub /etc/shadow /run/files/nothing \
	/proc/1/environ /proc/self/environ /run/files/ann/../secret.pub; do
	as ann sudo -n qm-safe set 201 --sshkeys "$file"
	expect_refused "a file that only root may read: $file" delegation-file
done
expect_output "is named, as typed" err "/run/files/ann/../secret.pub"
as ann sh -c 'cd /etc && sudo -n qm-safe set 201 --sshkeys shadow'
expect_refused "by a relative name" delegation-file
as ann sh -c 'cd /run/files/ann && sudo -n qm-safe set 201 --sshkeys key.pub'
expect_ran "which is looked up where the tool will" "qm set 201 --sshkeys=key.pub"
as ann sh -c 'mkdir /run/files/ann/gone && cd /run/files/ann/gone && rmdir ../gone &&
	sudo -n qm-safe set 201 --sshkeys ../key.pub'
expect_ran "also from a directory that is gone" "qm set 201 --sshkeys=../key.pub"
as ann sh -c 'mkdir /run/files/ann/gone && cd /run/files/ann/gone && rmdir ../gone &&
	sudo -n qm-safe set 201 --sshkeys ../../secret.pub'
expect_refused "which changes nothing" delegation-file
as ann sudo -n pct-safe set 101 --mp0 /root,mp=/mnt
expect_refused "a directory to bind" delegation-file
as ann sudo -n pct-safe set 101 --mp0 /run/files/ann,mp=/mnt
expect_ran "one of the login's own" "pct set 101 --mp0=/run/files/ann,mp=/mnt"
as ann timeout 20 sudo -n pct-safe push 101 /run/files/ann/fifo /tmp/x
expect_equal "a pipe is not waited for" "$([ "$status" = 124 ] && echo waited)" ""
as ann sudo -n pct-safe push 101 /etc/shadow /tmp/x
expect_refused "what push reads" delegation-file
as ann sudo -n pct-safe pull 101 /etc/hostname /etc/cron.d/x
expect_refused "what pull writes" delegation-file
as ann sudo -n pct-safe pull 101 /etc/hostname /run/files/secret.pub
expect_refused "or would write over" delegation-file
as ann sudo -n pct-safe pull 101 /etc/hostname /run/files/ann/dangling
expect_refused "or through a link that leads nowhere yet" delegation-file
as ann sh -c 'ls /run/files/ann'
before=$out
as ann sudo -n pct-safe --dry-run pull 101 /etc/hostname /run/files/ann/new
expect_exit "a new file of the login's own may be written" 0
as ann sh -c 'ls /run/files/ann'
expect_equal "asking leaves nothing behind" "$out" "$before"
as ann sudo -n qm-safe set 201 --args -snapshot
expect_refused "QEMU's arguments may name any file" delegation-file
as ann sudo -n qm-safe set 201 --memory 600
expect_ran "what names no file is not touched by it" "qm set 201 --memory=600"
as eve sudo -n qm-safe set 201 --memory 700
expect_refused "and not for those who are not named" delegation-command
run env SUDO_USER=root qm-safe set 201 --sshkeys /run/files/secret.pub
expect_exit "root may use any file" 0

# --- what templates add is not what the login typed ---
lab_policy <<'EOF'
version = 1
include = { "baseline@1", "delegation@1" }
adjust "delegation-command" {
    unless = "login_group = ops and event = create and every given in (memory, name, tags, hookscript)"
}
adjust "raw-args" { unless = "login_group = ops" }
rule "typed" {
    when   = "vm and (given = args or given = numa)"
    action = deny
    reason = "typed"
}
EOF
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/db.conf <<'EOF'
settings "calm" {
    match = "vm and tag = calm"
    option "numa" { value = "1" }
    sysctl "vm.swappiness" { value = "1" }
}
EOF
as ann sudo -n qm-safe create 301 --memory 512 --tags calm
expect_exit "a login is not refused for what a template adds" 0
expect_equal "which is added" "$(called | tr ' ' '\n' | grep -c '^--numa=1$\|^--args=-smbios$\|^--hookscript=')" 3
as ann sudo -n qm-safe create 302 --memory 512 --tags calm --args -snapshot
expect_refused "nor is what it typed less its own for that" delegation-command
expect_output "and the file rule sees it too" err delegation-file
as ann sudo -n qm-safe create 303 --memory 512 --tags calm --numa 0
expect_refused "nor is an option that a template would have set" delegation-command
run qm-safe create 304 --memory 512 --tags calm
expect_exit "nor for anybody, by a rule on the guest as well" 0
run qm-safe create 305 --memory 512 --tags calm --args -snapshot
expect_output "what was typed is, also where a template adds to it" err 'typed: typed'

# --- a login of very many groups ---
useradd -M -d /nonexistent -s /bin/bash many
for n in $(seq 1 600); do echo "many$n:x:$((70000 + n)):many"; done >>/etc/group
lab_policy <<'EOF'
version = 1
rule "last" {
	when = "login_group = many600"
	events = { exec }
	action = deny
	reason = "last"
}
EOF
run env SUDO_USER=many pct-safe exec 101 -- true
expect_exit "all of them count" 77
expect_output "to the last" err "found: login_group = many600"
lab_policy <<'EOF'
version = 1
include = { "baseline@1", "delegation@1" }
EOF

# --- who asks ---
run env SUDO_USER=nobody-knows pct-safe exec 101 -- true
expect_exit "a login without an account is no root" 77
run env SUDO_USER=$'j\303\274rgen' SUDO_UID="$(id -u eve)" pct-safe exec 101 -- true
expect_exit "nor is one whose name no variable can carry" 77
run tail -n 1 $log
expect_equal "it is known by its number" "$(jq -r .actor.login <<<"$out")" eve
run env -u SUDO_USER SUDO_UID=54321 pct-safe exec 101 -- true
expect_exit "nor a number without an account" 77
as eve env SUDO_USER=root SUDO_UID=0 pct-safe exec 101 -- true
expect "a name that sudo did not give does not count" \
	test "$status" != 0 -a -z "$(called)"
as eve env SUDO_USER=root sudo -n pct-safe exec 101 -- true
expect_refused "nor does sudo pass it on" delegation-inside
finish
