#!/bin/bash
# SPDX-License-Identifier: MIT
# What the compiler does not see: formatting, the order of the layers, headers, analysers.
set -u
cd "$(dirname "$0")/.." || exit 1

fail=0
bad() {
	echo "lint: $*" >&2
	fail=1
}

mapfile -t sources < <(find lib hooks wrappers tests -name '*.[ch]' | sort)
mapfile -t scripts < <(git ls-files -co --exclude-standard | while read -r f; do
	[ -f "$f" ] && head -n 1 "$f" | grep -qaE '^#!/bin/(ba)?sh' && echo "$f"
done | sort)

clang-format --dry-run -Werror "${sources[@]}" || bad "formatting: run make format"

# Includes go one way: base < pve < facts < policy < settings < record < report < run.
layers=(base pve facts policy settings record report run)
for i in "${!layers[@]}"; do
	for later in "${layers[@]:i+1}"; do
		[ -d "lib/${layers[i]}" ] || continue
		grep -rnE "^#include \"$later/" "lib/${layers[i]}" --include='*.[ch]' &&
			bad "lib/${layers[i]} may not include $later/"
	done
done

# Every file says its licence; no note to oneself stays behind.
for f in "${sources[@]}" "${scripts[@]}" Makefile; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || bad "$f: no SPDX line"
done
git grep -nE 'TODO|FIXME|XXX|HACK' -- '*.[ch]' '*.sh' Makefile ':!tests/lint.sh' ':!tests/fixtures' |
	grep -vE 'mktemp|XXXXXX' && bad "notes to oneself"

# Every header is complete by itself.
for h in lib/*/*.h; do
	echo "#include \"${h#lib/}\"" |
		gcc -std=c11 -D_GNU_SOURCE -Ilib -fsyntax-only -x c - ||
		bad "$h does not stand by itself"
done

cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr \
	--suppress=missingIncludeSystem --error-exitcode=1 -j 2 -Ilib lib hooks wrappers ||
	bad "cppcheck"

make --no-print-directory build/gen/shipped.inc build/gen/templates.inc \
	build/gen/page.inc build/gen/version.inc >/dev/null ||
	bad "shipped rule sets, settings templates, the page"

# Off, as gcc 12 takes the compiler's cleanup attribute and values on a stack of our own for
# leaks and for uninitialised ones; valgrind and the sanitizers look for both.
off="-Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value"
printf '%s\n' "${sources[@]}" | grep '^\(lib\|hooks\|wrappers\)/.*\.c$' |
	xargs -P 2 -I{} sh -c \
		'gcc -std=c11 -D_GNU_SOURCE -Ilib -Ibuild/gen -DPVE_SAFE_PREFIX=\"/usr\" -O0 -fanalyzer '"$off"' -Werror -c -o /dev/null {} || {
			echo "lint: analyser: {}" >&2; exit 1; }' || bad "gcc -fanalyzer"

[ ${#scripts[@]} -eq 0 ] || shellcheck -x "${scripts[@]}" || bad "shellcheck"
exit $fail
