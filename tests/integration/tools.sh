# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# For tests of the wrappers, after in_lab: what they ran.
calls=/run/pve-standin/calls
log=/var/log/pve-safe/audit.jsonl
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst

mkdir -p /var/lib/vz/template/cache $calls
: >"/var/lib/vz/template/cache/${template##*/}"

# Runs a command with the calls of the tools forgotten.
try() { # COMMAND...
	rm -f $calls/*
	run "$@"
}

# Tools that were run, with their arguments, a line each. pvesm only answers, and so does qm
# where it is asked by --dryrun=1 what a source would make; a test of such a command of a
# user's own looks at all calls.
called() { all_calls | grep -v -e '^pvesm ' -e '^qm import.* --dryrun=1$'; }
all_calls() { cat $calls/* 2>/dev/null | jq -r '.tool + " " + (.argv | join(" "))'; }

# The last command was refused by a rule, and no tool was run.
expect_refused() { # NAME RULE
	if [ "$status" = 77 ] && [[ $'\n'$err == *$'\n'"$2: "* ]] && [ -z "$(called)" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit 77, $2 on stderr, and no call: $(called)"
	fi
}

# The last command could not be judged, said this on stderr, and no tool was run.
expect_stopped() { # NAME TEXT
	if [ "$status" = 78 ] && [[ $err == *"$2"* ]] && [ -z "$(called)" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit 78, on stderr: $2, and no call: $(called)"
	fi
}

# The last command ended with 0 after these tools were run.
expect_ran() { # NAME CALLS
	if [ "$status" = 0 ] && [ "$(called)" = "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "expected exit 0 and $2, called: $(called)"
	fi
}

# The outcomes of the last decision in the record, a line each.
outcomes() {
	jq -rs 'map(select(.type == "outcome")) as $o | $o | last.id as $id |
		$o[] | select(.id == $id) | .outcome' $log
}
