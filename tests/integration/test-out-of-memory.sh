#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory is refused to the first, the second, the third, … allocation of each program that
# decides or reports. It never crashes, never keeps silent, and never says of a refused guest
# that it may start: it judges all the same, or says that memory is gone and refuses.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs
# shellcheck source=tests/integration/each.sh
. "$LAB_TOP/tests/integration/each.sh"

if has_sanitizers; then
	# Their allocator is their own: tests/unit/test-*-nomem.c say so, too.
	run pve-safe check 102
	expect_exit "with sanitizers nothing is refused; the guest is" 1
	finish
fi
every_decision memory
every_report memory
expect "and the record is whole" record_is_whole
finish
