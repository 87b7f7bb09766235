# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the tests of faults of the policy, in the lab: guests of which each policy refuses
# others, and asking every layer about them.

hook=/usr/libexec/pve-safe/pve-safe-hook
node_hook=/usr/libexec/pve-safe/pve-safe-lxc-hook
record=/var/log/pve-safe/audit.jsonl
policy=/etc/pve/pve-safe/policy.conf
copy=/var/lib/pve-safe/good/policy

# Four guests, of which each policy refuses others: by what is refused one sees which holds.
#                  101 web  102 db  103 privileged  104 both
#   the old one       +        -         +             -
#   the new one       -        +         +             -
#   the baseline      +        +         -             +
lab_ct 101 <<<$'arch: amd64\nhostname: web\nostype: debian\nunprivileged: 1'
lab_ct 102 <<<$'arch: amd64\nhostname: db\nostype: debian\nunprivileged: 1'
lab_ct 103 <<<$'arch: amd64\nhostname: priv\nostype: debian\nunprivileged: 0'
lab_ct 104 <<<$'arch: amd64\nhostname: both\nostype: debian\nunprivileged: 1'
rule='rule "%s" { when = "name = %s"  remedy = "rename it" }\n'
# shellcheck disable=SC2059 # the format is ours
old=$(printf "version = 1\n$rule$rule" both both old db)
# shellcheck disable=SC2059
new=$(printf "version = 1\n$rule$rule" both both new web)
first='# pve-safe policy; its last line says that it is whole'
last='# end of the policy'
sealed=$first$'\n'$old$'\n'$last
clock=0
mkdir -p /run/pve-standin /run/said
lab_enable

# Runs a program of ours with the clock shifted, as a child of no one in particular.
# shellcheck disable=SC2317 # called below
ours() { # COMMAND...
	if [ "$clock" = 0 ]; then
		bash -c '"$@"; exit $?' ours "$@"
	else
		lab_clock "$clock" bash -c '"$@"; exit $?' ours "$@"
	fi
}

# Asks one layer about a guest; prints + or -, or ! when nothing could be judged.
ask() { # LAYER VMID
	local said=/run/said/$1.$2

	# Each answer is one of its own, not the second half of a start.
	rm -f "/run/pve-safe/decision/$2"
	case $1 in
	hook) ours "$hook" "$2" pre-start >"$said" 2>&1 ;;
	node) rm -f "/run/pve/ct-$2.warnings" && ours "$node_hook" "$2" lxc start-host >"$said" 2>&1 ;;
	wrapper) ours pct-safe --dry-run start "$2" >"$said" 2>&1 ;;
	esac
	case $? in
	0) printf + ;;
	77) printf - ;;
	78) printf ! ;;
	*) printf '?' ;;
	esac
}

# The name of what four answers mean.
meaning() { # ANSWERS
	case $1 in
	+-+-) echo old ;;
	-++-) echo new ;;
	++-+) echo baseline ;;
	'!!!!') echo nothing ;;
	*) echo "mixed $1" ;;
	esac
}

# Asks every layer about every guest; sets verdicts to what each judges by.
ask_all() {
	local layer id answers

	verdicts=''
	for layer in hook node wrapper; do
		answers=''
		for id in 101 102 103 104; do
			answers+=$(ask "$layer" "$id")
		done
		verdicts+="$(meaning "$answers") "
	done
}

# Tells what is wrong with what was said: a refusal that names no file and no way out.
refusals() {
	local said

	for said in /run/said/*; do
		grep -q '^pve-safe: .* denied' "$said" || continue
		grep -q '  do: .' "$said" || echo "$said: no way out"
		grep -qE '/(etc|var)/[a-z]' "$said" || echo "$said: no file"
	done
}

# The old policy in force, with its copy.
good() {
	rm -rf /etc/pve/pve-safe /etc/pve-safe/policy.conf ${copy%/*}
	lab_policy <<<"$sealed"
	"$hook" 101 pre-start >/dev/null 2>&1
}
