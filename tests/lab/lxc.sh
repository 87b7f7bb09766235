# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Real containers in the lab: a busybox system for a guest's file, started by LXC as
# Proxmox VE starts it.

# Prints the value of the last line with this key in a guest's current section.
lab_option() { # FILE KEY
	sed -n -e '/^\[/q' -e "s/^$2: *//p" "$1" | tail -n 1
}

# Prints the raw LXC lines of a guest's current section, in LXC's form.
lab_raw_lines() { # FILE
	sed -n -E -e '/^\[/q' \
		-e 's/^(lxc\.[a-z0-9_.-]+)(:|[[:space:]]*=)[[:space:]]*(.*)$/\1 = \3/p' "$1"
}

# Prints the id map of a container's file as "u|g INSIDE HOST COUNT" lines.
lab_idmap() { # FILE
	local map

	map=$(lab_raw_lines "$1" | sed -n 's/^lxc\.idmap = //p')
	if [ -z "$map" ] && [[ $(lab_option "$1" unprivileged) =~ ^(1|on|yes|true)$ ]]; then
		map=$'u 0 100000 65536\ng 0 100000 65536'
	fi
	[ -z "$map" ] || printf '%s\n' "$map"
}

# Prints the host's id of the container's root user (u) or group (g).
lab_root_id() { # FILE u|g
	lab_idmap "$1" | awk -v kind="$2" '$1 == kind && $2 == 0 { print $3; found = 1; exit }
		END { if (!found) print 0 }'
}

# Makes the root file system: busybox, and an init that says that it ran.
lab_rootfs() { # DIR
	local name

	mkdir -p "$1"/{bin,sbin,dev,proc,sys,etc,tmp,root,var/run,mnt}
	cp /bin/busybox "$1/bin/busybox"
	for name in sh sleep cat reboot mount id ls touch date; do
		ln -sf busybox "$1/bin/$name"
	done
	cat >"$1/sbin/init" <<-'END'
	#!/bin/sh
	# Counts its starts, runs what the test left in /etc/rc, and waits to be told to halt.
	export PATH=/bin
	trap 'exit 0' PWR TERM
	echo started >>/started
	[ ! -e /etc/rc ] || sh /etc/rc
	while :; do sleep 3600 & wait; done
	END
	chmod 755 "$1/sbin/init"
}

# Prints LXC's lines for a mount point or device of the guest's file.
lab_mount_line() { # KEY VALUE
	local path=${2%%,*} inside=''

	[[ $2 =~ (^|,)path=([^,]*) ]] && path=${BASH_REMATCH[2]}
	[[ $path == /* ]] || return 0
	case $1 in
	mp*)
		[[ $2 =~ (^|,)mp=/?([^,]*) ]] && inside=${BASH_REMATCH[2]}
		echo "lxc.mount.entry = $path $inside none rbind,create=dir 0 0"
		;;
	dev*)
		echo "lxc.mount.entry = $path ${path#/} none bind,create=file 0 0"
		;;
	esac
}

# Prints LXC's lines for the network devices: on the bridge where the lab has one.
lab_net_lines() { # FILE
	local n=0 bridge vmid=${1##*/}

	while read -r bridge; do
		[ -d "/sys/class/net/$bridge" ] || continue
		printf 'lxc.net.%s.%s\n' "$n" 'type = veth' "$n" "link = $bridge" \
			"$n" "veth.pair = veth${vmid%.conf}i$n" \
			"$n" "name = eth$n" "$n" 'flags = up'
		n=$((n + 1))
	done < <(sed -n -e '/^\[/q' -e 's/^net[0-9]*:.*bridge=\([^,]*\).*/\1/p' "$1")
	[ "$n" -gt 0 ] || echo 'lxc.net.0.type = empty'
}

# Prints the LXC configuration that Proxmox VE would generate, in the main points.
lab_lxc_config() { # VMID FILE
	local map key value name

	name=$(lab_option "$2" hostname)
	cat <<-END
	lxc.cgroup.dir.monitor = lxc.monitor/$1
	lxc.cgroup.dir.container = lxc/$1
	lxc.cgroup.dir.container.inner = ns
	lxc.include = /usr/share/lxc/config/common.conf
	END
	map=$(lab_idmap "$2")
	if [ -n "$map" ]; then
		echo 'lxc.include = /usr/share/lxc/config/userns.conf'
		lab_raw_lines "$2" | grep -q '^lxc\.idmap' ||
			printf '%s\n' "$map" | sed 's/^/lxc.idmap = /'
	fi
	cat <<-END
	lxc.monitor.unshare = 1
	lxc.apparmor.profile = unconfined
	lxc.uts.name = ${name:-CT$1}
	lxc.rootfs.path = dir:/var/lib/lxc/$1/rootfs
	END
	while IFS=: read -r key value; do
		lab_mount_line "$key" "${value# }"
	done < <(sed -n -E -e '/^\[/q' -e '/^(mp|dev)[0-9]+:/p' "$2")
	lab_net_lines "$2"
	lab_raw_lines "$2"
}

# Makes the container of a guest's file, ready for lab_lxc_start and for "pct start" (which
# writes the configuration anew). Called again: a new configuration, the same root.
lab_lxc() { # VMID
	local file=/etc/pve/lxc/$1.conf dir=/var/lib/lxc/$1

	mkdir -p "$dir" /run/pve-standin
	echo lxc >"/run/pve-standin/$1"
	lab_lxc_config "$1" "$file" >"$dir/config"
	[ -d "$dir/rootfs" ] || lab_rootfs "$dir/rootfs"
	chown -R -h "$(lab_root_id "$file" u):$(lab_root_id "$file" g)" "$dir/rootfs"
	{
		cat "$LAB/subids"
		lab_idmap "$file" | awk '{ print "root:" $3 ":" $4 }'
	} | sort -u >"$LAB/subids.new"
	mv "$LAB/subids.new" "$LAB/subids"
	cp "$LAB/subids" /etc/subuid
	cp "$LAB/subids" /etc/subgid
}

# Starts a container that lab_lxc made, as Proxmox VE's service does at boot, under HA and
# for every start by web page or command line, but with no task beside it; 1: it was refused.
lab_lxc_start() { # VMID
	"$LAB_TOP/tests/lab/container-service" start "$1"
}

# Runs a command in a running container.
lab_lxc_run() { # VMID COMMAND...
	lxc-attach -n "$1" --clear-env -- "${@:2}"
}

# Prints RUNNING or STOPPED.
lab_lxc_state() { # VMID
	lxc-info -n "$1" -s -H
}

# Stops a container: the program in it is told to halt, and killed when it does not.
lab_lxc_stop() { # VMID
	lxc-stop -n "$1" -t 5
}

# Reboots a running container from inside and waits for the new start; 1: it was refused.
lab_lxc_reboot_inside() { # VMID
	local starts=/run/pve-lab-node/$1.starts before tries=0

	touch "$starts"
	before=$(grep -c . "$starts")
	lab_lxc_run "$1" /bin/busybox reboot -f >/dev/null 2>&1
	until [ "$(grep -c . "$starts")" -gt "$before" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 1500 ] || return 2
		sleep 0.01
	done
	[ "$(tail -n 1 "$starts")" = 'restart 0' ]
}
