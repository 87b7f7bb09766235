#!/bin/bash
# SPDX-License-Identifier: MIT
# Which lines and branches of lib/ the tests run, as gcc counted them.
#
#   tests/coverage.sh run BUILD      runs the tests, then reports (make coverage)
#   tests/coverage.sh report BUILD   what BUILD counted until now: after single tests
#   tests/coverage.sh clear BUILD    begins anew
#
# BUILD was made with COV=1. Writes BUILD/coverage/uncovered: file:line of each line that
# did not run and of each branch that was not taken. Exits 1 when less than 95 % of the
# lines of lib/ ran, or less than 95 % of the branches of the evaluator and the parsers were
# taken, when a test failed, or when tests/coverage.skip excuses a line that does run.
set -eu
cd "$(dirname "$0")/.."

least=95
# The evaluator, and what reads text that others wrote, as tests/fuzz has it: branches count
# in these.
branches='
	lib/base/conf lib/base/num lib/base/base64
	lib/facts/bind lib/facts/smbios
	lib/policy/compile lib/policy/eval lib/policy/expr lib/policy/good lib/policy/keys
	lib/policy/limits lib/policy/narrow lib/policy/rules lib/policy/schema
	lib/policy/store-read lib/policy/waiver lib/policy/words lib/policy/workload
	lib/pve/argv lib/pve/change lib/pve/cli lib/pve/cluster lib/pve/cpumodel lib/pve/ct
	lib/pve/engine lib/pve/format lib/pve/guestconf lib/pve/idmap lib/pve/keytable
	lib/pve/lines lib/pve/lxckey lib/pve/option lib/pve/propstr lib/pve/sectionconfig
	lib/pve/snippet lib/pve/tags lib/pve/tasks lib/pve/upid
	lib/record/log
	lib/settings/agent-reply lib/settings/credential lib/settings/placeholder
	lib/settings/plan lib/settings/state lib/settings/template lib/settings/value
'

# test-killed kills programs before each call that writes: those that gcc adds would be among
# them, and what is killed counts nothing. test-hardening is about how programs are built;
# test-package and test-readme build the package and install that, which counts nothing.
except='@(test-killed|test-hardening|test-package|test-readme)'

usage() {
	sed -n '5,7s/^# \{0,1\}//p' tests/coverage.sh >&2
	exit 64
}

# Removes what was counted. Programs of any user may write the counts then.
clear_counts() { # BUILD
	local note

	find "$1/lib" -name '*.gcda' -delete
	find "$1/lib" -name '*.gcno' | while read -r note; do
		: >"${note%.gcno}.gcda"
		chmod 666 "${note%.gcno}.gcda"
	done
}

# Prints what was counted, a line of the source or a branch of it a line:
# "line FILE NUMBER COUNT", "branch FILE NUMBER:FUNCTION:INDEX COUNT".
counts() { # BUILD
	# A file that never ran is one without counts.
	find "$1/lib" -name '*.gcda' -size 0 -delete
	find "$1/lib" -name '*.gcno' -print0 | sort -z |
		xargs -0 gcov --json-format --branch-probabilities --stdout 2>"$1/coverage/gcov.log" |
		jq -r '.files[] | .file as $file | select($file | startswith("lib/")) | .lines[] |
			"line \($file) \(.line_number) \(.count)",
			(.line_number as $line | .function_name as $function | .branches | to_entries[] |
			 "branch \($file) \($line):\($function):\(.key) \(.value.count)")'
}

# Adds up what several objects counted of one header; prints the totals, and writes what was
# not run or taken to the file given. Exits 1 when it is too little.
report() { # BUILD
	mkdir -p "$1/coverage"
	counts "$1" >"$1/coverage/counts"
	awk -v least="$least" -v wanted="${branches//[$'\n\t']/ }" -v uncovered="$1/coverage/uncovered" \
		-v skip=tests/coverage.skip -f tests/coverage/report.awk "$1/coverage/counts"
}

[ $# -eq 2 ] || usage
[ -d "$2/lib" ] || { echo "coverage: nothing is built in $2: run make COV=1" >&2; exit 71; }
build=$(cd "$2" && pwd -P)
case $1 in
clear) clear_counts "$build" ;;
report) report "$build" ;;
run)
	status=0
	mkdir -p "$build/coverage"
	clear_counts "$build"
	EXCEPT=$except tests/run.sh "$build:unit,decisions,integration" || status=1
	report "$build" || status=1
	exit "$status"
	;;
*) usage ;;
esac
