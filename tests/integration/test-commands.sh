#!/bin/bash
# SPDX-License-Identifier: MIT
# What the administrator's commands say: of workloads, limits and templates of one's own, of
# words that are missing or wrong, of files that cannot be read, to a person at a terminal.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve fuse

policy=/etc/pve/pve-safe/policy.conf
own=/etc/pve/pve-safe/settings
grant=(--ticket CHG-1 --reason 'old appliance' --until 2099-01-01)

lab_ct 101 <<<$'arch: amd64\nhostname: web01\nostype: debian\nunprivileged: 1\ntags: docker\nrootfs: local:101/d.raw,size=1G\ncores: 2'
lab_ct 102 <<<$'arch: amd64\nhostname: db01\nostype: debian\nunprivileged: 0\ntags: just-1\nrootfs: local:102/d.raw,size=1G\ncores: 2'
lab_ct 103 <<<$'arch: amd64\nhostname: old01\nostype: debian\nunprivileged: 0\nrootfs: local:103/d.raw,size=1G\ncores: 2'

# A usage error: exit 64, and one line on stderr.
expect_usage() { # TEXT COMMAND...
	run "${@:2}"
	expect_equal "${*:2}" "$status $err" "64 $1"
}

# Answers @ANSWER at a terminal.
at_terminal() { # ANSWER COMMAND...
	run sh -c "echo $1 | script -qec '${*:2}' /dev/null"
}

# --- no policy yet ---
run pve-safe policy show
expect_output "without a policy the shipped one is shown" out 'policy baseline@1 (builtin)'
expect_output "and what it does" out \
	'no policy was ever installed here: starts are only reported'
run pve-safe policy lint
expect_exit "there is none to lint" 2
expect_output "it is said where it was looked for" err \
	"pve-safe: there is no policy: neither $policy nor /etc/pve-safe/policy.conf"

lab_policy <<'END'
version = 1
mode    = enforce
include = { "baseline@1" }
rule "off" {
    when   = "ct and tag ~ docker"
    unless = "tag = docker"
    action = deny
    reason = "r"
}
workload "docker" {
    match     = "tag = docker"
    placement = vm
    action    = warn
    reason    = "runc breaks"
    remedy    = "use a VM"
    settings  = { "docker-vm", "cache-ct" }
}
workload "db" {
    match     = "name ~ db*"
    placement = any
    reason    = "any will do"
    remedy    = "leave it"
}
limits "all" {
    when = "ct"
    max_guests = 10   max_cores = 4   total_memory_mib = 2048
    reason = "small node"
}
END

# --- policy show ---
run pve-safe policy show
expect_output "limits are shown with their bounds" out "limits-all: deny ($policy:24)
    when     ct
    events   create, restore, clone, "
expect_output "those that there are" out '
    max_guests 10
    max_cores 4
    total_memory_mib 2048

'
expect_output "a workload, whose rule has its reason" out "
workload docker: vm ($policy:10)
    match    tag = docker
    settings docker-vm, cache-ct

"
expect_output "and one without a rule" out "
workload db: any ($policy:18)
    match    name ~ db*
    reason   any will do
    do       leave it"
run pve-safe policy show --format json
expect_equal "workloads as JSON" \
	"$(jq -c '.workloads[] | [.name, .match, .placement, .rule, .reason, .settings, .line]' <<<"$out")" \
	'["docker","tag = docker","vm","workload-docker","runc breaks",["docker-vm","cache-ct"],10]
["db","name ~ db*","any",null,"any will do",[],18]'
expect_equal "limits, too" \
	"$(jq -c '.limits[] | [.name, .rule.name, .max_guests, .max_cores, .max_disk_gib, .total_memory_mib, .total_cores]' <<<"$out")" \
	'["all","limits-all",10,4,null,2048,null]'

# --- explain ---
run pve-safe explain 101
expect_exit "explain says what check says" 1
expect_output "of which workload, and why" out "
  of workload docker: tags: docker (/etc/pve/lxc/101.conf:5)
"
expect_output "a rule that does not count for the guest" out '
  off: exempted
    when ct and tag ~ docker
    unless tag = docker
    ct = yes
    tag = docker
'
expect_output "limits, which starts are not judged by" out '
  limits-all: not judged at this event
'
run pve-safe explain --event create 102
expect_output "limits that hold" out '
  limits-all: within
'
mkdir -p /tmp/copy/lxc && cp "$(echo /etc/pve/nodes/*/lxc/102.conf)" /tmp/copy/lxc/102.conf
run pve-safe explain --event create /tmp/copy/lxc/102.conf
expect_output "limits of all guests, of a file that is none of theirs" out '
  limits-all: within by itself, all guests together were not counted
'
sed 's|^mode .*|mode = off|' "$policy" >/tmp/copy/off.conf
run pve-safe explain --event create --policy /tmp/copy/off.conf 102
expect_output "limits of a policy that is off are not said to hold" out '
  limits-all: switched off
'
run pve-safe explain --format json 101
expect_equal "the workloads as JSON" "$(jq -c .workloads <<<"$out")" \
	'[{"name":"docker","file":"/etc/pve/lxc/101.conf","line":5}]'
expect_equal "and what limits came to" \
	"$(jq -c '.rules[] | select(.rule == "limits-all") | .outcome' <<<"$out")" \
	'"not judged at this event"'
run pve-safe explain 103
expect_output "a guest of no workload" out '
  of no workload
'
lab_policy <<'END'
version = 1
mode    = off
workload "lab" { match = "pool = lab" placement = vm }
rule "all" { when = "ct" reason = "r" }
END
run pve-safe explain 101
expect_exit "with mode = off nothing is found" 0
expect_output "for rules are switched off" out '
  all: switched off
'
lab_file /etc/pve/user.cfg <<<'pool:lab::101:'
lab_fail EIO user.cfg
run pve-safe explain 101
expect_output "a workload that nobody can tell" out \
	"  of which workload is unknown: "
run pve-safe explain --format json 101
expect_equal "is null in JSON" "$(jq -c .workloads <<<"$out")" null
lab_mend
expect_usage 'pve-safe: explain: which guest? Name a VMID or a file' pve-safe explain
run pve-safe explain 999
expect_exit "a guest that there is not" 2
lab_policy <<<$'version = 1\nrule "all" { when = "bind" reason = "r" }'
lab_ct 104 <<<$'mp0: /srv/a\xc2\x9b31m\xe2\x80\xaeb,mp=/srv'
run pve-safe explain 104
expect_output "what steers a terminal is shown as bytes" out \
	'    bind = /srv/a\xc2\x9b31m\xe2\x80\xaeb'
rm /etc/pve/lxc/104.conf

# --- template ---
lab_policy <<<$'version = 1\ninclude = { "baseline@1" }'
mkdir -p $own
lab_file $own/own.conf <<'END'
settings "own" {
    match = "ct and pool = lab"
    required = yes
    doc = "ours"
    sysctl "net.ipv4.ip_forward" { value = "1" }
}
settings "cache-ct" {
    sysctl "net.core.somaxconn" { value = "4096" }
}
END
lab_file $own/broken.conf <<'END'
settings "broken" {
    sysctl "net.ipv4.ip_forward" { valu = "1" }
}
END
run pve-safe template list --format json
expect_exit "a list with a broken file" 1
expect_output "says where it is broken" err \
	"$own/broken.conf:2:36: unknown key 'valu' in sysctl 'net.ipv4.ip_forward': did you mean 'value'?"
expect_equal "and has where each template is from" \
	"$(jq -c 'select(.where.file | startswith("/etc")) | [.template, .origin, .kind, .match, .required, .doc, .where.line]' <<<"$out")" \
	'["broken","broken","any",null,false,null,1]
["cache-ct","replaces shipped","any",null,false,null,7]
["own","own","any","ct and pool = lab",true,"ours",1]'
run pve-safe template list
expect_output "for people the first says what it is for" out 'own                   own              ours'
expect_output "the other where it is" out "cache-ct              replaces shipped $own/own.conf"
run pve-safe template show own
expect_equal "show prints a file of one's own" "$out" "# $own/own.conf (own)
$(<$own/own.conf)"
run pve-safe template show broken
expect_output "a broken one, too" out "# $own/broken.conf (broken)"
lab_fail EIO pve-safe/settings/own.conf
run pve-safe template list
expect_exit "a file that cannot be read" 1
expect_output "is said" err \
	"$own/own.conf: cannot open '$own/own.conf': Input/output error"
expect_output "the shipped one is not replaced then" out 'cache-ct              shipped'
lab_mend
run pve-safe template --help
expect_exit "help of template" 0
expect_output "names its commands" out 'render  what they would set for a guest'
run pve-safe template
expect_exit "template without a command" 64
expect_usage 'pve-safe: template list: takes no arguments' pve-safe template list own
expect_usage 'pve-safe: template show: which one? pve-safe template list' pve-safe template show
expect_usage 'pve-safe: --template: which one? pve-safe template list' \
	pve-safe template render --template
rm $own/broken.conf
expect_usage "pve-safe: there is no template 'ownn'; did you mean 'own'?" \
	pve-safe template render --template=ownn 101

# --- waive ---
expect_usage 'pve-safe: waive: which guest and which rule? pve-safe waive VMID RULE --ticket T --reason R --until DATE' \
	pve-safe waive 103
expect_usage 'pve-safe: waive: --ticket is missing' pve-safe waive 103 privileged
expect_usage 'pve-safe: waive: --reason is missing' pve-safe waive 103 privileged --ticket T
expect_usage 'pve-safe: waive: --until is missing' \
	pve-safe waive 103 privileged --ticket T --reason R
expect_usage "pve-safe: waive: --until: 'soon' is no date: write 2027-03-31 or 2027-03-31T18:00:00Z" \
	pve-safe waive 103 privileged --ticket T --reason R --until soon
expect_usage 'pve-safe: waive: --until: 2020-01-01 is over' \
	pve-safe waive 103 privileged --ticket T --reason R --until 2020-01-01
expect_usage "pve-safe: waive: 'web' is no VMID" pve-safe waive web privileged "${grant[@]}"
expect_usage "pve-safe: waive: the policy has no rule 'privilegd', did you mean 'privileged'?" \
	pve-safe waive 103 privilegd "${grant[@]}"
expect_usage 'pve-safe: waive: --existing RULE is for every guest: name none' \
	pve-safe waive 103 --existing privileged "${grant[@]}"
run pve-safe waive 999 privileged "${grant[@]}"
expect_equal "a guest that there is not" "$status $err" \
	'2 pve-safe: guest 999: there is no such guest in the cluster'
lab_fail EIO nodes/pve1/lxc/103.conf
run pve-safe waive 103 privileged "${grant[@]}"
expect_equal "one that cannot be read" "$status $err" \
	"2 pve-safe: cannot open '/etc/pve/lxc/103.conf': Input/output error"
lab_mend
run pve-safe waive 103 privileged --ticket T --reason R --until 2099-01-01T18:00:00+02:00
expect_output "a time of day is said in UTC" out 'waived until 2099-01-01T16:00:00'
rm /etc/pve/pve-safe/waivers/*

# --- waive --existing ---
existing=(pve-safe waive --existing privileged "${grant[@]}")
typed="pve-safe waive --existing privileged --ticket CHG-1 --reason old --until 2099-01-01"
run "${existing[@]}"
expect_exit "with nobody there to answer nothing is waived" 2
expect_output "it is said what would be" out 'CT 103 (old01) on pve1
rule privileged: 1 to waive, 0 waived already, 0 that cannot be'
expect_output "and how to answer" err \
	'pve-safe: nothing was waived: nobody can answer here, so say --yes'
at_terminal n "$typed"
expect_output "a person is asked" out 'Waive privileged for this guest until 2099-01-01 (CHG-1)? [y/N]'
expect_output "no is no" out 'nothing was waived'
at_terminal '' "$typed"
expect_output "so is no answer" out 'nothing was waived'
expect_not "and nothing was" test -e /etc/pve/pve-safe/waivers/103.privileged.conf
lab_quorum no
run "${existing[@]}" --yes
expect_exit "without quorum none can be written" 2
expect_output "which is said of the guest" err 'pve-safe: guest 103: '
expect_output "with the reason" err 'quorum'
expect_output "and none is counted" out 'privileged for 0 guests, as they are now'
lab_quorum yes
lab_fail EIO nodes/pve1/lxc/102.conf
run "${existing[@]}"
expect_exit "a guest that cannot be read" 2
expect_output "is said" err "'/etc/pve/nodes/pve1/lxc/102.conf': Input/output error"
lab_mend
at_terminal y "$typed"
expect_output "yes is yes" out 'waived until 2099-01-01 (CHG-1): privileged for 1 guest, as they are now'
expect "and there it is" test -s /etc/pve/pve-safe/waivers/103.privileged.conf
run "${existing[@]}" --yes
expect_equal "once" "$status $out" \
	'0 rule privileged: 0 to waive, 1 waived already, 0 that cannot be'
sed -i 's/^ostype: debian/&\nmp0: \/srv,mp=\/srv/; s/^hostname: old01/hostname: older/' \
	/etc/pve/nodes/pve1/lxc/103.conf
run "${existing[@]}" --yes
expect_exit "one that does not count any more" 1
expect_output "is not replaced unasked" out \
	'CT 103 (older) on pve1: not waived: it has a waiver that does not count; --renew replaces it'
run "${existing[@]}" --yes --renew
expect_output "but when told so" out 'privileged for 1 guest, as they are now'

# --- words of ours before those of Proxmox's ---
run pct-safe --help
expect_exit "help of a wrapper" 0
expect_output "says whose options they are" out 'usage: pct-safe [OPTION…] COMMAND …'
run qmrestore-safe --help
expect_output "of one without commands, too" out 'usage: qmrestore-safe [OPTION…] ARGUMENT…'
expect_usage "pve-safe: --format: 'xml' is neither text nor json" pct-safe --format xml start 101
expect_usage 'pve-safe: --format needs a value' pct-safe --format
run pve-safe
expect_exit "pve-safe alone" 64
expect_output "lists its commands" err '  waivers   which waivers there are, and what became of them'
run pve-safe --help
expect_exit "with --help" 0
expect_output "on stdout" out '  waivers   which waivers there are, and what became of them'
expect_usage "pve-safe: no such command: 'polcy'; did you mean 'policy'?" pve-safe polcy
expect_usage "pve-safe: no such command: 'polcy'; did you mean 'policy'?" pve-safe help polcy
expect_equal "help COMMAND is COMMAND --help" "$(pve-safe help check)" "$(pve-safe check --help)"
expect_equal "the version is the package's" "$(pve-safe --version)" \
	"pve-safe $(sed -n '1s/.*(\(.*\)).*/\1/p' "$(dirname "$0")/../../debian/changelog")"
finish
