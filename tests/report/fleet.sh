#!/bin/bash
# SPDX-License-Identifier: MIT
# fleet.sh DIR N: a cluster of N guests on three nodes below DIR, some of them as no policy
# would have them.
set -eu
mkdir -p "$1"/etc/pve/nodes/pve{1,2,3}/{lxc,qemu-server} "$1/etc/pve/pve-safe"
awk -v n="$2" -v root="$1" 'BEGIN {
	split("web db cache mail build git proxy wiki", words)
	for (i = 0; i < n; i++) {
		id = 100 + i
		ct = i % 3 > 0
		name = words[1 + i * 5 % 8] i
		f = sprintf("%s/etc/pve/nodes/pve%d/%s/%d.conf", root, 1 + i * 7 % 11 % 3,
			ct ? "lxc" : "qemu-server", id)
		net = sprintf("BC:24:11:%02X:%02X:%02X", i / 65536, i / 256 % 256, i % 256)
		if (ct)
			printf "cores: 2\nfeatures: nesting=%d\nhostname: %s\nmemory: 1024\nnet0: name=eth0,bridge=vmbr0,hwaddr=%s\nonboot: %d\nostype: debian\nrootfs: %s:vm-%d-disk-0,size=8G\nswap: 512\nunprivileged: %d\n",
				i % 4 == 1, name, net, i % 5 < 3, i % 9 ? "thin" : "flat", id, i % 7 != 1 >f
		else
			printf "%sagent: 1\ncores: 4\nhookscript: local:snippets/pve-safe-hook\nmemory: 4096\nname: %s\nnet0: virtio=%s,bridge=vmbr0\nscsi0: thin:vm-%d-disk-0,size=32G\nscsihw: virtio-scsi-single\n",
				i % 21 == 6 ? "args: -name \"</script><img src=x onerror=document.title=1>\"\n" : "",
				name, net, id >f
		close(f)
	}
}'
printf 'lvmthin: thin\n\tvgname thin\n\tthinpool data\n\tcontent images,rootdir\n\nlvm: flat\n\tvgname flat\n\tcontent images,rootdir\n' \
	>"$1/etc/pve/storage.cfg"
jobs=$(seq -s , 100 "$((99 + $2 * 9 / 10))")
printf 'vzdump: nightly\n\tenabled 1\n\tschedule 02:00\n\tvmid %s\n' "$jobs" >"$1/etc/pve/jobs.cfg"
printf 'version = 1\nserial = 12\nmode = enforce\ninclude = { "baseline@1", "operations@1" }\n' \
	>"$1/etc/pve/pve-safe/policy.conf"
