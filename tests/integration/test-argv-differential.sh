#!/bin/bash
# SPDX-License-Identifier: MIT
# Random command lines, read by pve-safe and by the stand-in on Perl's Getopt::Long, which
# proves itself on Proxmox's own answers first: none is read differently.
#
#   SEED=N COUNT=N tests/integration/test-argv-differential.sh
#
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
build=${LAB_BUILD:-build}
[[ $build == /* ]] || build=$top/$build
standins=$top/tests/standins
seed=${SEED:-$(date +%s)}
count=${COUNT:-100000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo "# SEED=$seed COUNT=$count"

# What comes of each line, a word and the three texts: same, differently, read, refused, both.
sort_out() {
	paste "$dir/lines" "$dir/theirs" "$dir/ours" | awk -F '\t' '
		{ theirs = $2 !~ /"rejected":/; ours = $3 !~ /"rejected":/ }
		theirs && ours { print ($2 == $3 ? "same" : "differently"), $0; next }
		theirs { print "refused", $0; next }
		ours && $2 !~ /"(command|options)"/ { print "left", $0; next }
		{ print ours ? "read" : "both", $0 }'
}

# How many lines came to this.
number() { # WORD
	grep -c "^$1 " "$dir/sorted"
}

# At most so many lines came to this; else shows some.
expect_most() { # NAME MOST WORD
	if [ "$(number "$3")" -le "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "$(number "$3") lines, the first of them (line, Proxmox, ours):
$(grep "^$3 " "$dir/sorted" | head -n 5 | cut -f 1-3 | tr '\t' '\n')"
	fi
}

"$standins/random-argv" "$seed" "$count" >"$dir/lines"
"$standins/pve-standin" --standin-batch <"$dir/lines" | jq -cS . >"$dir/theirs"
"$build/bin/pve-safe" argv --batch <"$dir/lines" | jq -cS 'del(.message)' >"$dir/ours"
expect_equal "both answer every line" \
	"$(wc -l <"$dir/theirs") $(wc -l <"$dir/ours")" "$count $count"
[ "$test_failed" = 0 ] || finish
sort_out >"$dir/sorted"
for word in same differently read refused left both; do
	echo "# $word: $(number $word)"
done
expect_most "no command line is read differently" 0 differently
expect_most "none that Proxmox refuses before validating is read" 0 read
expect_most "at most one in a hundred that Proxmox takes is refused" \
	$((($(number same) + $(number refused)) / 100)) refused
expect "enough are taken to mean something" test "$(number same)" -ge $((count / 20))
finish
