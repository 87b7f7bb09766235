#!/bin/sh
# SPDX-License-Identifier: MIT
# gen-shipped.sh FILE...: writes the settings templates in FILEs as C to stdout. Each holds
# one, called as the file is; its `match`, if any, stands on a line of its own.
set -eu

table=
i=0
for file in "$@"; do
	name=$(basename "$file" .conf)
	if [ "$(grep -c '^settings ' "$file")" != 1 ] ||
		! grep -q "^settings \"$name\" {\$" "$file"; then
		echo "$file: does not hold the one template 'settings \"$name\" {'" >&2
		exit 1
	fi
	match=$(sed -n 's/^    match *= "\([^"\\]*\)"$/\1/p' "$file")
	printf '/* %s */\nstatic const char template_%d[] = {\n' "$file" "$i"
	od -An -v -td1 "$file" | sed "s/-\{0,1\}[0-9][0-9]*/&,/g"
	printf '0};\n'
	table="$table	{ \"$name\", PVE_SAFE_PREFIX \"/share/pve-safe/settings/$name.conf\",
	  \"$match\", template_$i, sizeof(template_$i) - 1 },
"
	i=$((i + 1))
done
printf 'static const struct template_shipped shipped[] = {\n%s};\n' "$table"
