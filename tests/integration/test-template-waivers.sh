#!/bin/bash
# SPDX-License-Identifier: MIT
# Findings about settings templates are rules like others: explained, waived, audited, capped
# by the mode.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

hook=/usr/libexec/pve-safe/pve-safe-hook
until=$(date -d '+1 year' +%F)
grant=(--ticket CHG-1 --reason 'no tunnel yet' --until "$until")

# Container 101 with these tags and further lines.
container() { # TAGS [LINE...]
	printf '%s\n' 'arch: amd64' 'hostname: vpn' \
		'rootfs: local-lvm:vm-101-disk-0,size=4G' "tags: $1" 'unprivileged: 1' \
		"${@:2}" | lab_ct 101
}
policy() { # LINE...
	printf '%s\n' 'version = 1' 'include = { "baseline@1" }' "$@" | lab_policy
}

# The module is the node's matter; what this machine's kernel has says nothing.
printf '#!/bin/sh\nexit 0\n' >/usr/sbin/modprobe.new
chmod 755 /usr/sbin/modprobe.new
mv /usr/sbin/modprobe.new /usr/sbin/modprobe
policy
lab_enable
container wireguard

# --- explained ---
run pve-safe explain 101
expect_exit "explain says what check says" 1
expect_output "explain has the finding, its reason and its condition" out \
"  settings-wireguard-ct: deny
    the container is not given /dev/net/tun
    when ct and tag in (wireguard, openvpn, tailscale, vpn)
"
run pve-safe explain --format json 101
expect_equal "so has its JSON" \
	"$(jq -c '.rules[] | select(.rule == "settings-wireguard-ct") | [.outcome, .fired]' <<<"$out")" \
	'["deny",true]'

# --- audited ---
run pve-safe audit --rule settings-wireguard-ct --format json
expect_exit "audit can be asked for it" 1
expect_output "and has it" out '"settings-wireguard-ct"'

# --- waived ---
run pve-safe waive 101 settings-wireguard-tc "${grant[@]}"
expect_exit "a template that there is not cannot be waived" 64
expect_output "it is said" err "the policy has no rule 'settings-wireguard-tc'"
run pve-safe waive 101 settings-gpu-ct "${grant[@]}"
expect_exit "nor one that finds nothing" 2
expect_output "that is said, too" err \
	'rule settings-gpu-ct finds nothing in CT 101 (vpn): there is nothing to waive'
run pve-safe waive 101 settings-wireguard-ct "${grant[@]}"
expect_exit "one that finds something is waived" 0
expect_output "it is said until when" out \
	"waived until $until (CHG-1): settings-wireguard-ct for CT 101 (vpn), as it is now"
run "$hook" 101 pre-start
expect_exit "the start goes on" 0
expect_output "with a word" err "settings-wireguard-ct"
expect_equal "the record has it as waived" \
	"$(jq -r 'select(.findings) | .findings[] | [.rule, .effect] | join(" ")' /var/log/pve-safe/audit.jsonl | tail -n 1)" \
	'settings-wireguard-ct waived'
run pve-safe waivers
expect_exit "the waiver is in use" 0
expect_output "and listed so" out \
	"CT 101 (vpn) on pve1: settings-wireguard-ct waived until $until (CHG-1): used"
run pve-safe waive 101 settings-wireguard-ct "${grant[@]}"
expect_exit "a second one is not granted" 2
container 'wireguard;web'
run "$hook" 101 pre-start
expect_exit "what the condition looks at may not change" 77
expect_output "the change is named" err 'the waiver CHG-1 is void: tag was wireguard, now web, wireguard'
run pve-safe waivers
expect_output "waivers says so" out 'settings-wireguard-ct waived'
expect_output "with the change" out 'void: tag was wireguard, now web, wireguard'
container wireguard 'dev0: /dev/net/tun'
run pve-safe waivers
expect_exit "one that nothing needs" 1
expect_output "is said to be" out 'unused: nothing needs it'
container wireguard
rm /etc/pve/pve-safe/waivers/*
run pve-safe waive --existing settings-wireguard-ct "${grant[@]}" --yes
expect_exit "all that there are today" 0
expect_output "are listed" out 'CT 101 (vpn) on pve1'
run pve-safe check 101
expect_exit "and waived" 0
rm /etc/pve/pve-safe/waivers/*

# A template by a workload alone, without a condition of its own.
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/mine.conf <<'END'
settings "mine" { required = yes option "onboot" { value = "1" } }
END
policy 'workload "mine" { match = "tag = mine" placement = any settings = { "mine" } }'
container mine
run "$hook" 101 pre-start
expect_exit "without a condition of its own" 77
run pve-safe waive 101 settings-mine "${grant[@]}"
expect_exit "it is waived, too" 0
run "$hook" 101 pre-start
expect_exit "and its start goes on" 0
run pve-safe waivers
expect_output "its waiver is in use" out 'settings-mine waived until'
expect_exit "and counts" 0

# --- matches that look at the cluster ---
# No rule looks at pools: user.cfg is read for the templates alone.
lab_file /etc/pve/pve-safe/settings/mine.conf <<'END'
settings "pooled" {
    required = yes
    match = "ct and pool = lab"
    option "onboot" { value = "1" }
}
settings "classed" {
    required = yes
    option "protection" { value = "1" }
}
END
lab_file /etc/pve/user.cfg <<<'pool:lab::101:'
policy 'workload "mine" { match = "pool = lab" placement = any settings = { "classed" } }'
rm /etc/pve/pve-safe/waivers/*

# What hook, wrapper and the commands that can be asked say of container 101: TEXT, and exit
# STATUS the commands.
expect_all() { # NAME TEXT STATUS
	run "$hook" 101 pre-start
	expect_exit "$1: the hook refuses the start" 77
	expect_output "$1: the hook says why" err "$2"
	run pct-safe start 101
	expect_exit "$1: so does the wrapper" 77
	expect_output "$1: the wrapper says why" err "$2"
	run pve-safe check 101
	expect_exit "$1: check finds it" "$3"
	expect_output "$1: check says why" out "$2"
	run pve-safe explain 101
	expect_exit "$1: explain finds it" "$3"
	run pve-safe audit --format json
	expect_output "$1: the audit has it" out "\"${2%%:*}\""
}

container plain
expect_all "a template for a pool" 'settings-pooled: onboot is not set, the template wants 1' 1
expect_all "a template of a workload for a pool" \
	'settings-classed: protection is not set, the template wants 1' 1
container plain '[before]' 'hostname: vpn' 'rootfs: local-lvm:vm-101-disk-0' 'snaptime: 1' \
	'unprivileged: 1'
run pct-safe rollback 101 before
expect_exit "a rollback alone needs no template" 0
run pct-safe rollback 101 before --start 1
expect_exit "one that starts the guest is refused as its start is" 77
expect_output "it says why" err 'settings-classed: protection is not set, the template wants 1'
container plain
run pve-safe template render 101
expect_output "render has both" out \
	'/etc/pve/lxc/101.conf: pooled (by match), classed (by workload mine)'
run pve-safe waive 101 settings-pooled "${grant[@]}"
expect_exit "that for a pool is waived" 0
run pve-safe waive 101 settings-classed "${grant[@]}"
expect_exit "and that of a workload for one" 0
run pve-safe waivers
expect_output "and its waiver in use" out 'settings-pooled waived until'
expect_output "as is the other" out 'settings-classed waived until'
expect_exit "both count" 0
rm /etc/pve/pve-safe/waivers/*.settings-classed.conf
rm /etc/pve/user.cfg
mkdir /etc/pve/user.cfg
expect_all "a pool that nobody can tell" \
	"settings-pooled: not applied: it cannot be told whether it is for this guest" 2
run pve-safe template render 101
expect_exit "render cannot tell, either" 1
expect_output "and says so" out 'template pooled: it cannot be told whether'
run pve-safe template render --format json 101
expect_output "as JSON, too" out '"template pooled: it cannot be told whether it is for this guest"'
rmdir /etc/pve/user.cfg
rm /etc/pve/pve-safe/waivers/* /etc/pve/pve-safe/settings/mine.conf

# --- of another node ---
lab_ct 201 pve2 <<<$'hostname: far\nrootfs: local-lvm:vm-201-disk-0\ntags: wireguard'
run pve-safe waive 201 settings-wireguard-ct "${grant[@]}"
expect_exit "of another node's guest nobody knows here" 2
expect_output "it is said where to ask" err \
	'guest 201 is on node pve2: what it lacks of its settings can be told there alone'

# --- capped by the mode ---
policy 'mode = warn'
container wireguard
run "$hook" 101 pre-start
expect_exit "the policy's mode counts for templates" 0
expect_output "they warn then" err 'settings-wireguard-ct (warning): the container is not given /dev/net/tun'
finish
