#!/bin/bash
# SPDX-License-Identifier: MIT
# Workloads on the way from command to start: where guests of a class belong, and engines
# seen in a container that runs.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

template=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst
mkdir -p /var/lib/vz/template/cache
: >"/var/lib/vz/template/cache/${template##*/}"

# Writes a container's file and makes the container.
container() { # VMID [LINE]...
	{
		cat <<-END
		arch: amd64
		cores: 1
		hostname: app$1
		memory: 512
		ostype: debian
		rootfs: local-lvm:vm-$1-disk-0,size=4G
		swap: 512
		unprivileged: 1
		END
		[ $# -lt 2 ] || printf '%s\n' "${@:2}"
	} | lab_ct "$1"
}

# Puts a set in force beside the baseline.
in_force() { # SET [LINE]...
	{
		printf 'version = 1\ninclude = { "baseline@1", "%s" }\n' "$1"
		[ $# -lt 2 ] || printf '%s\n' "${@:2}"
		printf 'adjust "no-backup" { action = audit }\n'
	} | lab_policy
}

create=(pct-safe create 150 "$template" --hostname x --rootfs local-lvm:4 --cores 1)
lab_enable

# --- create, set and start, by the wrappers ---
in_force playbook@1
run "${create[@]}" --tags postgresql
expect_exit "a database in a container is not created" 77
expect_output "the message has the rule of the class" err "workload-database: a database wants its own kernel"
expect_output "and what makes it one" err "found: tags: postgresql (command line)"
expect_output "and the command for a VM" err "do: create it as a VM: qm create NEWID --name NAME"
run qm-safe create 151 --name db --memory 4096 --tags postgresql --agent 1 --scsihw virtio-scsi-single --scsi0 local-lvm:8
expect_exit "a database in a VM is created" 0
run qm-safe create 152 --name web --memory 2048 --tags nginx
expect_exit "a web server in a VM is created" 0
expect_equal "without a word" "$(grep -c workload-web <<<"$err")" 0
expect_equal "and recorded" \
	"$(jq -r 'select(.guest.vmid == 152 and .event == "create") | .findings[].rule' \
		/var/log/pve-safe/audit.jsonl | grep -c workload-web)" 1
run "${create[@]}" --tags nginx
expect_exit "a web server in a container is created" 0
run pct-safe set 150 --tags 'nginx;mail'
expect_exit "a tag that makes it a mail server is refused" 77
expect_output "by the class" err "workload-mail: mail holds credentials"
container 160 'tags: gitlab-runner'
run pct-safe start 160
expect_exit "a runner in a container does not start" 77
expect_output "by the class, too" err "workload-ci: CI runs code that nobody has read"

# --- templates that are not for every guest of a class ---
in_force homelab@1
mkdir -p /dev/serial/by-id
mknod /dev/stick c 188 7
ln -s ../../stick /dev/serial/by-id/usb-zigbee
for tag in unifi mosquitto; do
	run pct-safe --dry-run create 155 "$template" --rootfs local-lvm:4 --cores 1 --tags $tag
	expect_exit "a container for $tag" 0
	expect_no_output "is not given the node's Zigbee stick ($tag)" out /dev/serial
done
run pct-safe --dry-run create 155 "$template" --rootfs local-lvm:4 --cores 1 --tags zigbee2mqtt
expect_output "which is for who drives it" out '--dev0=/dev/serial/by-id/usb-zigbee'
rm -r /dev/serial /dev/stick
container 153 'tags: samba'
run pve-safe template render 153
expect_no_output "what a privileged file server mounts is not for one that is not" out nfs-ct
sed -i 's/^unprivileged: 1/unprivileged: 0/' /etc/pve/lxc/153.conf
run pve-safe template render 153
expect_output "but for one that is" out 'nfs-ct (by match)'
rm /etc/pve/lxc/153.conf
run qm-safe --dry-run create 154 --tags jellyfin
expect_no_output "nor what goes with a GPU for a VM without one" out balloon
run qm-safe --dry-run create 154 --tags talos
expect_no_output "nor sysctls for a system that has no systemd" out --args
run qm-safe --dry-run create 154 --tags k3s
expect_output "which other nodes of Kubernetes are given" out --args=

# --- placements are the policy's to change ---
in_force playbook@1 'adjust "workload-ci" { action = warn }'
run pct-safe --dry-run start 160
expect_exit "an adjusted class only warns" 0
expect_output "and says so" out "workload-ci (warning)"
in_force playbook@1 'adjust "workload-ci" { placement = any }'
run pct-safe --dry-run start 160
expect_exit "a class that may be anywhere starts" 0
expect_equal "without a finding" "$(grep -c workload-ci <<<"$out$err")" 0
in_force playbook@1 'workload "docker" { match = "tag = x" placement = vm }'
run pve-safe policy lint
expect_exit "a workload that a set has is refused" 1
expect_output "with the way to change it" out 'write adjust "workload-docker"'

# --- limits are read ---
in_force playbook@1 'limits "few" { when = "ct" max_cores = 4 }'
run pve-safe policy show
expect_exit "limits are shown" 0
expect_output "with their bounds" out "max_cores 4"
expect_output "beside the workloads" out "workload ha-live: vm (workloads@1:"

# --- waived ---
in_force playbook@1
run pve-safe waive 160 workload-ci --ticket T-1 --reason 'until the VM is there' \
	--until "$(date -d '+90 days' +%F)"
expect_exit "a class is waived" 0
run pct-safe --dry-run start 160
expect_exit "and then starts" 0
expect_output "as waived" out "workload-ci (waived: would deny"

# --- explain, facts ---
run pve-safe explain 160
expect_output "explain names the class and its line" out \
	"of workload ci: tags: gitlab-runner (/etc/pve/lxc/160.conf:9)"
expect_equal "facts has the class" \
	"$(pve-safe facts 160 | jq -c '.facts.workload')" '["ci"]'
rm /etc/pve/pve-safe/policy.conf
expect_equal "without a policy it is that of the shipped classes" \
	"$(pve-safe facts 160 2>/dev/null | jq -c '.facts.workload')" '["ci"]'

# --- engines that run in a container ---
in_force playbook@1
container 170
lab_lxc 170
rootfs=/var/lib/lxc/170/rootfs
printf '#!/bin/sh\nwhile :; do sleep 3600 & wait; done\n' >"$rootfs/bin/dockerd"
chmod 755 "$rootfs/bin/dockerd"
echo 'touch /rc-ran' >"$rootfs/etc/rc"
expect "a container without an engine starts" lab_lxc_start 170
run pve-safe check 170
expect_exit "and passes a check" 0
expect_equal "no engine runs in it" \
	"$(pve-safe facts 170 | jq -c '.facts.engine')" '[]'
lab_lxc_run 170 /bin/sh -c '/bin/dockerd >/dev/null 2>&1 </dev/null &' >/dev/null 2>&1
for ((i = 0; i < 200; i++)); do
	[ "$(pve-safe facts 170 | jq -c '.facts.engine')" = '[]' ] || break
	sleep 0.05
done
expect_equal "one that was started by hand is seen" \
	"$(pve-safe facts 170 | jq -c '.facts.engine')" '["dockerd"]'
run pve-safe check 170
expect_exit "the check fails" 1
expect_output "by the class" out "workload-docker: a container engine in a container"
expect_output "and names the process" out "found: dockerd (/proc/"
container 170 'tags: untrusted'
in_force operations@1 'rule "no-tenants" { when = "ct and workload = untrusted" action = deny reason = "r" }'
run pve-safe waive 170 no-tenants --ticket T-2 --reason 'until the VM is there' \
	--until "$(date -d '+90 days' +%F)"
expect_exit "one that runs an engine can be exempted by another class" 0
run pct-safe --dry-run start 170
expect_output "at a start, when no engine runs yet" out "no-tenants (waived: would deny"
run pve-safe check 170
expect_output "and while one runs" out "no-tenants (waived: would deny"
container 170
in_force playbook@1
mkdir -p /tmp/next && printf 'version = 1\ninclude = { "baseline@1", "homelab@1" }\n' >/tmp/next/p.conf
run pve-safe policy diff /tmp/next/p.conf
expect_equal "a start is judged without what runs" "$(grep -c workload-docker <<<"$out$err")" 0
expect "a reboot from inside, at which nothing runs yet, is not refused" \
	lab_lxc_reboot_inside 170
expect_equal "of a container that does not run nothing is known" \
	"$(pve-safe facts 160 | jq -c '.facts.engine')" null
lab_lxc_stop 170 || :
finish
