#!/bin/bash
# SPDX-License-Identifier: MIT
# pve-safe advise: what it says of every class, for each set and need, holds when its command
# is run.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
mkdir -p /var/lib/vz/template/cache /var/lib/vz/template/iso
: >"/var/lib/vz/template/cache/${template##*/}"
: >/var/lib/vz/template/iso/IMAGE.iso
classes=$(sed -n 's/^workload "\(.*\)" {/\1/p' "$LAB_TOP/templates/workloads.conf")

# A policy of the baseline and a set.
policy_of() { # SET [LINE]...
	printf 'version = 1\ninclude = { "baseline@1", "%s" }\n' "$1"
	[ $# -lt 2 ] || printf '%s\n' "${@:2}"
}

# What objects of JSON say, a line each: class, placement, tag, command with what a reader
# would put in, refusals; between bytes 31, words between bytes 30.
read_objects() {
	jq -r --arg t "$template" '[.workload, .placement,
		(.command as $c | $c | index("--tags") as $i | if $i then $c[$i + 1] else "" end),
		(.command | map(if . == "NEWID" then "900"
			elif . == "STORAGE:vztmpl/TEMPLATE.tar.zst" then $t
			else gsub("STORAGE:iso"; "local:iso") | gsub("STORAGE"; "local-lvm") |
				gsub("^NAME$"; "guest900") end) | join("\u001e")),
		(.refused | map(.placement + " " + .rule) | join("\u001e"))] | join("\u001f")'
}

# A command is accepted, and makes the guest where the devices are that it names.
check_command() { # SET WORD...
	local key="$*" made_key="${*:2}"

	[ -z "${accepted[$key]:-}" ] || return 0
	run "$2" --dry-run "${@:3}"
	[ "$status" = 0 ] || return 1
	accepted[$key]=1
	[ -z "${made[$made_key]:-}" ] || return 0
	[[ $made_key != *@(/dev/dri/|/dev/serial/)* ]] || return 0
	run "${@:2}"
	[ "$status" = 0 ] || return 1
	made[$made_key]=1
	rm -f /etc/pve/lxc/900.conf /etc/pve/qemu-server/900.conf
}

# A guest with the tag is refused by the rule in that place.
check_refused() { # SET TAG PLACEMENT RULE
	local -a words=(pct-safe --dry-run create 900 "$template" --hostname x
		--rootfs local-lvm:4 --cores 1 --tags "$2")

	[ -z "${denied[$*]:-}" ] || return 0
	[ "$3" = ct ] || words=(qm-safe --dry-run create 900 --tags "$2")
	run "${words[@]}"
	[ "$status" = 77 ] && [[ $out == *"$4"* ]] || return 1
	denied[$*]=1
}

# --- every class, set and need ---
declare -A accepted=() made=() denied=()
lab_enable
for set in playbook balanced homelab; do
	policy_of "$set@1" | lab_policy
	for need in '' module sysctl nesting kernel gpu usb; do
		# shellcheck disable=SC2086
		run pve-safe advise --format json ${need:+--needs "$need"} $classes
		expect_exit "$set${need:+, $need}: there is a way for each class" 0
		mapfile -t objects < <(read_objects <<<"$out")
		for object in "${objects[@]}"; do
			IFS=$'\x1f' read -r class placement tag command refused <<<"$object"
			name="$set, $class${need:+, $need}"
			IFS=$'\x1e' read -r -a words <<<"$command"
			if check_command "$set" "${words[@]}"; then
				ok "$name: what is advised is accepted"
			else
				not_ok "$name: what is advised is accepted" "${words[*]}"
			fi
			IFS=$'\x1e' read -r -a words <<<"$refused"
			for row in "${words[@]}"; do
				# shellcheck disable=SC2086
				check_refused "$set" "$tag" $row ||
					not_ok "$name: what is said to be refused is" "$row"
			done
			case $need in
			module | sysctl | nesting | kernel)
				[ "$placement" = vm ] || not_ok "$name takes a VM" "$object"
				;;
			esac
		done
	done
done

# --- placements, by set ---
placement() { # SET WORKLOAD
	policy_of "$1@1" >/tmp/p.conf
	pve-safe advise --format json --policy /tmp/p.conf "$2" | jq -r .placement
}
expect_equal "a database, strictly" "$(placement playbook database)" vm
expect_equal "a database, by leave" "$(placement homelab postgresql)" any
expect_equal "a VPN, by leave" "$(placement balanced wireguard)" ct
printf 'version = 1\ninclude = { "balanced@1" }\n' >/tmp/p.conf
run pve-safe advise --format json --policy /tmp/p.conf database
expect_equal "where a container is warned of, the command is for a VM" \
	"$(jq -r '.placement, .command[0]' <<<"$out")" $'any\nqm-safe'
expect_output "and the warning is a reason" out "a database wants its own kernel"

# --- what is needed ---
policy_of playbook@1 | lab_policy
run pve-safe advise --format json --needs module,gpu nginx
expect_equal "a module takes a VM, a GPU is passed through" \
	"$(jq -c '[.workload, .placement, (.command | index("--hostpci0") != null)]' <<<"$out")" \
	'["web","vm",true]'
run pve-safe advise --format json --needs usb mosquitto
expect_equal "a container gets a USB stick by its stable name" \
	"$(jq -r '.command | .[index("--dev0") + 1]' <<<"$out")" \
	"/dev/serial/by-id/STICK,gid=20,mode=0660"
run pve-safe advise --format json postgresql
expect_equal "the tag is the one that was asked for" \
	"$(jq -r '.command | .[index("--tags") + 1]' <<<"$out")" postgresql
expect_equal "with the template's options" \
	"$(jq -r '.command | .[index("--numa") + 1]' <<<"$out")" 1
expect_equal "the members and their order" "$(jq -c keys_unsorted <<<"$out")" \
	'["workload","placement","reasons","command","refused"]'

# --- for people ---
run pve-safe advise database nginx
expect_exit "two at once" 0
expect_output "says where it belongs" out "database: a VM"
expect_output "and why" out "a database wants its own kernel"
expect_output "and how" out "qm-safe create NEWID --name NAME"
expect_output "and what is refused" out \
	"As a container it is refused by workload-database: a database wants"
expect_output "and names a tag's class" out "nginx (web): a container"

# --- what the policy adds ---
policy_of playbook@1 'workload "shop" { match = "tag = shop" placement = vm reason = "it was decided" }' |
	lab_policy
run pve-safe advise shop
expect_output "classes of the policy's own are known" out "it was decided"
policy_of playbook@1 'rule "no-more" { when = "event = create and tag = nginx" reason = "the node is full" remedy = "wait" }' |
	lab_policy
run pve-safe advise nginx
expect_exit "where both are refused there is no way" 1
expect_output "which is said" out \
	"nginx (web): a container, but the policy in force lets you make neither"
expect_output "with reason" out "As a VM it is refused by no-more: the node is full"
expect_output "and what is to be done" out "do: wait"
run pve-safe advise --format json nginx
expect_equal "and in JSON" "$(jq -c '[.command, (.refused | map(.placement))]' <<<"$out")" \
	'[[],["ct","vm"]]'
policy_of playbook@1 'limits "few" { when = "tag = nginx" max_memory_mib = 512 }' | lab_policy
run pve-safe advise --format json nginx
expect_equal "limits count" "$(jq -r '.refused[0].rule' <<<"$out")" limits-few
printf 'version = 1\ninclude = { "baseline@1" }\n' | lab_policy
run pve-safe advise database
expect_output "a policy without classes is helped out" out \
	"the policy in force says nothing of it; playbook@1 does"
rm /etc/pve/pve-safe/policy.conf /var/lib/pve-safe/good/policy
run pve-safe advise database
expect_exit "without a policy it goes by the playbook" 0
expect_output "which refuses containers" out "refused by workload-database"

# --- what cannot be understood ---
run pve-safe advise postgresq
expect_exit "an unknown workload" 64
expect_output "has a suggestion" err "no workload or tag 'postgresq', did you mean 'postgresql'?"
run pve-safe advise --needs moon database
expect_exit "an unknown need" 64
expect_output "names those that there are" err \
	"pve-safe: --needs: 'moon' is none of its values"
run pve-safe advise
expect_exit "no workload" 64
finish
