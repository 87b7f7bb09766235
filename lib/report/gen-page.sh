#!/bin/bash
# SPDX-License-Identifier: MIT
# gen-page.sh CSS JS: writes both as C to stdout, with the hashes by which the page's
# Content-Security-Policy lets these two run and nothing else.
set -eu

# The text as it stands between the tags: no line end after the last line.
part() { # NAME FILE
	local text hex

	text=$(sed '/SPDX-License-Identifier/d' "$2")
	if grep -qi '</\(style\|script\)' <<<"$text"; then
		echo "$2: ends its own element" >&2
		exit 1
	fi
	hex=$(printf '%s' "$text" | sha256sum | cut -c1-64)
	printf '/* %s */\nstatic const char page_%s[] = {\n' "$2" "$1"
	printf '%s' "$text" | od -An -v -td1 | sed 's/-\{0,1\}[0-9][0-9]*/&,/g'
	printf '0};\n#define PAGE_%s_HASH "sha256-%s"\n' "${1^^}" \
		"$(printf '%b' "$(fold -w 2 <<<"$hex" | sed 's/^/\\x/' | tr -d '\n')" | base64)"
}

part css "$1"
part js "$2"
