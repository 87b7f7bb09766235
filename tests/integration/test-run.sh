#!/bin/bash
# SPDX-License-Identifier: MIT
# The runner of the tests itself: what must count as a failure does.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# Begins an empty tree that has only the runner.
tree_begin() {
	rm -rf "$tree"
	mkdir -p "$tree"/tests/{unit,integration,fuzz} "$tree"/build/tests/{unit,fuzz}
	cp "$top/tests/run.sh" "$tree/tests/"
}

# Adds a program of one part; its text comes from stdin.
tree_add() { # PART NAME
	local file=$tree/build/tests/$1/$2

	: >"$tree/tests/$1/$2.c"
	[ "$1" != integration ] || file=$tree/tests/integration/$2.sh
	{
		echo '#!/bin/sh'
		cat
	} >"$file"
	chmod +x "$file"
}

# Runs the runner there and compares its closing line.
tree_expect() { # NAME EXIT LINE PART [VARIABLE=VALUE]
	run env CI= "${@:5}" "$tree/tests/run.sh" "$4"
	if [ "$status" = "$2" ] && [ "${out##*$'\n'}" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit $2 and: $3"
	fi
}

passing='cat <<E
[==========] Running 2 test(s).
[ RUN      ] one
[       OK ] one
[ RUN      ] two
[       OK ] two
[==========] 2 test(s) run.
[  PASSED  ] 2 test(s).
E'
failing='cat <<E
[==========] words: Running 2 test(s).
[ RUN      ] one
[  FAILED  ] one
[==========] words: 2 test(s) run.
[  PASSED  ] 1 test(s).
[  FAILED  ] words: 1 test(s), listed below:
[  FAILED  ] one
E
exit 1'
skipping='cat <<E
[==========] Running 2 test(s).
[ RUN      ] one
[  SKIPPED ] one
[==========] 2 test(s) run.
[  PASSED  ] 1 test(s).
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] one
E'

tree_begin
tree_add unit test-a <<<"$passing"
tree_expect "two tests that pass are two" 0 '2 passed, 0 failed, 0 skipped' unit
tree_add unit test-b <<<"$passing"$'\n''echo "[==========] Running 1 test(s)."'
tree_expect "a program without its closing line is a failure" 1 '4 passed, 1 failed, 0 skipped' unit
tree_add unit test-b <<<"$passing"$'\n'"$failing"
tree_expect "two groups add up" 1 '5 passed, 1 failed, 0 skipped' unit
tree_add unit test-b <<<"$passing"$'\nexit 3'
tree_expect "a program that fails after its tests is a failure" 1 '4 passed, 1 failed, 0 skipped' unit
tree_add unit test-b <<<'exit 0'
tree_expect "a program that says nothing is a failure" 1 '2 passed, 1 failed, 0 skipped' unit
tree_add unit test-b <<<'kill -SEGV $$'
tree_expect "a program that crashes is a failure" 1 '2 passed, 1 failed, 0 skipped' unit
rm "$tree/build/tests/unit/test-b"
tree_expect "a test that was not built is a failure" 1 '2 passed, 1 failed, 0 skipped' unit
tree_expect "one name can be asked for" 0 '2 passed, 0 failed, 0 skipped' unit ONLY=test-a
tree_expect "a name that none has is an error" 1 '0 passed, 0 failed, 0 skipped' unit ONLY=none
tree_expect "a part without tests is a failure" 1 '0 passed, 1 failed, 0 skipped' integration

tree_begin
tree_add unit test-a <<<"$skipping"
tree_expect "a skip is counted" 0 '1 passed, 0 failed, 1 skipped' unit
tree_expect "a skip fails in CI" 1 '1 passed, 1 failed, 0 skipped' unit CI=true
echo 'unit/test-a | one |' >"$tree/tests/skips.txt"
tree_expect "a skip that is named without a reason fails" 1 '1 passed, 1 failed, 0 skipped' unit CI=true
echo 'unit/test-a | one | there is no one' >"$tree/tests/skips.txt"
tree_expect "a skip that is named with its reason passes" 0 '1 passed, 0 failed, 1 skipped' unit CI=true
echo 'unit/test-b | one | there is no one' >"$tree/tests/skips.txt"
tree_expect "a skip that another program has does not count" 1 '1 passed, 1 failed, 0 skipped' unit CI=true

tree_begin
tree_add integration test-a <<<'echo ok a b; echo skip c no c here; echo 1..2'
tree_expect "a script that keeps its plan passes" 0 '1 passed, 0 failed, 1 skipped' integration
tree_add integration test-a <<<'echo ok a; echo not ok b; echo 1..2; exit 1'
tree_expect "not ok is a failure" 1 '1 passed, 1 failed, 0 skipped' integration
tree_add integration test-a <<<'echo ok a'
tree_expect "a script that dies half-way is a failure" 1 '1 passed, 1 failed, 0 skipped' integration
tree_add integration test-a <<<'echo ok a; echo 1..2'
tree_expect "a plan that is not kept is a failure" 1 '1 passed, 1 failed, 0 skipped' integration
tree_add integration test-a <<<'echo 1..0'
tree_expect "a plan of nothing is a failure" 1 '0 passed, 1 failed, 0 skipped' integration

tree_begin
tree_add fuzz fuzz-a <<<'echo stat::number_of_executed_units: 12'
tree_expect "a fuzz target that tried something passes" 0 '1 passed, 0 failed, 0 skipped' fuzz
tree_add fuzz fuzz-a <<<'echo stat::number_of_executed_units: 0'
tree_expect "a fuzz target that tried nothing is a failure" 1 '0 passed, 1 failed, 0 skipped' fuzz
tree_add fuzz fuzz-a <<<'echo stat::number_of_executed_units: 12; exit 77'
tree_expect "a fuzz target that found something is a failure" 1 '0 passed, 1 failed, 0 skipped' fuzz
finish
