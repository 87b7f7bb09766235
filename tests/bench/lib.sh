# SPDX-License-Identifier: MIT
# tests/bench/lib.sh - sourced by the benches: rows of the table that `make bench` ends with.
# $build, the directory that was built into, is of who sources this.
# shellcheck shell=bash disable=SC2154 # $build

# Adds a row to the table. TARGET "-": there is none, the figure is for scale.
bench_row() { # WHAT VALUE TARGET
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$build/tests/bench/rows"
}

# The figure of the row NAME of a table of measure, on stdin.
bench_number() { # NAME cpu|wall|peak
	awk -v name="$1" -v column="$2" '
		BEGIN { back["cpu"] = 4; back["wall"] = 3; back["peak"] = 2 }
		index($0, name " ") == 1 { print $(NF - back[column]) }'
}

# Adds how many times the figure of BASE that of NAME is, in the table on stdin.
bench_ratio() { # WHAT TARGET cpu|wall NAME BASE
	local table
	table=$(cat)
	bench_row "$1" "$(awk -v a="$(bench_number "$4" "$3" <<<"$table")" \
		-v b="$(bench_number "$5" "$3" <<<"$table")" \
		'BEGIN { printf "%.2f", b ? a / b : 0 }')" "$2"
}
