#!/bin/sh
# SPDX-License-Identifier: MIT
# gen-shipped.sh FILE...: writes the sets of rules in FILEs as C to stdout. The second line
# of each names it and its version: "# baseline@1: what it is for".
set -eu

table=
i=0
for file in "$@"; do
	name=$(sed -n '2s/^# \([a-z][a-z0-9-]*@[1-9][0-9]*\):.*/\1/p' "$file")
	if [ -z "$name" ]; then
		echo "$file:2: no '# name@version: ...'" >&2
		exit 1
	fi
	printf '/* %s */\nstatic const char shipped_%d[] = {\n' "$file" "$i"
	od -An -v -td1 "$file" | sed "s/-\{0,1\}[0-9][0-9]*/&,/g"
	printf '0};\n'
	table="$table	{ \"$name\", shipped_$i, sizeof(shipped_$i) - 1 },
"
	i=$((i + 1))
done
printf 'static const struct {\n\tconst char *name, *text;\n\tsize_t len;\n}'
printf ' shipped_sets[] = {\n%s};\n' "$table"
