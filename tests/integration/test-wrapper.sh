#!/bin/bash
# SPDX-License-Identifier: MIT
# pct-safe, qm-safe and qmrestore-safe: what is judged, what is run in which form, what
# passes through untouched, and what is refused before the tool runs.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

calls=/run/pve-standin/calls
log=/var/log/pve-safe/audit.jsonl
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
hook='"--hookscript=local:snippets/pve-safe-hook"'

mkdir -p /var/lib/vz/template/cache $calls
: >"/var/lib/vz/template/cache/${template##*/}"
lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
lab_enable

# Runs a command with the calls of the tools forgotten.
try() { # COMMAND...
	rm -f $calls/*
	run "$@"
}

# The arguments of every call of a tool, a JSON array each.
# pvesm only answers what is in an archive; it changes nothing.
called() { cat $calls/* 2>/dev/null | jq -c '.argv | select(.[0] != "extractconfig")'; }

# The number of lines in the record.
recorded() { wc -l <$log; }

# The tool was called once, with these arguments in JSON.
expect_called() { # NAME JSON
	expect_equal "$1" "$(called)" "$2"
}

# The last command was refused by a rule, and no tool was called.
expect_refused() { # NAME RULE
	if [ "$status" = 77 ] && [[ $'\n'$err == *$'\n'"$2: "* ]] && [ -z "$(called)" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit 77, $2 on stderr, and no call: $(called)"
	fi
}

# The last command ended so without a tool, and said this on stderr.
expect_stopped() { # NAME STATUS TEXT
	if [ "$status" = "$2" ] && [[ $err == *"$3"* ]] && [ -z "$(called)" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit $2, on stderr: $3, and no call: $(called)"
	fi
}

# Puts a shell script in the place of a real tool; the tool put back.
replace_tool() { # TOOL SCRIPT
	[ -e "/run/real-$1" ] || mv "/usr/sbin/$1" "/run/real-$1"
	printf '#!/bin/sh\n%s\n' "$2" >"/usr/sbin/$1"
	chmod 755 "/usr/sbin/$1"
}
restore_tool() { # TOOL
	rm -rf "/usr/sbin/$1"
	mv "/run/real-$1" "/usr/sbin/$1"
}

# --- create: judged, in canonical form, privilege spelled out ---
try pct-safe create 101 $template -ROOTFS local-lvm:4 --host web01 --onboot
expect_exit "an unprivileged container is created" 0
expect_equal "what was added is said, and nothing else" "$err" \
	'pve-safe: added: --hookscript local:snippets/pve-safe-hook'
expect_called "in canonical form, unprivileged spelled out, our hookscript added" \
	"[\"create\",\"101\",\"$template\",\"--rootfs=local-lvm:4\",\"--hostname=web01\",\"--onboot=1\",$hook,\"--unprivileged=1\"]"
expect "it is unprivileged" grep -qx 'unprivileged: 1' /etc/pve/lxc/101.conf
run tail -n 2 $log
expect_equal "the record has the decision" \
	"$(head -n 1 <<<"$out" | jq -r '[.layer,.event,.verdict,.guest.vmid,(.command|last)]|join(" ")')" \
	"wrapper create allow 101 --unprivileged=1"
expect_equal "and the outcome of the same id" \
	"$(jq -rs '[(.[0].id == .[1].id), .[1].type]|join(" ")' <<<"$out")" "true outcome"
try pct-safe create 102 $template --unprivileged yes --rootfs local-lvm:4
expect_called "what was said is said in one form" \
	"[\"create\",\"102\",\"$template\",\"--unprivileged=1\",\"--rootfs=local-lvm:4\",$hook]"
try qm-safe create 200 --memory 512 --name build
expect_called "a VM has no such option" "[\"create\",\"200\",\"--memory=512\",\"--name=build\",$hook]"

# --- create: every spelling of a privileged container ---
while IFS= read -r words; do
	# shellcheck disable=SC2086
	try pct-safe $words
	expect_refused "privileged: $words" privileged
done <<END
create 110 $template --unprivileged 0
create 110 $template --unpriv 0
create 110 $template --unp=0
create 110 $template -UNPRIVILEGED=0
create 110 $template --Unprivileged no
create 110 $template --unprivileged no
create 110 $template --unprivileged FALSE
create 110 $template --unprivileged off
cr 110 $template --unprivileged 0
creat --unprivileged 0 110 $template
create 110 --unprivileged=no $template
create 110 $template --unprivileged 1 --unprivileged 0
create 110 $template --unprivileged --unprivileged 0
create 110 $template --description --unprivileged --unprivileged 0
create 110 $template --hostname --tags --unprivileged 0
create 110 $template --unprivileged 0 --tags just
create 110 $template --unprivileged 0 --tags unjust-1
create --vmid 109 --unprivileged 0 110 $template
END
expect_output "the message names what was found" err '  found: unprivileged: 0 (command line)'
expect_output "and the guest" err 'pve-safe: create of CT 110 denied'
expect_equal "stdout is the tool's" "$out" ''
try pct-safe create 110 $template --unprivileged 0 --unprivileged 1 --rootfs local-lvm:4
expect_exit "the last value counts" 0
try pct-safe create 111 $template --description '--unprivileged' --rootfs local-lvm:4
expect_called "a value that looks like an option is a value" \
	"[\"create\",\"111\",\"$template\",\"--description=--unprivileged\",\"--rootfs=local-lvm:4\",$hook,\"--unprivileged=1\"]"
try pct-safe create 112 $template --unprivileged 0 --feat nesting=on --tags just-CHG-1
expect_refused "nested in a privileged one" nesting-privileged
expect_output "with the value as typed" err 'nesting=on'
try pct-safe create 112 $template --unprivileged 0 --tags 'x;Just-CHG-1' --rootfs local-lvm:4
expect_exit "a justification tag is one in capitals too, as Proxmox folds it" 0
try pct-safe create 113 $template --restore 1 --unprivileged 0
expect_stopped "a restore hidden in create" 78 'pvesm extractconfig failed'
try pct-safe create 113 $template --rest
expect_stopped "or abbreviated" 78 'pvesm extractconfig failed'
expect_output "names the guest" err 'pve-safe: restore of CT 113 denied: it could not be judged'
try pct-safe restore 113 local:backup/x.tar
expect_stopped "a restore by its name" 78 'pvesm extractconfig failed'
try qm-safe create 213 --archive local:backup/x.vma
expect_stopped "a VM's restore hidden in create" 78 'pvesm extractconfig failed'
try qmrestore-safe local:backup/x.vma 213
expect_stopped "qmrestore" 78 'pvesm extractconfig failed'
try pct-safe create 101 $template
expect_stopped "a VMID that is taken" 78 'VMID 101 is taken by a container on node pve1'
try qm-safe create 101
expect_stopped "also for the other kind" 78 'VMID 101 is taken by a container on node pve1'

# --- set ---
try pct-safe set 101 --vmid 102 --mem 256
expect_called "the place wins over --vmid" '["set","101","--memory=256"]'
try pct-safe set 112 --feat nesting=on
expect_refused "abbreviated, a feature" nesting-privileged
expect_output "what the command sets is not said to stand in the file" err \
	'found: features: nesting=on (command line)'
try pct-safe set 112 --tags x
expect_refused "the tag taken away" privileged
try pct-safe set 112 --delete tags
expect_refused "or deleted" privileged
try pct-safe set 112 --delete memory --delete tags
expect_refused "in a second list" privileged
try pct-safe set 112 --memory 300
expect_exit "what stays justified may change" 0
try pct-safe set 112 --description "" --hostname one -- 
expect_called "an empty value is a word of its own" \
	'["set","112","--description","","--hostname=one"]'
printf 'hostname: hooked\nhookscript: local:snippets/pve-safe-hook\nunprivileged: 1\n' | lab_ct 120
try pct-safe set 120 --delete hookscript
expect_refused "our hookscript deleted" hook-removed
expect_output "the message says what of it was found" err 'found: changes = hookscript'
try pct-safe set 120 --hooks local:snippets/other.sh
expect_refused "or replaced" hook-removed
try qm-safe set 200 --args '-device vfio-pci,host=01:00.0'
expect_refused "a VM's raw arguments" raw-args
try pct-safe set 101 --onboot 102
expect_stopped "a boolean that takes the next word" 64 "pct-safe: "
try pct-safe set 999 --memory 512
expect_stopped "a guest that is nowhere" 78 'there is no CT 999 on this node (pve1)'
expect_output "is called what the tool is for" err 'pve-safe: set of CT 999 denied'
printf 'hostname: far\nunprivileged: 1\n' | lab_ct 130 pve2
try pct-safe set 130 --memory 512
expect_stopped "a guest on another node" 78 'CT 130 is on node pve2, not on pve1'
try qm-safe start 101
expect_stopped "a container for qm" 78 '101 is a container'

# --- start, clone, rollback ---
cat <<'END' | lab_ct 140
hostname: old
rootfs: local-lvm:vm-140-disk-0,size=4G
unprivileged: 0
END
try pct-safe start 140
expect_refused "a privileged container's start" privileged
expect_output "with the line" err 'found: unprivileged: 0 (/etc/pve/lxc/140.conf:3)'
try pct-safe clone 140 141
expect_refused "its clone" privileged
try pct-safe --dry-run clone 101 140
expect_stopped "to a VMID that is taken" 78 ''
expect_no_output "and nothing is to follow on the source" out 'then:'
try pct-safe set 140 --tags just-CHG-2 --full
expect_stopped "an option of another command" 64 "'--full' is no option of pct set"
cat <<'END' | lab_ct 142
hostname: snap
parent: before
rootfs: local-lvm:vm-142-disk-0,size=4G
unprivileged: 1

[before]
hostname: snap
rootfs: local-lvm:vm-142-disk-0,size=4G
snaptime: 1700000000
unprivileged: 0
END
try pct-safe rollback 142 before
expect_refused "a rollback to a privileged snapshot" privileged
try pct-safe clone 142 143 --snapname before
expect_refused "a clone of it" privileged
try pct-safe rollback 142 never
expect_stopped "a snapshot that is not there" 78 "there is no snapshot 'never'"
try pct-safe clone 142 101
expect_stopped "a clone to a VMID that is taken" 78 'VMID 101 is taken'
try pct-safe start 101
expect_exit "a good container starts" 0
expect_called "in canonical form" '["start","101"]'
try pct-safe set 101 --unprivileged 0
expect_refused "privileged by set, which Proxmox would refuse, too" privileged
try pct-safe set 101 --mp0 /,mp=/host
expect_refused "set on a running guest" bind-root
try pct-safe set 101 --mp0 /srv/data,mp=/data
expect_exit "what is allowed is set on it" 0

# --- events beside the command's own ---
lab_policy <<'END'
version = 1
include = { "baseline@1" }
rule "no-start" { when = "name = cold" events = { "start" } }
rule "no-destroy" { when = "ct and name = kept" events = { "destroy" } }
rule "no-migrate" { when = "vm and name = build" events = { "migrate" } }
rule "no-copy" { when = "name = Copy-of-VM-build" events = { "clone" } }
END
for words in "--start 1" "--start" "-START=yes" "--start 0 --start 1"; do
	# shellcheck disable=SC2086
	try pct-safe create 170 $template --hostname cold $words
	expect_refused "create $words is a start, too" no-start
done
expect_output "and called so" err 'pve-safe: start of CT 170 (cold) denied'
try qm-safe create 270 --name cold --ha-managed 1
expect_refused "so is --ha-managed" no-start
try pct-safe create 170 $template --hostname cold --start 0 --rootfs local-lvm:4
expect_exit "not --start 0" 0
try pct-safe start 170
expect_refused "a start is one" no-start
try pct-safe create 171 $template --hostname kept --rootfs local-lvm:4
try pct-safe dest 171 --purge
expect_refused "an abbreviated destroy" no-destroy
try qm-safe migrate 200 pve2
expect_refused "migrate where it is named" no-migrate
try qm-safe clone 200 271
expect_refused "a clone under the name that Proxmox gives it" no-copy
try qm-safe clone 200 271 --name other
expect_exit "not under another one" 0
try qm-safe importdisk 270 /tmp/x local-lvm
expect_stopped "an alias is the command that it stands for" 78 'disk import of VM 270 denied'
for words in 'help' 'help create' 'verifyapi'; do
	# shellcheck disable=SC2086
	try pct-safe $words
	expect_no_output "no rule is about pct $words" err pve-safe
	expect_equal "it is run: pct $words" "$(called | jq -r 'join(" ")')" "$words"
done
run pct-safe --dry-run help
expect_equal "also with --dry-run" "$status $out" $'0 pve-safe: help of CT allowed\nrun: /usr/sbin/pct help'
try pct-safe
expect_stopped "no command" 64 'pct-safe: pct needs a command: clone, config, '
lab_policy <<'END'
version = 1
include = { "baseline@1" }
# Not the beginning of the one before, which would look cut short.
END

# --- what passes through ---
try pct-safe exec 101 -- sh -c 'exit 7'
expect_exit "pct exec gives the inner status" 7
expect_called "and is run as it was typed" '["exec","101","--","sh","-c","exit 7"]'
try pct-safe ex 101 -- true -l --dry-run ''
expect_called "abbreviated and with empty words too" '["ex","101","--","true","-l","--dry-run",""]'
try pct-safe push 101 /nonexistent /x
expect_exit "pct push that fails with 0 stays 0" 0
for bytes in 0 1 300000; do
	head -c $bytes /dev/urandom >/run/binary
	pct-safe exec 101 -- cat </run/binary >/run/passed
	expect "binary stdin of $bytes bytes passes" cmp /run/binary /run/passed
done
before=$(recorded)
run pct-safe list
expect_equal "a command that no rule names leaves no record" "$(recorded)" "$before"
replace_tool pct 'echo "pid $$"; exit 3'
pct-safe status 101 >/run/out &
pid=$!
wait $pid
expect_equal "its status passes" $? 3
expect_equal "it is exec'd, in our place" "$(cat /run/out)" "pid $pid"
pct-safe start 101 >/run/out &
pid=$!
wait $pid
expect_equal "a judged one's status passes" $? 3
expect_equal "it is a child" "$(grep -c "^pid $pid\$" /run/out)" 0
for code in 1 77 78 255; do
	replace_tool pct "exit $code"
	run pct-safe start 101
	expect_equal "a tool's own $code passes without a word" "$status$err" "$code"
done
# shellcheck disable=SC2016
replace_tool pct 'cat; echo done; echo "to stderr" >&2'
run sh -c 'printf "a\nb" | pct-safe start 101'
expect_equal "a judged child has stdin and stdout" "$out" $'a\nbdone'
expect_equal "and stderr" "$err" 'to stderr'

# --- signals ---
replace_tool pct "trap 'echo got-term >&2; exit 9' TERM; : >/run/ready; while :; do sleep 0.02; done"
rm -f /run/ready
pct-safe start 101 2>/run/err &
pid=$!
wait_for 5 test -e /run/ready
kill -TERM $pid
wait $pid
expect_equal "SIGTERM reaches the tool, its status passes" $? 9
expect_equal "which sees it once" "$(cat /run/err)" got-term
# shellcheck disable=SC2016
replace_tool pct 'kill -KILL $$'
run pct-safe start 101
expect_exit "a tool that is killed" 137

# --- environment, descriptors, working directory ---
# shellcheck disable=SC2016
replace_tool pct 'env | sort; ls /proc/$$/fd | tr "\n" " "; pwd'
mkdir -p /run/evil/etc/pve /run/evil/sbin
printf '#!/bin/sh\necho evil\n' >/run/evil/sbin/pct
chmod 755 /run/evil/sbin/pct
cp /run/evil/sbin/pct /run/evil/pct
hostile=(env LD_PRELOAD=/run/evil/x.so LD_LIBRARY_PATH=/run/evil PATH=/run/evil/sbin
	PERL5LIB=/run/evil PERL5OPT=-Mevil IFS=x ENV=/run/evil/e BASH_ENV=/run/evil/e
	CDPATH=/run/evil HOME=/run/evil TMPDIR=/run/evil LC_ALL=C)
for words in 'start 101' 'status 101'; do
	# shellcheck disable=SC2086
	run "${hostile[@]}" /usr/sbin/pct-safe $words
	expect_no_output "$words: nothing of a hostile environment arrives" out evil
	expect_output "$words: PATH is ours" out 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'
	expect_output "$words: and HOME root's" out 'HOME=/root'
	expect_no_output "$words: nor IFS or ENV" out 'ENV='
done
line='pct restore 101 local:backup/vz'
run env COMP_LINE="$line" COMP_POINT=${#line} pct-safe bashcomplete pct local:backup/vz 101
expect_output "the shell's completion for pct has the line that it is to complete" out "COMP_LINE=$line"
expect_output "and the place in it" out "COMP_POINT=${#line}"
run env COMP_LINE="$line" COMP_POINT=3 pct-safe status 101
expect_no_output "no other command has" out COMP_
run sh -c 'cd /run/evil && pct-safe status 101'
expect_output "the working directory stays, and chooses no tool" out /run/evil
run sh -c 'exec 7</etc/passwd; pct-safe start 101'
expect_no_output "a caller's file is not passed on" out ' 7 '
run bash -c 'pct-safe start 101 7</etc/passwd'
expect_no_output "of a judged command" out ' 7 '
# shellcheck disable=SC2016
replace_tool pct 'for word; do case $word in *=/dev/fd/*) cat "${word#*=}" ;; /dev/fd/*) cat "$word" ;; esac; done'
run bash -c 'pct-safe push 101 <(echo pushed) /y'
expect_equal "a file that bash makes of a command is there for pct push" "$status$out" 0pushed
run bash -c "pct-safe create 180 $template --ssh-public-keys <(echo a-key)"
expect_equal "and for a judged command that names it" "$status$out" 0a-key
run bash -c 'pct-safe destroy 999 <(echo destroyed)'
expect_exit "not for what cannot be read" 64
# shellcheck disable=SC2016
replace_tool pct 'env | sort; ls /proc/$$/fd | tr "\n" " "; pwd'
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	run sh -c "pct-safe start 140 $closed"
	expect_exit "denied with $closed" 77
	run sh -c "pct-safe start 101 $closed"
	expect_exit "allowed with $closed" 0
done
run sh -c 'pct-safe start 101 >/dev/full'
expect_no_output "a full stdout is the tool's affair" err pve-safe
restore_tool pct

# --- in the place of pct and qm ---
ln -s /usr/sbin/pct-safe /usr/local/sbin/pct
ln -s /usr/sbin/qm-safe /usr/local/sbin/qm
ln -s /usr/sbin/qm-safe /usr/local/sbin/qmrestore
try /usr/local/sbin/pct start 140
expect_refused "as pct, judged" privileged
try /usr/local/sbin/pct exec 101 -- sh -c 'exit 5'
expect_exit "as pct, transparent" 5
try /usr/local/sbin/qmrestore local:backup/x.vma 213
expect_stopped "as qmrestore, by its name" 78 'pvesm extractconfig failed'
printf 'memory: 512\nname: moving\n' | lab_vm 210 pve2
# shellcheck disable=SC2016
replace_tool qm 'cat; echo "$# $*"; exit 4'
rm -f $calls/*
out=$(printf 'spice_ticket: x\nnbd: y\n' | /usr/local/sbin/qm start 210 --skiplock --migratedfrom pve2 --stateuri unix --machine pc 2>/run/err)
status=$? err=$(cat /run/err)
expect_exit "as qm, on a migration's target: the status" 4
expect_equal "stdin, output and options" "$out" \
	$'spice_ticket: x\nnbd: y\n6 start 210 --skiplock=1 --migratedfrom=pve2 --stateuri=unix --machine=pc'
expect_no_output "nothing of ours beside it" err pve-safe
printf 'memory: 512\nname: moving\nargs: -device x\nlock: migrate\n' | lab_vm 210 pve2
run /usr/local/sbin/qm start 210 --skiplock --migratedfrom pve2 --stateuri tcp
expect_exit "a VM that the policy refuses arrives, as the hook lets it" 4
expect_output "which is said" err 'raw-args (would deny'
run /usr/local/sbin/qm start 210 --skiplock --migratedfrom pve2
expect_exit "but what comes from nowhere is a user's start" 77
run /usr/local/sbin/qm start 210 --skiplock --migratedfrom pve3 --stateuri tcp
expect_exit "or from a node that has it not" 78
for words in 'unlock 210' 'mtunnel' 'nbdstop 210'; do
	# shellcheck disable=SC2086
	run /usr/local/sbin/qm $words
	expect_output "as qm: $words" out "$words"
done
restore_tool qm
rm /usr/local/sbin/{pct,qm,qmrestore}

# --- the real tool is not there ---
mv /usr/sbin/pct /run/kept
for words in 'start 101' 'list'; do
	# shellcheck disable=SC2086
	run pct-safe $words
	expect_equal "$words: the tool is missing" "$status $err" \
		'69 pct-safe: /usr/sbin/pct: No such file or directory'
done
run pct-safe --dry-run start 101
expect_exit "a dry run does not need it" 0
: >/usr/sbin/pct
run pct-safe start 101
expect_equal "it is not executable" "$status $err" '69 pct-safe: /usr/sbin/pct: Permission denied'
rm /usr/sbin/pct
mkdir /usr/sbin/pct
run pct-safe list
expect_exit "it is a directory" 69
rmdir /usr/sbin/pct
printf '#!/nonexistent/perl\n' >/usr/sbin/pct
chmod 755 /usr/sbin/pct
run pct-safe start 101
expect_exit "its interpreter is missing" 69
expect_output "and said" err 'pve-safe: /usr/sbin/pct: No such file or directory'
run pct-safe list
expect_equal "also of what is exec'd" "$status $err" \
	'69 pct-safe: /usr/sbin/pct: No such file or directory'
rm /usr/sbin/pct
mv /run/kept /usr/sbin/pct

# --- bad command lines ---
many=()
for ((i = 0; i < 500; i++)); do
	many+=(--memory "$((500 + i))")
done
try pct-safe set 102 "${many[@]}"
expect_called "1,000 arguments" '["set","102","--memory=999"]'
try pct-safe set 102 "${many[@]/--memory/--}"
expect_stopped "1,000 words that mean nothing" 64 'pct-safe: '
for words in '' 'set ""' 'set "" --memory 512' 'set 102 ""' '"" 102' 'set 102 --memory ""' 'create "" ""'; do
	eval "try pct-safe $words"
	expect_stopped "empty words: pct-safe $words" 64 'pct-safe: '
done
long=$(head -c 131071 /dev/zero | tr '\0' a)
try pct-safe set 102 --description "$long"
expect_equal "a value of 131,071 bytes is refused by name" "$status $err$(called)" \
	'64 pct-safe: --description: the value is 131071 bytes long; at most 65536 are read'
try pct-safe set 102 --memry 512
expect_equal "an unknown option, with the one that was meant" "$status $err$(called)" \
	"64 pct-safe: '--memry' is no option of pct set; did you mean --memory?"
try pct-safe sett 102
expect_stopped "an unknown command" 64 "'sett' is no command of pct; did you mean 'set'?"
try pct-safe set 102 -- --memory 512
expect_stopped "options after --" 64 'pct-safe: '
try pct-safe set -- 102
expect_called "a place after --" '["set","102"]'
try pct-safe exec 101 ls -l
expect_stopped "an option of the inner command without --" 64 "'-l' is no option of pct exec"
run pct-safe --format yaml start 101
expect_equal "a format that is none" "$status $err" "64 pve-safe: --format: 'yaml' is neither text nor json"
run pct-safe --override
expect_equal "an option of ours without its value" "$status $err" '64 pve-safe: --override needs a value'

# --- a newer Proxmox ---
lab_policy <<'END'
version = 1
include = { "baseline@1" }
unknown_option = warn
END
replace_tool pct 'printf "%s\n" "$*"'
run pct-safe set 101 --brandnew 5 --memory 300
expect_equal "an unknown option is let through as it was typed, behind the others" "$status $out" \
	'0 set 101 --memory=300 --brandnew 5'
expect_output "with a warning" err "pct-safe: WARN: '--brandnew' is no option of pct set; let pass by unknown_option = warn"
run pct-safe create 150 $template --brandnew 5 --unprivileged 0
expect_exit "what is known of it is judged" 77
run pct-safe create 150 $template --brandnew 5
expect_equal "privilege is spelled out all the same" "$status $out" \
	"0 create 150 $template --hookscript=local:snippets/pve-safe-hook --unprivileged=1 --brandnew 5"
run pct-safe create 150 $template --unprivileged=0 --brandnew --unprivileged=1
expect_equal "an unknown option can swallow none that was judged" "$status $out" \
	"0 create 150 $template --unprivileged=1 --hookscript=local:snippets/pve-safe-hook --brandnew"
restore_tool pct

# --- --dry-run, secrets ---
before=$(recorded)
try pct-safe --dry-run create 160 $template --password geheim --mem 512 --description "a'b c"
expect_equal "a dry run: decision and command" "$status $out" "0 pve-safe: create of CT 160 allowed
run: /usr/sbin/pct create 160 $template '--password=***' --memory=512 '--description=a'\\''b c' --hookscript=local:snippets/pve-safe-hook --unprivileged=1"
expect_equal "nothing on stderr" "$err" ''
expect_equal "runs nothing, records nothing" "$(called)$(recorded)" "$before"
try pct-safe --dry-run create 160 $template --unpriv 0
expect_equal "denied: the decision first, the command last" "$status $(head -n 1 <<<"$out")|$(tail -n 1 <<<"$out")" \
	"77 pve-safe: create of CT 160 denied|run: /usr/sbin/pct create 160 $template --unprivileged=0 --hookscript=local:snippets/pve-safe-hook"
try pct-safe --dry-run start 999
expect_exit "what cannot be judged" 78
try pct-safe --dry-run list
expect_equal "of a command that is not judged" "$status $(tail -n 1 <<<"$out")" '0 run: /usr/sbin/pct list'
try pct-safe --format=json --dry-run create 160 $template --unpriv 0 --password geheim
expect_equal "as JSON: one object" "$status $(jq -rs 'length, .[0].verdict, .[0].findings[0].rule' <<<"$out" | paste -sd ' ')" \
	'77 1 deny privileged'
expect_no_output "without the password" out geheim
try pct-safe --dry-run --format json create 160 $template --start 1
expect_equal "of two events, one object too" "$(jq -rs 'length, .[0].event' <<<"$out" | paste -sd ' ')" '1 create'
expect_equal "runs nothing, records nothing" "$(called)$(recorded)" "$before"
lab_syslog_clear
try pct-safe create 161 $template --password geheim --rootfs local-lvm:4
expect_exit "a password is passed on" 0
expect_output "to the tool" out ''
expect "unmasked" grep -q geheim $calls/000001.json
try pct-safe create 162 $template --unprivileged 0 -PASS=geheim
expect_refused "abbreviated, in what is refused" privileged
expect_no_output "it is in no message" err geheim
try qm-safe set 200 --cipassword geheim
expect_exit "a VM's" 0
try pct-safe create 163 $template --password geheim --memory lots
expect_stopped "nor in a complaint" 64 memory
expect_no_output "of another option" err geheim
expect_not "it is in no log" grep -rq geheim /var/log/pve-safe /var/lib/pve-safe /run/pve-safe
run lab_syslog
expect_no_output "nor in syslog" out geheim

# --- a record that syslog alone has ---
mv $log $log.kept
mkdir $log
try pct-safe set 161 --memory 256
expect_exit "where the record's file cannot be written the command runs" 0
expect_output "with a warning of where its record is" err \
	"WARN: pve-safe: the record went to syslog only: $log: Is a directory"
rmdir $log
mv $log.kept $log
finish
