#!/bin/bash
# SPDX-License-Identifier: MIT
# Each single call of the programs goes wrong once, where CI takes every fourth.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
export TEST_EVERY=1
run "$top/tests/integration/test-out-of-memory.sh"
expect_exit "memory is refused to each allocation" 0
run "$top/tests/integration/test-each-error.sh"
expect_exit "each call on a file fails" 0
finish
