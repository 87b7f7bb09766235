#!/bin/bash
# SPDX-License-Identifier: MIT
# Every shipped template through the program: chosen by a tag, rendered as the golden file says.
# TEST_GOLDEN=write writes that file; its difference is to be reviewed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

golden=$LAB_TOP/tests/fixtures/templates-render.ok
tags='appliance-vm:vm:pfsense cache-ct:ct:redis ci-vm:vm:gitlab-runner
	database-hugepages-vm:vm:database-hugepages database-vm:vm:postgresql dns-ct:ct:unbound
	docker-vm:vm:docker gpu-ct:ct:jellyfin gpu-vm:vm:plex kubernetes-vm:vm:k3s
	mail-vm:vm:dovecot nas-vm:vm:truenas nfs-ct:ct:nfs usb-serial-ct:ct:zigbee2mqtt
	vpn-vm:vm:wireguard web-ct:ct:nginx windows-vm:vm:windows wireguard-ct:ct:tailscale'

lab_policy <<<'version = 1'
# shellcheck disable=SC2317 # its name stands in a row
ct() { # TAG: one that is privileged, for what needs that
	printf '%s\n' 'arch: amd64' 'hostname: a' 'memory: 4096' 'net0: name=eth0,bridge=vmbr0' \
		'rootfs: local-lvm:vm-101-disk-0,size=4G' "tags: $1" 'unprivileged: 0' | lab_ct 101
}
# shellcheck disable=SC2317 # likewise
vm() { # TAG: one with a device, for what needs that
	printf '%s\n' 'hostpci0: mapping=gpu' 'memory: 4096' 'name: a' \
		'scsi0: local-lvm:vm-201-disk-0,size=4G' "tags: $1" | lab_vm 201
}

rendered=''
for row in $tags; do
	IFS=: read -r name kind tag <<<"$row"
	"$kind" "$tag"
	run pve-safe template render --format json "$([ "$kind" = ct ] && echo 101 || echo 201)"
	expect_exit "$name is rendered" 0
	text=$(jq -r --arg name "$name" '
		(.templates[] | select(.template == $name) | "\(.template) by \(.by)"),
		(.settings[] | select(.template == $name) |
			"  \(.kind) \(.target) = \(.value)")' <<<"$out" 2>&1)
	rendered+=$text$'\n'
	if [ "${TEST_GOLDEN:-}" != write ]; then
		expect_equal "$name is rendered as it was" "$text" \
			"$(sed -n "/^$name by /,/^[a-z]/{/^$name by /p;/^  /p}" "$golden")"
	fi
done
[ "${TEST_GOLDEN:-}" != write ] || printf '%s' "$rendered" >"$golden"
expect_equal "no shipped template is left out" \
	"$(tr -s '\t\n ' '\n' <<<"$tags" | cut -d: -f1 | sort)" \
	"$(basename -s .conf "$LAB_TOP"/templates/settings/*.conf | sort)"
finish
