#!/bin/bash
# SPDX-License-Identifier: MIT
# The manuals and the programs say the same: commands, options, exit statuses, keys, facts.
# Every example of a page that is marked "; run STATUS" runs; every policy and settings
# template that is shown is read without an error.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs
# shellcheck source=tests/integration/pages.sh
. "$LAB_TOP/tests/integration/pages.sh"

man=$LAB_BUILD/man docs=$LAB_TOP/docs/man
# UTF-8, so that a character is one column wide.
export LC_ALL=C.UTF-8

# Whether a list of words between blanks has a word.
# shellcheck disable=SC2317 # expect calls it
has_word() { # WORD LIST
	[[ " $2 " == *" $1 "* ]]
}

# Prints the names that a page is found by.
names_of() { # SOURCE
	sed -n '/^# NAME/{n;n;s/ - .*//;s/,//g;p}' "$1"
}

# Prints the options that a help shows.
options_in_help() {
	grep -oE '(^|[ ,[|])--?[a-z][a-z-]*' | grep -oE -- '-+[a-z][a-z-]*' | grep -vx -- --help | sort -u
}

# Prints the options that a page's section says of.
options_in_page() { # SOURCE
	sed -n '/^# OPTIONS/,/^# [^O]/p' "$1" | grep -E '^\*-' | grep -oE '\*--?[a-z][a-z-]*\*' |
		tr -d '*' | grep -vx -- --help | sort -u
}

# Prints the exit statuses of a page's table.
statuses_in_page() { # SOURCE
	sed -n '/^# EXIT STATUS/,/^# [^E]/s/^|  \([0-9]*\).*/\1/p' "$1" | sort -un | xargs
}

# Prints the help of a sub-command and of the commands below it.
help_of() { # COMMAND
	local verb verbs=()

	pve-safe "$1" --help
	case $1 in
	policy) verbs=(lint show diff test install remove) ;;
	template) mapfile -t verbs < <(pve-safe template --help | sed -n 's/^  \([a-z]*\)  .*/\1/p') ;;
	esac
	for verb in "${verbs[@]}"; do
		pve-safe "$1" "$verb" --help
	done
}

# --- pages and commands ---
declare -A page=()
for source in "$docs"/*.scd; do
	for name in $(names_of "$source"); do
		page[$name.$(basename "$source" .scd | sed 's/.*\.//')]=$source
	done
done
mapfile -t commands < <(pve-safe --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p')
expect_equal "pve-safe has commands" "$((${#commands[@]} > 10))" 1
declare -A wanted=()
for command in "${commands[@]}"; do
	source=${page[pve-safe-$command.8]:-}
	expect "pve-safe $command has a manual" test -n "$source"
	[ -n "$source" ] || continue
	expect "pve-safe(8) names $command" grep -q "\*pve-safe-$command\*(8)" "$docs/pve-safe.8.scd"
	wanted[$source]+=$(help_of "$command")$'\n'
	said=$(pve-safe "$command" --help | sed -n '/^Exit status/,$p' | grep -oE '\b(0|1|2|64|69|71|77|78)\b')
	for status_said in $said; do
		expect "$command: its manual has exit status $status_said" \
			has_word "$status_said" "$(statuses_in_page "$source")"
	done
done
for program in pct-safe qm-safe qmrestore-safe; do
	expect "$program has a manual" test -n "${page[$program.8]:-}"
	wanted[${page[$program.8]}]+=$($program --help)$'\n'
done
for name in pve-safe.8 pve-safe-hook.8 pve-safe-lxc-hook.8 pve-safe-policy.5 pve-safe-settings.5 \
	pve-safe-facts.7; do
	expect "there is a manual $name" test -n "${page[$name]:-}"
done
for source in "${!wanted[@]}"; do
	expect_equal "options of ${source##*/} are those of --help" "$(options_in_page "$source")" \
		"$(options_in_help <<<"${wanted[$source]}")"
done

# --- a help fits a screen ---
for command in '' "${commands[@]}" 'policy lint' 'policy diff' 'policy test' 'policy install' \
	'template list' 'template render'; do
	# shellcheck disable=SC2086 # two words
	text=$(pve-safe $command --help)
	expect "pve-safe $command --help: 24 lines" test "$(wc -l <<<"$text")" -le 24
	expect "pve-safe $command --help: 80 columns" test "$(wc -L <<<"$text")" -le 80
done
for program in pct-safe qm-safe qmrestore-safe; do
	text=$($program --help)
	expect "$program --help fits a screen" \
		test "$(wc -l <<<"$text")" -le 24 -a "$(wc -L <<<"$text")" -le 80
done

# --- exit statuses ---
table=$(sed -n '/^enum exit_code/,/^}/s/.*= \([0-9]*\),.*/\1/p' "$LAB_TOP/lib/base/err.h" | sort -un | xargs)
expect_equal "err.h has the statuses" "$table" '0 1 2 64 69 71 77 78'
for source in "$docs"/*.8.scd; do
	for said in $(statuses_in_page "$source"); do
		expect "${source##*/}: $said is a status of ours" has_word "$said" "$table"
	done
done
expect_equal "pct-safe(8) has all of a wrapper" "$(statuses_in_page "$docs/pct-safe.8.scd")" '0 64 69 71 77 78'
expect_equal "qm-safe(8) has all of a wrapper" "$(statuses_in_page "$docs/qm-safe.8.scd")" '0 64 69 71 77 78'
expect_equal "pve-safe-hook(8) has all of a hook" "$(statuses_in_page "$docs/pve-safe-hook.8.scd")" '0 64 71 77 78'
expect_equal "pve-safe(8) has all of pve-safe" "$(statuses_in_page "$docs/pve-safe.8.scd")" '0 1 2 64 71'

# --- keys and facts ---
keys_of() { # SCHEMA
	grep -oE '\{ "[a-z_]+", CONF_|BOUND\("[a-z_]+"' "$1" | grep -oE '[a-z_]{2,}' | sort -u
}
for schema in policy settings; do
	for key in $(keys_of "$LAB_TOP/lib/$schema/schema.c"); do
		expect "pve-safe-$schema(5) has the key $key" grep -qF "fB$key\\fR" "$man/pve-safe-$schema.5"
	done
done
for key in $(pve-safe facts --list | awk '{ print $1 }'); do
	expect "pve-safe-facts(7) has the fact $key" grep -qF "fB$key\\fR" "$man/pve-safe-facts.7"
done

# --- as man and mandoc see them ---
for file in "$man"/*.[1-9]; do
	run mandoc -T lint -W warning "$file"
	expect_equal "mandoc: ${file##*/}" "$out$err" ''
	run env MANWIDTH=80 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$file"
	expect_equal "man: ${file##*/}" "$err" ''
	run lexgrog "$file"
	expect_exit "whatis: ${file##*/}" 0
done
for source in "$docs"/*.scd; do
	while read -r name; do
		expect "${source##*/}: $name is a page" test -n "${page[$name]:-}"
	done < <(grep -oE '\*(pve-safe|pct-safe|qm-safe|qmrestore-safe)[a-z-]*\*\([0-9]\)' "$source" |
		sed 's/\*//g;s/(/./;s/)//' | sort -u)
done

# --- examples ---
# Tries one block of a page.
try() { # NAME KIND STATUS TEXT
	world
	case $2 in
	run)
		run bash -ec "$4"
		[ "$3" != any ] || status=any
		expect_exit "$1" "$3"
		;;
	policy)
		printf '%s' "$4" >shown.conf
		run pve-safe policy lint shown.conf
		expect_exit "$1" 0
		;;
	settings)
		lab_file /etc/pve/pve-safe/settings/shown.conf <<<"$4"
		run pve-safe template list
		expect_exit "$1" 0
		expect_output "$1: it is listed" out "$(sed -n 's/^settings "\(.*\)".*/\1/p' <<<"$4")"
		;;
	esac
}

for source in "$docs"/*.scd; do
	kind='' inside='' text='' number=0
	while IFS= read -r line; do
		case $line in
		'; run '* | '; policy' | '; settings') kind=${line#; } ;;
		'```')
			if [ -n "$inside" ] && [ -n "$kind" ]; then
				number=$((number + 1))
				try "${source##*/}: example $number (${kind})" "${kind% *}" "${kind##* }" "$text"
				kind=''
			fi
			[ -n "$inside" ] && inside='' || inside=yes
			text=''
			;;
		*) [ -z "$inside" ] || text+=$line$'\n' ;;
		esac
	done <"$source"
done
finish
