#!/bin/bash
# SPDX-License-Identifier: MIT
# A policy that is cut at every byte or replaced while it is read, a last good copy that is
# damaged at many places: by the hookscript, the node-wide hook and the wrapper.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse
# shellcheck source=tests/integration/faults.sh
. "$LAB_TOP/tests/integration/faults.sh"

# --- cut at every byte ---
# Of two guests one is refused by the old policy, the other one by the baseline: in no case
# may both start, and none starts that the one in force refuses.
cut() { # TEXT STEP
	local n answers

	for ((n = 0; n < ${#1}; n += $2)); do
		[ -z "$keep" ] && rm -f $copy
		printf %s "${1:0:n}" >$policy
		answers=''
		for layer in hook node wrapper; do
			answers+="$(ask "$layer" 103)$(ask "$layer" 104) "
		done
		case $answers in
		'+- +- +- ' | '-+ -+ -+ ') ;;
		*) echo "$n: $answers" ;;
		esac
		[ -z "$keep" ] || [ "$answers" = '+- +- +- ' ] || echo "$n: $answers, with a copy"
	done
	refusals
}
good
keep=''
expect_equal "cut at every byte, no copy: the whole policy or the baseline" "$(cut "$sealed" 1)" ''
good
keep=yes
expect_equal "cut at every third byte, with a copy: the whole policy" "$(cut "$sealed" 3)" ''

# --- a copy with one byte changed, or cut ---
damaged() {
	local n size

	size=$(stat -c %s /run/copy)
	for ((n = 0; n < size; n += 17)); do
		cp /run/copy $copy
		# A byte that no copy has.
		printf '\1' | dd of=$copy bs=1 seek="$n" conv=notrunc status=none
		answers="$(ask hook 103)$(ask hook 104) $(ask wrapper 103)$(ask wrapper 104) "
		[ "$answers" = '-+ -+ ' ] || echo "changed at $n: $answers"
		head -c "$n" /run/copy >$copy
		answers="$(ask hook 103)$(ask hook 104) $(ask node 103)$(ask node 104) "
		[ "$answers" = '-+ -+ ' ] || echo "cut at $n: $answers"
	done
	refusals
}
good
cp $copy /run/copy
: >$policy
expect_equal "a copy that is changed or cut: the baseline" "$(damaged)" ''

# --- replaced while it is read ---
# By rename, and in place as some editors write: always the old or the new one.
good
lab_policy <<<"$old"
"$hook" 101 pre-start >/dev/null 2>&1
printf '%s\n' "$old" >/run/old.conf
printf '%s\n' "$new" >/run/new.conf
replace() {
	while :; do
		for text in new old; do
			cp /run/$text.conf /etc/pve/pve-safe/policy.conf.mine
			mv /etc/pve/pve-safe/policy.conf.mine $policy
			cat /run/$text.conf >$policy
		done
	done
}
replace &
bad='' asked=0 end=$((SECONDS + 4))
while [ $SECONDS -lt $end ] || [ $asked -lt 10 ]; do
	answers=''
	for layer in hook node wrapper; do
		answers+="$(ask "$layer" 103)$(ask "$layer" 104) "
	done
	[ "$answers" = '+- +- +- ' ] || bad+="$answers "
	asked=$((asked + 1))
done
kill $! && wait $! 2>/dev/null
expect_equal "replaced while it is read: the old or the new one, nothing else" "$bad" ''
finish
