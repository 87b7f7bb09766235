# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Lays out the lab, inside its namespaces. layout_machine: what a Linux machine has;
# layout_node: what a Proxmox VE node has, also for further nodes of the cluster;
# layout_programs: the programs under test and the stand-ins for Proxmox's own.

# Puts an empty file system over a directory.
layout_fresh() { # DIR MODE
	mkdir -p "$1"
	mount -t tmpfs -o "mode=$2" tmpfs "$1"
}

# Makes a directory of this machine writable here alone.
layout_writable() { # DIR
	local over=$LAB/overlay$1 entry

	mkdir -p "$over"/{upper,work,lower}
	if [ -n "$LAB_OVERLAY" ] && mount -t overlay overlay \
		-o "lowerdir=$1,upperdir=$over/upper,workdir=$over/work" "$1" 2>/dev/null; then
		return
	fi
	mount --bind "$1" "$over/lower"
	mount -t tmpfs -o mode=755 tmpfs "$1"
	while IFS= read -r -d '' entry; do
		if [ -d "$entry" ] && [ ! -L "$entry" ]; then
			mkdir "$1/${entry##*/}"
			mount --bind "$entry" "$1/${entry##*/}"
			mount -o remount,bind,ro "$1/${entry##*/}"
		else
			cp -a "$entry" "$1/"
		fi
	done < <(find "$over/lower" -mindepth 1 -maxdepth 1 -print0)
}

# A /dev of the lab's own, so that /dev/log and device nodes of tests are private.
layout_dev() {
	local dev=$LAB/dev node

	layout_fresh "$dev" 755
	mkdir -p "$dev"/{pts,shm,net}
	for node in null zero full random urandom tty fuse net/tun kvm; do
		if [ -e "/dev/$node" ]; then
			: >"$dev/$node"
			mount --bind "/dev/$node" "$dev/$node"
		fi
	done
	[ -e "$dev/fuse" ] || mknod "$dev/fuse" c 10 229 2>/dev/null || true
	[ -e "$dev/net/tun" ] || mknod "$dev/net/tun" c 10 200 2>/dev/null || true
	mount --rbind /dev/pts "$dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$dev/shm"
	ln -s pts/ptmx "$dev/ptmx"
	ln -s /proc/self/fd "$dev/fd"
	ln -s /proc/self/fd/0 "$dev/stdin"
	ln -s /proc/self/fd/1 "$dev/stdout"
	ln -s /proc/self/fd/2 "$dev/stderr"
	mount --move "$dev" /dev
}

# A bridge for the containers' network devices.
layout_net() {
	[ -n "$LAB_NET" ] || return 0
	ip link set lo up
	ip link add vmbr0 type bridge
	ip link set vmbr0 up
}

# What a Linux machine has, private to the lab. Takes its control group, or none.
layout_machine() { # CGROUP
	local dir

	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	if [ "$1" != none ]; then
		# Named as systemd names it, so that LXC puts containers beside it, not below.
		echo $$ >"$1/init.scope/cgroup.procs"
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		umount "$LAB/cgroup"
	fi
	layout_dev
	for dir in /etc /usr/sbin /usr/libexec /usr/local/sbin /usr/share /var/lib; do
		layout_writable "$dir"
	done
	mount --bind "$LAB/top" "$LAB_TOP"
	"$LAB_TOP/tests/lab/syslog-receiver" /dev/log "$LAB/syslog"
	layout_net
}

# The files of a cluster as its administrators left them, below the directory given.
layout_cluster() { # DIR
	local node

	cp -r --no-preserve=mode,ownership "$LAB_TOP/tests/lab/cluster/." "$1/"
	for node in pve1 pve2 pve3; do
		mkdir -p "$1/nodes/$node"/{lxc,qemu-server,openvz,priv}
	done
	mkdir "$1"/{mapping,firewall,priv}
	find "$1" -type d -exec chmod 755 {} +
	find "$1" -type f -exec chmod 640 {} +
	chmod 700 "$1/priv"
	chown -R root:www-data "$1"
}

# Mounts /etc/pve as the lab was asked to.
layout_pve() {
	local shared=$LAB/pmxcfs program=$LAB_BUILD/tests/standins/pmxcfs/pmxcfs name

	mkdir -p /etc/pve
	case $LAB_PVE in
	fuse)
		if [ ! -d "$shared/data" ]; then
			mkdir -p "$shared/data"
			layout_cluster "$shared/data"
			echo 'quorate 1' >"$shared/control"
		fi
		"$program" "$shared" "$LAB_NODE" /etc/pve
		;;
	tmpfs)
		layout_fresh /etc/pve 755
		layout_cluster /etc/pve
		for name in lxc qemu-server openvz; do
			ln -s "nodes/$LAB_NODE/$name" "/etc/pve/$name"
		done
		ln -s "nodes/$LAB_NODE" /etc/pve/local
		lab_status yes
		;;
	none) layout_fresh /etc/pve 755 ;;
	esac
}

# What a Proxmox VE node has.
layout_node() {
	# shellcheck source=tests/lab/lab.sh
	. "$LAB_TOP/tests/lab/lab.sh"
	echo "$LAB_NODE" >/proc/sys/kernel/hostname
	mkdir -p /run/lock/lxc /run/lock/qemu-server /run/pve /run/pve-safe /run/pve-lab-node
	mkdir -p /run/qemu-server
	chmod 1777 /run/lock
	[ -e /var/lock ] || ln -s /run/lock /var/lock
	echo $$ >/run/pve-lab-node/pid
	layout_fresh /etc/pve-safe 755
	layout_fresh /var/lib/pve-safe 700
	layout_fresh /var/lib/lxc 755
	layout_fresh /var/lib/vz 755
	layout_fresh /var/log 755
	mkdir -p /var/lib/vz/{snippets,dump,images,template} /var/log/pve/tasks
	mkdir /var/log/pve-safe
	chmod 750 /var/log/pve-safe
	: >/var/log/pve/tasks/index
	: >/var/log/pve/tasks/active
	ln -s /usr/libexec/pve-safe/pve-safe-hook /var/lib/vz/snippets/pve-safe-hook
	layout_pve
}

# What Proxmox's LXC configuration adds to every container, and our own file beside it.
layout_lxc() {
	local dir=/usr/share/lxc/config/common.conf.d

	[ -d "$dir" ] || return 0
	mount -t tmpfs -o mode=755 tmpfs "$dir"
	cat >"$dir/01-pve.conf" <<-END
	lxc.hook.pre-start = $LAB_TOP/tests/lab/container-hook
	lxc.hook.post-stop = $LAB_TOP/tests/lab/container-hook
	END
	cp "$LAB_TOP/templates/lxc/pve-safe.conf" "$dir/"
	echo root:100000:65536 >"$LAB/subids"
	cp "$LAB/subids" /etc/subuid
	cp "$LAB/subids" /etc/subgid
}

# The programs where the package puts them, and Proxmox's own tools.
layout_programs() {
	local bin=$LAB_BUILD/bin name

	mkdir -p /usr/libexec/pve-safe
	for name in pct-safe qm-safe pve-safe; do
		[ ! -e "$bin/$name" ] || install -m 755 "$bin/$name" "/usr/sbin/$name"
	done
	for name in pve-safe-hook pve-safe-lxc-hook; do
		[ ! -e "$bin/$name" ] || install -m 755 "$bin/$name" "/usr/libexec/pve-safe/$name"
	done
	ln -sf qm-safe /usr/sbin/qmrestore-safe
	"$LAB_TOP/tests/standins/install" ''
	layout_lxc
}
