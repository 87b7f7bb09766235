#!/bin/bash
# SPDX-License-Identifier: MIT
# Killed at each step: an install, the keeping of the last good copy, a waiver, an override.
# strace kills before each system call that writes. Afterwards the old or the new text is in
# place, whole, and every layer judges by that one; nothing that is left is taken for
# anything, and the next run works.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

hook=/usr/libexec/pve-safe/pve-safe-hook
policy=/etc/pve/pve-safe/policy.conf
copy=/var/lib/pve-safe/good/policy
waivers=/etc/pve/pve-safe/waivers
record=/var/log/pve-safe/audit.jsonl
calls='mkdir,mkdirat,openat,write,pwrite64,pwritev,fsync,fdatasync,fchmod,ftruncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,sendto'

lab_ct 101 <<<$'arch: amd64\nhostname: web01\nostype: debian\nrootfs: local-lvm:vm-101-disk-0,size=4G\nunprivileged: 1'
lab_ct 102 <<<$'arch: amd64\nhostname: db01\nostype: debian\nrootfs: local-lvm:vm-102-disk-0,size=4G\nunprivileged: 1'
mkdir -p /run/pve-standin
# Each policy refuses one of two guests, so that what is refused tells which is in force.
printf 'version = 1\nrule "old" {\n  when = "name = db01"\n  remedy = "no"\n}\n' >/root/old.conf
printf 'version = 1\nrule "new" {\n  when = "name = web01"\n  remedy = "no"\n  override = root\n}\n' >/root/new.conf
lab_enable

# Runs a command of ours under strace; the leak checker of a sanitizer cannot.
traced() { # OPTION... -- COMMAND...
	strace -E ASAN_OPTIONS=detect_leaks=0 -o /run/trace -e signal=none "$@" \
		>/run/said 2>&1 </dev/null
}

# Prints "CALL N" for each call of a command that writes or makes something, the N-th of it.
writing_calls() { # COMMAND...
	traced -e "trace=$calls" -- "$@"
	awk -F'(' '
		{ n[$1]++ }
		$1 == "openat" && !/O_CREAT/ { next }
		/^[a-z0-9]+\(/ { print $1, n[$1] }
	' /run/trace
}

# Kills a command before the N-th CALL; 1: it got to its end.
killed_at() { # CALL N COMMAND...
	{ traced -e "trace=$1" -e "inject=$1:signal=SIGKILL:when=$2" -- "${@:3}"; } 2>/dev/null
	[ $? = 137 ]
}

# Sets verdict to what is in force by hookscript and wrapper: old, new, or what is wrong.
ask_layers() {
	local layer said id word=''

	verdict=''
	for layer in hook wrapper; do
		for id in 101 102; do
			case $layer in
			hook) "$hook" "$id" pre-start >/run/hook 2>&1 ;;
			wrapper) pct-safe --dry-run start "$id" >/run/hook 2>&1 ;;
			esac
			case $? in
			0) word+=+ ;;
			77)
				word+=-
				said=$(</run/hook)
				[[ $said == *"policy $policy"* && $said == *'do: no'* ]] ||
					word+="?($said)"
				;;
			*) word+="?($(</run/hook))" ;;
			esac
		done
	done
	case $word in
	+-+-) verdict=old ;;
	-+-+) verdict=new ;;
	*) verdict="mixed $word" ;;
	esac
}

# Puts the old policy in force, with its last good copy and nothing else.
reset() {
	rm -rf /etc/pve/pve-safe /var/lib/pve-safe/good
	lab_policy <<<"$old_text"
	"$hook" 101 pre-start >/dev/null 2>&1
}

# Collects what is wrong after a kill.
wrong=''
complain() { wrong+="$1: $2"$'\n'; }

# --- an install ---
pve-safe policy install --yes /root/old.conf >/dev/null 2>&1
old_text=$(<$policy)
pve-safe policy install --yes /root/new.conf >/dev/null 2>&1
new_text=$(<$policy)
reset
mapfile -t steps < <(writing_calls pve-safe policy install --yes /root/new.conf)
expect "an install has many steps" test ${#steps[@]} -gt 15
expect_equal "and does them" "$(<$policy)" "$new_text"
seen=''
for step in "${steps[@]}"; do
	reset
	# shellcheck disable=SC2086 # two words
	killed_at $step pve-safe policy install --yes /root/new.conf ||
		complain "$step" "was not killed: $(</run/said)"
	text=$(<$policy)
	ask_layers
	seen+=" $verdict"
	case $verdict in
	old) [ "$text" = "$old_text" ] || complain "$step" "old in force, but the text is $text" ;;
	new) [ "$text" = "$new_text" ] || complain "$step" "new in force, but the text is $text" ;;
	*) complain "$step" "$verdict" ;;
	esac
	[ "$(tail -n 1 $record | jq -r .policy.source)" = file ] ||
		complain "$step" "the policy file is not used"
	pve-safe policy show >/run/said 2>&1 || complain "$step" "show: $(</run/said)"
	pve-safe policy install --yes /root/new.conf >/run/said 2>&1 ||
		complain "$step" "the next install: $(</run/said)"
	ask_layers
	[ "$verdict" = new ] || complain "$step" "after the next install: $verdict"
	[ "$(ls -A /etc/pve/pve-safe)" = policy.conf ] ||
		complain "$step" "left: $(ls -A /etc/pve/pve-safe)"
done
expect_equal "killed before each of ${#steps[@]} calls: the old or the new, whole, everywhere" \
	"$wrong" ''
expect_output "before some of them the old one stays" seen old
expect_output "after some of them the new one is there" seen new

# --- the last good copy ---
# Sees which policy the copy holds, while the file cannot be read.
copied() {
	lab_fail EIO pve-safe/policy.conf
	ask_layers
	lab_mend
	[ "$(tail -n 1 $record | jq -r .policy.source)" = last-good ] || verdict+=', no copy'
}

# A start under the new policy, whose copy is the old one's.
renew() {
	reset
	lab_policy <<<"$new_text"
}
renew
mapfile -t steps < <(writing_calls "$hook" 102 pre-start)
expect "keeping a copy has its steps" test ${#steps[@]} -gt 5
wrong='' seen=''
for step in "${steps[@]}"; do
	renew
	# shellcheck disable=SC2086
	killed_at $step "$hook" 102 pre-start || complain "$step" 'was not killed'
	copied
	seen+=" $verdict"
	case $verdict in old | new) ;; *) complain "$step" "$verdict" ;; esac
	ask_layers
	[ "$verdict" = new ] || complain "$step" "with the file: $verdict"
	copied
	[ "$verdict" = new ] || complain "$step" "the next copy: $verdict"
done
expect_equal "a hook killed before each of ${#steps[@]} calls: the copy is the old or the new" \
	"$wrong" ''
expect_output "before some of them it is the old" seen old
expect_output "after some of them it is the new" seen new
renew
: >$copy.tmp.0123456789abcdef
touch -d '10 minutes ago' $copy.tmp.0123456789abcdef
"$hook" 102 pre-start
expect_equal "what a killed one left goes with the next copy" "$(ls -A "${copy%/*}")" policy

# --- a waiver ---
grant=(pve-safe waive 101 new --ticket CHG-1 --reason 'a test' --until "$(date -d '+20 days' +%F)")
# Tells whether the waiver is in force at both layers, absent at both, or something else.
ask_waiver() {
	local n

	ask_layers
	n=$(find $waivers -name '101.new.conf' 2>/dev/null | wc -l)
	case "$n $verdict" in
	'0 new') verdict=absent ;;
	'1 mixed ++++') verdict=granted ;;
	*) verdict="$n files, $verdict" ;;
	esac
}
reset
lab_policy <<<"$new_text"
"$hook" 102 pre-start
mapfile -t steps < <(writing_calls "${grant[@]}")
expect "granting a waiver has its steps" test ${#steps[@]} -gt 5
wrong='' seen=''
for step in "${steps[@]}"; do
	rm -rf $waivers
	# shellcheck disable=SC2086
	killed_at $step "${grant[@]}" || complain "$step" "was not killed: $(</run/said)"
	ask_waiver
	seen+=" $verdict"
	case $verdict in absent | granted) ;; *) complain "$step" "$verdict" ;; esac
	pve-safe waivers >/run/said 2>&1
	[ $? -le 1 ] || complain "$step" "the list: $(</run/said)"
	if [ "$verdict" = absent ]; then
		"${grant[@]}" >/run/said 2>&1 || complain "$step" "again: $(</run/said)"
	fi
	ask_waiver
	[ "$verdict" = granted ] || complain "$step" "in the end: $verdict"
	[ "$(ls -A $waivers)" = 101.new.conf ] || complain "$step" "left: $(ls -A $waivers)"
done
expect_equal "killed before each of ${#steps[@]} calls: a whole waiver, or none" "$wrong" ''
expect_output "before some of them there is none" seen absent
expect_output "after some of them there is one" seen granted

# --- an override ---
rm -rf $waivers
forced=(pct-safe --override 'a test' start 101)
mapfile -t steps < <(writing_calls "${forced[@]}")
pct stop 101 >/dev/null 2>&1
wrong='' seen=''
for step in "${steps[@]}"; do
	rm -rf $waivers
	# shellcheck disable=SC2086
	killed_at $step "${forced[@]}" || continue # by then the tool has run
	if [ -e /run/pve-standin/state/101 ]; then
		[ -e $waivers/101.new.once ] || complain "$step" 'it runs, with nothing to allow it'
		pct stop 101 >/dev/null 2>&1
	fi
	"$hook" 101 pre-start >/run/hook 2>&1
	case "$? $(find $waivers -name 101.new.once 2>/dev/null | wc -l)" in
	'77 0') seen+=' refused' ;;
	'0 1') seen+=' overridden' ;;
	*) complain "$step" "$(</run/hook)" ;;
	esac
	pct-safe --override 'a test' start 101 >/run/said 2>&1 || complain "$step" "again: $(</run/said)"
	pct stop 101 >/dev/null 2>&1
done
expect_equal "an override killed before each call: written whole before the tool runs, or refused" \
	"$wrong" ''
expect_output "before some of them it is refused" seen refused
expect_output "after some of them it counts" seen overridden

# --- two nodes at once, one of them slow ---
reset
lab_node_start pve2
lab_node pve2 strace -E ASAN_OPTIONS=detect_leaks=0 -o /dev/null \
	-e trace=renameat,renameat2,rename -e inject=renameat,renameat2,rename:delay_enter=1500000 \
	pve-safe policy install --yes /root/new.conf >/run/slow 2>&1 </dev/null &
wait_for 10 test -d /etc/pve/pve-safe/policy.lock
run pve-safe policy install --yes /root/old.conf
wait $!
expect_equal "of two nodes at once the first one wins" "$?" 0
expect_exit "and the other one does nothing" 2
expect_output "and is told why" err \
	"pve-safe: policy install: nothing was changed: the policy in force was changed meanwhile (serial "
ask_layers
expect_equal "the first one's is in force" "$verdict" new
expect_equal "and nothing else is left there" "$(ls -A /etc/pve/pve-safe)" policy.conf

# --- a node that died with the lock ---
mkdir /etc/pve/pve-safe/policy.lock
: >/etc/pve/pve-safe/policy.lock/pve3.4711
before=$SECONDS
run pve-safe policy install --yes /root/old.conf
expect_exit "the lock of a node that died does not stay for ever" 0
expect "but for ten seconds" test $((SECONDS - before)) -ge 9
expect_equal "and is gone" "$(ls -A /etc/pve/pve-safe)" policy.conf
finish
