# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For every tests/integration/test-*.sh: runs it in a lab, and says what held.
#
#   . "$(dirname "$0")/lib.sh"
#   in_lab --pve fuse                        # the rest runs in a lab of its own
#   run pct-safe start 101                   # sets status, out and err
#   expect_exit "a privileged container is refused" 77
#   expect_output "the message names the line" err "101.conf:3"
#   expect "nothing was started" test ! -e /run/started
#   finish
set -u

test_passed=0 test_failed=0 test_skipped=0
status=0 out='' err=''

# Runs the rest of the calling script in a lab, with these options of tests/lab/lab.
in_lab() {
	local top

	if [ -z "${LAB:-}" ]; then
		top=$(cd "$(dirname "$0")/../.." && pwd -P)
		exec "$top/tests/lab/lab" "$@" -- "$(realpath "$0")"
	fi
	# shellcheck source=tests/lab/lab.sh
	. "$LAB_TOP/tests/lab/lab.sh"
}

# Whether the programs have sanitizers in them, whose allocator no lab_fault gets at.
has_sanitizers() {
	grep -q __asan_init "$LAB_BUILD/bin/pve-safe"
}

# Prints a text as diagnostics.
diagnose() { # TEXT
	printf '%s\n' "$1" | sed 's/^/#   /'
}

ok() { # NAME
	test_passed=$((test_passed + 1))
	echo "ok $1"
}

# Says that a test failed, with what the last command printed.
not_ok() { # NAME [WHY]
	test_failed=$((test_failed + 1))
	echo "not ok $1"
	[ -z "${2:-}" ] || diagnose "$2"
	diagnose "last command: exit $status"
	[ -z "$out" ] || diagnose "stdout: $out"
	[ -z "$err" ] || diagnose "stderr: $err"
}

skip() { # NAME REASON
	test_skipped=$((test_skipped + 1))
	echo "skip $1 $2"
}

# Runs a command; sets status, out and err.
run() { # COMMAND...
	local dir

	dir=$(mktemp -d)
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	out=$(tr -d '\0' <"$dir/out")
	err=$(tr -d '\0' <"$dir/err")
	rm -r "$dir"
	return 0
}

# The last command ended with this status.
expect_exit() { # NAME STATUS
	if [ "$status" = "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit $2"
	fi
}

# The last command printed this text: on out, on err, or nothing else but it.
expect_output() { # NAME out|err TEXT
	if [[ ${!2} == *"$3"* ]]; then
		ok "$1"
	else
		not_ok "$1" "expected on std$2: $3"
	fi
}

# The last command did not print this text; with an empty one: printed nothing at all.
expect_no_output() { # NAME out|err TEXT
	if [ -z "$3" ] && [ -z "${!2}" ]; then
		ok "$1"
	elif [ -n "$3" ] && [[ ${!2} != *"$3"* ]]; then
		ok "$1"
	else
		not_ok "$1" "expected not on std$2: ${3:-anything}"
	fi
}

# A command succeeds.
expect() { # NAME COMMAND...
	run "${@:2}"
	if [ "$status" = 0 ]; then
		ok "$1"
	else
		not_ok "$1" "command: ${*:2}"
	fi
}

# A command fails.
expect_not() { # NAME COMMAND...
	run "${@:2}"
	if [ "$status" != 0 ]; then
		ok "$1"
	else
		not_ok "$1" "command succeeded: ${*:2}"
	fi
}

# A text is equal to another.
expect_equal() { # NAME GOT EXPECTED
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got $2, expected $3"
	fi
}

# Waits until a command succeeds, at most so many seconds.
wait_for() { # SECONDS COMMAND...
	local tries=$(($1 * 50))

	until "${@:2}"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.02
	done
}

# Prints the plan. A script that ends without it counts as failed.
finish() {
	echo "1..$((test_passed + test_failed + test_skipped))"
	[ "$test_failed" = 0 ]
	exit
}
