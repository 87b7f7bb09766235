#!/bin/bash
# SPDX-License-Identifier: MIT
# The hookscript that a guest had before ours: run in every phase, after the judgement, with
# its own status, output, environment and end.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs --net

snippets=/var/lib/vz/snippets
link=$snippets/pve-safe-hook@gpu.sh
seen=$LAB/seen
ln -s /usr/libexec/pve-safe/pve-safe-hook "$link"

# Writes the former hookscript, with a line of its own at the end.
script() { # [LINE]
	cat >"$snippets/gpu.sh" <<-END
	#!/bin/sh
	echo "\$0 \$1 \$2" >>$seen
	echo "gpu.sh: \$2"
	echo "gpu.sh, aside: \$2" >&2
	${1:-}
	END
	chmod 755 "$snippets/gpu.sh"
}

# Prints the phases it was called in since the last time.
phases() {
	[ ! -e "$seen" ] || cut -d' ' -f3 "$seen" | paste -sd' '
	rm -f "$seen"
}

# Writes container 101, privileged or not, and VM 200, with raw arguments or not.
container() { # UNPRIVILEGED
	printf '%s\n' 'arch: amd64' 'hookscript: local:snippets/pve-safe-hook@gpu.sh' 'hostname: web01' \
		'ostype: debian' 'rootfs: local-lvm:vm-101-disk-0,size=4G' "unprivileged: $1" | lab_ct 101
}
machine() { # LINE
	printf '%s\n' 'hookscript: local:snippets/pve-safe-hook@gpu.sh' 'name: build' "$1" |
		lab_vm 200
}

lab_policy <<'END'
version = 1
include = { "baseline@1" }
END
script
container 0
machine 'cores: 2'

# --- a node that is not enabled ---
run pct start 101
expect_exit "where nothing is enforced, the guest starts" 0
expect_output "and its hookscript's output is there" out 'gpu.sh: pre-start'
pct stop 101 >/dev/null 2>&1
expect_equal "it was run in every phase" "$(phases)" 'pre-start post-start pre-stop post-stop'

# --- enabled ---
lab_enable
run pct start 101
expect_exit "a start that is refused" 255
expect_output "is refused by the judgement" err 'failed: exit code 77'
expect_no_output "and the hookscript did not run" out gpu.sh
expect_equal "in no phase" "$(phases)" ''

container 1
run pct start 101
expect_exit "a start that is allowed" 0
expect_equal "the task log has its output and nothing else" "$out" \
	$'gpu.sh: pre-start\ngpu.sh, aside: pre-start\ngpu.sh: post-start\ngpu.sh, aside: post-start'
expect_equal "it is called by its own path" "$(head -n 1 "$seen")" "$snippets/gpu.sh 101 pre-start"
run pct stop 101
expect_exit "it stops" 0
expect_equal "each phase came once, in order" "$(phases)" 'pre-start post-start pre-stop post-stop'
run qm start 200
expect_exit "a VM starts as well" 0
qm stop 200 >/dev/null 2>&1
expect_equal "with all phases" "$(phases)" 'pre-start post-start pre-stop post-stop'
machine 'args: -device x'
run qm start 200
expect_output "a VM that is refused" err 'failed: exit code 77'
expect_equal "never comes to its hookscript" "$(phases)" ''
machine 'cores: 2'

# --- its status ---
# shellcheck disable=SC2016 # the script expands it
script '[ "$2" != pre-start ] || exit 3'
run pct start 101
expect_exit "its failure at pre-start stops the start" 255
expect_output "with its own status" err \
	"command '$link 101 pre-start' failed: exit code 3"
expect_output "and its name" out \
	"pve-safe-hook: former hookscript '$snippets/gpu.sh' failed with exit status 3"
expect_not "the container does not run" test -e /run/pve-standin/state/101
# shellcheck disable=SC2016
script '[ "$2" = pre-start ] || exit 4'
run pct start 101
expect_exit "its failure at post-start stops nothing" 0
expect_output "Proxmox warns of it with its own status" out \
	"hookscript error for 101 on post-start: command '$link 101 post-start' failed: exit code 4"
pct stop 101 >/dev/null 2>&1
# shellcheck disable=SC2016
script 'kill -9 $$'
run "$link" 101 pre-start
expect_exit "ended by a signal: 128 and its number" 137
expect_output "which is said" err 'was killed by signal 9 (SIGKILL)'

# --- a script that cannot be called ---
chmod 644 "$snippets/gpu.sh"
run pct start 101
expect_exit "one that is not executable stops the start" 255
expect_output "with what is wrong and what to do" out \
	"pve-safe-hook: former hookscript '$snippets/gpu.sh' is not executable: mend it on this node, or go on without it: pct or qm set 101 --delete hookscript, then pve-safe attach 101"
rm "$snippets/gpu.sh"
run pct start 101
expect_exit "one that is missing does, too" 255
expect_output "and is named" out "former hookscript '$snippets/gpu.sh' does not exist"
for phase in post-start pre-stop post-stop; do
	run "$link" 101 "$phase"
	expect_exit "in $phase it stops nothing" 0
	expect_output "but is a warning in $phase" err \
		"WARN: pve-safe-hook: former hookscript '$snippets/gpu.sh' does not exist"
done

# --- what it gets ---
phases >/dev/null
script "env >$LAB/env; pwd >$LAB/pwd; umask >$LAB/umask; cat >$LAB/stdin"
cd /var/log || exit 1
(
	umask 027
	exec env -i PVE_MIGRATED_FROM= "ODD=/a b" "LD_X=y" "PATH=/opt/x:/usr/bin:/bin" \
		"$link" 101 pre-start </dev/null >/dev/null 2>&1
)
expect_equal "the environment is the one that Proxmox gave" \
	"$(grep -vE '^(PWD|SHLVL|_|OLDPWD)=' "$LAB/env" | sort | paste -sd';')" \
	'LD_X=y;ODD=/a b;PATH=/opt/x:/usr/bin:/bin;PVE_MIGRATED_FROM='
expect_equal "the directory, too" "$(cat "$LAB/pwd")" /var/log
expect_equal "and the umask" "$(cat "$LAB/umask")" 0027
cd / || exit 1

# --- names ---
script
rm -f "$seen"
run "$link" 101 pre-start
expect_equal "its stdout is its own" "$out" 'gpu.sh: pre-start'
expect_equal "and its stderr" "$err" 'gpu.sh, aside: pre-start'
rm -f "$seen"
for name in 'a b.sh' "it's.sh" '-n' 'ünï' 'a@b' '%s%n'; do
	cp "$snippets/gpu.sh" "$snippets/$name"
	ln -s /usr/libexec/pve-safe/pve-safe-hook "$snippets/pve-safe-hook@$name"
	run "$snippets/pve-safe-hook@$name" 101 pre-start
	expect_exit "a script named $name" 0
	expect_equal "runs as $name" "$(cat "$seen")" "$snippets/$name 101 pre-start"
	rm -f "$seen"
done
ln -s /usr/libexec/pve-safe/pve-safe-hook "$snippets/pve-safe-hook@.."
run "$snippets/pve-safe-hook@.." 101 pre-start
expect_exit "a name cannot lead out of the directory" 78
expect_output "for that is no script" err "is no regular file"
cd "$snippets" || exit 1
run ./pve-safe-hook@gpu.sh 101 pre-start
expect_exit "called without an absolute path it does nothing" 64
expect_output "and says why" err \
	"pve-safe-hook: called without a directory, so where 'gpu.sh' lies is unknown"
cd / || exit 1

# --- beside the node's settings ---
ttl=/proc/sys/net/ipv4/ip_default_ttl # of the lab's own network
before=$(<$ttl)
mkdir -p /etc/pve/pve-safe/settings
lab_file /etc/pve/pve-safe/settings/ttl.conf <<'END'
settings "ttl" { match = ct host "/proc/sys/net/ipv4/ip_default_ttl" { value = "70" } }
END
lab_policy <<'END'
version = 1
include = { "baseline@1" }
node_settings = { "/proc/sys/net/ipv4/ip_default_ttl" }
END
script "cat $ttl >>$LAB/ttl; exit 3"
run "$link" 101 pre-start
expect_exit "a script that refuses the start" 3
expect_equal "leaves the node as it is" "$(<$ttl)" "$before"
rm -f "$LAB/ttl"
script "cat $ttl >>$LAB/ttl"
run "$link" 101 pre-start
expect_exit "a start that sets something on the node" 0
expect_equal "sets it" "$(<$ttl)" 70
expect_equal "after the script" "$(cat "$LAB/ttl")" "$before"
script "cat $ttl >$LAB/ttl; exit 5"
run "$link" 101 post-stop
expect_exit "a stop ends with the script's status" 5
expect_equal "which ran first" "$(cat "$LAB/ttl")" 70
expect_equal "and undoes what was set" "$(<$ttl)" "$before"
run "$link" 101 post-start
expect_exit "post-start ends with the script's status, too" 5
expect_equal "and sets what pre-start did not" "$(<$ttl)" 70
expect_equal "before the script" "$(cat "$LAB/ttl")" 70
rm "$snippets/gpu.sh"
run "$link" 101 post-stop
expect_exit "a stop without the script that should be there goes on" 0
expect_output "with a warning" err "WARN: pve-safe-hook: former hookscript '$snippets/gpu.sh' does not exist"
expect_equal "and undoes it as well" "$(<$ttl)" "$before"
script
hook=/usr/libexec/pve-safe/pve-safe-hook
run $hook 101 pre-start
expect_equal "where there is no script it is set" "$(<$ttl)" 70
run $hook 101 post-stop
expect_exit "such a stop ends well" 0
expect_equal "and has undone it" "$(<$ttl)" "$before"
rm -r /etc/pve/pve-safe/settings

# --- what cannot even begin ---
faults=("EIO 1")
has_sanitizers || faults+=("memory 1")
for phase in pre-start post-start post-stop; do
	for fault in "${faults[@]}"; do
		run lab_fault "$fault" $hook 101 $phase
		expect_exit "$phase fails where it cannot even begin: $fault" 71
		expect_output "and says so, $phase: $fault" err 'pve-safe-hook: '
	done
done

# --- hanging, and in the background ---
# shellcheck disable=SC2317 # "wait_for" calls them
hangs() { [ -s "$LAB/hangs" ]; }
# shellcheck disable=SC2317
gone() { [ ! -d "/proc/$1" ]; }
for signal in INT TERM; do
	rm -f "$LAB/hangs"
	script "echo \$\$ >$LAB/hangs; exec sleep 60"
	# A process group of its own, as a terminal has it; the shell ignores SIGINT behind "&".
	perl -e '$SIG{INT} = "DEFAULT"; setpgrp; exec(@ARGV)' \
		"$link" 101 pre-start >/dev/null 2>&1 &
	hook=$!
	wait_for 5 hangs || true
	if [ "$signal" = INT ]; then
		kill -INT -- "-$hook"
	else
		kill -TERM "$hook"
	fi
	wait "$hook"
	ended=$?
	expect "SIG$signal ends a script that hangs" wait_for 5 gone "$(cat "$LAB/hangs")"
	expect "and the hook with SIG$signal" test "$ended" -gt 128
done
rm -f "$LAB/hangs"
script "echo \$\$ >$LAB/hangs; exec sleep 60"
"$link" 101 pre-start >/dev/null 2>&1 &
hook=$!
wait_for 5 hangs || true
kill -KILL "$hook"
wait "$hook" 2>/dev/null
expect "a hook that is killed takes the script along, as Proxmox means it" \
	wait_for 5 gone "$(cat "$LAB/hangs")"

script '(sleep 1; echo "from behind") & exit 0'
began=$(date +%s%N)
run "$link" 101 pre-start
expect_exit "a script that leaves a process behind" 0
run pct start 101
expect_output "which keeps stdout, is waited for by Proxmox as ever" out 'from behind'
expect "not by us" test $((($(date +%s%N) - began) / 1000000)) -lt 6000
"$link" 101 pre-start >"$LAB/out" 2>&1
expect_not "the hook itself ends with the script" grep -q behind "$LAB/out"
finish
