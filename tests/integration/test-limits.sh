#!/bin/bash
# SPDX-License-Identifier: MIT
# Limits: how much the guests of a pool may have, at the commands that give them their size.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
mkdir -p /var/lib/vz/template/cache
: >"/var/lib/vz/template/cache/${template##*/}"

# Writes a container's file.
container() { # VMID MEMORY [LINE]...
	{
		cat <<-END
		arch: amd64
		cores: 2
		hostname: app$1
		memory: $2
		ostype: debian
		rootfs: local-lvm:vm-$1-disk-0,size=4G
		swap: 512
		unprivileged: 1
		END
		[ $# -lt 3 ] || printf '%s\n' "${@:3}"
	} | lab_ct "$1"
}

# Puts limits in force.
in_force() { # LINE...
	{
		printf 'version = 1\ninclude = { "baseline@1" }\nlimits "students" {\n'
		printf '    when = "tag = student"\n'
		printf '    %s\n' "$@"
		printf '}\n'
	} | lab_policy
}

# A create of a container of that much memory.
create() { # VMID MEMORY [WORD]...
	run pct-safe create "$1" "$template" --hostname "new$1" --rootfs local-lvm:4 \
		--cores 2 --memory "$2" --swap 0 --tags student "${@:3}"
}

lab_enable
container 201 4096 'tags: student'
container 202 2048 'tags: student'
container 203 9999 'tags: teacher'
printf 'cores: 1\nmemory: 1024\nname: vm204\ntags: student\n' | lab_vm 204

# --- all guests together ---
in_force 'total_memory_mib = 8192'
create 210 2048
expect_exit "what is more than is left is not created" 77
expect_output "by the limits' rule" err "limits-students: more than the policy has room for"
expect_output "with sum, bound and what is asked" err \
	"found: students: 8192 MiB allowed for all guests, 7168 used by 3 guests, CT 210 asks 2048; most have CT 201 4096, CT 202 2048, VM 204 1024 (/etc/pve/pve-safe/policy.conf:3)"
expect_output "and the way out" err "do: ask for less, make room"
expect "nothing was made" test ! -e /etc/pve/lxc/210.conf
create 210 1024
expect_exit "what is left can be had" 0
run pct-safe set 210 --memory 1025
expect_exit "a set that asks for more is refused" 77
expect_output "without counting the guest twice" err "7168 used by 3 guests, CT 210 asks 1025"
run pct-safe set 210 --cores 1
expect_exit "a set that asks for no more is not" 0
run pct-safe clone 201 211 --hostname copy
expect_exit "a clone counts as what it is made of" 77
expect_output "by its own number" err "CT 211 asks 4096"
run pct-safe set 203 --tags 'teacher;student'
expect_exit "who joins them counts" 77
expect_output "with all that it has" err "CT 203 asks 9999"
run pct-safe set 203 --memory 8000
expect_exit "who is not one of them is not bounded" 0
run qm-safe set 204 --memory 2048
expect_exit "VMs are counted with containers" 77
in_force 'total_disk_gib = 16'
run pct-safe resize 201 rootfs +5G
expect_exit "a resize to more than is left is refused" 77
expect_output "with what results" err \
	"students: 16 GiB of disks allowed for all guests, 8 used by 3 guests, CT 201 asks 9;"
run pct-safe --dry-run resize 201 rootfs 8G
expect_exit "one to what is left is not" 0
in_force 'max_disk_gib = 8'
run pct-safe resize 201 rootfs 9G
expect_exit "nor may each guest grow over its own bound" 77
run pct-safe --dry-run resize 201 rootfs 8G
expect_exit "but up to it" 0
printf 'cores: 1\nmemory: 1024\nname: vm204\nscsi0: ceph:vm-204-disk-0,size=8G\ntags: student\n' | lab_vm 204
run qm-safe disk resize 204 scsi0 +1G
expect_exit "a VM's disk is judged likewise" 77
run qm-safe resize 204 scsi0 +1G
expect_exit "by the command's older name, too" 77
printf 'cores: 1\nmemory: 1024\nname: vm204\ntags: student\n' | lab_vm 204
container 205 1024 'tags: student' '[big]' 'cores: 2' 'hostname: app205' 'memory: 4096' \
	'ostype: debian' 'rootfs: local-lvm:vm-205-disk-0,size=4G' 'swap: 512' \
	'tags: student' 'unprivileged: 1'
in_force 'total_memory_mib = 12287'
run pct-safe rollback 205 big
expect_exit "a rollback to what had more is refused" 77
expect_output "with what comes back" err "CT 205 asks 4096"
in_force 'total_memory_mib = 12288'
run pct-safe --dry-run rollback 205 big
expect_exit "one for which there is room is not" 0
rm "$(echo /etc/pve/nodes/*/lxc/205.conf)"
lab_policy <<-END
	version = 1
	limits "students" { when = "tag = student" total_memory_mib = 4096 }
END
run pct-safe set 201 --cores 1
expect_exit "a sum that is exceeded stops nobody who adds nothing to it" 0
run pct-safe set 201 --memory 4000
expect_exit "nor who takes less" 0
run pct-safe start 203
expect_exit "a start is not judged by them" 0

# --- each guest, and how many ---
in_force 'max_cores = 4' 'max_guests = 4'
run pct-safe set 201 --cores 5
expect_exit "one that is too large is refused" 77
expect_output "with the bound of each" err "students: 4 cores allowed for each guest, CT 201 asks 5"
run pct-safe set 201 --delete cores
expect_exit "one without a bound is larger than any" 77
expect_output "and said to be" err "CT 201 asks unlimited"
create 212 512
expect_exit "one guest too many is refused" 77
expect_output "with their number" err "students: 4 guests allowed, 4 others are there beside CT 212"
run pct-safe --format json --dry-run set 201 --cores 5
expect_equal "the record has the rule" \
	"$(jq -r '.findings[0] | .rule, .facts.cores' <<<"$out")" $'limits-students\n5'

# --- restored ---
mkdir -p /var/lib/vz/dump
archive=vzdump-lxc-301-2026_11_01-00_00_00.tar
cat >"/var/lib/vz/dump/$archive" <<-END
	arch: amd64
	cores: 8
	hostname: old
	memory: 512
	ostype: debian
	rootfs: local-lvm:vm-301-disk-0,size=4G
	tags: student
	unprivileged: 1
END
in_force 'max_cores = 4'
run pct-safe restore 220 "local:backup/$archive"
expect_exit "what is in an archive counts" 77
expect_output "as it would be" err "students: 4 cores allowed for each guest, CT 220 asks 8"
run pct-safe restore 220 "local:backup/$archive" --cores 4
expect_exit "with the options on top" 0
run pct-safe destroy 220

# --- a pool ---
printf 'user:root@pam:1:0::::::\npool:students::201,202,204:::\n' | lab_file /etc/pve/user.cfg
lab_policy <<-END
	version = 1
	limits "students" { when = "pool = students" max_guests = 3 total_memory_mib = 16384 }
END
create 221 512 --pool students
expect_exit "who would be one of a pool counts as one" 77
expect_output "with their number" err "students: 3 guests allowed, 3 others are there beside CT 221"
create 221 512
expect_exit "who is not one of it does not" 0
run pct-safe destroy 221

# --- what cannot be read ---
in_force 'total_memory_mib = 100000'
sed -i 's/^memory:.*/memory: many/' /etc/pve/nodes/*/lxc/202.conf
run pct-safe set 201 --memory 4100
expect_exit "a sum that nobody knows is no room" 77
expect_output "with the file that must be mended" err "202.conf:4)"
expect_output "and what is wrong with it" err "not known: memory: 'many' is not a number"
in_force 'max_guests = 10'
create 212 512
expect_exit "their number is known all the same" 0
in_force 'max_guests = 4'
run pct-safe destroy 212
head -c 300 /dev/zero >"$(echo /etc/pve/nodes/*/lxc/202.conf)"
create 212 512
expect_exit "a file that is no guest's may be one of them" 77
expect_output "and is named" err "lxc/202.conf"
container 202 2048 'tags: student'

# --- waived, adjusted ---
in_force 'max_cores = 4'
run pve-safe waive 201 limits-students --ticket T-1 --reason 'exam' --until "$(date -d '+90 days' +%F)"
expect_exit "limits can be waived for a guest" 0
run pct-safe set 201 --cores 8
expect_exit "which then may have more" 0
expect_output "as waived" err "limits-students (waived: would deny"
run pct-safe set 202 --cores 8
expect_exit "and nobody else" 77
# No rule looks at pools: user.cfg is read for the limits, and for the class that they name.
lab_policy <<-END
	version = 1
	workload "lab" { match = "pool = students" placement = any }
	limits "classed" { when = "workload = lab" max_cores = 4 }
	limits "pooled" { when = "pool = students" max_cores = 4 }
END
for name in classed pooled; do
	run pve-safe waive 201 limits-$name --ticket T-1 --reason 'exam' --until "$(date -d '+90 days' +%F)"
	expect_exit "limits that look at what no rule does are waived: $name" 0
done
run pve-safe waivers
expect_output "a waiver by a class counts" out 'limits-classed waived until '
expect_output "and one by a pool" out 'limits-pooled waived until '
expect_equal "both are used" "$(grep -c 'ed waived until .*: used$' <<<"$out")" 2
rm /etc/pve/pve-safe/waivers/201.limits-{classed,pooled}.conf
lab_policy <<-END
	version = 1
	limits "students" { when = "tag = student" max_cores = 4 }
	adjust "limits-students" { action = warn }
END
run pct-safe set 202 --cores 8
expect_exit "limits that are adjusted only warn" 0
expect_output "and say so" err "limits-students (warning)"

# --- check and explain ---
in_force 'max_cores = 4' 'total_memory_mib = 4096'
run pve-safe check --event set 202
expect_exit "check finds what is exceeded" 1
expect_output "of each guest" out "4 cores allowed for each guest, CT 202 has 8"
expect_output "and of all" out "4096 MiB allowed for all guests"
run pve-safe check 202
expect_exit "but not of a start" 0
run pve-safe explain --event set 203
expect_output "explain lists them" out "limits-students: does not match"
run pve-safe explain --event set 202
expect_output "with what they came to" out "found: students: 4 cores allowed for each guest, CT 202 has 8"

# --- audit ---
in_force 'max_cores = 4' 'total_memory_mib = 4096' 'max_guests = 1'
run pve-safe audit --format json
expect_exit "an audit finds what is exceeded" 1
findings() { # VMID
	jq -r --argjson vmid "$1" '.guests[] | select(.vmid == $vmid) | .findings[] |
		.effect + " " + .rule' <<<"$out"
}
expect_equal "of one guest at that guest" "$(findings 202)" "warn limits-students"
expect_equal "of all at the one that has most, beside its own" "$(findings 201)" \
	$'waived limits-students\nwaived limits-students'
run pve-safe audit
expect_output "with the numbers" out "students: 4 cores allowed for each guest, CT 202 has 8"
expect_output "of all, too" out "students: 4096 MiB allowed for all guests"
expect_output "and how many there are" out "students: 1 guest allowed,"
run pve-safe audit --rule limits-students --format json
expect_equal "they can be asked for alone" \
	"$(jq -r '[.guests[].findings[].rule] | unique[]' <<<"$out")" limits-students
printf 'onboot: 1\n' >>"$(echo /etc/pve/nodes/*/lxc/202.conf)"
run pve-safe audit --format json
expect_equal "nobody stays down for them after a reboot" \
	"$(jq -c .not_back <<<"$out")" '[]'
lab_policy <<-END
	version = 1
	limits "students" { when = "tag = student" total_memory_mib = 4096 max_guests = 1 }
	adjust "limits-students" { unless = "tag = exempt" }
END
container 201 4096 'tags: exempt;student'
printf 'cores: 1\nmemory: 1024\nname: vm204\ntags: exempt;student\n' | lab_vm 204
run pve-safe audit --format json
expect_equal "where who has most is exempt it is shown at another one" \
	"$(findings 201)/$(findings 202)/$(findings 204)" "/warn limits-students/"
expect_equal "and how many there are at the last that is not" \
	"$(findings 210)" "warn limits-students"

# --- each key that Incus has, as docs/restricted.md says it: accepted, refused ---
# The pool has the containers 201 and 202 with 2 cores and 4 GiB of disk each, and VM 204.
container 201 4096 'mp0: ceph:vm-201-disk-1,mp=/data,size=8G'
container 202 2048
printf 'cores: 1\nmemory: 1024\nname: vm204\nscsi0: ceph:vm-204-disk-0,size=8G\n' | lab_vm 204
ct="pct-safe --dry-run create 230 $template --rootfs local-lvm:4 --swap 0 --pool students"
vm="qm-safe --dry-run create 230 --pool students --scsi0 ceph:4"
while IFS='|' read -r key when bound accepted refused; do
	lab_policy <<-END
	version = 1
	limits "students" { when = "$when" $bound }
	END
	for words in "$accepted" "$refused"; do
		[ "${words%% *}" = vm ] && line="$vm ${words#vm}" || line="$ct ${words#ct}"
		# shellcheck disable=SC2086 # words are meant
		run $line
		if [ "$words" = "$accepted" ]; then
			expect_exit "$key: accepted" 0
		else
			expect_exit "$key: refused" 77
			expect_output "$key: by its limits" out "limits-students: "
		fi
	done
done <<'END'
limits.containers|ct and pool = students|max_guests = 2|vm|ct --cores 1
limits.cpu|pool = students|total_cores = 7|ct --cores 2|ct --cores 3
limits.cpu, each|pool = students|max_cores = 4|ct --cores 4|ct --cores 5
limits.disk|pool = students|total_disk_gib = 28|ct --cores 1|ct --cores 1 --mp0 ceph:1,mp=/a
limits.disk, each|pool = students|max_disk_gib = 12|ct --cores 1 --mp0 ceph:8,mp=/a|ct --cores 1 --mp0 ceph:9,mp=/a
limits.disk.pool.ceph|pool = students and storage = ceph|total_disk_gib = 24|vm|vm --scsi1 ceph:1
limits.disk.pool.ceph, other storages|pool = students and storage = ceph|total_disk_gib = 24|ct --cores 1 --mp0 local-lvm:99,mp=/a|ct --cores 1 --mp0 ceph:1,mp=/a
limits.instances|pool = students and name != spare|max_guests = 3|ct --hostname spare|ct --hostname more
limits.memory|pool = students|total_memory_mib = 8192|ct --cores 1 --memory 1024|ct --cores 1 --memory 1025
limits.memory, each|pool = students|max_memory_mib = 4096|vm --memory 4096|vm --memory 4097
limits.virtual-machines|vm and pool = students|max_guests = 1|ct --cores 1|vm
END
finish
