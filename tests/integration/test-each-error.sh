#!/bin/bash
# SPDX-License-Identifier: MIT
# The first, the second, the third, … call of a program that opens, reads or writes a file
# fails: EIO, no space, no rights. Or it moves one byte, or a signal comes into every call.
# What is refused is never allowed, what fails is said, and the record stays whole.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs
# shellcheck source=tests/integration/each.sh
. "$LAB_TOP/tests/integration/each.sh"

every_decision EIO -l -e 1
every_report EIO -l
every_decision ENOSPC -l
every_decision EACCES -l
every_decision EMFILE -l
expect "the record is whole" record_is_whole

every_decision short
every_report short
expect "with one byte at a time, too" record_is_whole

# --- where it prints to ---
for command in 'check 101' 'audit' 'facts 101' 'policy show' 'explain 101'; do
	# shellcheck disable=SC2086 # words
	pve-safe $command >/dev/full 2>/run/full
	expect_equal "a full disk: $command" "$? $(grep -c 'pve-safe: cannot write' /run/full)" '2 1'
done
for command in 'start 101' '--format json start 101' 'config 101'; do
	# shellcheck disable=SC2086 # words
	pct-safe --dry-run $command >/dev/full 2>/run/full
	expect_equal "a full disk: --dry-run $command" "$? $(cat /run/full)" \
		'71 pct-safe: cannot write to stdout: No space left on device'
done
finish
