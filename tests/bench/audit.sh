#!/bin/bash
# SPDX-License-Identifier: MIT
# tests/bench/audit.sh BUILD: what an audit costs beside reading the files alone and beside
# other ways to look for one thing in them, in turns; 10,000 and 100,000 guests on tmpfs,
# 2,000 on FUSE. Only the ratios of one run count.
# shellcheck source=tests/integration/lib.sh
set -u
cd "$(dirname "$0")/../.." || exit 71
build=${1:-build}
rounds=${AUDIT_ROUNDS:-15}

if [ -z "${LAB:-}" ]; then
	mkdir -p "$build/tests/bench"
	for program in measure read-all; do
		gcc -O2 -o "$build/tests/bench/$program" "tests/bench/$program.c" || exit 71
	done
	here=$PWD/tests/bench/audit.sh
	tests/lab/lab --build "$build" -- "$here" "$(realpath "$build")" &&
		exec tests/lab/lab --build "$build" --pve fuse -- "$here" "$(realpath "$build")"
	exit 71
fi
. "$LAB_TOP/tests/lab/lab.sh"
bench=$build/tests/bench
# shellcheck source=tests/bench/lib.sh
. tests/bench/lib.sh

# N guests below DIR, half containers, half VMs; with "bad" each has two findings and more.
guests() { # DIR N [bad]
	mkdir -p "$1"/etc/pve/nodes/pve{1,2,3}/{lxc,qemu-server} "$1/etc/pve/pve-safe"
	awk -v n="$2" -v root="$1" -v bad="${3:+1}" 'BEGIN {
		for (i = 0; i < n; i++) {
			id = 100 + i
			f = sprintf("%s/etc/pve/nodes/pve%d/%s/%d.conf", root, 1 + i % 3,
				i % 2 ? "lxc" : "qemu-server", id)
			mac = sprintf("BC:24:11:%02X:%02X:%02X", i / 65536, i / 256 % 256, i % 256)
			if (i % 2)
				printf "arch: amd64\ncores: %d\nfeatures: nesting=1\nhostname: web%d\nmemory: %d\nmp0: thin:vm-%d-disk-1,mp=/srv,size=8G\nnameserver: 10.0.0.53\nnet0: name=eth0,bridge=vmbr0,firewall=1,gw=10.0.0.1,hwaddr=%s,ip=10.%d.%d.5/24,type=veth\nonboot: 1\nostype: debian\nprotection: 1\nrootfs: thin:vm-%d-disk-0,size=8G\nsearchdomain: example.org\nstartup: order=2,up=30\nswap: 512\ntags: web;prod\ntimezone: Europe/Vienna\nunprivileged: %d\nlxc.cgroup2.devices.allow: c 10:200 rwm\nlxc.mount.entry: /dev/net/tun dev/net/tun none bind,create=file\nlxc.apparmor.profile: generated\nlxc.cap.drop: sys_time\n",
					1 + i % 8, id, 512 * (1 + i % 16), id, mac, i / 256 % 256, i % 256, id, !bad >f
			else
				printf "%sagent: 1\nballoon: 0\nbios: ovmf\nboot: order=scsi0;net0\ncores: %d\ncpu: x86-64-v2-AES\nefidisk0: thin:vm-%d-disk-2,efitype=4m,pre-enrolled-keys=1,size=4M\nide2: none,media=cdrom\nmachine: q35\nmemory: %d\nmeta: creation-qemu=9.2.0,ctime=1700000000\nname: db%d\nnet0: virtio=%s,bridge=vmbr0,firewall=1\nnuma: 1\nonboot: 1\nostype: l26\nscsi0: thin:vm-%d-disk-0,discard=on,iothread=1,size=32G\nscsihw: virtio-scsi-single\nsmbios1: uuid=6f1b0d2e-0000-4000-8000-%012d\nsockets: 1\nstartup: order=3\nvmgenid: 6f1b0d2e-0000-4000-8000-%012d\n",
					bad ? "args: -snapshot\n" : "", 1 + i % 8, id, 1024 * (1 + i % 16), id, mac, id, id, id >f
			close(f)
		}
	}'
	printf 'version = 1\nmode = enforce\ninclude = { "baseline@1", "playbook@1" }\n' \
		>"$1/etc/pve/pve-safe/policy.conf"
	# Without a job half of what there is to say would be that.
	[ "${3:-}" ] || printf 'vzdump: all\n\tenabled 1\n\tschedule daily\n\tall 1\n' >"$1/etc/pve/jobs.cfg"
	printf 'lvmthin: thin\n\tvgname thin\n\tthinpool data\n\tcontent images,rootdir\n' \
		>"$1/etc/pve/storage.cfg"
}

# Adds how many times the reading alone a row of the last table is.
judge() { # WHAT NAME TARGET cpu|wall
	bench_ratio "$1" "$3" "$4" "$2" "C that only reads" <<<"$table"
}

measure() {
	table=$("$bench/measure" "$@") || exit 71
	echo "$table"
}

if [ "$(stat -f -c %T /etc/pve)" = fuseblk ] || grep -q ' /etc/pve fuse' /proc/mounts; then
	work=$(mktemp -d)
	guests "$work" "2000"
	cp -r "$work"/etc/pve/. /etc/pve/
	echo
	echo "an audit on FUSE, 2000 guests"
	measure "$rounds" "C that only reads=$bench/read-all" \
		"audit --quiet=/usr/sbin/pve-safe audit --quiet"
	judge "audit of 2,000 guests on FUSE, counting, elapsed: C that only reads" \
		"audit --quiet" 1.5 wall
	exit 0
fi

work=$(mktemp -d)
mount -t tmpfs -o size=2g tmpfs "$work" || exit 71
audit="/usr/sbin/pve-safe audit --root"
declare -A peaks
for n in 10000 100000; do
	guests "$work/good$n" "$n"
	guests "$work/bad$n" "$n" bad
	nodes=$work/good$n/etc/pve/nodes
	cat >"$work/look.pl" <<-'END'
	for my $f (glob("$ARGV[0]/*/{lxc,qemu-server}/*.conf")) {
		open(my $h, '<', $f) or next;
		my $t = do { local $/; <$h> };
		print "$f\n" if $f =~ m{/lxc/} && $t !~ /^unprivileged: 1/m;
	}
	END
	cat >"$work/look.py" <<-'END'
	import glob, re, sys
	one = re.compile(r'^unprivileged: 1', re.M)
	for f in glob.glob(sys.argv[1] + '/*/lxc/*.conf') + glob.glob(sys.argv[1] + '/*/qemu-server/*.conf'):
	    with open(f) as h:
	        text = h.read()
	    if '/lxc/' in f and not one.search(text):
	        print(f)
	END
	for shell in mawk gawk; do
		# shellcheck disable=SC2016 # for the other shell
		printf '#!/bin/sh\nfind "$1" -name "*.conf" -print0 | xargs -0 %s "/^unprivileged: 1/ { one[FILENAME] = 1 } FNR == 1 { all[FILENAME] = 1 } END { for (f in all) if (!(f in one)) print f }"\n' \
			"$shell" >"$work/$shell.sh"
		chmod +x "$work/$shell.sh"
	done
	others=("grep -rL unprivileged=/usr/bin/grep -rL ^unprivileged:.1 $nodes")
	[ -x /usr/bin/mawk ] && others+=("mawk, one pattern=$work/mawk.sh $nodes")
	[ -x /usr/bin/gawk ] && others+=("gawk, one pattern=$work/gawk.sh $nodes")
	[ -x /usr/bin/perl ] && others+=("Perl, one pattern=/usr/bin/perl $work/look.pl $nodes")
	[ -x /usr/bin/python3 ] && others+=("Python, one pattern=/usr/bin/python3 $work/look.py $nodes")
	echo
	echo "an audit of $n guests, baseline and playbook"
	measure "$((n > 20000 ? 3 : rounds))" "C that only reads=$bench/read-all $work/good$n" \
		"audit --quiet=$audit $work/good$n --quiet" \
		"audit as JSON=$audit $work/good$n --format json" \
		"audit, findings as JSON=$audit $work/bad$n --format json" "${others[@]}"
	what="audit of ${n%000},000 guests"
	judge "$what, counting: C that only reads" "audit --quiet" 3 cpu
	judge "$what, two findings each as JSON: C that only reads" "audit, findings as JSON" 8 cpu
	for row in "audit --quiet" "audit, findings as JSON"; do
		peaks[$n,$row]=$(bench_number "$row" peak <<<"$table")
	done
	for other in "${others[@]%%=*}"; do
		judge "for scale, $n guests: $other: C that only reads" "$other" - cpu
	done
	rm -rf "$work/good$n" "$work/bad$n"
done
for row in "counting=audit --quiet" "two findings each as JSON=audit, findings as JSON"; do
	bench_row "audit, ${row%%=*}: peak memory, bytes a guest more" \
		"$(((peaks[100000,${row#*=}] - peaks[10000,${row#*=}]) * 1024 / 90000))" 1024
done
umount "$work"
