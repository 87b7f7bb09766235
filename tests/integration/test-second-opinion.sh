#!/bin/bash
# SPDX-License-Identifier: MIT
# Every container of the vectors: the rules of baseline@1 that fire are those that a second
# program (tests/second/baseline.pl) works out from what Proxmox itself read.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve none

vectors=$LAB_TOP/tests/fixtures/vectors/conf.jsonl
work=$(mktemp -d)
mkdir "$work/lxc"

# Rows as files lxc/INDEX.txt; what the second program says of them, "INDEX RULE…".
perl -MJSON::PP -e '
	while (my $line = <STDIN>) {
		my $row = JSON::PP->new->decode($line);
		next if $row->{kind} ne "ct";
		open my $file, ">:utf8", "$ARGV[0]/lxc/" . ($. - 1) . ".txt" or die;
		print $file $row->{text};
		close $file or die;
	}' "$work" <"$vectors"
"$LAB_TOP/tests/second/baseline.pl" <"$vectors" >"$work/expected"
printf 'version = 1\ninclude = { "baseline@1" }\n' >"$work/policy.conf"

# What check says of all files, in the same form.
ours() { # EVENT
	pve-safe check --policy "$work/policy.conf" --event "$1" --format json \
		"$work"/lxc/*.txt |
		jq -r '(.source | sub(".*/"; "") | sub("\\.txt$"; "")) + " " +
		       ([.findings[].rule] | sort | join(" "))' |
		sed 's/ $//' | sort -n
}

rows=$(wc -l <"$work/expected")
expect "there are many containers" test "$rows" -ge 400
ours create >"$work/create"
run diff "$work/expected" "$work/create"
expect_exit "a create: every container fires the rules that it must, and no others" 0

# A start is judged with what is pending merged, of which the second program knows nothing.
(cd "$work/lxc" && grep -Li '^\[pve:pending\]' -- *.txt) | sed 's/\.txt$//' | sort >"$work/plain"
expect "most have none" test "$(wc -l <"$work/plain")" -ge 250
ours start | sort | join -t ' ' - "$work/plain" | sort -n >"$work/start"
sort "$work/expected" | join -t ' ' - "$work/plain" | sort -n >"$work/expected-start"
run diff "$work/expected-start" "$work/start"
expect_exit "a start: the same, of those without pending changes" 0
for rule in privileged nesting-privileged host-id-0 host-id-low docker-in-ct docker-socket \
	bind-root all-devices unconfined cap-drop host-hook lxc-include; do
	run grep -cw -- "$rule" "$work/expected"
	expect_exit "some container fires $rule" 0
done
rm -r "$work"
finish
