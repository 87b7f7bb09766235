#!/bin/bash
# SPDX-License-Identifier: MIT
# docs/picture/terminal.sh [BUILD]: draws docs/picture/refused.png, a terminal that shows the
# refused start of the demo: what `make demo` really prints. Needs librsvg2-bin and
# fonts-dejavu-core; run by hand when the message changes.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
columns=108 width=8.43 height=19

# The lines of the demo from the command to its end, LXC's own left out; long ones are broken.
lines() {
	NO_COLOR=1 tests/demo.sh "$build/bin" |
		sed -n '/:~# pct start 102$/,/^(exit/p' |
		awk '/pct start 102/ { if (seen++) exit } { print }' |
		grep -v -e '^lxc-start: ' -e '^(exit' |
		sed 's/decision [0-9a-f-]* policy/decision 0192f7c4-… policy/' | fold -s -w "$columns"
}

# One line of text as SVG: the prompt bold, the verdict red, "do:" green.
line() { # TEXT Y
	local text class=''

	text=$(sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' <<<"$1")
	case $1 in
	root@*) class='prompt' ;;
	*denied* | startup*failed) class='denied' ;;
	'WARN: do:'* | 'WARN: see:'*) class='remedy' ;;
	'WARN: privileged:'* | 'WARN: found:'*) class='reason' ;;
	esac
	printf '<text x="14" y="%s" class="%s" xml:space="preserve">%s</text>\n' "$2" "$class" "$text"
}

mapfile -t shown < <(lines)
[ "${#shown[@]}" -gt 5 ] || { echo "the demo printed no refused start" >&2; exit 1; }
svg=$(mktemp --suffix .svg)
trap 'rm -f "$svg"' EXIT
{
	printf '<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%s">\n' \
		"$(awk "BEGIN { print $columns * $width + 28 }")" $((${#shown[@]} * height + 46))
	cat <<-'END'
	<style>
	text { font: 14px "DejaVu Sans Mono", monospace; fill: #d8dee9 }
	.prompt { font-weight: bold; fill: #eceff4 }
	.denied { fill: #ff6b6b; font-weight: bold }
	.reason { fill: #ebcb8b }
	.remedy { fill: #a3be8c }
	</style>
	<rect width="100%" height="100%" rx="8" fill="#1e222a"/>
	<circle cx="20" cy="15" r="6" fill="#ff5f57"/><circle cx="40" cy="15" r="6" fill="#febc2e"/>
	<circle cx="60" cy="15" r="6" fill="#28c840"/>
	END
	for i in "${!shown[@]}"; do
		line "${shown[i]}" $((46 + i * height))
	done
	echo '</svg>'
} >"$svg"
rsvg-convert "$svg" -o docs/picture/refused.png
ls -l docs/picture/refused.png
