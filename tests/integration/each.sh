# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the tests that let each call of a program go wrong, one after the other: the programs,
# on guests of which some are refused. A refused one is never allowed, an allowed one is
# allowed or refused with a reason; tests/integration/each-fault.c judges.

hook=/usr/libexec/pve-safe/pve-safe-hook
node_hook=/usr/libexec/pve-safe/pve-safe-lxc-hook
each=$LAB_BUILD/tests/integration/each-fault
record=/var/log/pve-safe/audit.jsonl
relay=/run/pve-safe/decision
template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst

# Of these the policy refuses 103, and what the baseline would let pass: 102.
lab_ct 101 <<<$'arch: amd64\nhostname: web\nostype: debian\nunprivileged: 1\ntags: wireguard'
lab_ct 102 <<<$'arch: amd64\nhostname: db\nostype: debian\nunprivileged: 1'
lab_ct 103 <<<$'arch: amd64\nhostname: priv\nostype: debian\nunprivileged: 0'
lab_vm 200 <<<$'cores: 2\nmemory: 2048\nname: build\nargs: -device foo'
lab_policy <<'END_OF_POLICY'
version = 1
include = { "baseline@1", "playbook@1" }
rule "no-db" {
    when   = "name = db or pool = never"
    remedy = "rename it"
}
END_OF_POLICY
sed 's/no-db/no-data/' /etc/pve/pve-safe/policy.conf >/root/new.conf
lab_enable
mkdir -p /run/pve-standin
for id in 101 102 103; do
	"$hook" "$id" pre-start >/dev/null 2>&1
done

# Runs a command once for each call that goes wrong, and tells what must not be.
every() { # FAULT NAME [OPTION...] -- COMMAND...
	local fault=$1 name=$2 options=() said

	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	said=$("$each" -e "${TEST_EVERY:-4}" "${options[@]}" "$fault" "$@" 2>/dev/null)
	expect_equal "$fault, any call: $name" "$said" ''
}

# All that decides, with one fault; further arguments are options of each-fault.
every_decision() { # FAULT [OPTION...]
	local fault=$1 id

	shift
	for id in 101 102 103; do
		every "$fault" "the hookscript, $id" -r $relay/$id "$@" -- "$hook" "$id" pre-start
	done
	for id in 101 102; do
		every "$fault" "the node-wide hook, $id" -r $relay/$id \
			-r /run/pve/ct-$id.warnings "$@" -- "$node_hook" "$id" lxc start-host
	done
	every "$fault" "create, allowed" -l "$@" -- \
		pct-safe --dry-run create 110 $template --storage local --unprivileged 1
	every "$fault" "create, refused" -l "$@" -- \
		pct-safe --dry-run create 110 $template --storage local --hostname db
	every "$fault" "qm create" "$@" -- qm-safe --dry-run create 110 --memory 512
	every "$fault" "start" "$@" -- pct-safe --dry-run start 102
	every "$fault" "check" "$@" -- pve-safe check 101 102 200
	every "$fault" "check as JSON" -l "$@" -- pve-safe check --format json 102
}

# All that only reads and reports.
every_report() { # FAULT [OPTION...]
	local fault=$1

	shift
	every "$fault" "facts" "$@" -- pve-safe facts 101
	every "$fault" "explain" "$@" -- pve-safe explain 103
	every "$fault" "audit" "$@" -- pve-safe audit
	every "$fault" "policy lint" -l "$@" -- pve-safe policy lint
	every "$fault" "policy diff" "$@" -- pve-safe policy diff /root/new.conf
	every "$fault" "waivers" "$@" -- pve-safe waivers
	every "$fault" "template render" -l "$@" -- pve-safe template render 101
}

# Tells whether what every decision left on record is whole: one JSON object a line.
record_is_whole() {
	local lines ids

	jq -e . <"$record" >/dev/null || return 1
	lines=$(jq -r 'select(.layer) | .id + .layer' <"$record" | wc -l)
	ids=$(jq -r 'select(.layer) | .id + .layer' <"$record" | sort -u | wc -l)
	[ "$lines" = "$ids" ]
}
