#!/bin/bash
# SPDX-License-Identifier: MIT
# What a caller leaves around (environment, working directory, descriptors, limits, umask,
# signals, argv[0], a debugger) changes neither the verdict nor the program that is run: by a
# login through sudo, and by root's own shell.
# shellcheck disable=SC2016,SC2206 # expanded by the shells that run it; paths without blanks
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
in_lab --pve tmpfs

evil=/run/evil
log=/var/log/pve-safe/audit.jsonl
echo "127.0.0.1 localhost $(uname -n)" >>/etc/hosts
groupadd helpdesk
useradd -M -d /nonexistent -s /bin/bash -G helpdesk eve
install -m 440 "$LAB_TOP/templates/sudoers/helpdesk" /etc/sudoers.d/pve-safe-helpdesk
lab_policy <<'EOF'
version = 1
include = { "baseline@1", "delegation@1" }
EOF
lab_enable
printf 'hostname: web01\nunprivileged: 1\n' | lab_ct 101

# The real tool, which says what it got; and others, which should never run.
rm -f /usr/sbin/pct
cat >/usr/sbin/pct <<'EOF'
#!/bin/sh
{
	echo "real $0 $*"
	tr '\0' '\n' </proc/$$/environ
} >/run/ran
EOF
chmod 755 /usr/sbin/pct
install -d -m 777 $evil $evil/bin
for name in pct pct-safe qm sh perl; do
	printf '#!/bin/sh\necho evil >>/run/evil/ran\n' >$evil/bin/$name
	chmod 755 $evil/bin/$name
done
mkdir -p $evil/etc/pve/pve-safe $evil/PVE/CLI
printf 'version = 1\nmode = off\n' >$evil/etc/pve/pve-safe/policy.conf
echo 'system("echo evil >>/run/evil/ran");' | tee $evil/evil.pm >$evil/PVE/CLI/pct.pm
echo 'echo evil >>/run/evil/ran' >$evil/rc
chmod -R a+rX $evil

# Started so, one command runs and the other is refused, both as ever.
holds() { # NAME COMMAND...
	local name=$1 before

	shift
	rm -f /run/ran $evil/ran
	run "$@" /usr/sbin/pct-safe start 101
	expect_equal "$name: start runs the real tool" \
		"$status $(head -n 1 /run/ran 2>/dev/null)" "0 real /usr/sbin/pct start 101"
	expect_equal "$name: nothing of the caller's gets in" \
		"$(grep -cE 'evil|^(LD_|PERL|IFS|ENV|BASH_ENV|CDPATH|TMPDIR|XDG_|PVE_|SUDO_)' /run/ran)$(cat $evil/ran 2>/dev/null)" 0
	rm -f /run/ran
	before=$(wc -l <$log)
	run "$@" /usr/sbin/pct-safe exec 101 -- id
	expect_equal "$name: exec is refused" "$status $(cat /run/ran 2>/dev/null)" "77 "
	expect_equal "$name: and that is recorded" "$(($(wc -l <$log) - before))" 1
}

# The two ways in: as the login through sudo, and as what sudo itself starts.
login=(setpriv --reuid eve --regid eve --init-groups --inh-caps=-all --)
by_sudo() { holds "sudo, $1" "${login[@]}" "${@:2}" sudo -n; }
by_root() { holds "as sudo's child, $1" "${@:2}" env SUDO_USER=eve; }
both() {
	by_sudo "$@"
	by_root "$@"
}

both "plain" env
variables=(LD_LIBRARY_PATH=$evil PATH=$evil/bin:/usr/bin PERL5LIB=$evil PERL5OPT=-Mevil IFS=x
	ENV=$evil/rc BASH_ENV=$evil/rc CDPATH=$evil TMPDIR=$evil HOME=$evil XDG_CONFIG_HOME=$evil
	XDG_RUNTIME_DIR=$evil LC_ALL=../../run/evil LANGUAGE=/run/evil PVE_MIGRATED_FROM=x
	LOCPATH=$evil NLSPATH=$evil/%N GCONV_PATH=$evil MALLOC_TRACE=$evil/ran TZ=:$evil/rc
	POSIXLY_CORRECT=1 CONFUSE_PATH=$evil JANSSON=$evil LIBC_FATAL_STDERR_=1 SHELLOPTS=xtrace
	PVE_SAFE_POLICY=$evil/etc/pve/pve-safe/policy.conf PVE_SAFE_ROOT=$evil 'BASH_FUNC_x%%=() { :; }')
for variable in "${variables[@]}"; do
	by_root "${variable%%=*}" env "$variable"
done
both "all of them" env "${variables[@]}"
by_sudo "a library to preload" env LD_PRELOAD=$evil/x.so LD_AUDIT=$evil/x.so
by_sudo "names that sudo sets" env SUDO_USER=root SUDO_UID=0 SUDO_GID=0 SUDO_COMMAND=x USER=root LOGNAME=root
both "no environment at all" env -i

both "a directory with a cluster of its own" bash -c 'cd /run/evil && exec "$@"' x
both "a directory that is gone" bash -c 'mkdir /run/evil/gone.$$ && cd /run/evil/gone.$$ &&
	rmdir "$PWD" && exec "$@"' x
both "umask 0777" bash -c 'umask 0777 && exec "$@"' x
run stat -c %a $log
expect_equal "the record's mode is its own" "$out" 640
# shellcheck disable=SC2016
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	both "closed: $closed" bash -c "exec \"\$@\" $closed" x
done
both "a file that is open" bash -c 'exec 7</etc/passwd && exec "$@"' x
both "a full stdout" bash -c 'exec "$@" >/dev/full' x
for signals in "HUP INT QUIT TERM" "CHLD" "PIPE" "ALRM" "XFSZ USR1 USR2"; do
	both "ignored: $signals" bash -c "trap '' $signals; exec \"\$@\"" x
done
both "all signals blocked" perl -MPOSIX -e '
	my $all = POSIX::SigSet->new;
	$all->fillset;
	sigprocmask(SIG_BLOCK, $all);
	exec @ARGV' --
expect "the record is longer than what follows allows" test "$(wc -c <$log)" -gt 8192
for way in "${login[*]} bash -c 'ulimit -f 8; sudo -n \"\$@\"' x" \
	"bash -c 'ulimit -f 8; SUDO_USER=eve exec \"\$@\"' x"; do
	rm -f /run/ran
	lab_syslog_clear
	before=$(wc -l <$log)
	eval "run $way /usr/sbin/pct-safe exec 101 -- id"
	expect_equal "files of 8 KiB: exec is refused" "$status $(cat /run/ran 2>/dev/null)" "77 "
	# In the file where root may lift the limit, else in syslog.
	recorded=$(($(wc -l <$log) - before + $(lab_syslog | grep -c 'delegation-inside')))
	expect "files of 8 KiB: and that is recorded" test "$recorded" -ge 1
	eval "run $way /usr/sbin/pct-safe start 101"
	expect_equal "files of 8 KiB: start runs the real tool" \
		"$status $(head -n 1 /run/ran)" "0 real /usr/sbin/pct start 101"
done
by_sudo "little time" bash -c 'ulimit -t 1; exec "$@"' x
both "few descriptors" bash -c 'ulimit -n 16; exec "$@"' x
both "the lowest priority" nice -n 19
both "in a session of its own" setsid -w

# --- names, and a debugger ---
for name in pct-safe /usr/sbin/pve-safe-hook 'task UPID:pve1:1:1:1:vzstart:101:root@pam:' '' -sh; do
	rm -f /run/ran
	run env SUDO_USER=eve bash -c 'exec -a "$0" /usr/sbin/pct-safe exec 101 -- id' "$name"
	expect_equal "argv[0] '$name': the verdict" "$status $(cat /run/ran 2>/dev/null)" "77 "
done
rm -f /run/ran
run "${login[@]}" timeout 20 strace -f -o /dev/null sudo -n /usr/sbin/pct-safe exec 101 -- id
expect_not "under a debugger sudo is not root's" test -e /run/ran
expect_equal "and runs nothing" "$([ "$status" != 0 ] && echo failed)" failed
mkfifo /run/wait
cat >/usr/sbin/pct <<'EOF'
#!/bin/sh
read -r _ </run/wait
EOF
"${login[@]}" sudo -n /usr/sbin/pct-safe start 101 </dev/null >/dev/null 2>&1 &
wait_for 5 pgrep -f '^/usr/sbin/pct-safe start' || true
victim=$(pgrep -f '^/usr/sbin/pct-safe start' | head -n 1)
expect "the wrapper runs" test -n "$victim"
run "${login[@]}" timeout 5 strace -o /dev/null -p "$victim"
expect_output "one that runs cannot be attached to" err "ermitted"
run "${login[@]}" kill -KILL "$victim"
expect_exit "nor killed" 1
run "${login[@]}" cat "/proc/$victim/environ"
expect_exit "nor looked into" 1
echo >/run/wait
wait
finish
