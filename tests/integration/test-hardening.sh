#!/bin/bash
# SPDX-License-Identifier: MIT
# How the programs were built: what the compiler and the linker were asked for is in each of
# them. Each check has a control: a program that lacks just this is told apart.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
build=${LAB_BUILD:-$top/build}
programs=(pve-safe pct-safe qm-safe pve-safe-hook pve-safe-lxc-hook)
check=$top/tests/hardening.sh

# Programs with sanitizers are hardened in no other way; without one of these, all that is
# tested with them would be tested without them.
if [[ $build == *-san ]]; then
	for name in "${programs[@]}"; do
		expect "$name has the address sanitizer" \
			grep -q __asan_report_load8 <(readelf -sW "$build/bin/$name")
		expect "$name has the one of undefined behaviour" \
			grep -q __ubsan_handle_pointer_overflow <(readelf -sW "$build/bin/$name")
	done
	finish
fi

for name in "${programs[@]}"; do
	for which in $("$check" --list); do
		run "$check" --only "$which" "$build/bin/$name"
		expect_exit "$name: $which" 0
	done
done
expect "gcc noted how it built each unit" grep -q 'GNU C' <(readelf -p .debug_str "$build/bin/pve-safe")

# --- the controls: a program as it should be, and others that lack one thing each ---
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/control.c" <<'END'
#include <stdio.h>
#include <string.h>

static int other(const char *text)
{
	char copy[64];

	strcpy(copy, text);
	printf("%s\n", copy);
	return copy[0];
}

int (*volatile shown)(const char *) = other;

int main(int argc, char **argv)
{
	return shown(argv[argc - 1]) ? 0 : 1;
}
END

# Builds the control as the programs are built, with more words: later ones win.
control() { # NAME WORD...
	gcc -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
		-fstack-clash-protection -fPIE -fcf-protection -ftrivial-auto-var-init=zero \
		-pie -Wl,-z,relro,-z,now,-z,noexecstack "$dir/control.c" -o "$dir/$1" "${@:2}" \
		2>"$dir/said" || diagnose "$(<"$dir/said")"
}

control good
run "$check" "$dir/good"
expect_exit "a hardened control passes all checks" 0
expect_no_output "without a word" out ""

# The control that lacks this is told apart by this check.
lacks() { # CHECK MESSAGE WORD...
	control "$1" "${@:3}"
	run "$check" --only "$1" "$dir/$1"
	expect_exit "a control fails: $1" 1
	expect_output "and says so: $1" out "$dir/$1: $1: $2"
}

lacks pie "not a position independent executable" -fno-PIE -no-pie
lacks relro "no RELRO segment" -Wl,-z,norelro
lacks bind-now "binds lazily" -Wl,-z,lazy
lacks stack "an executable stack" -Wl,-z,execstack
lacks path "RUNPATH: Library runpath: [/opt]" -Wl,--enable-new-dtags,-rpath,/opt
lacks libraries "loads libm.so.6" -Wl,--no-as-needed -lm
lacks canary "no stack protector" -fno-stack-protector
lacks fortify "no fortified function" -U_FORTIFY_SOURCE
lacks branches "not built with -fcf-protection" -fcf-protection=none
lacks units "a unit was built without -fstack-clash-protection" -fno-stack-clash-protection

# An address in the text of a position independent program; code that may be written.
printf '.text\n.quad shown\n' >"$dir/address.s"
lacks text "relocations in its text" "$dir/address.s" -Wl,-z,notext
printf '.section .both,"awx",@progbits\nnop\n' >"$dir/both.s"
lacks segments "a segment both writable and executable" "$dir/both.s"
finish
