#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy and clang's analyser over lib, hooks and wrappers: what .clang-tidy asks for.
# ONLY_TIDY=PATTERN takes the files whose path matches.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/../integration/lib.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
build=$(realpath "${LAB_BUILD:-build}")
cd "$top" || exit 71

# One file at a time: of several, clang's analyser mixes up the lists of variable arguments.
if [ "${1:-}" = --one ]; then
	"$(command -v clang-tidy-14 || echo clang-tidy)" --quiet "$3" -- -std=c11 -D_GNU_SOURCE -Ilib "-I$build/gen" \
		'-DPVE_SAFE_PREFIX="/usr"' >"$2/${3//\//-}.said" 2>"$2/${3//\//-}.noise"
	echo $? >"$2/${3//\//-}.status"
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make --no-print-directory B="$build" "$build"/gen/{shipped,templates,page}.inc >/dev/null || exit 71

# Checks a file; sets status and out to what clang-tidy said.
result() { # FILE
	status=$(<"$work/${1//\//-}.status")
	out=$(<"$work/${1//\//-}.said")
	[ -n "$out" ] || [ "$status" = 0 ] || out=$(<"$work/${1//\//-}.noise")
}

# --- the control: one fault that it must see ---
control=$work/control.c
cp .clang-tidy "$work/"
printf '%s\n' 'int main(int argc, char **argv)' '{' '	char *none = argc > 1 ? argv[1] : 0;' '' \
	'	return none[0];' '}' >"$control"
"$0" --one "$work" "$control"
result "$control"
expect_exit "a fault makes it fail" 1
expect_output "and is named" out "clang-analyzer-core.NullDereference"

# --- the sources ---
mapfile -t files < <(find lib hooks wrappers -name '*.c' -path "*${ONLY_TIDY:-}*" | sort)
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P 2 "$top/tests/slow/${0##*/}" --one "$work"
for file in "${files[@]}"; do
	result "$file"
	expect_exit "$file" 0
done
finish
