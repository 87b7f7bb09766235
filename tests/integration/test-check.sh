#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe check, facts, explain, policy: what they print and how they end, on a node, on
# copies of files and below another root.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

policy=/etc/pve/pve-safe/policy.conf
vectors=$LAB_TOP/tests/fixtures/vectors/conf.jsonl
work=$(mktemp -d)

# The last command printed one JSON object a line, and this filter gives this of the last.
expect_json() { # NAME FILTER EXPECTED
	expect_equal "$1" "$(tail -n 1 <<<"$out" | jq -r "$2" 2>&1)" "$3"
}

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
rule "pool" {
    when   = "pool = locked"
    action = deny
    reason = "this pool takes no starts"
}
rule "big" {
    when   = "event = create and memory_mib > 1000"
    action = warn
    reason = "ask first"
}
END
lab_ct 101 <<<$'hostname: web01\nmemory: 2048\nostype: debian\nunprivileged: 1'
lab_ct 102 <<<$'hostname: web02\nostype: debian\nunprivileged: 0'
lab_ct 103 pve2 <<<$'hostname: web03\nostype: debian\nunprivileged: 0\ntags: just-chg-1'
lab_vm 200 <<<$'cores: 2\nmemory: 2048\nname: build\nsockets: 2\n[PENDING]\nargs: -snapshot'

# --- check: exit status and text ---
run pve-safe check 101
expect_exit "check of an allowed guest" 0
expect_equal "says so in a line" "$out" 'pve-safe: start of CT 101 (web01) allowed'
run pve-safe check 102
expect_exit "check of a denied guest" 1
expect_output "names the line" out 'found: unprivileged: 0 (/etc/pve/lxc/102.conf:3)'
run pve-safe check 103
expect_exit "check of a guest of another node" 0
run pve-safe check 200
expect_exit "check judges what a start would have, pending changes too" 1
run pve-safe check --event set 200
expect_exit "another event does not" 0
run pve-safe check 101 102
expect_exit "one of two denied" 1
run pve-safe check 102 999
expect_exit "what could not be checked goes over what is denied" 2
expect_output "and is named" err 'pve-safe: guest 999: no such guest in /etc/pve/nodes'
expect_output "and the other is judged all the same" out 'CT 102 (web02) denied'
run pve-safe check
expect_exit "check of all of this node" 1
expect_equal "which has these" "$(grep -oE '(CT|VM) [0-9]+' <<<"$out" | tr '\n' ' ')" 'CT 101 CT 102 VM 200 '
printf 'version = 1\ninclude = { "operations@1" }\n' >"$work/operations.conf"
run pve-safe check --policy "$work/operations.conf" 101
expect_equal "an option that is not there names those that are, in one line" \
	"$(sed -n '/^no-core-limit/,/^  do/p' <<<"$out" | grep found)" \
	'  found: option = hostname, memory, ostype, unprivileged'
expect_not "check writes no record" test -e /var/log/pve-safe/audit.jsonl
expect_equal "and no state" "$(find /var/lib/pve-safe /run/pve-safe -type f)" ''

# --- check: where to read more ---
more() { # what the last line says, after the policy
	sed -n 's/^decision .*; more: //p' <<<"$out"
}
run pve-safe check 102
expect_equal "more of a guest of the cluster" "$(more)" 'pve-safe explain 102'
copies=$(mktemp -d "/root/a b.XXXX")
mkdir "$copies/lxc"
cp /etc/pve/lxc/102.conf "$copies/lxc"
cp /etc/pve/lxc/102.conf "$copies/web.conf"
run pve-safe check "$copies/lxc/102.conf"
expect_equal "of a file called like one" "$(more)" "pve-safe explain '$copies/lxc/102.conf'"
run pve-safe check --assume pool=lab --kind ct "$copies/web.conf"
expect_equal "of another, judged as asked" "$(more)" \
	"pve-safe explain --assume pool=lab --kind ct '$copies/web.conf'"
run sh -c "$(more)"
expect_exit "which works" 1
expect_output "and explains it" out 'privileged'
rm -r "$copies"

# --- check: JSON ---
run pve-safe check --format json
expect_equal "JSON is an object a line" "$(jq -c .guest.vmid <<<"$out" | tr '\n' ' ')" '101 102 200 '
run pve-safe check --format json 102
expect_json "with the record's members and the source" 'keys_unsorted | join(" ")' \
	'id time layer event cause guest actor policy config_digest verdict findings settings argv duration_us source'
expect_json "layer, event, cause, verdict" '[.layer, .event, .cause, .verdict] | join(" ")' \
	'check start user deny'
expect_json "the rule" '.findings | map(.rule) | join(" ")' privileged
expect_json "the path that was read" '.source | endswith("lxc/102.conf")' true

# --- check: assumed facts ---
run pve-safe check --assume pool=locked 101
expect_exit "an assumed text" 1
run pve-safe check --assume tag=a,just-x 102
expect_exit "an assumed list" 0
run pve-safe check --assume privileged=no 102
expect_exit "an assumed yes or no leaves the other facts as they are" 1
expect_output "so that another rule finds the node's root" out host-id-0
run pve-safe check --assume privileged=no --assume host_id_min=100000 102
expect_exit "two assumptions at once" 0
run pve-safe check --event create 101
expect_output "another event has other rules" out 'big (warning): ask first'
run pve-safe check --assume privileged=yes 101
expect_output "what is assumed is no default" out 'found: privileged = yes (--assume)'
run pve-safe check --event create --assume memory_mib=512 101
expect_no_output "an assumed number" out big
while IFS='|' read -r words message; do
	# shellcheck disable=SC2086
	run pve-safe check $words 101
	expect_exit "$words is a usage error" 64
	expect_output "and $words is answered" err "$message"
done <<'END'
--assume pool|it has the form fact=value
--assume pol=x|no such fact; pve-safe facts --list has them all
--assume privileged=1|this fact is yes or no
--assume memory_mib=lots|this fact is a whole number or unlimited
--event strat|'strat' is none of its values; did you mean 'start'?
--event frobnicate|cpusets and
--kind lxc|'lxc' is none of its values
--format xml|'xml' is none of its values
--wrong|unrecognized option
END

lab_ct 109 <<'END'
hostname: tagged
unprivileged: 1
tags: web;x,y  z
END
printf 'version = 1\nrule "t" { when = "tag in (x, y, z)" action = deny reason = "r" }\n' >"$work/tags.conf"
run pve-safe check --policy "$work/tags.conf" 109
expect_equal "a line that is found for several elements is shown once" \
	"$(grep -c 'found: tags: web;x,y  z' <<<"$out")" 1
rm /etc/pve/lxc/109.conf

# --- files and roots ---
cp /etc/pve/lxc/102.conf "$work/102.conf"
run pve-safe check "$work/102.conf"
expect_exit "a file whose path does not tell its kind" 64
expect_output "asks for it" err 'container or VM? say --kind ct or --kind vm'
run pve-safe check 0101
expect_exit "what is neither file nor VMID" 64
expect_output "is called so" err "pve-safe: '0101': no such file, and no VMID"
run pve-safe check --kind ct "$work/102.conf"
expect_exit "with --kind it is judged" 1
run pve-safe check --kind ct "$work/none.conf"
expect_exit "a file that is not there" 2
expect_output "is named" err "$work/none.conf: no such file"
mkdir -p "$work/root/etc/pve/nodes/far/lxc" "$work/root/etc/pve/nodes/far/qemu-server" \
	"$work/root/etc/pve/pve-safe"
cp /etc/pve/lxc/102.conf "$work/root/etc/pve/nodes/far/lxc/301.conf"
printf 'version = 1\nmode = warn\ninclude = { "baseline@1" }\n' \
	>"$work/root/etc/pve/pve-safe/policy.conf"
run pve-safe check --root "$work/root" 301
expect_exit "below a root its own policy holds" 0
expect_output "which only warns" out 'privileged (warning)'
run pve-safe check --root "$work/root" --policy "$policy" 301
expect_exit "another policy is judged by when named" 1
run pve-safe check --root "$work/root" 102
expect_exit "guests of the machine are not there" 2
run pve-safe check --root "$work/nowhere" 102
expect_exit "a root that is not there" 2
echo 'rule "x" {' >"$work/broken.conf"
run pve-safe check --policy "$work/broken.conf" 101
expect_exit "a named policy that is broken" 2
expect_output "is named with the line" err "$work/broken.conf:1:1: section 'rule' opened here is never closed"
expect_no_output "and nothing is judged" out allowed

# --- facts ---
run pve-safe facts 101
expect_exit "facts of a container" 0
expect_json "members" 'del(.facts) | keys_unsorted | sort | join(" ")' \
	'digest features kind mounts options pending raw root_uid snapshots source tags vmid'
expect_json "VMID as a number" '.vmid | tojson' 101
expect_json "where root is" .root_uid 100000
expect_json "facts with their types" \
	'.facts | [.privileged, .memory_mib, .name, .tag] | tojson' '[false,2048,"web01",[]]'
expect_json "none is null, of those of a request" .facts.user null
run pve-safe facts 200
expect_json "cores of a VM are all of them" .facts.cores 4
expect_json "pending changes do not count" .facts.args null
expect_json "but are shown" .pending.args -snapshot
expect_json "nothing of containers is there" 'has("raw") or has("mounts") or has("features")' false
run pve-safe facts --event start 200
expect_json "at a start they count" .facts.args -snapshot
run pve-safe facts --kind ct "$work/102.conf" 101
expect_equal "one line each, in the order given" "$(jq -r .vmid <<<"$out" | tr '\n' ' ')" '102 101 '
cp "$work/102.conf" "$work/web.txt"
run pve-safe facts --kind ct "$work/web.txt"
expect_json "a name that is no VMID" .vmid null
run pve-safe facts "$work/102.conf"
expect_exit "facts of a file of unknown kind" 64
run pve-safe facts 101 999
expect_exit "facts of a guest that is not there" 2
expect_json "and those of the other" .vmid 101
run pve-safe facts --list
expect_exit "the list of facts" 0
expect_output "has them" out privileged
run pve-safe facts --list --format json
expect_json "as JSON too" '[has("name"), has("type"), has("doc")] | tojson' '[true,true,true]'

# --- facts: everything that Proxmox itself reads ---
# Prints the rows of the vectors that are read in another way than Proxmox reads them.
differing() { # KIND
	local dir=$work/rows-$1 n=0 text

	mkdir -p "$dir"
	jq -c --arg kind "$1" 'select(.kind == $kind)' "$vectors" >"$dir/rows"
	while read -r text; do
		n=$((n + 1))
		base64 -d <<<"$text" >"$dir/$(printf %04d "$n")"
	done < <(jq -r '.text | @base64' "$dir/rows")
	(cd "$dir" && pve-safe facts --kind "$1" [0-9]*) | jq -Sc 'del(.source, .vmid, .facts)' \
		>"$dir/got"
	jq -Sc 'del(.text, .warnings)' "$dir/rows" >"$dir/expected"
	diff "$dir/expected" "$dir/got"
	wc -l <"$dir/got" >"$work/count-$1"
}
for kind in ct vm; do
	expect_equal "every $kind of the vectors is read as Proxmox reads it" "$(differing $kind)" ''
done
expect_equal "all of the vectors were compared" \
	"$(($(cat "$work/count-ct") + $(cat "$work/count-vm")))" "$(wc -l <"$vectors")"

# --- explain ---
run pve-safe explain 102
expect_exit "explain ends as check does" 1
for rule in privileged nesting-privileged raw-args pool; do
	expect_output "it shows $rule" out "$rule"
done
run pve-safe explain 101
expect_exit "explain of an allowed guest" 0
run pve-safe explain --assume pool=locked 101
expect_exit "explain takes assumptions" 1
run pve-safe explain 999
expect_exit "explain of what is not there" 2

# --- policy ---
run pve-safe policy lint
expect_exit "a policy that is fine" 0
expect_output "is called so" out "$policy: fine, 16 rules"
run pve-safe policy lint "$work/broken.conf"
expect_exit "a policy that is not" 1
expect_output "gets its line" out "$work/broken.conf:1:1: section 'rule' opened here is never closed"
run pve-safe policy lint "$work/none.conf"
expect_exit "one that is not there" 2
expect_output "is said to be missing" err "no policy file '$work/none.conf'"
run pve-safe policy lint "$work/broken.conf" "$policy"
expect_exit "two at once" 64
run pve-safe policy show
expect_exit "the policy in force" 0
expect_output "with its rules" out 'privileged: deny (baseline@1:'
run pve-safe policy show --format json
expect_json "as JSON" '[.source, .mode, .problem, (.rules | length)] | tojson' '["file","enforce",null,16]'
expect_json "with where each rule stands" '.rules[] | select(.name == "pool") | [.file, .line] | tojson' \
	"[\"$policy\",4]"
cp "$policy" "$work/shown.conf"
cat >>"$work/shown.conf" <<'END'
rule "all" {
    when     = "ct"
    unless   = "tag ~ free-*"
    events   = { start, migrate }
    refuse   = always
    override = { root, "@admins" }
    reason   = "why"
    remedy   = "what to do"
    also     = { "or this" }
    docs     = "https://example.org"
}
adjust "privileged" { action = warn  override = { alice } }
END
run pve-safe policy show --policy "$work/shown.conf"
expect_output "every key of a rule, where it says something" out "
all: deny ($work/shown.conf:$(grep -n '"all"' "$work/shown.conf" | cut -d: -f1))
    when     ct
    unless   tag ~ free-*
    events   start, migrate
    refuse   always
    override root, @admins
    reason   why
    do       what to do
    do       or this
    see      https://example.org"
expect_output "adjustments applied, and where they stand" out \
	", adjusted by $work/shown.conf:$(grep -n '^adjust' "$work/shown.conf" | cut -d: -f1))"
expect_output "privileged as it was adjusted" out 'privileged: warn (baseline@1:'
run pve-safe policy show --policy "$work/shown.conf" --format json
expect_json "all of them as JSON" '.rules[] | select(.name == "all") | [.refuse, .events, .override, .also, .docs, .adjusted_file] | tojson' \
	'["always",["start","migrate"],["root","@admins"],["or this"],"https://example.org",null]'
expect_json "and of one that is adjusted" '.rules[] | select(.name == "privileged") | [.action, .override, .file, .adjusted_file] | tojson' \
	"[\"warn\",[\"alice\"],\"baseline@1\",\"$work/shown.conf\"]"
echo 'rule "x" {' >>"$policy"
run pve-safe policy show
expect_exit "one that cannot be used" 1
expect_output "is said to be unused" out 'WARN: the current policy cannot be used:'
run pve-safe check 101
expect_exit "check finds that out, too" 1
run pve-safe policy dance
expect_exit "no command of policy" 64
run pve-safe dance
expect_exit "no command" 64
rm -r "$work"
finish
