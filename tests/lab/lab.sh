# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Functions for what runs in the lab: guests, policy, quorum, syslog, further nodes.
# Those that start real containers are in lxc.sh beside this file.

# shellcheck source=tests/lab/lxc.sh
. "$LAB_TOP/tests/lab/lxc.sh"

# Writes a file below /etc/pve from stdin, as pmxcfs would show it.
lab_file() { # PATH
	mkdir -p "$(dirname "$1")"
	cat >"$1"
	chown root:www-data "$1"
	chmod 640 "$1"
}

# Writes a container's file from stdin.
lab_ct() { # VMID [NODE]
	lab_file "/etc/pve/nodes/${2:-$LAB_NODE}/lxc/$1.conf"
	lab_status
}

# Writes a virtual machine's file from stdin.
lab_vm() { # VMID [NODE]
	lab_file "/etc/pve/nodes/${2:-$LAB_NODE}/qemu-server/$1.conf"
	lab_status
}

# Writes the cluster's policy, or this node's own, from stdin.
lab_policy() { lab_file /etc/pve/pve-safe/policy.conf; }
lab_policy_local() { cat >/etc/pve-safe/policy.conf; }

# Turns enforcement on this node on, as "pve-safe setup --enable" does; and off.
lab_enable() { : >/etc/pve-safe/enabled; }
lab_disable() { rm -f /etc/pve-safe/enabled; }

# Gives or takes the cluster's quorum. Only on FUSE does every modification then fail.
lab_quorum() { # yes|no
	if [ "$LAB_PVE" = fuse ]; then
		sed -i "s/^quorate .*/quorate $([ "$1" = yes ] && echo 1 || echo 0)/" \
			"$LAB/pmxcfs/control"
	else
		lab_status "$1"
	fi
}

# On FUSE: lets every use of one path below /etc/pve fail, as with "lab_fail EIO user.cfg".
lab_fail() { # ERRNO PATH
	echo "fail $1 $2" >>"$LAB/pmxcfs/control"
}

# Ends what lab_fail began.
lab_mend() { sed -i '/^fail /d' "$LAB/pmxcfs/control"; }

# On tmpfs: writes what pmxcfs says of the cluster itself; yes or no gives or takes quorum.
lab_status() { # [yes|no]
	local node id=0 more='' file quorate=1

	[ "$LAB_PVE" = tmpfs ] || return 0
	case ${1:-$(grep -o '"quorate": [01]' /etc/pve/.members)} in
	no | *0) quorate=0 ;;
	esac
	{
		printf '{\n"nodename": "%s",\n"version": 3,\n' "$LAB_NODE"
		printf '"cluster": { "name": "lab", "version": 3, "nodes": 3, '
		printf '"quorate": %s },\n"nodelist": {' "$quorate"
		for node in pve1 pve2 pve3; do
			id=$((id + 1))
			printf '%s\n  "%s": { "id": %s, "online": 1, "ip": "192.0.2.1%s"}' \
				"$more" "$node" "$id" "$id"
			more=,
		done
		printf '\n  }\n}\n'
	} | lab_file /etc/pve/.members
	{
		more=''
		printf '{\n"version": 1,\n"ids": {'
		for file in /etc/pve/nodes/*/{qemu-server,lxc}/*.conf; do
			[[ $file =~ /nodes/([^/]+)/([^/]+)/([1-9][0-9]{2,8})\.conf$ ]] || continue
			printf '%s\n"%s": { "node": "%s", "type": "%s", "version": 1 }' "$more" \
				"${BASH_REMATCH[3]}" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]%-server}"
			more=,
		done
		printf '}\n\n}\n'
	} | lab_file /etc/pve/.vmlist
	printf '{\n"starttime": 1,\n"clinfo": 3,\n"vmlist": %s\n}\n' "$(date +%s%N)" |
		lab_file /etc/pve/.version
}

# Prints what was sent by syslog(3) until now, as "FACILITY.PRIORITY TAG: TEXT" lines.
lab_syslog() {
	local mark=$BASHPID.$RANDOM tries=0

	logger -u /dev/log -t lab-sync "$mark"
	until grep -q "lab-sync: $mark" "$LAB/syslog"; do
		tries=$((tries + 1))
		[ "$tries" -lt 500 ] || return 1
		sleep 0.01
	done
	grep -v ' lab-sync: ' "$LAB/syslog"
}

# Forgets what was sent by syslog(3) until now.
lab_syslog_clear() { lab_syslog >/dev/null || true; : >"$LAB/syslog"; }

# Takes the receiver of syslog(3) away, and starts it again.
lab_syslog_off() { rm -f /dev/log; }
lab_syslog_on() { "$LAB_TOP/tests/lab/syslog-receiver" /dev/log "$LAB/syslog"; }

# Runs a command with the time of day shifted by so many seconds.
lab_clock() { # SECONDS COMMAND...
	ASAN_OPTIONS=verify_asan_link_order=0 LAB_CLOCK=$1 \
		LD_PRELOAD=$LAB_BUILD/tests/lab/clock.so "${@:2}"
}

# Runs a command for which time limits pass so many times as fast.
lab_hurry() { # TIMES COMMAND...
	ASAN_OPTIONS=verify_asan_link_order=0 LAB_CLOCK_RATE=$1 \
		LD_PRELOAD=$LAB_BUILD/tests/lab/clock.so "${@:2}"
}

# Runs a command of which one call goes wrong, or all: "EIO 3", "signal 100"; see fault.c.
lab_fault() { # FAULT COMMAND...
	ASAN_OPTIONS=verify_asan_link_order=0 LAB_FAULT=$1 \
		LD_PRELOAD=$LAB_BUILD/tests/lab/fault.so "${@:2}"
}

# On FUSE: boots a further node of the cluster.
lab_node_start() { # NODE
	local node other dir

	LAB_NODE=$1 unshare --mount --uts --net --propagation private -- \
		"$LAB_TOP/tests/lab/further-node" "$LAB/node-$1" </dev/null &
	until [ -s "$LAB/node-$1" ]; do
		[ -d "/proc/$!" ] || return 1
		sleep 0.01
	done
	disown
	# The stand-ins for pct and qm find the other nodes there.
	echo 1 >"$LAB/node-$LAB_NODE"
	for node in "$LAB"/node-*; do
		dir=/proc/$(cat "$node")/root/run/pve-standin/nodes
		mkdir -p "$dir"
		for other in "$LAB"/node-*; do
			cp "$other" "$dir/${other##*/node-}"
		done
	done
}

# Runs a command on a node that lab_node_start booted.
lab_node() { # NODE COMMAND...
	local pid

	pid=$(cat "$LAB/node-$1") || return
	LAB_NODE=$1 nsenter --target "$pid" --mount --uts --net -- "${@:2}"
}
