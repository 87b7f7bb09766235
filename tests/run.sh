#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs tests and ends with one line, "N passed, N failed, N skipped", over all of them.
#
#   tests/run.sh build:unit,integration build-san:unit fuzz
#
# BUILD:PART,… names what was built where and which parts of the tests to run with it;
# a part alone means build. ONLY=PATTERN runs the programs whose name matches, EXCEPT=PATTERN
# the others. Two run at a time. Where CI=true, a skip that tests/skips.txt does not name
# counts as a failure.
set -u
cd "$(dirname "$0")/.." || exit 71

jobs_at_once=2
fuzz_seconds=${FUZZ_SECONDS:-20}
fuzz_seed=${FUZZ_SEED:-1} # 0: another one each time
results=$(mktemp -d) || exit 71
trap 'rm -rf "$results"' EXIT
export CMOCKA_MESSAGE_OUTPUT=STDOUT
export ASAN_OPTIONS=${ASAN_OPTIONS:-handle_segv=2:allow_user_segv_handler=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

usage() {
	sed -n '3,10s/^# \{0,1\}//p' tests/run.sh >&2
	exit 64
}

# --- what each kind of program prints, read into passed, failed, skipped, names, why ---

# Adds up the numbers that stand before "test(s)" in the lines of this kind.
sum_of() { # FILE KIND
	sed -n "s/^\[ *$2 *\] .*\b\([0-9][0-9]*\) test(s).*/\1/p" "$1" | awk '{ n += $1 } END { print n + 0 }'
}

# cmocka: groups that are closed with as many results as they opened with.
read_cmocka() { # FILE STATUS
	local opened closed ran

	opened=$(sed -n 's/^\[=*\] .*Running \([0-9]*\) test(s).*/\1/p' "$1")
	closed=$(sed -n 's/^\[=*\] .*\b\([0-9][0-9]*\) test(s) run.*/\1/p' "$1")
	passed=$(sum_of "$1" PASSED)
	failed=$(sum_of "$1" FAILED)
	skipped=$(sum_of "$1" SKIPPED)
	ran=$(awk '{ n += $1 } END { print n + 0 }' <<<"$opened")
	names=$(sed -n 's/^\[ *SKIPPED *\] //p' "$1" | grep -v 'test(s)' | sort -u)
	if [ -z "$opened" ] || [ "$opened" != "$closed" ]; then
		why="ended (status $2) before its closing line"
		failed=$((failed + 1))
	elif [ "$ran" -ne $((passed + failed + skipped)) ]; then
		why="$ran tests ran, but not all have a result"
		failed=$((failed + 1))
	elif [ "$2" -ne 0 ] && [ "$failed" -eq 0 ]; then
		why="exit $2"
		failed=1
	fi
}

# Lines "ok NAME", "not ok NAME", "skip NAME REASON", and the plan at the end.
read_lines() { # FILE STATUS
	local plan

	passed=$(grep -c '^ok ' "$1")
	failed=$(grep -c '^not ok ' "$1")
	skipped=$(grep -c '^skip ' "$1")
	names=$(sed -n 's/^skip //p' "$1")
	plan=$(tail -n 1 "$1" | sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p')
	if [ -z "$plan" ]; then
		why="ended (status $2) before its plan"
		failed=$((failed + 1))
	elif [ "$plan" -eq 0 ] || [ "$plan" -ne $((passed + failed + skipped)) ]; then
		why="planned $plan tests"
		failed=$((failed + 1))
	elif [ "$2" -ne 0 ] && [ "$failed" -eq 0 ]; then
		why="exit $2"
		failed=1
	fi
}

# A closing line "N passed, N failed".
read_closing() { # FILE STATUS
	local line

	line=$(tail -n 1 "$1")
	names='' skipped=0 passed=0 failed=1
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
	else
		why="ended (status $2) before its closing line"
	fi
	if [ "$2" -ne 0 ] && [ "$failed" -eq 0 ]; then
		why="exit $2"
		failed=1
	fi
}

# libFuzzer: one test, which must have tried something.
read_fuzz() { # FILE STATUS
	local tried

	tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$1")
	names='' skipped=0 passed=1 failed=0
	if [ "$2" -ne 0 ] || [ "${tried:-0}" -eq 0 ]; then
		why="exit $2 after ${tried:-no} inputs"
		passed=0 failed=1
	fi
}

# --- one program ---

# Tells whether tests/skips.txt names this skip, with a reason.
skip_is_known() { # LABEL NAME
	local label name reason

	while IFS='|' read -r label name reason; do
		[ "${label%"${label##*[! ]}"}" = "$1" ] || continue
		name=${name#"${name%%[! ]*}"}
		name=${name%"${name##*[! ]}"}
		case $2 in "$name"*) [ -n "${reason// /}" ] && return 0 ;; esac
	done < <(grep -v '^#' tests/skips.txt 2>/dev/null)
	return 1
}

# Prints what a failed program printed, without what passed.
show() { # FILE
	grep -v -E '^(\[ RUN|\[ +OK|ok |#[0-9]+.*(NEW|REDUCE|pulse) +cov:)' "$1" |
		tail -n 200 | sed 's/^/    /'
}

# Runs one program, judges what it printed and says so; leaves the counts in a file.
run_one() { # NUMBER LABEL KIND SECONDS COMMAND...
	local output=$results/$1.out status=0 began=$EPOCHREALTIME took name
	local passed=0 failed=0 skipped=0 names='' why='' message

	timeout -k 10 "$4" "${@:5}" >"$output" 2>&1 </dev/null || status=$?
	took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
	"read_$3" "$output" "$status"
	message=''
	while IFS= read -r name; do
		[ -n "$name" ] || continue
		if [ "${CI:-}" = true ] && ! skip_is_known "${2#*/}" "$name"; then
			failed=$((failed + 1)) skipped=$((skipped - 1))
			message+="    skipped, but not in tests/skips.txt: $name"$'\n'
		else
			message+="    skipped: $name"$'\n'
		fi
	done <<<"$names"
	{
		if [ "$failed" -eq 0 ]; then
			printf 'ok      %-44s %5s  %6s s\n' "$2" "$passed" "$took"
		else
			printf 'FAILED  %-44s %5s of %s  %s s%s\n' "$2" "$failed" \
				$((passed + failed + skipped)) "$took" "${why:+: $why}"
			show "$output"
		fi
		printf '%s' "$message"
	} >"$results/$1.report"
	cat "$results/$1.report"
	echo "$passed $failed $skipped" >"$results/$1.count"
}

count=0
# Runs one program beside those that run already.
start() { # LABEL KIND SECONDS COMMAND...
	# shellcheck disable=SC2254 # a pattern is meant
	case $1 in *${ONLY:-}*) ;; *) return ;; esac
	# shellcheck disable=SC2053 # and here
	[[ ${1##*/} != ${EXCEPT:-} ]] || return
	while [ "$(jobs -rp | wc -l)" -ge "$jobs_at_once" ]; do
		wait -n
	done
	count=$((count + 1))
	run_one "$count" "$@" &
}

# --- the parts ---

# Prints the names of a part's sources without directory and ending; there must be some.
sources() { # PATTERN ENDING
	local file found=''

	for file in $1; do
		[ -e "$file" ] || continue
		found=yes
		basename "$file" "$2"
	done
	[ -n "$found" ] || echo "no-tests-found"
}

part_unit() { # BUILD
	local name
	# Here, where each function is called by itself, pairs of pointers are looked at, too.
	for name in $(sources 'tests/unit/test-*.c' .c); do
		start "${1##*/}/unit/$name" cmocka 600 \
			env ASAN_OPTIONS="$ASAN_OPTIONS:detect_invalid_pointer_pairs=1" \
			"$1/tests/unit/$name"
	done
}

part_decisions() { # BUILD
	local name
	for name in $(sources 'tests/decisions/test-*.c' .c); do
		start "${1##*/}/decisions/$name" cmocka 600 "$1/tests/decisions/$name"
	done
}

part_standins() { # BUILD
	start "${1##*/}/standins/prove" closing 600 tests/standins/prove
	start "${1##*/}/standins/prove-can-fail" closing 900 tests/standins/prove-can-fail
}

part_integration() { # BUILD
	local name
	for name in $(sources 'tests/integration/test-*.sh' .sh); do
		start "${1##*/}/integration/$name" lines 900 \
			env LAB_BUILD="$1" "tests/integration/$name.sh"
	done
}

# What takes minutes or a download: make check-slow.
part_slow() { # BUILD
	local name
	for name in $(sources 'tests/slow/test-*.sh' .sh); do
		start "${1##*/}/slow/$name" lines 5400 env LAB_BUILD="$1" "tests/slow/$name.sh"
	done
}

part_fuzz() { # BUILD
	local name short options
	for name in $(sources 'tests/fuzz/fuzz-*.c' .c); do
		short=${name#fuzz-}
		options=(-max_total_time="$fuzz_seconds" -timeout=10 -print_final_stats=1
			-seed="$fuzz_seed")
		[ "$fuzz_seconds" -gt 0 ] || options+=(-runs=0)
		[ ! -e "tests/fuzz/$short.dict" ] || options+=(-dict="tests/fuzz/$short.dict")
		mkdir -p "$1/tests/fuzz/$short.found"
		options+=(-artifact_prefix="$1/tests/fuzz/$name-" "$1/tests/fuzz/$short.found")
		[ ! -d "tests/fuzz/corpus/$short" ] || options+=("tests/fuzz/corpus/$short")
		start "${1##*/}/fuzz/$name" fuzz $((fuzz_seconds + 120)) "$1/tests/fuzz/$name" "${options[@]}"
	done
}

[ $# -gt 0 ] || usage
for argument; do
	case $argument in
	--help) usage ;;
	*:*) build=${argument%%:*} parts=${argument#*:} ;;
	*) build=build parts=$argument ;;
	esac
	for part in ${parts//,/ }; do
		declare -F "part_$part" >/dev/null || usage
		"part_$part" "$build"
	done
done
wait

total=$(cat "$results"/*.count 2>/dev/null |
	awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped", p, f, s }')
ended=$(find "$results" -name '*.count' | wc -l)
if [ "$ended" -ne "$count" ] || [ "$count" -eq 0 ]; then
	echo "run.sh: $ended of $count programs have a result" >&2
	echo "$total"
	exit 1
fi
echo "$total"
[[ $total == *' 0 failed,'* ]]
