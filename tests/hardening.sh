#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/hardening.sh [--only CHECK]... PROGRAM...: how programs must have been built, read out
# of them by readelf and objdump. Prints "PROGRAM: CHECK: what is wrong", one a line; exit 1
# if there was any. tests/hardening.sh --list names the checks.
# shellcheck disable=SC2317 # the checks are called by their names
set -u

# Each check takes a program and prints what is wrong with it, or nothing.

check_pie() {
	readelf -hdW "$1" | grep -q 'FLAGS_1.*PIE' ||
		echo "not a position independent executable"
}

check_relro() {
	readelf -lW "$1" | grep -q GNU_RELRO || echo "no RELRO segment"
}

# With RELRO: all of the table of addresses is read-only before main.
check_bind-now() {
	readelf -dW "$1" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || echo "binds lazily"
}

check_stack() {
	readelf -lW "$1" | grep -qE 'GNU_STACK.* RW +0x' || echo "an executable stack"
}

check_text() {
	! readelf -dW "$1" | grep -q TEXTREL || echo "relocations in its text"
}

check_segments() {
	! readelf -lW "$1" | grep -qE 'LOAD.* RWE ' || echo "a segment both writable and executable"
}

check_path() {
	readelf -dW "$1" | sed -n 's/.*(\(RPATH\|RUNPATH\)) *\(.*\)/\1: \2/p'
}

check_libraries() {
	local lib

	for lib in $(readelf -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'); do
		case $lib in
		libc.so.* | libconfuse.so.* | libuuid.so.* | libmd.so.* | libjansson.so.*) ;;
		*) echo "loads $lib" ;;
		esac
	done
}

check_canary() {
	readelf --dyn-syms -W "$1" | grep -q ' __stack_chk_fail@' || echo "no stack protector"
}

# What is printed and formatted always has a checked form; a plain one is left only where
# the compiler proved that the result fits (snprintf).
check_fortify() {
	local symbols

	symbols=$(readelf --dyn-syms -W "$1" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }')
	grep -qE '^__.*_chk$' <<<"$symbols" || echo "no fortified function"
	grep -xE '(|d|f|v|vd|vf)printf|sprintf|vsprintf|vsnprintf|v?syslog' <<<"$symbols" |
		sed 's/$/ is not fortified/'
}

# No note says so of a whole program, for the C runtime's start code has none: main, whose
# address that code takes, must begin with a landing pad.
check_branches() {
	local entry main

	readelf -hW "$1" | grep -q 'Machine:.*X86-64' || return 0
	entry=$(readelf -hW "$1" | sed -n 's/.*Entry point address: *//p')
	main=$(objdump -d --start-address="$entry" --stop-address=$((entry + 64)) "$1" |
		sed -n 's/.*(%rip),%rdi *# \([0-9a-f]*\).*/0x\1/p' | head -n 1)
	objdump -d --start-address="${main:-0}" --stop-address=$((${main:-0} + 4)) "$1" |
		grep -q endbr64 || echo "not built with -fcf-protection"
}

# Every unit, by what gcc noted in the debug information; packages have none.
check_units() {
	local flags flag units

	units=$(readelf -p .debug_str "$1" 2>/dev/null | sed -n 's/.*\(GNU C[0-9]* .*\)/\1/p')
	[ -n "$units" ] || return 0
	flags='-fstack-protector-strong -fstack-clash-protection -fPIE -O[12s]'
	flags+=' -ftrivial-auto-var-init=zero'
	! readelf -hW "$1" | grep -q 'Machine:.*X86-64' || flags+=' -fcf-protection=full'
	for flag in $flags; do
		! grep -qvE -e " $flag( |\$)" <<<"$units" || echo "a unit was built without $flag"
	done
}

checks=(pie relro bind-now stack text segments path libraries canary fortify branches units)
only=()
while [ $# -gt 0 ]; do
	case $1 in
	--list) printf '%s\n' "${checks[@]}"; exit ;;
	--only) only+=("${2:?which check?}"); shift ;;
	*) break ;;
	esac
	shift
done
[ ${#only[@]} -eq 0 ] || checks=("${only[@]}")

wrong=0
for program; do
	readelf -h "$program" >/dev/null || exit 71
	for check in "${checks[@]}"; do
		said=$("check_$check" "$program")
		[ -n "$said" ] || continue
		while IFS= read -r line; do
			echo "$program: $check: $line"
		done <<<"$said"
		wrong=1
	done
done
exit $wrong
