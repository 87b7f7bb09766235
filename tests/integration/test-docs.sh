#!/bin/bash
# SPDX-License-Identifier: MIT
# Every block of docs/*.md that is marked <!-- run STATUS --> runs, one after the other, on the
# node that the manuals' examples are about; links between pages lead somewhere; README names
# each page.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse
# shellcheck source=tests/integration/pages.sh
. "$LAB_TOP/tests/integration/pages.sh"

# What the package has beside the programs.
for file in lxc/pve-safe.conf logrotate/pve-safe; do
	install -D -m 644 "$LAB_TOP/templates/$file" "/usr/share/pve-safe/$file"
done

# Runs the marked blocks of a page.
try_page() { # FILE
	local line wanted='' inside='' text='' number=0

	world
	while IFS= read -r line; do
		case $line in
		'<!-- run '*' -->') wanted=${line#<!-- run } wanted=${wanted% -->} ;;
		'```'*)
			if [ -n "$inside" ] && [ -n "$wanted" ]; then
				number=$((number + 1))
				run bash -ec "$text"
				[ "$wanted" != any ] || status=any
				expect_exit "${1##*/}: block $number (${text%%$'\n'*})" "$wanted"
				wanted=''
			fi
			[ -n "$inside" ] && inside='' || inside=yes
			text=''
			;;
		*) [ -z "$inside" ] || text+=$line$'\n' ;;
		esac
	done <"$1"
}

for page in "$LAB_TOP"/docs/*.md; do
	try_page "$page"
	expect "README names docs/${page##*/}" grep -qF "docs/${page##*/}" "$LAB_TOP/README.md"
done
for page in "$LAB_TOP"/*.md "$LAB_TOP"/{docs,lib,tests}/*.md; do
	while IFS= read -r link; do
		[ -z "$link" ] || expect "${page#"$LAB_TOP"/}: $link is there" \
			test -e "$(dirname "$page")/${link%%#*}"
	done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//;s/)$//' | grep -v -e '^http' -e '^#')
done
finish
