#!/bin/bash
# SPDX-License-Identifier: MIT
# bash completes commands, options and values from the tables that command lines are read by.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

top=$(cd "$(dirname "$0")/../.." && pwd -P)
build=${LAB_BUILD:-build}
[[ $build == /* ]] || build=$top/$build

declare -gA _pve_safe_commands _pve_safe_options
# shellcheck disable=SC1091
if ! . "$build/gen/pct-safe.bash"; then
	not_ok "the completion can be read"
	finish
fi

# Sets out to what completes the last of the words.
complete_words() { # WORD...
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_pve_safe_guest_tool
	out="${COMPREPLY[*]}"
}

expect_words() { # NAME EXPECTED WORD...
	complete_words "${@:3}"
	expect_equal "$1" "$out" "$2"
}

expect_words "a command is completed" "clone config console cpusets create" pct-safe c
expect_words "the program may be called by its path" "clone" /usr/sbin/pct-safe clo
expect_words "a group is offered once" "delsnapshot destroy disk" qm-safe d
expect_words "the second word of a group is completed" "rescan resize" qm-safe disk re
expect_words "aliases and hidden commands are not offered" "" qm-safe movex
expect_words "options of ours stand before the command" "--dry-run" pct-safe --d
expect_words "a value of ours is completed" "text" pct-safe --format t
expect_words "a value of ours after = is completed" "json" pct-safe --format = j
expect_words "a command follows options of ours" "create" \
	pct-safe --dry-run --format json --override x cr
expect_words "an option is completed" "--unprivileged" pct-safe create 101 t --unp
expect_words "an option of a group's command is completed" "--target-digest --target-disk" \
	qm-safe disk move 100 scsi0 --target-di
expect_words "a positional is not offered as an option" "" pct-safe create --vmi
expect_words "a boolean's values are offered" "0 1" pct-safe create 101 t --onboot ""
expect_words "the words of an option are offered" "seabios" qm-safe set 100 --bios s
expect_words "the words after = are offered" "ovmf" qm-safe set 100 --bios = o
expect_words "nothing but = offers all words" "seabios ovmf" qm-safe set 100 --bios =
expect_words "an option of the other tool is not offered" "" pct-safe set 101 --bio
expect_words "qmrestore has options without a command" "--live-restore" \
	qmrestore-safe x.vma 100 --li

# --- guests of this node ---
lab_ct 101 </dev/null
lab_vm 200 </dev/null
# shellcheck disable=SC2016 # a name that bash would run, were it expanded
touch '/etc/pve/lxc/$(touch pwned).conf' /etc/pve/lxc/099.conf /etc/pve/lxc/104.bak.conf
cd "$(mktemp -d)" || exit 71
expect_words "containers are offered" "101" pct-safe start ""
expect_words "to qm-safe VMs" "200" qm-safe start ""
expect_not "the name of a file is no command" test -e pwned

# Every command and every option of the list that was taken from Proxmox is offered.
missing=''
while IFS=$'\t' read -r tool command kind name _; do
	key="$tool $command"
	case $kind in
	command)
		[[ " ${_pve_safe_commands[${key% *}]} " == *" ${key##* } "* ]] || missing+=" $key"
		positionals=" $name "
		;;
	option)
		[[ $positionals == *" $name "* ]] ||
			[[ " ${_pve_safe_options[$key]}" == *" --${name/\[0*/0} "* ]] ||
			missing+=" $key --$name"
		;;
	esac
done <"$top/tests/fixtures/vectors/pve-cli.tsv"
expect_equal "every command and option of Proxmox is offered" "$missing" ""
finish
