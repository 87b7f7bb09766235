#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/bench/table.sh BUILD: the table of all ratios that the benches before it measured,
# as docs/performance.md has it. Exits with 1 when one is over its target.
set -u
build=${1:-build}
awk -F '\t' '
	BEGIN {
		print "| measured | result | at most | |"
		print "|---|---:|---:|---|"
	}
	{
		over = $3 != "-" && $2 + 0 > $3 + 0
		printf "| %s | %s | %s | %s |\n", $1, $2, $3 == "-" ? "" : $3,
			$3 == "-" ? "" : over ? "over" : "ok"
		bad += over
	}
	END { exit bad > 0 }' "$build/tests/bench/rows"
